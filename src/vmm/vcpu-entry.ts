/**
 * How a vCPU that has run before is entered anew, by CPU_ON or after a reset: first it runs what empties its list registers (`vgic/clearing.ts`).
 * That code is put where the vCPU is entered, while no other vCPU runs, and what was there is put back before it goes on.
 */
import {
  hex,
  type Ipa,
  kept,
  keptCells,
  type Saved,
  savedParts,
  shape,
  type VcpuIndex,
} from '../base/index.ts';
import type { VcpuRegisters } from '../sel4/index.ts';
import { PSTATE_EL1H_MASKED } from './guest-exception.ts';
import type { GuestRam } from './guest-ram.ts';
import { clearingCode, packedIntids } from './vgic/clearing.ts';

/** Registers that the code uses, from X0 on. */
const USED_REGISTERS = 5;
/** How often it may say that it is done before the kernel has told of each interrupt's end: that comes within a few instructions. */
const ATTEMPTS_LIMIT = 1000;
const CODE_BYTES_MAX = 0x100;

/** What it needs of the monitor. */
export interface EntryParts {
  readonly ram: GuestRam;
  readonly vcpuCount: number;
  /** The interrupt controller's version, and where the guest has the CPU interface of version 2, if that is known. */
  readonly gic: { readonly version: 2 | 3; readonly cpuInterface?: Ipa };
  isOn(vcpu: VcpuIndex): boolean;
  registers(vcpu: VcpuIndex): VcpuRegisters;
  /** The interrupts that its list registers still hold. */
  leftOver(vcpu: VcpuIndex): readonly number[];
  /** Stops a vCPU, which stays on, and lets it run from an address. */
  pause(vcpu: VcpuIndex): void;
  run(vcpu: VcpuIndex, pc: bigint): void;
  /** It may have interrupts again. */
  entered(vcpu: VcpuIndex): void;
  log(text: string): void;
}

const CLEARING = shape.record({
  vcpu: shape.u8,
  entryPoint: shape.long,
  argument: shape.long,
  /** What was where the code is. */
  covered: shape.bytesUpTo(CODE_BYTES_MAX),
  /** The vCPUs that wait. */
  paused: shape.listUpTo(0xff, shape.u8),
  attempts: shape.upTo(ATTEMPTS_LIMIT),
});

interface Clearing {
  readonly vcpu: VcpuIndex;
  readonly entryPoint: bigint;
  readonly argument: bigint;
  readonly covered: Uint8Array;
  readonly paused: readonly VcpuIndex[];
  readonly attempts: number;
}

export class VcpuEntry {
  readonly #parts: EntryParts;
  readonly #hasRun: boolean[];
  #clearing: Clearing | undefined;

  constructor(parts: EntryParts) {
    this.#parts = parts;
    this.#hasRun = new Array<boolean>(parts.vcpuCount).fill(false);
  }

  /** Whether what the vCPU does now is no guest's doing. */
  isClearing(vcpu: VcpuIndex): boolean {
    return this.#clearing?.vcpu === vcpu;
  }

