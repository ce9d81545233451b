/**
 * The CPU's own floating point, in the language of instruction meanings: what the reference in `../` says exactly over
 * `bigint`, here over 64-bit integers, so that it runs as WebAssembly. This file takes numbers apart and deals in NaNs
 * and flags.
 *
 * A number in parts has its significand justified to the left: bit 63 is its first one and weighs 2^exponent. What is
 * below the last bit that matters is only known to be there or not: it is or-ed into bit 0 ("jammed").
 */
import {
  add,
  and,
  countLeadingZeros,
  eq,
  geUnsigned,
  i32,
  i64,
  isZero,
  low32,
  ltUnsigned,
  ne,
  or,
  select,
  shl,
  shr,
  sub,
  zeroExtend,
} from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import type { Helper, Value } from '../../meaning/value.ts';
import { STATE } from '../../state.ts';
import {
  DOUBLE,
  defaultNaN,
  exponentOnes,
  FPCR,
  FPSR,
  type FpFormat,
  HALF,
  quietBit,
  SINGLE,
} from '../format.ts';

export type Variable<T extends 'i32' | 'i64'> = Value<T> & { readonly kind: 'temp' };

/** What a number is; NaNs have the largest codes. */
export const KIND = { zero: 0, finite: 1, infinity: 2, quiet: 3, signalling: 4 } as const;

export interface Parts {
  /** 0 or 1. */
  readonly sign: Variable<'i64'>;
  /** Of bit 63 of the significand; means nothing where that is zero. */
  readonly exponent: Variable<'i32'>;
  readonly significand: Variable<'i64'>;
  readonly kind: Variable<'i32'>;
}

/** Makes a table of helpers, one for each format. */
export function perFormat<T>(make: (format: FpFormat) => T): (format: FpFormat) => T {
  const table = new Map([HALF, SINGLE, DOUBLE].map((format) => [format, make(format)]));
  return (format) => table.get(format) as T;
}

/** The least exponent of a normal number. */
export function minimumExponent(format: FpFormat): number {
  return 2 - 2 ** (format.exponentBits - 1);
}

export function raise(c: Meaning, flags: number): void {
  c.setState32(STATE.FPSR, or(c.state32(STATE.FPSR), i32(flags)));
}

export function raiseIf(c: Meaning, condition: Value<'i32'>, flags: number): void {
  c.if(condition, () => raise(c, flags));
}

/** Whether a control bit of FPCR is set: not zero if so. */
export function control(c: Meaning, bit: number): Value<'i32'> {
  return and(c.state32(STATE.FPCR), i32(bit));
}

export function roundingMode(c: Meaning): Value<'i32'> {
  return and(shr(c.state32(STATE.FPCR), i32(FPCR.RMODE_SHIFT)), i32(3));
}

export function signPlaced(format: FpFormat, sign: Value<'i64'>): Value<'i64'> {
  return shl(sign, i64(BigInt(format.sizeBits - 1)));
}

/** Infinity with this sign. */
export function infinityPlaced(format: FpFormat, sign: Value<'i64'>): Value<'i64'> {
  const bits = BigInt(exponentOnes(format)) << BigInt(format.fractionBits);
  return or(signPlaced(format, sign), i64(bits));
}

function signAt(format: FpFormat, bits: Value<'i64'>): Value<'i64'> {
  return and(shr(bits, i64(BigInt(format.sizeBits - 1))), i64(1n));
}

export function biasedAt(format: FpFormat, bits: Value<'i64'>): Value<'i32'> {
  return and(low32(shr(bits, i64(BigInt(format.fractionBits)))), i32(exponentOnes(format)));
}

/** An operation without a meaningful result: the default NaN, and IOC. */
export function invalidOperation(c: Meaning, format: FpFormat): Value<'i64'> {
  raise(c, FPSR.IOC);
  return i64(defaultNaN(format));
}

