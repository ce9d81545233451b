/** General registers in a region: the locals that stand for them, and which of those hold their values. */
import {
  type CodeWriter,
  type FunctionBuilder,
  get,
  type Local,
  load,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import type { StatePlace } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { X_SLOT, xOffset } from '../state.ts';
import { CODE } from './code.ts';
import { placeOffset, REGION_LOCALS, X_END } from './template.ts';

const X_BYTES = 8;
const STACK_POINTER_BIT = 31;
const ZERO = xOffset(X_SLOT.zero);
const DISCARD = xOffset(X_SLOT.discard);
const CPU = get<'i32'>({ index: REGION_LOCALS.cpu, type: 'i32' });

/** A register's bit in a word of them: of those slots that aren't zero's, the last is the stack pointer's. */
function bitOf(offset: number): number {
  return 1 << Math.min(offset / X_BYTES, STACK_POINTER_BIT);
}

/** The registers among places, as a word of bits. */
export function registersAt(places: readonly StatePlace[], fields: AnyFieldValues): number {
  let registers = 0;
  for (const place of places) {
    const offset = placeOffset(place, fields);
    if (offset < X_END && offset !== ZERO && offset !== DISCARD) registers |= bitOf(offset);
  }
  return registers;
}

function offsetsOf(registers: number): readonly number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < X_END; offset += X_BYTES) {
    if (offset !== ZERO && offset !== DISCARD && (registers & bitOf(offset)) !== 0) offsets.push(offset);
  }
  return offsets;
}

export class RegionRegisters {
  readonly #func: FunctionBuilder;
  /** By their slots. */
  readonly #locals: (number | undefined)[] = [];
  /** Those whose locals hold their values, in the block at hand: a bit for each. */
  known = 0;

  constructor(func: FunctionBuilder) {
    this.#func = func;
  }

  localOf(offset: number): number {
    if (offset === ZERO) return REGION_LOCALS.zero;
    if (offset === DISCARD) return REGION_LOCALS.discard;
    const slot = offset / X_BYTES;
    const known = this.#locals[slot];
    if (known !== undefined) return known;
    if (offset >= X_END || offset % X_BYTES !== 0) throw new Error(`no register lies at ${offset}`);
    const { index } = this.#func.local('i64');
    this.#locals[slot] = index;
    return index;
  }

  know(offset: number): void {
    if (offset !== ZERO && offset !== DISCARD) this.known |= bitOf(offset);
  }

  /** Loads a register that an instruction reads, unless its local holds it. */
  preload({ out }: CodeWriter, offset: number): void {
    if (offset === ZERO || offset === DISCARD || (this.known & bitOf(offset)) !== 0) return;
    this.know(offset);
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.cpu);
    out.u8(CODE.i64Load);
    out.u8(0);
    out.unsigned(offset);
    out.u8(CODE.localSet);
    out.unsigned(this.localOf(offset));
  }

  writeThrough({ out }: CodeWriter, offset: number): void {
    if (offset === DISCARD) return;
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.cpu);
    out.u8(CODE.localGet);
    out.unsigned(this.localOf(offset));
    out.u8(CODE.i64Store);
    out.u8(0);
    out.unsigned(offset);
  }

  /** All of a word from the state, and to it. */
  loads(registers: number): readonly Stmt[] {
    return offsetsOf(registers).map((offset) => set(this.#local(offset), load('i64.load', CPU, offset)));
  }
  stores(registers: number): readonly Stmt[] {
    return offsetsOf(registers).map((offset) => store('i64.store', CPU, get(this.#local(offset)), offset));
  }

  #local(offset: number): Local<'i64'> {
    return { index: this.localOf(offset), type: 'i64' };
  }
}

/** Locals for single instructions, by type and number. */
export class Temporaries {
  readonly #func: FunctionBuilder;
  readonly #made = new Map<ValueType, number[]>();

  constructor(func: FunctionBuilder) {
    this.#func = func;
  }

  localOf(type: ValueType, number: number): number {
    let made = this.#made.get(type);
    if (made === undefined) {
      made = [];
      this.#made.set(type, made);
    }
    while (made.length <= number) made.push(this.#func.local(type).index);
    return made[number] ?? 0;
  }
}
