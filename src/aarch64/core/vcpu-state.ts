/** One vCPU's part of the cluster's memory, by name. */
import { kept, type Saved, type SavedShape, shape } from '../../base/index.ts';
import { NOT_IN_SNAPSHOTS, STATE, STATE_BYTES, vOffset, X_SLOT, xOffset } from '../state.ts';
import { systemRegister } from '../system/registers.ts';
import type { Routines } from './core.ts';

const ZERO_REGISTER = 31;

/** What the run loop takes for granted to be 0 or 1, since it computes addresses with it. */
const FLAGS = { EL: STATE.EL, SPSEL: STATE.SPSEL, PAN: STATE.PAN } as const;
const BYTES_SHAPE = shape.bytesOf(STATE_BYTES);
const STATE_SHAPE: SavedShape<Uint8Array> = {
  expected: BYTES_SHAPE.expected,
  check(value, path, report) {
    BYTES_SHAPE.check(value, path, report);
    if (!(value instanceof Uint8Array) || value.length !== STATE_BYTES) return;
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    for (const [name, offset] of Object.entries(FLAGS))
      shape.upTo(1).check(view.getUint32(offset, true), [...path, name], report);
  },
};

export class VcpuState {
  readonly base: number;
  readonly #routines: Routines;
  readonly #words: Int32Array;
  readonly #longs: BigUint64Array;

  constructor(memory: ArrayBuffer, base: number, routines: Routines) {
    this.base = base;
    this.#routines = routines;
    this.#words = new Int32Array(memory);
    this.#longs = new BigUint64Array(memory);
  }

  /** All of it but what is of one cluster's memory. */
  get saved(): Saved {
    const bytes = new Uint8Array(this.#words.buffer, this.base, STATE_BYTES);
    return kept(
      STATE_SHAPE,
      () => bytes.slice().fill(0, NOT_IN_SNAPSHOTS.from, NOT_IN_SNAPSHOTS.to),
      (value) => bytes.set(value),
    );
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

  /** As SPSR_EL1 has it; what is set must be one of EL0t, EL1t and EL1h. */
  get pstate(): number {
    return this.#routines.readPstate(this.base) >>> 0;
  }
  set pstate(value: number) {
    this.#routines.writePstate(this.base, value);
  }
  setLevel(el: number, spsel: number): void {
    this.#routines.setLevel(this.base, el, spsel);
  }
  setPan(pan: number): void {
    this.#routines.setPan(this.base, pan);
  }
  /** After a change of EL, PAN, CPACR_EL1 or SCTLR_EL1 that no helper made. */
  modeChanged(): void {
    this.#routines.modeChanged(this.base);
  }

  /** A synchronous exception to EL1; `returnAddress` is the preferred one, `far` the faulting address where there is one. */
  takeSynchronous(esr: number, returnAddress: bigint, far?: bigint): void {
    if (far !== undefined) this.setSystem('FAR_EL1', far);
    this.set64(STATE.PC, returnAddress);
    this.#routines.takeSynchronous(this.base, esr);
  }

  /** A system register's cell. */
  system(name: string): bigint {
    return this.get64(systemRegister(name).cell);
  }
  setSystem(name: string, value: bigint): void {
    this.set64(systemRegister(name).cell, BigInt.asUintN(64, value));
  }
}
