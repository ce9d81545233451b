/** Condition flags: how additions set them, and what conditions ask (Arm ARM C1.2.4, AddWithCarry in J1.1). */

import {
  add,
  and,
  geSigned,
  geUnsigned,
  type Int,
  i32,
  i64,
  isZero,
  ltSigned,
  ltUnsigned,
  or,
  shl,
  shr,
  signExtend,
  sub,
  xor,
  zeroExtend,
} from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';

/** A value of either width as the flags keep it: in 64 bits, the sign in the highest. */
function signedIn64(value: Value<Int>): Value<'i64'> {
  return value.type === 'i64' ? (value as Value<'i64'>) : signExtend(value as Value<'i32'>);
}

/** a + b, setting the flags. `a` and `b` must be bound. */
export function addSettingFlags<V extends AnyFieldValues, T extends Int>(
  c: Meaning<V>,
  a: Value<T>,
  b: Value<T>,
): Value<T> {
  const sum = c.let(add(a, b));
  c.setFlags({
    n: signedIn64(sum),
    z: signedIn64(sum),
    c: ltUnsigned(sum, a),
    v: signedIn64(and(xor(a, sum), xor(b, sum))),
  });
  return sum;
}

/** a − b, setting the flags; C means "no borrow". */
export function subtractSettingFlags<V extends AnyFieldValues, T extends Int>(
  c: Meaning<V>,
  a: Value<T>,
  b: Value<T>,
): Value<T> {
  const difference = c.let(sub(a, b));
  c.setFlags({
    n: signedIn64(difference),
    z: signedIn64(difference),
    c: geUnsigned(a, b),
    v: signedIn64(and(xor(a, b), xor(a, difference))),
  });
  c.compared(a, b);
  return difference;
}

/** a + b + carry, where `carry` is 0 or 1 in the operands' width; setting the flags. All must be bound. */
export function addWithCarrySettingFlags<V extends AnyFieldValues, T extends Int>(
  c: Meaning<V>,
  a: Value<T>,
  b: Value<T>,
  carry: Value<T>,
): Value<T> {
  const partial = c.let(add(a, b));
  const sum = c.let(add(partial, carry));
  c.setFlags({
    n: signedIn64(sum),
    z: signedIn64(sum),
    c: or(ltUnsigned(partial, a), ltUnsigned(sum, partial)),
    v: signedIn64(and(xor(a, sum), xor(b, sum))),
  });
  return sum;
}

/** N and Z of a logical result; C and V become 0. */
export function setLogicalFlags<V extends AnyFieldValues>(c: Meaning<V>, value: Value<Int>): void {
  c.setFlags({ n: signedIn64(value), z: signedIn64(value), c: i32(0), v: i64(0n) });
}

const negative = (value: Value<'i64'>): Value<'i32'> => ltSigned(value, i64(0n));

/** Whether a condition known as shape holds, 0 or 1. */
export function holds<V extends AnyFieldValues>(c: Meaning<V>, cond: number): Value<'i32'> {
  const inverted = (cond & 1) === 1 && cond !== 15;
  const value = CONDITION_VALUES[cond >> 1]?.(c as unknown as Meaning) ?? i32(1);
  return c.condition(cond, inverted ? isZero(value) : value);
}

const CONDITION_VALUES: readonly ((c: Meaning) => Value<'i32'>)[] = [
  (c) => isZero(c.zFlag),
  (c) => c.carry,
  (c) => negative(c.nFlag),
  (c) => negative(c.vFlag),
  (c) => and(c.carry, isZero(isZero(c.zFlag))),
  (c) => geSigned(xor(c.nFlag, c.vFlag), i64(0n)),
  (c) => and(geSigned(xor(c.nFlag, c.vFlag), i64(0n)), isZero(isZero(c.zFlag))),
];

/** NZCV as one number, N in bit 3. */
export function packedFlags<V extends AnyFieldValues>(c: Meaning<V>): Value<'i32'> {
  const n = shl(negative(c.nFlag), i32(3));
  const z = shl(isZero(c.zFlag), i32(2));
  const carry = shl(c.carry, i32(1));
  return or(or(n, z), or(carry, negative(c.vFlag)));
}

/** Sets the flags from a number whose bits 3–0 are NZCV. It must be bound. */
export function setPackedFlags<V extends AnyFieldValues>(c: Meaning<V>, nzcv: Value<'i32'>): void {
  const bit = (number: number): Value<'i32'> => and(shr(nzcv, i32(number)), i32(1));
  c.setFlags({
    n: signExtend(sub(i32(0), bit(3))),
    z: zeroExtend(xor(bit(2), i32(1))),
    c: bit(1),
    v: signExtend(sub(i32(0), bit(0))),
  });
}

/** Whether a condition known at decode holds: its truth table over NZCV comes as an operand. */
export function holdsOperand<V extends AnyFieldValues>(c: Meaning<V>, { field }: OperandField): Value<'i32'> {
  const table = c.derived('i32', `${field}:truth`, (fields) => truthTable(fields[field] ?? 0), 'u16');
  return c.condition({ field }, and(shr(table, packedFlags(c)), i32(1)));
}

function truthTable(cond: number): number {
  let table = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) if (conditionHolds(cond, nzcv)) table |= 1 << nzcv;
  return table;
}

/** ConditionHolds of the Arm ARM, for flags as a number. */
function conditionHolds(cond: number, nzcv: number): boolean {
  const [n, z, carry, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const value = [z, carry, n, v, carry && !z, n === v, n === v && !z, true][cond >> 1] ?? true;
  return (cond & 1) === 1 && cond !== 15 ? !value : value;
}
