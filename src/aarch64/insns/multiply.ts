/** The high halves of 64 × 64-bit products, from 32-bit parts. */
import { add, and, i64, mul, sar, shr, sub } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';

const LOW = i64(0xffff_ffffn);
const HALF = i64(32n);

export function unsignedHighProduct<V extends AnyFieldValues>(
  c: Meaning<V>,
  first: Value<'i64'>,
  second: Value<'i64'>,
): Value<'i64'> {
  const [a, b] = [c.let(first), c.let(second)];
  const [aLow, aHigh] = [c.let(and(a, LOW)), c.let(shr(a, HALF))];
  const [bLow, bHigh] = [c.let(and(b, LOW)), c.let(shr(b, HALF))];
  // Neither sum overflows: (2^32 − 1)² + 2 (2^32 − 1) is 2^64 − 1.
  const middle = c.let(add(mul(aHigh, bLow), shr(mul(aLow, bLow), HALF)));
  const other = c.let(add(mul(aLow, bHigh), and(middle, LOW)));
  return c.let(add(add(mul(aHigh, bHigh), shr(middle, HALF)), shr(other, HALF)));
}

/** The unsigned one, less each factor where the other is negative. */
export function signedHighProduct<V extends AnyFieldValues>(
  c: Meaning<V>,
  first: Value<'i64'>,
  second: Value<'i64'>,
): Value<'i64'> {
  const [a, b] = [c.let(first), c.let(second)];
  const sign = i64(63n);
  const excess = c.let(add(and(sar(a, sign), b), and(sar(b, sign), a)));
  return sub(unsignedHighProduct(c, a, b), excess);
}
