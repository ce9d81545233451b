/**
 * Arm's floating point in exact arithmetic: unpacking, NaNs and rounding, as the shared functions of the Arm ARM define them
 * (DDI 0487, J1.3: FPUnpack, FPProcessNaNs, FPRound). It is the reference: slow, over `bigint`, and with no case that the
 * architecture doesn't name.
 *
 * Values are the bits of a number as an unsigned `bigint`; flags accumulate in a {@link FpStatus}.
 */
import {
  defaultNaN,
  exponentOnes,
  FPCR,
  FPSR,
  type FpFormat,
  fractionMask,
  HALF,
  infinity,
  maxNormal,
  quietBit,
  ROUNDING,
  type Rounding,
  signBit,
} from '../../../src/aarch64/float/format.ts';

/** FPCR as an operation sees it, and the FPSR bits that operations add to. */
export interface FpStatus {
  readonly fpcr: number;
  fpsr: number;
}

export function roundingOf(status: FpStatus): Rounding {
  return ((status.fpcr & FPCR.RMODE_MASK) >>> FPCR.RMODE_SHIFT) as Rounding;
}

/** A number taken apart. A finite one is `(-1)^sign × significand × 2^exponent`, exactly. */
export interface Unpacked {
  readonly kind: 'zero' | 'finite' | 'infinity' | 'quiet' | 'signalling';
  readonly sign: 0 | 1;
  readonly significand: bigint;
  readonly exponent: number;
}

export function isNaNKind(number: Unpacked): boolean {
  return number.kind === 'quiet' || number.kind === 'signalling';
}

/** A finite value before rounding: exact, but that `inexact` says a little more was cut off below the last bit. */
export interface Real {
  readonly sign: 0 | 1;
  readonly significand: bigint;
  readonly exponent: number;
}

function signOf(format: FpFormat, bits: bigint): 0 | 1 {
  return Number((bits >> BigInt(format.sizeBits - 1)) & 1n) as 0 | 1;
}

/**
 * FPUnpack, and FPUnpackCV for half precision: subnormal inputs are flushed to zero under FPCR.FZ (IDC), but never those
 * of half precision; FPCR.AHP makes a half's largest exponent a normal one.
 */
export function unpack(format: FpFormat, bits: bigint, status: FpStatus): Unpacked {
  const sign = signOf(format, bits);
  const fraction = bits & fractionMask(format);
  const biased = Number((bits >> BigInt(format.fractionBits)) & BigInt(exponentOnes(format)));
  const subnormalExponent = 2 - 2 ** (format.exponentBits - 1) - format.fractionBits;
  if (biased === 0) {
    if (fraction === 0n) return { kind: 'zero', sign, significand: 0n, exponent: 0 };
    if (format !== HALF && (status.fpcr & FPCR.FZ) !== 0) {
      status.fpsr |= FPSR.IDC;
      return { kind: 'zero', sign, significand: 0n, exponent: 0 };
    }
    return { kind: 'finite', sign, significand: fraction, exponent: subnormalExponent };
  }
  const alternative = format === HALF && (status.fpcr & FPCR.AHP) !== 0;
  if (biased === exponentOnes(format) && !alternative) {
    if (fraction === 0n) return { kind: 'infinity', sign, significand: 0n, exponent: 0 };
    const kind = (fraction & quietBit(format)) !== 0n ? 'quiet' : 'signalling';
    return { kind, sign, significand: fraction, exponent: 0 };
  }
  const significand = fraction | (1n << BigInt(format.fractionBits));
  return { kind: 'finite', sign, significand, exponent: subnormalExponent + biased - 1 };
}

/** FPProcessNaN: a NaN operand as a result: made quiet (IOC if it was not), or the default NaN under FPCR.DN. */
export function processNaN(format: FpFormat, number: Unpacked, bits: bigint, status: FpStatus): bigint {
  if (number.kind === 'signalling') status.fpsr |= FPSR.IOC;
  return (status.fpcr & FPCR.DN) !== 0 ? defaultNaN(format) : bits | quietBit(format);
}

/** FPProcessNaNs and FPProcessNaNs3: the result that NaN operands give, or `undefined` where none is a NaN. */
export function processNaNs(
  format: FpFormat,
  operands: readonly { readonly number: Unpacked; readonly bits: bigint }[],
  status: FpStatus,
): bigint | undefined {
  const chosen =
    operands.find(({ number }) => number.kind === 'signalling') ??
    operands.find(({ number }) => number.kind === 'quiet');
  return chosen === undefined ? undefined : processNaN(format, chosen.number, chosen.bits, status);
}

