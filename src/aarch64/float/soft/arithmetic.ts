/** Addition, multiplication, division and square root over 64-bit integers; the reference in `../` says what each is. */
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
  low32,
  ltUnsigned,
  mul,
  ne,
  or,
  sar,
  select,
  shl,
  shr,
  sub,
  xor,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import { pure, type Value } from '../../meaning/value.ts';
import { FPSR, type FpFormat, ROUNDING } from '../format.ts';
import {
  infinityPlaced,
  invalidOperation,
  isNaNKind,
  KIND,
  type Parts,
  perFormat,
  processNaN1,
  processNaN2,
  raise,
  roundingMode,
  shiftRightJam,
  signPlaced,
  unpackParts,
  type Variable,
} from './parts.ts';
import { roundParts } from './rounding.ts';
import { divideJam, multiplyHigh } from './wide.ts';

/** An exact zero as a sum: negative only when rounding towards minus infinity. */
export function exactZero(c: Meaning, format: FpFormat): Value<'i64'> {
  return signPlaced(format, zeroExtend(eq(roundingMode(c), i32(ROUNDING.negInf))));
}

/**
 * Gives `result` what special operands make of an operation, or else runs `finite` with both numbers finite or zero.
 * `infinite` says what infinities give.
 */
function binary(
  c: Meaning,
  format: FpFormat,
  operands: {
    readonly bitsA: Value<'i64'>;
    readonly bitsB: Value<'i64'>;
    readonly a: Parts;
    readonly b: Parts;
  },
  cases: {
    readonly infinite: (a: Parts, b: Parts) => Value<'i64'>;
    readonly finite: (a: Parts, b: Parts) => Value<'i64'>;
  },
): Value<'i64'> {
  const { a, b, bitsA, bitsB } = operands;
  const result = c.temporary(i64(0n));
  c.if(
    or(isNaNKind(a.kind), isNaNKind(b.kind)),
    () => c.assign(result, c.call(processNaN2(format), bitsA, bitsB, a.kind, b.kind)),
    () =>
      c.if(
        or(eq(a.kind, i32(KIND.infinity)), eq(b.kind, i32(KIND.infinity))),
        () => c.assign(result, cases.infinite(a, b)),
        () => c.assign(result, cases.finite(a, b)),
      ),
  );
  return result;
}

function swap<T extends 'i32' | 'i64'>(c: Meaning, a: Variable<T>, b: Variable<T>): void {
  const kept = c.temporary(a as Value<T>);
  c.assign(a, b);
  c.assign(b, kept);
}

function addFinite(c: Meaning, format: FpFormat, a: Parts, b: Parts): Value<'i64'> {
  const result = c.temporary(i64(0n));
  const round = (sign: Value<'i64'>, exponent: Value<'i32'>, significand: Value<'i64'>): void =>
    c.assign(result, c.call(roundParts(format), sign, exponent, significand, roundingMode(c)));
  const zeroA = isZero(a.significand);
  const zeroB = isZero(b.significand);
  const addNonzero = (): void => {
    const larger = or(
      gtSigned(b.exponent, a.exponent),
      and(eq(b.exponent, a.exponent), gtUnsigned(b.significand, a.significand)),
    );
    c.if(larger, () => {
      swap(c, a.sign, b.sign);
      swap(c, a.exponent, b.exponent);
      swap(c, a.significand, b.significand);
    });
    // Both have spare zeros below, so that making room for a carry loses nothing.
    const high = c.let(shr(a.significand, i64(1n)));
    const distance = sub(a.exponent, b.exponent);
    const low = c.let(c.call(shiftRightJam, shr(b.significand, i64(1n)), distance));
    const sum = c.let(select(eq(a.sign, b.sign), add(high, low), sub(high, low)));
    c.if(
      isZero(sum),
      () => c.assign(result, exactZero(c, format)),
      () => {
        const leading = c.let(countLeadingZeros(sum));
        round(a.sign, sub(add(a.exponent, i32(1)), low32(leading)), shl(sum, leading));
      },
    );
  };
  c.if(
    and(zeroA, zeroB),
    () => c.assign(result, select(eq(a.sign, b.sign), signPlaced(format, a.sign), exactZero(c, format))),
    () =>
      c.if(
        zeroA,
        () => round(b.sign, b.exponent, b.significand),
        () => c.if(zeroB, () => round(a.sign, a.exponent, a.significand), addNonzero),
      ),
  );
  return result;
}

