/** FPRound over 64-bit integers: from parts to a number, under any rounding mode. */
import {
  add,
  and,
  eq,
  geUnsigned,
  gtUnsigned,
  i32,
  i64,
  isZero,
  ltSigned,
  ne,
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
import { exponentOnes, FPCR, FPSR, type FpFormat, HALF, maxNormal, ROUNDING } from '../format.ts';
import {
  control,
  infinityPlaced,
  minimumExponent,
  perFormat,
  raise,
  raiseIf,
  shiftRightJam,
  signPlaced,
  type Variable,
} from './parts.ts';

const HALF_UNIT = i64(1n << 63n);

/**
 * Whether a magnitude becomes one larger: from its sign, what is kept of it, the rest (justified to the left, so that
 * one half is bit 63) and the rounding mode. 0 or 1.
 */
export const roundUp = helper(
  'fpRoundUp',
  ['i64', 'i64', 'i64', 'i32'],
  'i64',
  (c, sign, kept, rest, mode) => {
    const positive = isZero(sign);
    const inexact = ne(rest, i64(0n));
    const odd = ne(and(kept, i64(1n)), i64(0n));
    const byMode = c.temporary(i32(0));
    c.if(
      eq(mode, i32(ROUNDING.tieEven)),
      () => c.assign(byMode, or(gtUnsigned(rest, HALF_UNIT), and(eq(rest, HALF_UNIT), odd))),
      () => {
        const towardsPlus = and(eq(mode, i32(ROUNDING.posInf)), and(positive, inexact));
        const towardsMinus = and(eq(mode, i32(ROUNDING.negInf)), and(isZero(positive), inexact));
        const tieAway = and(eq(mode, i32(ROUNDING.tieAway)), geUnsigned(rest, HALF_UNIT));
        const toOdd = and(eq(mode, i32(ROUNDING.odd)), and(inexact, isZero(odd)));
        c.assign(byMode, or(or(towardsPlus, towardsMinus), or(tieAway, toOdd)));
      },
    );
    return zeroExtend(byMode);
  },
);

/** The result beyond the largest number: infinity or that number, by rounding mode. OFC and IXC are raised. */
export const overflowed = perFormat((format) =>
  helper(`fpOverflow${format.sizeBits}`, ['i64', 'i32'], 'i64', (c, sign, mode) => {
    raise(c, FPSR.OFC | FPSR.IXC);
    const nearest = or(eq(mode, i32(ROUNDING.tieEven)), eq(mode, i32(ROUNDING.tieAway)));
    const outwards = or(
      and(eq(mode, i32(ROUNDING.posInf)), isZero(sign)),
      and(eq(mode, i32(ROUNDING.negInf)), ne(sign, i64(0n))),
    );
    const largest = or(signPlaced(format, sign), i64(maxNormal(format, 0)));
    return select(or(nearest, outwards), infinityPlaced(format, sign), largest);
  }),
);

/** The end of rounding where the exponent is at or beyond the format's last. */
function tooLarge(c: Meaning, format: FpFormat, sign: Value<'i64'>, mode: Value<'i32'>): Value<'i64'> {
  if (format !== HALF) return c.call(overflowed(format), sign, mode);
  const result = c.temporary(or(signPlaced(HALF, sign), i64(0x7fffn)));
  c.if(
    control(c, FPCR.AHP),
    () => raise(c, FPSR.IOC),
    () => c.assign(result, c.call(overflowed(HALF), sign, mode)),
  );
  return result;
}

/** FPRound: sign, exponent, significand (not zero), rounding mode. */
export const roundParts = perFormat((format) =>
  helper(
    `fpRound${format.sizeBits}`,
    ['i64', 'i32', 'i64', 'i32'],
    'i64',
    (c, sign, exponent, significand, mode) => {
      const fractionBits = BigInt(format.fractionBits);
      const minimum = minimumExponent(format);
      const tiny = c.let(ltSigned(exponent, i32(minimum)));
      const result = c.temporary(i64(0n));
      const finish = (): void => {
        const aligned = c.temporary(significand);
        const base = c.temporary(i64(0n));
        c.if(
          tiny,
          () => c.assign(aligned, c.call(shiftRightJam, significand, sub(i32(minimum), exponent))),
          () => c.assign(base, shl(signExtend(sub(exponent, i32(minimum))), i64(fractionBits))),
        );
        const kept = c.let(shr(aligned, i64(63n - fractionBits)));
        const rest = c.let(shl(aligned, i64(fractionBits + 1n)));
        const fields = c.let(add(add(kept, base), c.call(roundUp, sign, kept, rest, mode)));
        const inexact = c.let(ne(rest, i64(0n)));
        raiseIf(c, and(tiny, inexact), FPSR.UFC);
        c.if(
          geUnsigned(shr(fields, i64(fractionBits)), largestBiased(c, format)),
          () => c.assign(result, tooLarge(c, format, sign, mode)),
          () => {
            raiseIf(c, inexact, FPSR.IXC);
            c.assign(result, or(signPlaced(format, sign), fields));
          },
        );
      };
      if (format === HALF) finish();
      else {
        c.if(
          and(tiny, ne(control(c, FPCR.FZ), i32(0))),
          () => {
            raise(c, FPSR.UFC);
            c.assign(result, signPlaced(format, sign));
          },
          finish,
        );
      }
      return result;
    },
  ),
);

/** The biased exponent from which a result is too large; the alternative half-precision format has one more. */
function largestBiased(c: Meaning, format: FpFormat): Value<'i64'> {
  const ones = i64(BigInt(exponentOnes(format)));
  if (format !== HALF) return ones;
  return select(control(c, FPCR.AHP), add(ones, i64(1n)), ones);
}

/**
 * A significand cut at the binary point: the integer that is kept of it and the rest, justified to the left. The
 * exponent is below 64.
 */
export function cutAtPoint(
  c: Meaning,
  exponent: Value<'i32'>,
  significand: Value<'i64'>,
): { readonly kept: Variable<'i64'>; readonly rest: Variable<'i64'> } {
  const drop = c.let(signExtend(sub(i32(63), exponent)));
  const kept = c.temporary(significand);
  const rest = c.temporary(i64(0n));
  c.if(ne(drop, i64(0n)), () => {
    // Below one half nothing is known of the rest but that it is there.
    c.assign(kept, select(ltSigned(drop, i64(64n)), shr(significand, drop), i64(0n)));
    const inOneWord = shl(significand, sub(i64(64n), drop));
    c.assign(
      rest,
      select(ltSigned(drop, i64(64n)), inOneWord, select(eq(drop, i64(64n)), significand, i64(1n))),
    );
  });
  return { kept, rest };
}