/** FPUnpack: takes a number apart; under FPCR.FZ a subnormal one is zero, with IDC. */
export function unpackParts(c: Meaning, format: FpFormat, bits: Value<'i64'>): Parts {
  const sign = c.temporary(signAt(format, bits));
  const biased = c.let(biasedAt(format, bits));
  const significand = c.temporary(shl(bits, i64(BigInt(64 - format.fractionBits))));
  const exponent = c.temporary(add(biased, i32(minimumExponent(format) - 1)));
  const kind = c.temporary(i32(KIND.finite));
  const zero = (): void => c.assign(kind, i32(KIND.zero));
  const special = eq(biased, i32(exponentOnes(format)));
  c.if(
    isZero(biased),
    () =>
      c.if(isZero(significand), zero, () => {
        const subnormal = (): void => {
          const leading = c.let(countLeadingZeros(significand));
          c.assign(significand, shl(significand, leading));
          c.assign(exponent, sub(i32(minimumExponent(format) - 1), low32(leading)));
        };
        if (format === HALF) subnormal();
        else {
          c.if(
            control(c, FPCR.FZ),
            () => {
              raise(c, FPSR.IDC);
              c.assign(significand, i64(0n));
              zero();
            },
            subnormal,
          );
        }
      }),
    () =>
      c.if(
        format === HALF ? and(special, isZero(control(c, FPCR.AHP))) : special,
        () => {
          const quiet = shr(significand, i64(63n));
          const nan = sub(i32(KIND.signalling), low32(quiet));
          c.assign(kind, select(isZero(significand), i32(KIND.infinity), nan));
        },
        () => c.assign(significand, or(shr(significand, i64(1n)), i64(1n << 63n))),
      ),
  );
  return { sign, exponent, significand, kind };
}

export function isNaNKind(kind: Value<'i32'>): Value<'i32'> {
  return geUnsigned(kind, i32(KIND.quiet));
}

function quieted(c: Meaning, format: FpFormat, bits: Value<'i64'>): Value<'i64'> {
  return select(control(c, FPCR.DN), i64(defaultNaN(format)), or(bits, i64(quietBit(format))));
}

/** FPProcessNaN, of a number that is one. */
export const processNaN1 = perFormat((format) =>
  helper(`fpProcessNaN${format.sizeBits}`, ['i64', 'i32'], 'i64', (c, bits, kind) => {
    raiseIf(c, eq(kind, i32(KIND.signalling)), FPSR.IOC);
    return quieted(c, format, bits);
  }),
);

/** FPProcessNaNs, where at least one of the kinds is a NaN's: bits and kinds of both. */
export const processNaN2 = perFormat((format) =>
  helper(`fpProcessNaNs${format.sizeBits}`, ['i64', 'i64', 'i32', 'i32'], 'i64', (c, a, b, kindA, kindB) => {
    const signallingA = eq(kindA, i32(KIND.signalling));
    const signallingB = eq(kindB, i32(KIND.signalling));
    raiseIf(c, or(signallingA, signallingB), FPSR.IOC);
    const second = or(signallingB, ltUnsigned(kindA, i32(KIND.quiet)));
    return quieted(c, format, select(and(second, isZero(signallingA)), b, a));
  }),
);

/** FPProcessNaNs3: the addend first, then the factors. */
export const processNaN3 = perFormat((format) =>
  helper(
    `fpProcessNaNs3${format.sizeBits}`,
    ['i64', 'i64', 'i64', 'i32', 'i32', 'i32'],
    'i64',
    (c, a, b, d, kindA, kindB, kindD) => {
      const restSignals = or(eq(kindB, i32(KIND.signalling)), eq(kindD, i32(KIND.signalling)));
      const first = select(restSignals, eq(kindA, i32(KIND.signalling)), isNaNKind(kindA));
      const result = c.temporary(a);
      c.if(
        first,
        () => c.assign(result, c.call(processNaN1(format), a, kindA)),
        () => c.assign(result, c.call(processNaN2(format), b, d, kindB, kindD)),
      );
      return result;
    },
  ),
);

/** A right shift by any amount, that keeps in bit 0 whether ones fell out. */
export const shiftRightJam: Helper<'i64'> = helper(
  'shiftRightJam',
  ['i64', 'i32'],
  'i64',
  (c, value, amount) => {
    const amount64 = c.let(zeroExtend(amount));
    const fellOut = zeroExtend(ne(shl(value, sub(i64(0n), amount64)), i64(0n)));
    const short = or(shr(value, amount64), fellOut);
    const long = zeroExtend(ne(value, i64(0n)));
    return select(isZero(amount), value, select(ltUnsigned(amount, i32(64)), short, long));
  },
);