function addInfinite(c: Meaning, format: FpFormat, a: Parts, b: Parts): Value<'i64'> {
  const both = eq(a.kind, b.kind);
  const result = c.temporary(infinityPlaced(format, select(eq(a.kind, i32(KIND.infinity)), a.sign, b.sign)));
  c.if(and(both, ne(a.sign, b.sign)), () => c.assign(result, invalidOperation(c, format)));
  return result;
}

/** FPAdd, or FPSub with the second operand's sign turned after NaNs were dealt with. */
function addition(
  c: Meaning,
  format: FpFormat,
  bitsA: Value<'i64'>,
  bitsB: Value<'i64'>,
  turned: bigint,
): Value<'i64'> {
  const a = unpackParts(c, format, bitsA);
  const b = unpackParts(c, format, bitsB);
  c.assign(b.sign, xor(b.sign, i64(turned)));
  return binary(
    c,
    format,
    { bitsA, bitsB, a, b },
    {
      infinite: () => addInfinite(c, format, a, b),
      finite: () => addFinite(c, format, a, b),
    },
  );
}

export const softAdd = perFormat((format) =>
  helper(`fpAdd${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) => addition(c, format, a, b, 0n)),
);
export const softSub = perFormat((format) =>
  helper(`fpSub${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) => addition(c, format, a, b, 1n)),
);

function multiplication(
  c: Meaning,
  format: FpFormat,
  bitsA: Value<'i64'>,
  bitsB: Value<'i64'>,
  zeroTimesInfinity: (sign: Value<'i64'>) => Value<'i64'>,
): Value<'i64'> {
  const a = unpackParts(c, format, bitsA);
  const b = unpackParts(c, format, bitsB);
  const sign = c.let(xor(a.sign, b.sign));
  return binary(
    c,
    format,
    { bitsA, bitsB, a, b },
    {
      infinite: () => {
        const result = c.temporary(infinityPlaced(format, sign));
        const eitherZero = or(eq(a.kind, i32(KIND.zero)), eq(b.kind, i32(KIND.zero)));
        c.if(eitherZero, () => c.assign(result, zeroTimesInfinity(sign)));
        return result;
      },
      finite: () => {
        const result = c.temporary(signPlaced(format, sign));
        c.if(and(ne(a.significand, i64(0n)), ne(b.significand, i64(0n))), () => {
          const low = mul(a.significand, b.significand);
          const high = c.call(multiplyHigh, a.significand, b.significand);
          const product = c.let(or(high, zeroExtend(ne(low, i64(0n)))));
          const leading = c.let(countLeadingZeros(product));
          const exponent = sub(add(add(a.exponent, b.exponent), i32(1)), low32(leading));
          c.assign(
            result,
            c.call(roundParts(format), sign, exponent, shl(product, leading), roundingMode(c)),
          );
        });
        return result;
      },
    },
  );
}

export const softMul = perFormat((format) =>
  helper(`fpMul${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) =>
    multiplication(c, format, a, b, () => invalidOperation(c, format)),
  ),
);
export const softMulX = perFormat((format) =>
  helper(`fpMulX${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) =>
    multiplication(c, format, a, b, (sign) => {
      const two = BigInt(2 ** (format.exponentBits - 1)) << BigInt(format.fractionBits);
      return or(signPlaced(format, sign), i64(two));
    }),
  ),
);

