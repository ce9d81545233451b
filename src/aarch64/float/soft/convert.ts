/** Conversions over 64-bit integers: to integral values, to and from fixed point, between formats. */
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
  ltSigned,
  ne,
  negate,
  or,
  select,
  shl,
  shr,
  signExtend,
  sub,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import type { Value } from '../../meaning/value.ts';
import {
  DOUBLE,
  defaultNaN,
  exponentOnes,
  FPCR,
  FPSR,
  type FpFormat,
  HALF,
  quietBit,
  ROUNDING,
  SINGLE,
} from '../format.ts';
import {
  control,
  infinityPlaced,
  isNaNKind,
  KIND,
  perFormat,
  processNaN1,
  raise,
  raiseIf,
  roundingMode,
  signPlaced,
  unpackParts,
} from './parts.ts';
import { cutAtPoint, roundParts, roundUp } from './rounding.ts';

/** FPRoundInt: the number, the rounding mode, and whether IXC is raised (FRINTX). */
export const softRoundInt = perFormat((format) =>
  helper(`fpRoundInt${format.sizeBits}`, ['i64', 'i32', 'i32'], 'i64', (c, bits, mode, exact) => {
    const number = unpackParts(c, format, bits);
    const result = c.temporary(bits as Value<'i64'>);
    const finite = (): void => {
      const { kept, rest } = cutAtPoint(c, number.exponent, number.significand);
      raiseIf(c, and(ne(exact, i32(0)), ne(rest, i64(0n))), FPSR.IXC);
      const magnitude = c.let(add(kept, c.call(roundUp, number.sign, kept, rest, mode)));
      c.assign(result, signPlaced(format, number.sign));
      c.if(ne(magnitude, i64(0n)), () => {
        const leading = c.let(countLeadingZeros(magnitude));
        const exponent = sub(i32(63), low32(leading));
        c.assign(
          result,
          c.call(roundParts(format), number.sign, exponent, shl(magnitude, leading), i32(ROUNDING.zero)),
        );
      });
    };
    // What has no bits after the point is its own result.
    const hasFraction = and(
      eq(number.kind, i32(KIND.finite)),
      ltSigned(number.exponent, i32(format.fractionBits)),
    );
    c.if(
      isNaNKind(number.kind),
      () => c.assign(result, c.call(processNaN1(format), bits, number.kind)),
      () =>
        c.if(hasFraction, finite, () =>
          c.if(eq(number.kind, i32(KIND.zero)), () => c.assign(result, signPlaced(format, number.sign))),
        ),
    );
    return result;
  }),
);

/** The form of an integer as helpers take it: bit 0 unsigned, bit 1 of 64 bits. */
export const INTEGER_FORM = { unsigned: 1, sixtyFour: 2 } as const;

interface IntegerLimits {
  readonly largest: Value<'i64'>;
  /** The magnitude of the smallest. */
  readonly smallest: Value<'i64'>;
  readonly mask: Value<'i64'>;
}

function limitsOf(c: Meaning, form: Value<'i32'>): IntegerLimits {
  const unsigned = c.let(and(form, i32(INTEGER_FORM.unsigned)));
  const sixtyFour = c.let(and(form, i32(INTEGER_FORM.sixtyFour)));
  const mask = c.let(select(sixtyFour, i64(-1n), i64(0xffff_ffffn)));
  const signBit = c.let(select(sixtyFour, i64(1n << 63n), i64(1n << 31n)));
  return {
    mask,
    largest: c.let(select(unsigned, mask, sub(signBit, i64(1n)))),
    smallest: c.let(select(unsigned, i64(0n), signBit)),
  };
}

