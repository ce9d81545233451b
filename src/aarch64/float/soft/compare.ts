/** Comparisons, maxima and minima over 64-bit integers. */
import {
  and,
  eq,
  gtSigned,
  i32,
  i64,
  isZero,
  ltSigned,
  ne,
  negate,
  or,
  select,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import type { Value } from '../../meaning/value.ts';
import { FPSR, type FpFormat, infinity } from '../format.ts';
import {
  isNaNKind,
  KIND,
  type Parts,
  perFormat,
  processNaN2,
  raiseIf,
  signPlaced,
  unpackParts,
} from './parts.ts';

/** An integer that orders numbers as their values do; both zeros, and what is flushed to them, are 0. */
function rank(format: FpFormat, bits: Value<'i64'>, parts: Parts): Value<'i64'> {
  const magnitude = and(bits, i64((1n << BigInt(format.sizeBits - 1)) - 1n));
  const ranked = select(isZero(parts.sign), magnitude, negate(magnitude));
  return select(eq(parts.kind, i32(KIND.zero)), i64(0n), ranked);
}

/** The ordering of two numbers, as one bit each of a result. */
export const ORDERING = { less: 1, equal: 2, greater: 4, unordered: 8 } as const;

/** The reference's `fpCompare`: both numbers, and whether every NaN raises IOC. Gives one of {@link ORDERING}. */
export const softCompare = perFormat((format) =>
  helper(`fpCompare${format.sizeBits}`, ['i64', 'i64', 'i32'], 'i32', (c, bitsA, bitsB, signalAll) => {
    const a = unpackParts(c, format, bitsA);
    const b = unpackParts(c, format, bitsB);
    const result = c.temporary(i32(ORDERING.unordered));
    c.if(
      or(isNaNKind(a.kind), isNaNKind(b.kind)),
      () => {
        const signals = or(eq(a.kind, i32(KIND.signalling)), eq(b.kind, i32(KIND.signalling)));
        raiseIf(c, or(signals, signalAll), FPSR.IOC);
      },
      () => {
        const rankA = c.let(rank(format, bitsA, a));
        const rankB = c.let(rank(format, bitsB, b));
        const unequal = select(ltSigned(rankA, rankB), i32(ORDERING.less), i32(ORDERING.greater));
        c.assign(result, select(eq(rankA, rankB), i32(ORDERING.equal), unequal));
      },
    );
    return result;
  }),
);

/** FPMax (`largest`) and FPMin, of numbers in parts. */
function extreme(
  c: Meaning,
  format: FpFormat,
  bitsA: Value<'i64'>,
  bitsB: Value<'i64'>,
  largest: boolean,
): Value<'i64'> {
  const a = unpackParts(c, format, bitsA);
  const b = unpackParts(c, format, bitsB);
  const result = c.temporary(i64(0n));
  const numbers = (): void => {
    const rankA = c.let(rank(format, bitsA, a));
    const rankB = c.let(rank(format, bitsB, b));
    const first = c.let(largest ? gtSigned(rankA, rankB) : ltSigned(rankA, rankB));
    const bothZero = and(eq(a.kind, i32(KIND.zero)), eq(b.kind, i32(KIND.zero)));
    const zeroSign = largest ? and(a.sign, b.sign) : or(a.sign, b.sign);
    const kind = select(first, a.kind, b.kind);
    const sign = select(bothZero, zeroSign, select(first, a.sign, b.sign));
    c.assign(result, select(eq(kind, i32(KIND.zero)), signPlaced(format, sign), select(first, bitsA, bitsB)));
  };
  c.if(
    or(isNaNKind(a.kind), isNaNKind(b.kind)),
    () => c.assign(result, c.call(processNaN2(format), bitsA, bitsB, a.kind, b.kind)),
    numbers,
  );
  return result;
}

export const softMax = perFormat((format) =>
  helper(`fpMax${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) => extreme(c, format, a, b, true)),
);
export const softMin = perFormat((format) =>
  helper(`fpMin${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) => extreme(c, format, a, b, false)),
);

/** FPMaxNum and FPMinNum: a quiet NaN beside a number yields to it. */
function extremeNumber(
  c: Meaning,
  format: FpFormat,
  bitsA: Value<'i64'>,
  bitsB: Value<'i64'>,
  largest: boolean,
): Value<'i64'> {
  const quietA = c.let(eq(unpackParts(c, format, bitsA).kind, i32(KIND.quiet)));
  const quietB = c.let(eq(unpackParts(c, format, bitsB).kind, i32(KIND.quiet)));
  const loser = i64(infinity(format, largest ? 1 : 0));
  const a = select(and(quietA, isZero(quietB)), loser, bitsA);
  const b = select(and(quietB, isZero(quietA)), loser, bitsB);
  return c.call(largest ? softMax(format) : softMin(format), a, b);
}

export const softMaxNum = perFormat((format) =>
  helper(`fpMaxNum${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) =>
    extremeNumber(c, format, a, b, true),
  ),
);
export const softMinNum = perFormat((format) =>
  helper(`fpMinNum${format.sizeBits}`, ['i64', 'i64'], 'i64', (c, a, b) =>
    extremeNumber(c, format, a, b, false),
  ),
);

/** All ones of the format's width where an ordering is among `wanted` ({@link ORDERING} bits), else zero. */
export function orderingMask(format: FpFormat, ordering: Value<'i32'>, wanted: number): Value<'i64'> {
  const ones = i64((1n << BigInt(format.sizeBits)) - 1n);
  return select(ne(and(ordering, i32(wanted)), i32(0)), format.sizeBits === 64 ? i64(-1n) : ones, i64(0n));
}

/** NZCV in bits 3 to 0, of an ordering. */
export const nzcvOfOrdering = helper('nzcvOfOrdering', ['i32'], 'i32', (_c, ordering) => {
  const is = (wanted: number): Value<'i32'> => ne(and(ordering, i32(wanted)), i32(0));
  const unordered = select(is(ORDERING.unordered), i32(0b0011), i32(0b0010));
  return select(is(ORDERING.less), i32(0b1000), select(is(ORDERING.equal), i32(0b0110), unordered));
});
