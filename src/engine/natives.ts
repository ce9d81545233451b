/**
 * What a script may call, by the kernel model: as `runtime/sel4/domain.c` has it, call by call. Whatever a script gives is numbers and texts by
 * then, and checked here or by the model; a call that seL4 refuses is an exception in the script.
 */
import { layoutBytes } from '../base/index.ts';
import {
  CONTEXT_WORD,
  type EmbeddedLayout,
  type EmbeddedRegion,
  faultWords,
  type Natives,
  readProtected,
  writeProtected,
} from '../embedded/index.ts';
import { type MappedRegion, type Microkit, ProgramError, type VcpuRegisters } from '../sel4/index.ts';
import { FAULT_LAYOUT, type GuestImages, VGIC_LAYOUT } from '../vmm/index.ts';
import type { Engine } from './engine.ts';
import type { Pointer } from './quickjs-build.ts';

/** Memory that a script gets as an `ArrayBuffer`. */
export interface LentMemory {
  readonly start: Pointer;
  readonly sizeBytes: number;
}

/** What a call was given. */
export interface Arguments {
  /** Without a fraction; 0 for what is no number. */
  number(index: number): number;
  text(index: number): string;
}

export type NativeResult = number | LentMemory | undefined;
// biome-ignore lint/suspicious/noConfusingVoidType: most calls have no result, as those of the kernel model that they are
type Native = (given: Arguments) => NativeResult | void;
type NativeName = {
  [Name in keyof Natives]-?: NonNullable<Natives[Name]> extends (...args: never[]) => unknown ? Name : never;
}[keyof Natives];

/** seL4_Fault_tag's numbers (seL4 16). */
export const FAULT_LABELS: Natives['faultLabels'] = {
  UnknownSyscall: 2,
  UserException: 3,
  VMFault: 5,
  VGICMaintenance: 6,
  VCPUFault: 7,
  VPPIEvent: 8,
};

/** seL4_VCPUReg's registers that the model keeps, too; their numbers are their places here. */
export const VCPU_REGISTERS = [
  'SCTLR_EL1',
  'CPACR_EL1',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'TCR_EL1',
  'MAIR_EL1',
  'AMAIR_EL1',
  'CONTEXTIDR_EL1',
  'ACTLR_EL1',
  'AFSR0_EL1',
  'AFSR1_EL1',
  'ESR_EL1',
  'FAR_EL1',
  'PAR_EL1',
  'VBAR_EL1',
  'TPIDR_EL1',
  'VMPIDR_EL2',
  'ELR_EL1',
  'SPSR_EL1',
  'CNTV_CTL_EL0',
  'CNTV_CVAL_EL0',
  'CNTKCTL_EL1',
] as const;
const X_COUNT = 31;
const WORD_BYTES = 4;
const SPSR_MASK = 0xffff_ffffn;
/** What a program may say while it is entered once: a loop that prints is to end, too. */
const SAID_LIMIT = 1 << 16;

/** Where a program's own memory is that C has on seL4, and the script here. */
export interface DomainMemory {
  readonly faults: LentMemory;
  readonly vgic: LentMemory;
  /** A word by which those of 64 bits come and go. */
  readonly scratch: LentMemory;
}

export class DomainNatives {
  readonly memory: DomainMemory;
  readonly calls: Readonly<Record<NativeName, Native>>;
  readonly #engine: Engine;
  readonly #microkit: Microkit;
  readonly #layout: EmbeddedLayout;
  readonly #context: BigUint64Array;
  readonly #message: BigUint64Array;
  readonly #scratch: BigUint64Array;
  readonly #images = new Map<string, LentMemory>();
  #said = 0;

  constructor(engine: Engine, microkit: Microkit, layout: EmbeddedLayout, images: GuestImages) {
    this.#engine = engine;
    this.#microkit = microkit;
    this.#layout = layout;
    const lend = (sizeBytes: number): LentMemory => ({ start: engine.reserve(sizeBytes), sizeBytes });
    this.memory = {
      faults: lend(layoutBytes(FAULT_LAYOUT)),
      vgic: lend(layoutBytes(VGIC_LAYOUT)),
      scratch: lend(BigUint64Array.BYTES_PER_ELEMENT),
    };
    const { buffer } = engine.bytes;
    const { context, message } = faultWords(buffer as ArrayBuffer, this.memory.faults.start);
    this.#context = context;
    this.#message = message;
    this.#scratch = new BigUint64Array(buffer, this.memory.scratch.start, 1);
    for (const name of ['kernel', 'dtb', 'initrd'] as const) {
      const content = images[name];
      if (content !== undefined)
        this.#images.set(name, { start: engine.place(content), sizeBytes: content.length });
    }
    this.calls = this.#calls();
  }

  get hasSaidTooMuch(): boolean {
    return this.#said > SAID_LIMIT;
  }

  /** Before the script is entered. */
  begin(): void {
    this.#said = 0;
  }