/** FPToFixed: the number, the integer's form, its bits after the point, the rounding mode. */
export const softToFixed = perFormat((format) =>
  helper(
    `fpToFixed${format.sizeBits}`,
    ['i64', 'i32', 'i32', 'i32'],
    'i64',
    (c, bits, form, fractionBits, mode) => {
      const number = unpackParts(c, format, bits);
      const { largest, smallest, mask } = limitsOf(c, form);
      const limit = c.let(select(isZero(number.sign), largest, smallest));
      const negative = (magnitude: Value<'i64'>): Value<'i64'> =>
        and(select(isZero(number.sign), magnitude, negate(magnitude)), mask);
      const result = c.temporary(i64(0n));
      const saturate = (): void => {
        raise(c, FPSR.IOC);
        c.assign(result, negative(limit));
      };
      const finite = (): void => {
        const exponent = c.let(add(number.exponent, fractionBits));
        c.if(gtSigned(exponent, i32(63)), saturate, () => {
          const { kept, rest } = cutAtPoint(c, exponent, number.significand);
          const magnitude = c.let(add(kept, c.call(roundUp, number.sign, kept, rest, mode)));
          c.if(gtUnsigned(magnitude, limit), saturate, () => {
            raiseIf(c, ne(rest, i64(0n)), FPSR.IXC);
            c.assign(result, negative(magnitude));
          });
        });
      };
      c.if(
        isNaNKind(number.kind),
        () => raise(c, FPSR.IOC),
        () =>
          c.if(eq(number.kind, i32(KIND.finite)), finite, () =>
            c.if(eq(number.kind, i32(KIND.infinity)), saturate),
          ),
      );
      return result;
    },
  ),
);

/** FixedToFP under FPCR's rounding mode: the integer, its form, its bits after the point. */
export const softFromFixed = perFormat((format) =>
  helper(`fpFromFixed${format.sizeBits}`, ['i64', 'i32', 'i32'], 'i64', (c, integer, form, fractionBits) => {
    const unsigned = and(form, i32(INTEGER_FORM.unsigned));
    const narrow = low32(integer);
    const word = select(unsigned, zeroExtend(narrow), signExtend(narrow));
    const value = c.let(select(and(form, i32(INTEGER_FORM.sixtyFour)), integer, word));
    const sign = c.let(select(unsigned, i64(0n), shr(value, i64(63n))));
    const magnitude = c.let(select(isZero(sign), value, negate(value)));
    const leading = c.let(countLeadingZeros(magnitude));
    const result = c.temporary(i64(0n));
    c.if(ne(magnitude, i64(0n)), () => {
      const exponent = sub(sub(i32(63), low32(leading)), fractionBits);
      c.assign(result, c.call(roundParts(format), sign, exponent, shl(magnitude, leading), roundingMode(c)));
    });
    return result;
  }),
);

function conversion(from: FpFormat, to: FpFormat) {
  return helper(`fpConvert${from.sizeBits}To${to.sizeBits}`, ['i64', 'i32'], 'i64', (c, bits, mode) => {
    const number = unpackParts(c, from, bits);
    const toAlternative = c.let(to === HALF ? control(c, FPCR.AHP) : i32(0));
    const result = c.temporary(signPlaced(to, number.sign));
    const nan = (): void => {
      raiseIf(c, or(eq(number.kind, i32(KIND.signalling)), ne(toAlternative, i32(0))), FPSR.IOC);
      const payload = shr(number.significand, i64(BigInt(64 - to.fractionBits)));
      const special = BigInt(exponentOnes(to)) << BigInt(to.fractionBits);
      const quieted = or(signPlaced(to, number.sign), or(payload, i64(special | quietBit(to))));
      const converted = select(control(c, FPCR.DN), i64(defaultNaN(to)), quieted);
      c.assign(result, select(toAlternative, result, converted));
    };
    const infinite = (): void =>
      c.if(
        toAlternative,
        () => {
          raise(c, FPSR.IOC);
          c.assign(result, or(result, i64(0x7fffn)));
        },
        () => c.assign(result, infinityPlaced(to, number.sign)),
      );
    const finite = (): void =>
      c.assign(result, c.call(roundParts(to), number.sign, number.exponent, number.significand, mode));
    c.if(isNaNKind(number.kind), nan, () =>
      c.if(eq(number.kind, i32(KIND.infinity)), infinite, () =>
        c.if(eq(number.kind, i32(KIND.finite)), finite),
      ),
    );
    return result;
  });
}

const CONVERSIONS = new Map(
  [HALF, SINGLE, DOUBLE].map((from) => [
    from,
    new Map([HALF, SINGLE, DOUBLE].filter((to) => to !== from).map((to) => [to, conversion(from, to)])),
  ]),
);

/** FPConvert from one format to another: the number and the rounding mode. */
export function softConvert(from: FpFormat, to: FpFormat): ReturnType<typeof conversion> {
  const found = CONVERSIONS.get(from)?.get(to);
  if (found === undefined) throw new Error(`no conversion from ${from.sizeBits} to ${to.sizeBits} bits`);
  return found;
}
