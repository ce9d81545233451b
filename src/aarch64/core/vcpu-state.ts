/** One vCPU's part of the cluster's memory, by name. */
import { STATE, TLB_SET, tlbSetOffset, vOffset, X_SLOT, xOffset } from '../state.ts';
import { systemRegister } from '../system/registers.ts';

const ZERO_REGISTER = 31;

/** PSTATE as SPSR_EL1 has it (Arm ARM D17.2.139). */
export const SPSR = {
  NZCV: 0xf000_0000,
  SS_IL: 0x0030_0000,
  PAN: 1 << 22,
  DAIF: 0x3c0,
  /** M[4]: AArch32. */
  AARCH32: 0x10,
  EL_SHIFT: 2,
  SP: 1,
} as const;
const NZCV_SHIFT = 28;

const CELL = {
  SP_EL0: systemRegister('SP_EL0').cell,
} as const;

export class VcpuState {
  readonly base: number;
  readonly #words: Int32Array;
  readonly #longs: BigUint64Array;

  constructor(memory: ArrayBuffer, base: number) {
    this.base = base;
    this.#words = new Int32Array(memory);
    this.#longs = new BigUint64Array(memory);
  }

  get32(offset: number): number {
    return this.#words[(this.base + offset) >>> 2] ?? 0;
  }
  set32(offset: number, value: number): void {
    this.#words[(this.base + offset) >>> 2] = value;
  }
  get64(offset: number): bigint {
    return this.#longs[(this.base + offset) >>> 3] ?? 0n;
  }
  set64(offset: number, value: bigint): void {
    this.#longs[(this.base + offset) >>> 3] = value;
  }

  x(register: number): bigint {
    return register === ZERO_REGISTER ? 0n : this.get64(xOffset(register));
  }
  setX(register: number, value: bigint): void {
    if (register !== ZERO_REGISTER) this.set64(xOffset(register), value);
  }
  get sp(): bigint {
    return this.get64(xOffset(X_SLOT.sp));
  }
  set sp(value: bigint) {
    this.set64(xOffset(X_SLOT.sp), value);
  }
  v(register: number): bigint {
    return this.get64(vOffset(register)) | (this.get64(vOffset(register) + 8) << 64n);
  }
  setV(register: number, value: bigint): void {
    this.set64(vOffset(register), BigInt.asUintN(64, value));
    this.set64(vOffset(register) + 8, BigInt.asUintN(64, value >> 64n));
  }
  get el(): number {
    return this.get32(STATE.EL);
  }

  get nzcv(): number {
    const n = this.get64(STATE.N) >> 63n === 1n ? 8 : 0;
    const z = this.get64(STATE.Z) === 0n ? 4 : 0;
    const v = this.get64(STATE.OVERFLOW) >> 63n === 1n ? 1 : 0;
    return n | z | (this.get32(STATE.CARRY) << 1) | v;
  }
  set nzcv(value: number) {
    this.set64(STATE.N, (value & 8) !== 0 ? 1n << 63n : 0n);
    this.set64(STATE.Z, (value & 4) !== 0 ? 0n : 1n);
    this.set32(STATE.CARRY, (value >> 1) & 1);
    this.set64(STATE.OVERFLOW, (value & 1) !== 0 ? 1n << 63n : 0n);
  }

  get pstate(): number {
    return (
      ((this.nzcv << NZCV_SHIFT) |
        this.get32(STATE.SS_IL) |
        (this.get32(STATE.PAN) !== 0 ? SPSR.PAN : 0) |
        this.get32(STATE.DAIF) |
        (this.el << SPSR.EL_SHIFT) |
        this.get32(STATE.SPSEL)) >>>
      0
    );
  }

  /** Sets all of PSTATE; `M` must be one of EL0t, EL1t and EL1h. */
  set pstate(value: number) {
    this.nzcv = value >>> NZCV_SHIFT;
    this.set32(STATE.SS_IL, value & SPSR.SS_IL);
    this.set32(STATE.PAN, (value & SPSR.PAN) !== 0 ? 1 : 0);
    this.set32(STATE.DAIF, value & SPSR.DAIF);
    this.setLevel((value >> SPSR.EL_SHIFT) & 1, value & SPSR.SP);
  }

  /** Changes the exception level and SPSel: banks the stack pointer and picks the TLB set. */
  setLevel(el: number, spsel: number): void {
    this.set64(this.#bank(), this.sp);
    this.set32(STATE.EL, el);
    this.set32(STATE.SPSEL, spsel);
    this.sp = this.get64(this.#bank());
    this.modeChanged();
  }

  setPan(pan: number): void {
    this.set32(STATE.PAN, pan);
    this.modeChanged();
  }

  /** Makes what follows from EL, PAN and CPACR_EL1 true again. */
  modeChanged(): void {
    const set = this.el === 0 ? TLB_SET.el0 : this.get32(STATE.PAN) !== 0 ? TLB_SET.el1 : TLB_SET.el1WithUser;
    this.set32(STATE.TLB, this.base + tlbSetOffset(set));
    const fpen = Number((this.system('CPACR_EL1') >> 20n) & 3n);
    // 0b01 traps EL0 only, 0b11 nothing, the others both (D17.2.30).
    const trapped = fpen === 3 ? false : fpen === 1 ? this.el === 0 : true;
    this.set32(STATE.FP_TRAPPED, trapped ? 1 : 0);
    this.set32(STATE.EL0_MAY_ZERO, Number((this.system('SCTLR_EL1') >> 14n) & 1n));
  }

  /** A system register's cell. */
  system(name: string): bigint {
    return this.get64(systemRegister(name).cell);
  }
  setSystem(name: string, value: bigint): void {
    this.set64(systemRegister(name).cell, BigInt.asUintN(64, value));
  }

  #bank(): number {
    return this.el === 0 || this.get32(STATE.SPSEL) === 0 ? CELL.SP_EL0 : STATE.SP_EL1;
  }
}
