/** Integer operations of either width: `add(a, b)` is `i32.add` or `i64.add` by its operands. */
import type { OpName } from '../../wasm/index.ts';
import { operation, pure, type Value } from './value.ts';

export type Int = 'i32' | 'i64';

type BinaryName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div_s'
  | 'div_u'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr_s'
  | 'shr_u'
  | 'rotr';
type CompareName = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

const binary =
  (name: BinaryName) =>
  <T extends Int>(a: Value<T>, b: Value<T>): Value<T> =>
    operation(`${a.type}.${name}` as OpName, [a, b]) as Value<T>;
const compare =
  (name: CompareName) =>
  <T extends Int>(a: Value<T>, b: Value<T>): Value<'i32'> =>
    operation(`${a.type}.${name}` as OpName, [a, b]) as Value<'i32'>;

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
/** Traps where WebAssembly does: guard it. */
export const divSigned = binary('div_s');
export const divUnsigned = binary('div_u');
export const and = binary('and');
export const or = binary('or');
export const xor = binary('xor');
/** Shifts and rotations take the amount modulo the width. */
export const shl = binary('shl');
export const sar = binary('shr_s');
export const shr = binary('shr_u');
export const rotr = binary('rotr');

export const eq = compare('eq');
export const ne = compare('ne');
export const ltSigned = compare('lt_s');
export const ltUnsigned = compare('lt_u');
export const gtSigned = compare('gt_s');
export const gtUnsigned = compare('gt_u');
export const leSigned = compare('le_s');
export const geSigned = compare('ge_s');
export const geUnsigned = compare('ge_u');

export function isZero(value: Value<Int>): Value<'i32'> {
  return operation(`${value.type}.eqz` as OpName, [value]) as Value<'i32'>;
}
export function countLeadingZeros<T extends Int>(value: Value<T>): Value<T> {
  return operation(`${value.type}.clz` as OpName, [value]) as Value<T>;
}

export function i32(value: number): Value<'i32'> {
  return { kind: 'const', type: 'i32', value };
}
export function i64(value: bigint): Value<'i64'> {
  return { kind: 'const', type: 'i64', value };
}
/** A constant of the same width as another value. */
export function like<T extends Int>(other: Value<T>, value: number | bigint): Value<T> {
  return (other.type === 'i64' ? i64(BigInt(value)) : i32(Number(value))) as Value<Int> as Value<T>;
}
export function not<T extends Int>(value: Value<T>): Value<T> {
  return xor(value, like(value, -1));
}
export function negate<T extends Int>(value: Value<T>): Value<T> {
  return sub(like(value, 0), value);
}

export const low32 = (value: Value<'i64'>): Value<'i32'> => pure('i32.wrap_i64', value);
export const zeroExtend = (value: Value<'i32'>): Value<'i64'> => pure('i64.extend_i32_u', value);
export const signExtend = (value: Value<'i32'>): Value<'i64'> => pure('i64.extend_i32_s', value);

/** The value in 64 bits, zero-extended if it has 32. */
export function to64(value: Value<Int>): Value<'i64'> {
  return value.type === 'i64' ? (value as Value<'i64'>) : zeroExtend(value as Value<'i32'>);
}
/** The low 32 bits. */
export function to32(value: Value<Int>): Value<'i32'> {
  return value.type === 'i32' ? (value as Value<'i32'>) : low32(value as Value<'i64'>);
}
/** A 32-bit amount in the width of another value. */
export function inWidthOf<T extends Int>(other: Value<T>, value: Value<'i32'>): Value<T> {
  return (other.type === 'i64' ? zeroExtend(value) : value) as Value<Int> as Value<T>;
}

export function select<T extends 'i32' | 'i64' | 'v128' | 'f32' | 'f64'>(
  condition: Value<'i32'>,
  ifTrue: Value<T>,
  ifFalse: Value<T>,
): Value<T> {
  return { kind: 'select', type: ifTrue.type, condition, ifTrue, ifFalse };
}