  /** Lets a vCPU that is as after power-on run from an entry point, X0 as given. */
  enter(vcpu: VcpuIndex, entryPoint: bigint, argument: bigint): void {
    const isFirst = this.#hasRun[vcpu] !== true;
    this.#hasRun[vcpu] = true;
    if (!isFirst && this.#clear(vcpu, entryPoint, argument)) return;
    this.#prepare(vcpu, argument);
    this.#parts.run(vcpu, entryPoint);
    this.#parts.entered(vcpu);
  }

  /** The code has come to its SMC. Until the kernel has told of all that was ended, it does so again. */
  cleared(vcpu: VcpuIndex): void {
    const clearing = this.#clearing;
    if (clearing?.vcpu !== vcpu) return;
    const left = this.#parts.leftOver(vcpu);
    if (left.length > 0 && clearing.attempts < ATTEMPTS_LIMIT) {
      this.#clearing = { ...clearing, attempts: clearing.attempts + 1 };
      return;
    }
    if (left.length > 0) this.#sayLeft(vcpu, left, 'it did not end them');
    this.#goOn(clearing);
  }

  /** It did something else than that. */
  failed(vcpu: VcpuIndex, why: string): void {
    const clearing = this.#clearing;
    if (clearing?.vcpu !== vcpu) return;
    this.#sayLeft(vcpu, this.#parts.leftOver(vcpu), why);
    this.#goOn(clearing);
  }

  /** A vCPU is turned off: if it was about to be entered, it is not. */
  turnedOff(vcpu: VcpuIndex): void {
    const clearing = this.#clearing;
    if (clearing?.vcpu !== vcpu) return;
    this.#uncover(clearing);
    this.#clearing = undefined;
    for (const other of clearing.paused) this.#resume(other);
  }

  get saved(): Saved {
    return savedParts({
      hasRun: keptCells(this.#hasRun, shape.flag),
      clearing: kept(
        shape.optional(CLEARING),
        () => this.#clearing,
        (clearing) => {
          this.#clearing = clearing;
        },
      ),
    });
  }

  #clear(vcpu: VcpuIndex, entryPoint: bigint, argument: bigint): boolean {
    const { ram, gic, vcpuCount } = this.#parts;
    const left = this.#parts.leftOver(vcpu);
    if (gic.version === 2 && gic.cpuInterface === undefined) {
      this.#sayLeft(vcpu, left, "gic.cpuInterface is to say where the guest's CPU interface is");
      return false;
    }
    const code = clearingCode(gic.version);
    const covered = ram.at({ base: Number(entryPoint), size: code.length })?.slice();
    if (covered === undefined) {
      this.#sayLeft(vcpu, left, `there are no ${code.length} bytes of RAM at ${hex(entryPoint)}`);
      return false;
    }
    const others = Array.from({ length: vcpuCount }, (_, other) => other);
    const paused = others.filter((other) => other !== vcpu && this.#parts.isOn(other));
    for (const other of paused) this.#parts.pause(other);
    ram.copyIn(Number(entryPoint), code);
    this.#clearing = { vcpu, entryPoint, argument, covered, paused, attempts: 0 };
    this.#prepare(vcpu, BigInt(gic.cpuInterface ?? 0));
    this.#parts.registers(vcpu).setX(1, packedIntids(left));
    this.#parts.run(vcpu, entryPoint);
    return true;
  }

  #goOn(clearing: Clearing): void {
    const { vcpu, entryPoint, argument, paused } = clearing;
    this.#uncover(clearing);
    this.#clearing = undefined;
    const registers = this.#parts.registers(vcpu);
    for (let register = 1; register < USED_REGISTERS; register += 1) registers.setX(register, 0n);
    this.#prepare(vcpu, argument);
    registers.pc = entryPoint;
    for (const other of paused) this.#resume(other);
    this.#parts.entered(vcpu);
  }

  #uncover({ entryPoint, covered }: Clearing): void {
    this.#parts.ram.copyIn(Number(entryPoint), covered);
  }

  #resume(vcpu: VcpuIndex): void {
    if (this.#parts.isOn(vcpu)) this.#parts.run(vcpu, this.#parts.registers(vcpu).pc);
  }

  #prepare(vcpu: VcpuIndex, argument: bigint): void {
    const registers = this.#parts.registers(vcpu);
    registers.setX(0, argument);
    registers.pstate = Number(PSTATE_EL1H_MASKED);
  }

  #sayLeft(vcpu: VcpuIndex, left: readonly number[], why: string): void {
    if (left.length === 0) return;
    this.#parts.log(
      `vCPU ${vcpu} starts with interrupts of before in list registers, which stay out of use: ${left.join(', ')}; ${why}`,
    );
  }
}
