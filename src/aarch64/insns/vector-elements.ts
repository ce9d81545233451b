/** Arithmetic on one element of a vector, extended to 64 bits: saturation, halving, shifts by a register. */
import { FPSR } from '../float/format.ts';
import { raise, raiseIf } from '../float/soft/parts.ts';
import {
  add,
  and,
  eq,
  geSigned,
  gtSigned,
  gtUnsigned,
  i32,
  i64,
  isZero,
  ltSigned,
  ltUnsigned,
  mul,
  ne,
  negate,
  or,
  sar,
  select,
  shl,
  shr,
  sub,
  xor,
} from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Helper, Value } from '../meaning/value.ts';
import { elementBits } from '../meaning/vectors.ts';

type Element = Value<'i64'>;
/** A helper on two elements. */
export type ElementHelper = (size: number, isSigned: boolean) => Helper<'i64'>;

/** Makes a family of helpers by element size and sign, each once. */
function bySizeAndSign(make: (size: number, isSigned: boolean) => Helper<'i64'>): ElementHelper {
  const made = new Map<string, Helper<'i64'>>();
  return (size, isSigned) => {
    const key = `${size}${isSigned}`;
    const known = made.get(key) ?? make(size, isSigned);
    made.set(key, known);
    return known;
  };
}

function nameOf(stem: string, size: number, isSigned: boolean): string {
  return `${stem}${isSigned ? 'Signed' : 'Unsigned'}${elementBits(size)}`;
}

export function largestElement(size: number, isSigned: boolean): bigint {
  return (1n << BigInt(elementBits(size) - (isSigned ? 1 : 0))) - 1n;
}
export function smallestElement(size: number, isSigned: boolean): bigint {
  return isSigned ? -(1n << BigInt(elementBits(size) - 1)) : 0n;
}

/** SatQ: a value that fits in 64 signed bits, clamped to an element's range; QC if it had to be. */
export const saturate = bySizeAndSign((size, isSigned) =>
  helper(nameOf('saturate', size, isSigned), ['i64'], 'i64', (c, value) => {
    const result = c.temporary(value as Element);
    const least = i64(smallestElement(size, isSigned));
    // A 64-bit element has every signed value, and of an unsigned one all that are not negative.
    c.if(ltSigned(value, least), () => c.assign(result, least));
    if (size < 3) {
      const most = i64(largestElement(size, isSigned));
      c.if(gtSigned(value, most), () => c.assign(result, most));
    }
    raiseIf(c, ne(result, value), FPSR.QC);
    return result;
  }),
);

const saturateFromUnsigned = [0, 1, 2].map((size) =>
  helper(`saturateFromUnsigned${elementBits(size)}`, ['i64'], 'i64', (c, value) => {
    const result = c.temporary(value as Element);
    c.if(gtUnsigned(value, i64(largestElement(size, false))), () => {
      raise(c, FPSR.QC);
      c.assign(result, i64(largestElement(size, false)));
    });
    return result;
  }),
);

/** SatQ of an unsigned 64-bit value, to an unsigned element of up to 32 bits. */
export function saturateUnsigned(size: number): Helper<'i64'> {
  return saturateFromUnsigned[size] as Helper<'i64'>;
}

/** What a 64-bit element becomes by overflowing upwards (or, if `negative`, downwards); QC is raised. */
function saturated64(c: Meaning, isSigned: boolean, negative: Value<'i32'>): Element {
  raise(c, FPSR.QC);
  const least = i64(BigInt.asIntN(64, smallestElement(3, isSigned)));
  return select(negative, least, i64(BigInt.asIntN(64, largestElement(3, isSigned))));
}