export const softDiv = perFormat((format) =>
  helper(`fpDiv${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, bitsA, bitsB) => {
    const a = unpackParts(c, format, bitsA);
    const b = unpackParts(c, format, bitsB);
    const sign = c.let(xor(a.sign, b.sign));
    const divide = (): Value<'i64'> => {
      const fits = c.let(ltUnsigned(a.significand, b.significand));
      const dividend = select(fits, a.significand, shr(a.significand, i64(1n)));
      const quotient = c.call(divideJam, dividend, b.significand);
      const exponent = sub(sub(a.exponent, b.exponent), fits);
      return c.call(roundParts(format), sign, exponent, quotient, roundingMode(c));
    };
    return binary(
      c,
      format,
      { bitsA, bitsB, a, b },
      {
        infinite: () => {
          const dividesInfinity = eq(a.kind, i32(KIND.infinity));
          const result = c.temporary(
            select(dividesInfinity, infinityPlaced(format, sign), signPlaced(format, sign)),
          );
          c.if(eq(a.kind, b.kind), () => c.assign(result, invalidOperation(c, format)));
          return result;
        },
        finite: () => {
          const result = c.temporary(signPlaced(format, sign));
          c.if(
            isZero(b.significand),
            () =>
              c.if(
                isZero(a.significand),
                () => c.assign(result, invalidOperation(c, format)),
                () => {
                  raise(c, FPSR.DZC);
                  c.assign(result, infinityPlaced(format, sign));
                },
              ),
            () => c.if(ne(a.significand, i64(0n)), () => c.assign(result, divide())),
          );
          return result;
        },
      },
    );
  }),
);

/** The bits that a significand has below those that count, for all formats. */
const SPARE_BITS = 11n;

/**
 * The root of a significand, of an even exponent's or (`odd`) of one less than its own. WebAssembly's own root of a
 * 53-bit integer is the nearest; the remainder tells on which side of it the true root lies.
 */
const significandRoot = helper('significandRoot', ['i64', 'i64'], 'i64', (c, significand, odd) => {
  const radicand = c.let(shl(shr(significand, i64(SPARE_BITS)), odd));
  const root = pure('f64.sqrt', pure('f64.convert_i64_u', radicand));
  const nearest = c.let(
    pure('i64.trunc_sat_f64_u', pure('f64.mul', root, { kind: 'const', type: 'f64', value: 2 ** 26 })),
  );
  // Both are below 2^106 and differ by less than 2^54, so that their low words are enough.
  const remainder = c.let(sub(shl(radicand, i64(52n)), mul(nearest, nearest)));
  const side = sub(zeroExtend(gtSigned(remainder, i64(0n))), shr(remainder, i64(63n)));
  return add(shl(nearest, i64(SPARE_BITS)), side);
});

export const softSqrt = perFormat((format) =>
  helper(`fpSqrt${format.sizeBits}`, ['i64'], 'i64', (c, bits) => {
    const number = unpackParts(c, format, bits);
    const result = c.temporary(bits as Value<'i64'>);
    const positive = (): void =>
      c.if(eq(number.kind, i32(KIND.finite)), () => {
        const odd = c.let(and(number.exponent, i32(1)));
        const root = c.call(significandRoot, number.significand, zeroExtend(odd));
        const exponent = sar(sub(number.exponent, odd), i32(1));
        c.assign(result, c.call(roundParts(format), i64(0n), exponent, root, roundingMode(c)));
      });
    c.if(
      isNaNKind(number.kind),
      () => c.assign(result, c.call(processNaN1(format), bits, number.kind)),
      () =>
        c.if(
          eq(number.kind, i32(KIND.zero)),
          () => c.assign(result, signPlaced(format, number.sign)),
          () => c.if(ne(number.sign, i64(0n)), () => c.assign(result, invalidOperation(c, format)), positive),
        ),
    );
    return result;
  }),
);
