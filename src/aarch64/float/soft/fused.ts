/** FPMulAdd and the Newton steps over 64-bit integers, with 128 bits between the product and the sum. */
import {
  add,
  and,
  countLeadingZeros,
  eq,
  gtSigned,
  gtUnsigned,
  i32,
  i64,
  isZero,
  ltUnsigned,
  mul,
  ne,
  or,
  select,
  shl,
  shr,
  sub,
  xor,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import type { Value } from '../../meaning/value.ts';
import { type FpFormat, fractionMask, packFields } from '../format.ts';
import { exactZero } from './arithmetic.ts';
import {
  infinityPlaced,
  invalidOperation,
  isNaNKind,
  KIND,
  type Parts,
  perFormat,
  processNaN3,
  roundingMode,
  signPlaced,
  unpackParts,
  type Variable,
} from './parts.ts';
import { roundParts } from './rounding.ts';
import { multiplyHigh, normaliseWide, shiftWideRightJam, type Wide } from './wide.ts';

/** A nonzero number of 128 bits: bit 127 weighs 2^exponent. */
interface WideNumber extends Wide {
  readonly sign: Variable<'i64'>;
  readonly exponent: Variable<'i32'>;
}

function isInfinite(parts: Parts): Value<'i32'> {
  return eq(parts.kind, i32(KIND.infinity));
}

function zeroTimesInfinity(a: Parts, b: Parts): Value<'i32'> {
  const zero = or(eq(a.kind, i32(KIND.zero)), eq(b.kind, i32(KIND.zero)));
  return and(zero, or(isInfinite(a), isInfinite(b)));
}

/** The exact product, with bit 127 set. */
function wideProduct(c: Meaning, a: Parts, b: Parts, sign: Value<'i64'>): WideNumber {
  const high = c.temporary(c.call(multiplyHigh, a.significand, b.significand));
  const low = c.temporary(mul(a.significand, b.significand));
  const exponent = c.temporary(add(add(a.exponent, b.exponent), i32(1)));
  const leading = c.let(countLeadingZeros(high));
  c.if(ne(leading, i64(0n)), () => {
    c.assign(high, or(shl(high, i64(1n)), shr(low, i64(63n))));
    c.assign(low, shl(low, i64(1n)));
    c.assign(exponent, sub(exponent, i32(1)));
  });
  return { high, low, exponent, sign: c.temporary(sign) };
}

function swapWide(c: Meaning, a: WideNumber, b: WideNumber): void {
  for (const part of ['high', 'low', 'sign'] as const) {
    const kept = c.temporary(a[part] as Value<'i64'>);
    c.assign(a[part], b[part]);
    c.assign(b[part], kept);
  }
  const kept = c.temporary(a.exponent as Value<'i32'>);
  c.assign(a.exponent, b.exponent);
  c.assign(b.exponent, kept);
}

function halfOf(c: Meaning, value: Wide): void {
  c.assign(value.low, or(shr(value.low, i64(1n)), shl(value.high, i64(63n))));
  c.assign(value.high, shr(value.high, i64(1n)));
}

/** Rounds the sum of two wide numbers, divided by 2^halvings. */
function roundWideSum(
  c: Meaning,
  format: FpFormat,
  a: WideNumber,
  b: WideNumber,
  halvings: Value<'i32'>,
): Value<'i64'> {
  const larger = or(
    gtSigned(b.exponent, a.exponent),
    and(
      eq(b.exponent, a.exponent),
      or(gtUnsigned(b.high, a.high), and(eq(b.high, a.high), gtUnsigned(b.low, a.low))),
    ),
  );
  c.if(larger, () => swapWide(c, a, b));
  // Room for a carry: a product of two significands and a significand itself have zeros at the end.
  halfOf(c, a);
  halfOf(c, b);
  shiftWideRightJam(c, b, sub(a.exponent, b.exponent));
  c.if(
    eq(a.sign, b.sign),
    () => {
      c.assign(a.low, add(a.low, b.low));
      c.assign(a.high, add(add(a.high, b.high), zeroExtend(ltUnsigned(a.low, b.low))));
    },
    () => {
      const borrow = c.let(zeroExtend(ltUnsigned(a.low, b.low)));
      c.assign(a.low, sub(a.low, b.low));
      c.assign(a.high, sub(sub(a.high, b.high), borrow));
    },
  );
  const result = c.temporary(i64(0n));
  c.if(
    isZero(or(a.high, a.low)),
    () => c.assign(result, exactZero(c, format)),
    () => {
      const shift = normaliseWide(c, a);
      const exponent = sub(sub(add(a.exponent, i32(1)), shift), halvings);
      const significand = or(a.high, zeroExtend(ne(a.low, i64(0n))));
      c.assign(result, c.call(roundParts(format), a.sign, exponent, significand, roundingMode(c)));
    },
  );
  return result;
}

/** The finite case: addend and factors may be zero. */
function fusedFinite(
  c: Meaning,
  format: FpFormat,
  parts: { readonly addend: Parts; readonly a: Parts; readonly b: Parts; readonly sign: Value<'i64'> },
  halvings: Value<'i32'>,
): Value<'i64'> {
  const { addend, a, b, sign } = parts;
  const result = c.temporary(i64(0n));
  const productZero = or(isZero(a.significand), isZero(b.significand));
  const addendZero = isZero(addend.significand);
  const roundOne = (number: {
    sign: Value<'i64'>;
    exponent: Value<'i32'>;
    significand: Value<'i64'>;
  }): void =>
    c.assign(
      result,
      c.call(
        roundParts(format),
        number.sign,
        sub(number.exponent, halvings),
        number.significand,
        roundingMode(c),
      ),
    );
  c.if(
    productZero,
    () =>
      c.if(
        addendZero,
        () => c.assign(result, select(eq(addend.sign, sign), signPlaced(format, sign), exactZero(c, format))),
        () => roundOne(addend),
      ),
    () => {
      const product = wideProduct(c, a, b, sign);
      c.if(
        addendZero,
        () => roundOne({ ...product, significand: or(product.high, zeroExtend(ne(product.low, i64(0n)))) }),
        () => {
          const wideAddend: WideNumber = {
            sign: addend.sign,
            exponent: addend.exponent,
            high: addend.significand,
            low: c.temporary(i64(0n)),
          };
          c.assign(result, roundWideSum(c, format, product, wideAddend, halvings));
        },
      );
    },
  );
  return result;
}

/** `(addend + a × b) / 2^halvings`, rounded once. */
const fused = perFormat((format) =>
  helper(
    `fpFused${format.sizeBits}`,
    ['i64', 'i64', 'i64', 'i32'],
    'i64',
    (c, bitsC, bitsA, bitsB, halvings) => {
      const addend = unpackParts(c, format, bitsC);
      const a = unpackParts(c, format, bitsA);
      const b = unpackParts(c, format, bitsB);
      const sign = c.let(xor(a.sign, b.sign));
      const meaningless = c.let(zeroTimesInfinity(a, b));
      const productInfinite = c.let(or(isInfinite(a), isInfinite(b)));
      const result = c.temporary(i64(0n));
      const invalid = (): void => c.assign(result, invalidOperation(c, format));
      const withoutNaNs = (): void => {
        const opposed = and(and(isInfinite(addend), productInfinite), ne(addend.sign, sign));
        c.if(or(meaningless, opposed), invalid, () =>
          c.if(
            or(isInfinite(addend), productInfinite),
            () => c.assign(result, infinityPlaced(format, select(productInfinite, sign, addend.sign))),
            () => c.assign(result, fusedFinite(c, format, { addend, a, b, sign }, halvings)),
          ),
        );
      };
      c.if(
        or(isNaNKind(addend.kind), or(isNaNKind(a.kind), isNaNKind(b.kind))),
        () =>
          c.if(and(eq(addend.kind, i32(KIND.quiet)), meaningless), invalid, () =>
            c.assign(result, c.call(processNaN3(format), bitsC, bitsA, bitsB, addend.kind, a.kind, b.kind)),
          ),
        withoutNaNs,
      );
      return result;
    },
  ),
);

/** FPMulAdd: addend, then the factors. */
export const softMulAdd = perFormat((format) =>
  helper(`fpMulAdd${format.sizeBits}`, ['i64', 'i64', 'i64'], 'i64', (c, addend, a, b) =>
    c.call(fused(format), addend, a, b, i32(0)),
  ),
);

/** The normal number `significand × 2^exponent`, of at most as many bits as the format has. */
function exactly(format: FpFormat, significand: bigint, exponent: number): bigint {
  const topBit = significand.toString(2).length - 1;
  const biased = exponent + topBit + 2 ** (format.exponentBits - 1) - 1;
  const fraction = (significand << BigInt(format.fractionBits - topBit)) & fractionMask(format);
  return packFields(format, 0, biased, fraction);
}

/** FPRecipStepFused (`2 − a·b`) and FPRSqrtStepFused (`(3 − a·b) / 2`), whose zero times infinity gives the constant. */
function step(name: string, format: FpFormat, constant: bigint, halvings: 0 | 1) {
  return helper(`${name}${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, bitsA, bitsB) => {
    const negated = c.let(xor(bitsA, i64(1n << BigInt(format.sizeBits - 1))));
    const result = c.temporary(i64(exactly(format, constant, -halvings)));
    const a = unpackParts(c, format, bitsA);
    const b = unpackParts(c, format, bitsB);
    c.if(isZero(zeroTimesInfinity(a, b)), () =>
      c.assign(
        result,
        c.call(fused(format), i64(exactly(format, constant, 0)), negated, bitsB, i32(halvings)),
      ),
    );
    return result;
  });
}

export const softRecipStep = perFormat((format) => step('fpRecipStep', format, 2n, 0));
export const softRSqrtStep = perFormat((format) => step('fpRSqrtStep', format, 3n, 1));