export const saturatingAdd = bySizeAndSign((size, isSigned) =>
  helper(nameOf('saturatingAdd', size, isSigned), ['i64', 'i64'], 'i64', (c, a, b) => {
    const sum = c.let(add(a, b));
    if (size < 3) return c.call(saturate(size, isSigned), sum);
    const result = c.temporary(sum as Element);
    const overflow = isSigned ? ltSigned(and(xor(a, sum), xor(b, sum)), i64(0n)) : ltUnsigned(sum, a);
    c.if(overflow, () => {
      c.assign(result, saturated64(c, isSigned, isSigned ? ltSigned(a, i64(0n)) : i32(0)));
    });
    return result;
  }),
);

export const saturatingSub = bySizeAndSign((size, isSigned) =>
  helper(nameOf('saturatingSub', size, isSigned), ['i64', 'i64'], 'i64', (c, a, b) => {
    const difference = c.let(sub(a, b));
    if (size < 3) return c.call(saturate(size, isSigned), difference);
    const result = c.temporary(difference as Element);
    const overflow = isSigned ? ltSigned(and(xor(a, b), xor(a, difference)), i64(0n)) : ltUnsigned(a, b);
    c.if(overflow, () => {
      c.assign(result, saturated64(c, isSigned, isSigned ? ltSigned(a, i64(0n)) : i32(1)));
    });
    return result;
  }),
);

/** SUQADD (`isSigned`: the accumulator is signed, the other operand unsigned) and USQADD (the reverse). */
export const saturatingAddOtherSign = bySizeAndSign((size, isSigned) =>
  helper(nameOf('saturatingAddOther', size, isSigned), ['i64', 'i64'], 'i64', (c, accumulator, other) => {
    const sum = c.let(add(accumulator, other));
    if (size < 3) return c.call(saturate(size, isSigned), sum);
    const result = c.temporary(sum as Element);
    if (isSigned) {
      // Upwards only. The distance to the largest value is unsigned and exact.
      const room = sub(i64(largestElement(3, true)), accumulator);
      c.if(gtUnsigned(other, room), () => c.assign(result, saturated64(c, true, i32(0))));
    } else {
      const down = c.let(ltSigned(other, i64(0n)));
      const tooLow = and(down, gtUnsigned(negate(other), accumulator));
      const tooHigh = and(isZero(down), ltUnsigned(sum, accumulator));
      c.if(or(tooLow, tooHigh), () => c.assign(result, saturated64(c, false, down)));
    }
    return result;
  }),
);

/** Shifts right by 1 to 64, signed or not, rounding if asked; never overflows in between. */
export function shiftedRight(
  c: Meaning,
  value: Element,
  amount: Element,
  isSigned: boolean,
  rounding: boolean,
): Element {
  const right = isSigned ? sar : shr;
  const bound = c.let(value);
  const beyond = isSigned ? sar(bound, i64(63n)) : i64(0n);
  const floor = select(ltUnsigned(amount, i64(64n)), right(bound, amount), beyond);
  if (!rounding) return floor;
  const lastOut = and(right(bound, sub(amount, i64(1n))), i64(1n));
  return add(floor, lastOut);
}

/**
 * Shifts left by the signed low byte of the second operand, as SSHL, SRSHL, SQSHL, SQRSHL and their unsigned forms do.
 * Elements come extended by their sign.
 */
function shiftByRegister(stem: string, rounding: boolean, saturating: boolean): ElementHelper {
  return bySizeAndSign((size, isSigned) =>
    helper(nameOf(stem, size, isSigned), ['i64', 'i64'], 'i64', (c, value, amount) => {
      const bits = BigInt(elementBits(size));
      const shift = c.let(sar(shl(amount, i64(56n)), i64(56n)));
      const result = c.temporary(i64(0n));
      c.if(
        geSigned(shift, i64(0n)),
        () => {
          const inRange = c.let(ltUnsigned(shift, i64(bits)));
          c.assign(result, select(inRange, shl(value, shift), i64(0n)));
          if (saturating) {
            c.assign(result, c.call(saturatingShiftLeft(size, isSigned), value, shift));
          }
        },
        () => {
          const distance = c.let(negate(shift));
          const inReach = ltUnsigned(distance, i64(65n));
          const beyond = isSigned && !rounding ? sar(value, i64(63n)) : i64(0n);
          const shifted = shiftedRight(c, value, distance, isSigned, rounding);
          c.assign(result, select(inReach, shifted, beyond));
        },
      );
      return result;
    }),
  );
}

