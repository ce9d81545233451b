/** 128-bit steps over 64-bit integers: products, quotients and shifts of significands. */

import { unsignedHighProduct } from '../../insns/multiply.ts';
import {
  add,
  and,
  countLeadingZeros,
  divUnsigned,
  gtUnsigned,
  i32,
  i64,
  isZero,
  low32,
  ltUnsigned,
  mul,
  ne,
  or,
  shl,
  shr,
  sub,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import type { Value } from '../../meaning/value.ts';
import type { Variable } from './parts.ts';

const LOW_HALF = i64(0xffff_ffffn);
const THIRTY_TWO = i64(32n);

/** The upper 64 bits of an unsigned product. */
export const multiplyHigh = helper('multiplyHigh', ['i64', 'i64'], 'i64', (c, a, b) =>
  unsignedHighProduct(c, a, b),
);

/** One digit of 32 bits of a long division (Knuth, The Art of Computer Programming, vol. 2, 4.3.1, algorithm D). */
const divideDigit = helper('divideDigit', ['i64', 'i64'], 'i64', (c, high, divisor) => {
  const divisorHigh = c.let(shr(divisor, THIRTY_TWO));
  const divisorLow = c.let(and(divisor, LOW_HALF));
  const digit = c.temporary(divUnsigned(high, divisorHigh));
  const rest = c.temporary(sub(high, mul(digit, divisorHigh)));
  // The next 32 bits of the dividend are zeros here. The estimate is at most two too large.
  for (let correction = 0; correction < 2; correction += 1) {
    const tooLarge = or(
      gtUnsigned(digit, LOW_HALF),
      gtUnsigned(mul(digit, divisorLow), shl(rest, THIRTY_TWO)),
    );
    c.if(and(tooLarge, ltUnsigned(rest, i64(1n << 32n))), () => {
      c.assign(digit, sub(digit, i64(1n)));
      c.assign(rest, add(rest, divisorHigh));
    });
  }
  return digit;
});

/**
 * `high × 2^64 / divisor`, with bit 0 jammed; the divisor's bit 63 is set and `high` is below it.
 */
export const divideJam = helper('divideJam', ['i64', 'i64'], 'i64', (c, high, divisor) => {
  const digit1 = c.let(c.call(divideDigit, high, divisor));
  const rest1 = c.let(sub(shl(high, THIRTY_TWO), mul(digit1, divisor)));
  const digit0 = c.let(c.call(divideDigit, rest1, divisor));
  const rest0 = sub(shl(rest1, THIRTY_TWO), mul(digit0, divisor));
  return or(or(shl(digit1, THIRTY_TWO), digit0), zeroExtend(ne(rest0, i64(0n))));
});

/** 128 bits in two halves. */
export interface Wide {
  readonly high: Variable<'i64'>;
  readonly low: Variable<'i64'>;
}

/** Shifts right by any amount, keeping in bit 0 whether ones fell out. */
export function shiftWideRightJam(c: Meaning, value: Wide, amount: Value<'i32'>): void {
  const amount64 = c.let(zeroExtend(amount));
  const back = c.let(sub(i64(0n), amount64));
  const nonzero = (bits: Value<'i64'>): Value<'i64'> => zeroExtend(ne(bits, i64(0n)));
  c.if(ne(amount, i32(0)), () =>
    c.if(
      ltUnsigned(amount, i32(64)),
      () => {
        const fellOut = nonzero(shl(value.low, back));
        c.assign(value.low, or(or(shr(value.low, amount64), shl(value.high, back)), fellOut));
        c.assign(value.high, shr(value.high, amount64));
      },
      () => {
        const fellOut = c.temporary(value.low as Value<'i64'>);
        const kept = c.temporary(i64(0n));
        c.if(
          ltUnsigned(amount, i32(128)),
          () => {
            c.if(ne(amount, i32(64)), () => c.assign(fellOut, or(fellOut, shl(value.high, back))));
            c.assign(kept, shr(value.high, amount64));
          },
          () => c.assign(fellOut, or(fellOut, value.high)),
        );
        c.assign(value.low, or(kept, nonzero(fellOut)));
        c.assign(value.high, i64(0n));
      },
    ),
  );
}

/** Shifts left until bit 63 of the upper half is set; gives by how much. The value is not zero. */
export function normaliseWide(c: Meaning, value: Wide): Variable<'i32'> {
  const shift = c.temporary(i32(0));
  c.if(isZero(value.high), () => {
    c.assign(value.high, value.low);
    c.assign(value.low, i64(0n));
    c.assign(shift, i32(64));
  });
  const leading = c.let(countLeadingZeros(value.high));
  c.if(ne(leading, i64(0n)), () => {
    c.assign(value.high, or(shl(value.high, leading), shr(value.low, sub(i64(64n), leading))));
    c.assign(value.low, shl(value.low, leading));
    c.assign(shift, add(shift, low32(leading)));
  });
  return shift;
}