  #calls(): DomainNatives['calls'] {
    const microkit = this.#microkit;
    return {
      dbgPuts: (given) => this.#say(given.text(0)),
      setvar: (given) => microkit.setvar(given.text(0)),
      image: (given) => this.#images.get(given.text(0)),
      memory: (given) => this.#mapped(given.number(0), given.number(1)),
      cleanCache: (given) => {
        const { region, offset } = this.#ramAt(given.number(0), given.number(1));
        region.written(offset, given.number(1));
      },
      read32: (given) => this.#registersAt(given.number(0), (window, offset) => window.read(offset)),
      write32: (given) =>
        this.#registersAt(given.number(0), (window, offset) => window.write(offset, given.number(1) >>> 0)),
      notify: (given) => microkit.notify(given.number(0)),
      irqAck: (given) => microkit.irqAck(given.number(0)),
      ppcall: (given) =>
        writeProtected(this.#message, microkit.ppcall(given.number(0), readProtected(this.#message))),
      readContext: (given) => this.readContext(given.number(0)),
      writeContext: (given) => {
        this.writeContext(given.number(0));
        if (given.number(1) !== 0)
          microkit.vcpuRestart(given.number(0), this.#context[CONTEXT_WORD.pc] ?? 0n);
      },
      vcpuStop: (given) => microkit.vcpuStop(given.number(0)),
      injectIrq: (given) =>
        microkit.vcpuArmInjectIrq(
          given.number(0),
          given.number(1),
          given.number(2),
          given.number(3) === 0 ? 0 : 1,
          given.number(4),
        ),
      ackVppi: (given) => microkit.vcpuArmAckVppi(given.number(0), given.number(1)),
      readReg: (given) => {
        this.#scratch[0] = this.#readRegister(given.number(0), given.number(1));
      },
      writeReg: (given) => this.#writeRegister(given.number(0), given.number(1), this.#scratch[0] ?? 0n),
      guestEnded: (given) => microkit.guestEnded(given.text(0) === 'reset' ? 'reset' : 'off'),
      interruptDropped: (given) => microkit.interruptDropped(given.number(0), given.number(1)),
    };
  }

  #say(text: string): void {
    this.#said += text.length;
    if (this.hasSaidTooMuch) throw new ProgramError(`more than ${SAID_LIMIT} characters said at once`);
    this.#microkit.dbgPuts(text);
  }

  #regionAt(vaddr: number, sizeBytes: number): EmbeddedRegion {
    const region = this.#layout.regions.find(
      (each) => vaddr >= each.vaddr && sizeBytes >= 0 && vaddr + sizeBytes <= each.vaddr + each.sizeBytes,
    );
    if (region === undefined)
      throw new ProgramError(`nothing is mapped for ${sizeBytes} bytes at 0x${vaddr.toString(16)}`);
    return region;
  }

  #ramAt(vaddr: number, sizeBytes: number): { readonly region: MappedRegion; readonly offset: number } {
    const found = this.#regionAt(vaddr, sizeBytes);
    const region = this.#microkit.region(found.vaddr);
    if (region === undefined) throw new ProgramError(`at 0x${vaddr.toString(16)} are registers`);
    return { region, offset: vaddr - found.vaddr };
  }

  #mapped(vaddr: number, sizeBytes: number): LentMemory {
    const { region, offset } = this.#ramAt(vaddr, sizeBytes);
    if (region.bytes.buffer !== this.#engine.bytes.buffer) throw new Error('RAM of another memory');
    return { start: region.bytes.byteOffset + offset, sizeBytes };
  }

  #registersAt<T>(
    vaddr: number,
    access: (
      window: { read(offset: number): number; write(offset: number, value: number): void },
      offset: number,
    ) => T,
  ): T {
    const found = this.#regionAt(vaddr, WORD_BYTES);
    const window = this.#microkit.registers(found.vaddr);
    if (window === undefined) throw new ProgramError(`at 0x${vaddr.toString(16)} is RAM`);
    return access(window, vaddr - found.vaddr);
  }

  /** seL4_TCB_ReadRegisters. */
  readContext(vcpu: number): void {
    const registers = this.#microkit.vcpuRegisters(vcpu);
    const words = this.#context;
    for (const [word, value] of contextOf(registers)) words[word] = value;
  }

  /** seL4_TCB_WriteRegisters. */
  writeContext(vcpu: number): void {
    const registers = this.#microkit.vcpuRegisters(vcpu);
    const words = this.#context;
    const changed = contextOf(registers).filter(([word, value]) => words[word] !== value);
    for (const [word, , set] of changed) set(words[word] ?? 0n);
  }

  #readRegister(vcpu: number, register: number): bigint {
    const registers = this.#microkit.vcpuRegisters(vcpu);
    const name = registerName(register);
    return name === 'VMPIDR_EL2' ? registers.mpidr : registers.system(name);
  }

  #writeRegister(vcpu: number, register: number, value: bigint): void {
    const registers = this.#microkit.vcpuRegisters(vcpu);
    const name = registerName(register);
    if (name === 'VMPIDR_EL2') registers.mpidr = value;
    else registers.setSystem(name, value);
  }
}

function registerName(register: number): string {
  const name = VCPU_REGISTERS[register];
  if (name === undefined) throw new ProgramError(`there is no register ${register} of a vCPU`);
  return name;
}

type ContextWord = readonly [word: number, value: bigint, set: (value: bigint) => void];

/** A vCPU's registers by their words of a seL4_UserContext, and how each is written. */
function contextOf(registers: VcpuRegisters): readonly ContextWord[] {
  const { pc, sp, spsr, x, tpidrEl0, tpidrroEl0 } = CONTEXT_WORD;
  const system = (word: number, name: string): ContextWord => [
    word,
    registers.system(name),
    (value) => registers.setSystem(name, value),
  ];
  return [
    [
      spsr,
      BigInt(registers.pstate),
      (value) => {
        registers.pstate = Number(value & SPSR_MASK);
      },
    ],
    system(sp, 'SP_EL0'),
    ...Array.from(
      { length: X_COUNT },
      (_, index): ContextWord => [x[index] ?? 0, registers.x(index), (value) => registers.setX(index, value)],
    ),
    system(tpidrEl0, 'TPIDR_EL0'),
    system(tpidrroEl0, 'TPIDRRO_EL0'),
    [
      pc,
      registers.pc,
      (value) => {
        registers.pc = value;
      },
    ],
  ];
}