/** A left shift by 0 or more that is clamped to the element's range. */
export const saturatingShiftLeft = bySizeAndSign((size, isSigned) =>
  helper(nameOf('saturatingShiftLeft', size, isSigned), ['i64', 'i64'], 'i64', (c, value, shift) => {
    const result = c.temporary(shl(value, shift));
    const inRange = ltUnsigned(shift, i64(BigInt(elementBits(size))));
    const bound = c.let(result as Element);
    // What the element keeps of it, extended again and shifted back, is the value if nothing was lost.
    const spare = i64(64n - BigInt(elementBits(size)));
    const back = isSigned ? sar : shr;
    const kept = back(shl(bound, spare), spare);
    const fits = and(inRange, eq(back(kept, shift), value));
    c.if(
      or(fits, isZero(value)),
      () => c.assign(result, select(isZero(value), i64(0n), bound)),
      () => {
        raise(c, FPSR.QC);
        const most = i64(BigInt.asIntN(64, largestElement(size, isSigned)));
        const least = i64(BigInt.asIntN(64, smallestElement(size, isSigned)));
        c.assign(result, isSigned ? select(ltSigned(value, i64(0n)), least, most) : most);
      },
    );
    return result;
  }),
);

export const shiftLeft = shiftByRegister('shift', false, false);
export const roundingShiftLeft = shiftByRegister('roundingShift', true, false);
export const saturatingShift = shiftByRegister('saturatingShift', false, true);
export const saturatingRoundingShift = shiftByRegister('saturatingRoundingShift', true, true);

/** SHADD, UHADD (`rounding` 0) and SRHADD, URHADD; of up to 32 bits. */
export function halvingAdd(a: Element, b: Element, rounding: bigint): Element {
  return sar(add(add(a, b), i64(rounding)), i64(1n));
}
export function halvingSub(a: Element, b: Element): Element {
  return sar(sub(a, b), i64(1n));
}

/** SABD and UABD, of up to 32 bits. */
export function absoluteDifference(c: Meaning, a: Element, b: Element): Element {
  const difference = c.let(sub(a, b));
  return select(ltSigned(difference, i64(0n)), negate(difference), difference);
}

/** SQDMULH and SQRDMULH of 16- and 32-bit elements: the doubled product's upper half. */
export const doublingMultiplyHigh = bySizeAndSign((size, rounding) =>
  helper(
    `doublingMultiplyHigh${elementBits(size)}${rounding ? 'Rounding' : ''}`,
    ['i64', 'i64'],
    'i64',
    (c, a, b) => {
      // Half of what is asked for: the doubled product of the two smallest 32-bit numbers needs 65 bits.
      const bits = BigInt(elementBits(size));
      const half = rounding ? i64(1n << (bits - 2n)) : i64(0n);
      return c.call(saturate(size, true), sar(add(mul(a, b), half), i64(bits - 1n)));
    },
  ),
);

/** SQDMULL: the doubled product, in twice the bits. */
export const doublingMultiplyLong = bySizeAndSign((size) =>
  helper(`doublingMultiplyLong${elementBits(size)}`, ['i64', 'i64'], 'i64', (c, a, b) => {
    const product = c.let(mul(a, b));
    return c.call(saturatingAdd(size + 1, true), product, product);
  }),
);

/** A product of polynomials over {0, 1}: of 8-bit ones, in up to 16 bits. */
export const polynomialMultiply = helper('polynomialMultiply', ['i64', 'i64'], 'i64', (c, a, b) => {
  const result = c.temporary(i64(0n));
  for (let bit = 0n; bit < 8n; bit += 1n) {
    const taken = negate(and(shr(b, i64(bit)), i64(1n)));
    c.assign(result, xor(result, and(shl(a, i64(bit)), taken)));
  }
  return result;
});