/** Two operands taken apart, and what the operation gives if either is a NaN. */
export function unpackTwo(
  format: FpFormat,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
): { readonly a: Unpacked; readonly b: Unpacked; readonly nan: bigint | undefined } {
  const a = unpack(format, bits1, status);
  const b = unpack(format, bits2, status);
  const operands = [
    { number: a, bits: bits1 },
    { number: b, bits: bits2 },
  ];
  return { a, b, nan: processNaNs(format, operands, status) };
}

/** An operation without a meaningful result: the default NaN, and IOC. */
export function invalid(format: FpFormat, status: FpStatus): bigint {
  status.fpsr |= FPSR.IOC;
  return defaultNaN(format);
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** What is left of a significand after cutting off its lowest bits, and how the rest compares with one half. */
function cut(significand: bigint, shift: number): { kept: bigint; rest: 'none' | 'low' | 'half' | 'high' } {
  if (shift <= 0) return { kept: significand << BigInt(-shift), rest: 'none' };
  const kept = significand >> BigInt(shift);
  const rest = significand - (kept << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  if (rest === 0n) return { kept, rest: 'none' };
  return { kept, rest: rest < half ? 'low' : rest === half ? 'half' : 'high' };
}

/** Whether the cut-off rest makes the magnitude one larger, and `kept` with ROUNDING.odd's sticky bit put in. */
export function roundedInteger(
  significand: bigint,
  shift: number,
  sign: 0 | 1,
  rounding: Rounding,
): { readonly magnitude: bigint; readonly inexact: boolean } {
  const { kept, rest } = cut(significand, shift);
  if (rest === 'none') return { magnitude: kept, inexact: false };
  const up = {
    [ROUNDING.tieEven]: rest === 'high' || (rest === 'half' && (kept & 1n) === 1n),
    [ROUNDING.posInf]: sign === 0,
    [ROUNDING.negInf]: sign === 1,
    [ROUNDING.zero]: false,
    [ROUNDING.tieAway]: rest !== 'low',
    [ROUNDING.odd]: (kept & 1n) === 0n,
  }[rounding];
  return { magnitude: up ? kept + 1n : kept, inexact: true };
}

function overflowsToInfinity(sign: 0 | 1, rounding: Rounding): boolean {
  if (rounding === ROUNDING.posInf) return sign === 0;
  if (rounding === ROUNDING.negInf) return sign === 1;
  return rounding === ROUNDING.tieEven || rounding === ROUNDING.tieAway;
}

/** What FPRound gives where a magnitude is beyond the format: infinity or the largest number, by rounding mode. */
export function overflow(format: FpFormat, sign: 0 | 1, rounding: Rounding, status: FpStatus): bigint {
  status.fpsr |= FPSR.OFC | FPSR.IXC;
  return overflowsToInfinity(sign, rounding) ? infinity(format, sign) : maxNormal(format, sign);
}

/**
 * FPRound, and FPRoundCV for half precision: the number nearest to a real under the rounding mode. Tininess is seen
 * before rounding; under FPCR.FZ a tiny result is zero with UFC alone. The real is not zero.
 */
export function round(
  format: FpFormat,
  real: Real,
  status: FpStatus,
  rounding: Rounding = roundingOf(status),
): bigint {
  const { sign, significand } = real;
  const minimumExponent = 2 - 2 ** (format.exponentBits - 1);
  const exponent = real.exponent + bitLength(significand) - 1;
  if (format !== HALF && (status.fpcr & FPCR.FZ) !== 0 && exponent < minimumExponent) {
    status.fpsr |= FPSR.UFC;
    return signBit(format, sign);
  }
  const tiny = exponent < minimumExponent;
  const unitExponent = Math.max(exponent, minimumExponent) - format.fractionBits;
  const { magnitude, inexact } = roundedInteger(significand, unitExponent - real.exponent, sign, rounding);
  if (tiny && inexact) status.fpsr |= FPSR.UFC;
  // Adding to the fields carries from the fraction into the exponent, which is what rounding up needs.
  const implicit = 1n << BigInt(format.fractionBits);
  const biasedBase = tiny ? 0n : BigInt(exponent - minimumExponent) << BigInt(format.fractionBits);
  const fields = biasedBase + magnitude;
  const biased = Number(fields / implicit);
  if (format === HALF && (status.fpcr & FPCR.AHP) !== 0) {
    if (biased > exponentOnes(format)) {
      status.fpsr |= FPSR.IOC;
      return signBit(format, sign) | (signBit(format, 1) - 1n);
    }
  } else if (biased >= exponentOnes(format)) {
    return overflow(format, sign, rounding, status);
  }
  if (inexact) status.fpsr |= FPSR.IXC;
  return signBit(format, sign) | fields;
}
