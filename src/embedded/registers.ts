/**
 * A vCPU's registers behind seL4's calls: read once when they are first asked for, written once when the fault has been dealt with. One
 * vCPU's at a time, since a fault is one vCPU's.
 */
import { cellsOf, type VcpuId } from '../base/index.ts';
import type { VcpuRegisters } from '../sel4/index.ts';
import { CONTEXT_PC, FAULT_LAYOUT, MPIDR_RES1 } from '../vmm/index.ts';
import { faultWords } from './fault-message.ts';
import type { Natives } from './natives.ts';

/** Words of seL4_UserContext (seL4 16, `sel4_arch/types.h`): pc, sp, spsr, then general registers in this order. */
const [PC, SP, SPSR] = [CONTEXT_PC, 1, 2];
const GENERAL = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 29, 30, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26,
  27, 28,
];
const FIRST_GENERAL = 3;
/** Where X0 to X30 are. */
const PLACE_OF_X = new Uint8Array(31);
for (const [at, register] of GENERAL.entries()) PLACE_OF_X[register] = FIRST_GENERAL + at;
/** Where the words of a context are; SP is the user's, SP_EL0. */
export const CONTEXT_WORD = {
  pc: PC,
  sp: SP,
  spsr: SPSR,
  x: PLACE_OF_X,
  tpidrEl0: 34,
  tpidrroEl0: 35,
} as const;
const ZERO_REGISTER = 31;
const SPSR_MASK = 0xffff_ffffn;
/** SCTLR_EL1 with everything off: its bits that are RES1 in Armv8.0 (Arm ARM D19.2.118). */
const SCTLR_RESET = 0x30d0_0800n;
/** What a reset leaves alone: the vCPU's place, and what the kernel keeps of time. */
const KEPT = ['VMPIDR_EL2', 'CNTVOFF_EL2'];

export class RegisterFile {
  readonly #natives: Natives;
  readonly #vcpuIds: readonly VcpuId[];
  readonly #words: BigUint64Array;
  readonly #views = new Map<VcpuId, VcpuRegisters>();
  /** Whose registers are in the words. */
  #held: VcpuId | undefined;
  #isChanged = false;

  constructor(natives: Natives, vcpuIds: readonly VcpuId[]) {
    this.#natives = natives;
    this.#vcpuIds = vcpuIds;
    this.#words = faultWords(natives.faults).context;
    cellsOf(FAULT_LAYOUT, natives.faults).placeOfX.set(PLACE_OF_X);
  }

  of(vcpu: VcpuId): VcpuRegisters {
    const known = this.#views.get(vcpu);
    if (known !== undefined) return known;
    const view = this.#viewOf(vcpu, this.#vcpuIds.indexOf(vcpu));
    this.#views.set(vcpu, view);
    return view;
  }

  /** Writes what was changed; the vCPU itself goes on when its fault is replied to. */
  flush(): void {
    if (this.#held !== undefined && this.#isChanged) this.#natives.writeContext(this.#held, false);
    this.#held = undefined;
    this.#isChanged = false;
  }

  /** microkit_vcpu_restart, with the registers as they were left here. */
  restart(vcpu: VcpuId, entryPoint: bigint): void {
    this.#hold(vcpu);
    this.#words[PC] = entryPoint;
    this.#natives.writeContext(vcpu, true);
    this.#held = undefined;
    this.#isChanged = false;
  }

  reset(vcpu: VcpuId): void {
    this.#hold(vcpu);
    this.#words.fill(0n);
    this.#isChanged = true;
    for (const [name, reg] of Object.entries(this.#natives.vcpuRegs)) {
      if (KEPT.includes(name)) continue;
      this.#natives.writeReg(vcpu, reg, name === 'SCTLR_EL1' ? SCTLR_RESET : 0n);
    }
  }

  #hold(vcpu: VcpuId): void {
    if (this.#held === vcpu) return;
    this.flush();
    this.#natives.readContext(vcpu);
    this.#held = vcpu;
  }

  #viewOf(vcpu: VcpuId, index: number): VcpuRegisters {
    const words = this.#words;
    const natives = this.#natives;
    const word = (place: number): bigint => {
      if (this.#held !== vcpu) this.#hold(vcpu);
      return words[place] ?? 0n;
    };
    const setWord = (place: number, value: bigint): void => {
      if (this.#held !== vcpu) this.#hold(vcpu);
      words[place] = value;
      this.#isChanged = true;
    };
    const reg = (name: string): number => {
      const number = natives.vcpuRegs[name];
      if (number === undefined) throw new RangeError(`seL4 keeps no register ${name} of a vCPU`);
      return number;
    };
    return {
      x: (register) => (register === ZERO_REGISTER ? 0n : word(PLACE_OF_X[register] ?? PC)),
      setX: (register, value) => {
        if (register !== ZERO_REGISTER) setWord(PLACE_OF_X[register] ?? PC, value);
      },
      get pc() {
        return word(PC);
      },
      set pc(value) {
        setWord(PC, value);
      },
      get sp() {
        return word(SP);
      },
      set sp(value) {
        setWord(SP, value);
      },
      get pstate() {
        return Number(word(SPSR) & SPSR_MASK);
      },
      set pstate(value) {
        setWord(SPSR, BigInt(value));
      },
      get mpidr() {
        // Without SMP a kernel keeps none, and there is one vCPU.
        return 'VMPIDR_EL2' in natives.vcpuRegs
          ? natives.readReg(vcpu, reg('VMPIDR_EL2'))
          : MPIDR_RES1 | BigInt(index);
      },
      set mpidr(value) {
        if ('VMPIDR_EL2' in natives.vcpuRegs) natives.writeReg(vcpu, reg('VMPIDR_EL2'), value);
      },
      system: (name) => natives.readReg(vcpu, reg(name)),
      setSystem: (name, value) => natives.writeReg(vcpu, reg(name), value),
    };
  }
}
