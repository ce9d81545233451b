/** Reciprocal and reciprocal square root estimates over 64-bit integers, to the bit as the architecture fixes them. */
import {
  add,
  and,
  divUnsigned,
  eq,
  geUnsigned,
  i32,
  i64,
  isZero,
  leSigned,
  low32,
  ltSigned,
  ltUnsigned,
  mul,
  ne,
  or,
  sar,
  select,
  shl,
  shr,
  sub,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper } from '../../meaning/meaning.ts';
import type { Value } from '../../meaning/value.ts';
import { exponentOnes, FPCR, FPSR, type FpFormat } from '../format.ts';
import {
  biasedAt,
  control,
  infinityPlaced,
  invalidOperation,
  isNaNKind,
  KIND,
  perFormat,
  processNaN1,
  raise,
  roundingMode,
  signPlaced,
  unpackParts,
} from './parts.ts';
import { overflowed } from './rounding.ts';

/** RecipEstimate: 256–511 to 256–511. */
const recipEstimate = helper('recipEstimate', ['i32'], 'i32', (_c, operand) => {
  const quotient = divUnsigned(i32(1 << 19), or(shl(operand, i32(1)), i32(1)));
  return shr(add(quotient, i32(1)), i32(1));
});

/** RecipSqrtEstimate: 128–511 to 256–511. */
const recipSqrtEstimate = helper('recipSqrtEstimate', ['i32'], 'i32', (c, operand) => {
  const odd = or(shl(operand, i32(1)), i32(1));
  const scaled = c.let(select(ltUnsigned(operand, i32(256)), odd, shl(or(operand, i32(1)), i32(1))));
  const root = c.temporary(i32(512));
  const next = add(root, i32(1));
  c.while(ltUnsigned(mul(scaled, mul(next, next)), i32(1 << 28)), () => c.assign(root, next));
  return shr(add(root, i32(1)), i32(1));
});

function bias(format: FpFormat): number {
  return 2 ** (format.exponentBits - 1) - 1;
}

/** The estimate's eight bits of fraction, in their place. */
function placed(format: FpFormat, estimate: Value<'i32'>): Value<'i64'> {
  return shl(zeroExtend(estimate), i64(BigInt(format.fractionBits - 8)));
}

export const softRecipEstimate = perFormat((format) =>
  helper(`fpRecipEstimate${format.sizeBits}`, ['i64'], 'i64', (c, bits) => {
    const number = unpackParts(c, format, bits);
    const result = c.temporary(signPlaced(format, number.sign));
    const finite = (): void => {
      const biased = add(number.exponent, i32(bias(format)));
      const resultBiased = c.let(sub(i32(2 * bias(format) - 1), biased));
      const inRange = (): void => {
        const operand = low32(shr(number.significand, i64(55n)));
        const estimate = c.let(placed(format, c.call(recipEstimate, operand)));
        const implicit = i64(1n << BigInt(format.fractionBits));
        const exponentPlaced = shl(zeroExtend(resultBiased), i64(BigInt(format.fractionBits)));
        const normal = add(exponentPlaced, sub(estimate, implicit));
        const subnormal = shr(estimate, zeroExtend(sub(i32(1), resultBiased)));
        const tiny = leSigned(resultBiased, i32(0));
        c.if(
          and(tiny, ne(control(c, FPCR.FZ), i32(0))),
          () => raise(c, FPSR.UFC),
          () => c.assign(result, or(result, select(tiny, subnormal, normal))),
        );
      };
      c.if(
        ltSigned(biased, i32(-1)),
        () => c.assign(result, c.call(overflowed(format), number.sign, roundingMode(c))),
        inRange,
      );
    };
    c.if(
      isNaNKind(number.kind),
      () => c.assign(result, c.call(processNaN1(format), bits, number.kind)),
      () =>
        c.if(eq(number.kind, i32(KIND.finite)), finite, () =>
          c.if(eq(number.kind, i32(KIND.zero)), () => {
            raise(c, FPSR.DZC);
            c.assign(result, infinityPlaced(format, number.sign));
          }),
        ),
    );
    return result;
  }),
);

export const softRSqrtEstimate = perFormat((format) =>
  helper(`fpRSqrtEstimate${format.sizeBits}`, ['i64'], 'i64', (c, bits) => {
    const number = unpackParts(c, format, bits);
    const result = c.temporary(i64(0n));
    const finite = (): void => {
      const biased = c.let(add(number.exponent, i32(bias(format))));
      const odd = zeroExtend(and(biased, i32(1)));
      const operand = low32(shr(number.significand, add(i64(55n), odd)));
      const estimate = and(c.call(recipSqrtEstimate, operand), i32(0xff));
      const resultBiased = sar(sub(i32(3 * bias(format) - 1), biased), i32(1));
      const exponentPlaced = shl(zeroExtend(resultBiased), i64(BigInt(format.fractionBits)));
      c.assign(result, or(exponentPlaced, placed(format, estimate)));
    };
    const nonzero = (): void =>
      c.if(
        ne(number.sign, i64(0n)),
        () => c.assign(result, invalidOperation(c, format)),
        () => c.if(eq(number.kind, i32(KIND.finite)), finite),
      );
    c.if(
      isNaNKind(number.kind),
      () => c.assign(result, c.call(processNaN1(format), bits, number.kind)),
      () =>
        c.if(
          eq(number.kind, i32(KIND.zero)),
          () => {
            raise(c, FPSR.DZC);
            c.assign(result, infinityPlaced(format, number.sign));
          },
          nonzero,
        ),
    );
    return result;
  }),
);

export const softRecpX = perFormat((format) =>
  helper(`fpRecpX${format.sizeBits}`, ['i64'], 'i64', (c, bits) => {
    const number = unpackParts(c, format, bits);
    const biased = c.let(biasedAt(format, bits));
    const ones = exponentOnes(format);
    const turned = select(isZero(biased), i32(ones - 1), sub(i32(ones), biased));
    const exponentPlaced = shl(zeroExtend(turned), i64(BigInt(format.fractionBits)));
    const result = c.temporary(or(signPlaced(format, number.sign), exponentPlaced));
    c.if(isNaNKind(number.kind), () => c.assign(result, c.call(processNaN1(format), bits, number.kind)));
    return result;
  }),
);

/** UnsignedRecipEstimate, of a word. */
export const unsignedRecipEstimateWord = helper('unsignedRecipEstimate', ['i32'], 'i32', (c, operand) => {
  const estimate = shl(c.call(recipEstimate, or(shr(operand, i32(23)), i32(256))), i32(23));
  return select(geUnsigned(operand, i32(0x8000_0000 | 0)), estimate, i32(-1));
});

/** UnsignedRSqrtEstimate, of a word. */
export const unsignedRSqrtEstimateWord = helper('unsignedRSqrtEstimate', ['i32'], 'i32', (c, operand) => {
  // Below 128 the search would be long and its result is not used.
  const index = c.let(shr(operand, i32(23)));
  const safe = select(ltUnsigned(index, i32(128)), i32(128), index);
  const estimate = shl(c.call(recipSqrtEstimate, safe), i32(23));
  return select(ltUnsigned(index, i32(128)), i32(-1), estimate);
});
