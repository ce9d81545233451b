/**
 * The reference's estimates: FPRecipEstimate, FPRSqrtEstimate, FPRecpX and the unsigned ones, whose results the
 * architecture fixes to the bit (Arm ARM DDI 0487, J1.3). Half precision is left out: it comes with FEAT_FP16.
 */
import {
  exponentOnes,
  FPCR,
  FPSR,
  type FpFormat,
  infinity,
  packFields,
  signBit,
} from '../../../src/aarch64/float/format.ts';
import {
  type FpStatus,
  invalid,
  isNaNKind,
  overflow,
  processNaN,
  roundingOf,
  type Unpacked,
  unpack,
} from './rounding.ts';

/** RecipEstimate: for an operand of 256–511, an estimate of 256–511. */
function recipEstimate(operand: number): number {
  const scaled = operand * 2 + 1;
  const quotient = Math.floor(2 ** 19 / scaled);
  return (quotient + 1) >> 1;
}

/** RecipSqrtEstimate: for an operand of 128–511, an estimate of 256–511. */
function recipSqrtEstimate(operand: number): number {
  const scaled = operand < 256 ? operand * 2 + 1 : (((operand >> 1) << 1) + 1) * 2;
  let root = 512;
  while (scaled * (root + 1) * (root + 1) < 2 ** 28) root += 1;
  return (root + 1) >> 1;
}

/** The estimates keep eight bits of fraction. */
const ESTIMATE_FRACTION_BITS = 8;

function bias(format: FpFormat): number {
  return 2 ** (format.exponentBits - 1) - 1;
}

/** A finite number as `1.fraction × 2^(biased − bias)`, with `biased` below 1 for subnormal ones. */
function normalised(format: FpFormat, number: Unpacked): { biased: number; fraction: bigint } {
  const length = number.significand.toString(2).length;
  const shift = format.fractionBits + 1 - length;
  const significand = number.significand << BigInt(shift);
  const exponent = number.exponent - shift + format.fractionBits;
  return {
    biased: exponent + bias(format),
    fraction: significand & ((1n << BigInt(format.fractionBits)) - 1n),
  };
}

export function fpRecipEstimate(format: FpFormat, bits: bigint, status: FpStatus): bigint {
  const number = unpack(format, bits, status);
  if (isNaNKind(number)) return processNaN(format, number, bits, status);
  if (number.kind === 'infinity') return signBit(format, number.sign);
  if (number.kind === 'zero') {
    status.fpsr |= FPSR.DZC;
    return infinity(format, number.sign);
  }
  const { biased, fraction } = normalised(format, number);
  // Below 2^-(bias + 1) the reciprocal is beyond the format.
  if (biased < -1) return overflow(format, number.sign, roundingOf(status), status);
  const resultBiased = 2 * bias(format) - 1 - biased;
  if ((status.fpcr & FPCR.FZ) !== 0 && resultBiased <= 0) {
    status.fpsr |= FPSR.UFC;
    return signBit(format, number.sign);
  }
  const operand = 256 + Number(fraction >> BigInt(format.fractionBits - ESTIMATE_FRACTION_BITS));
  const estimate = BigInt(recipEstimate(operand)) << BigInt(format.fractionBits - ESTIMATE_FRACTION_BITS);
  // A result below the normal range is written as a subnormal number, without rounding.
  if (resultBiased <= 0) return signBit(format, number.sign) | (estimate >> BigInt(1 - resultBiased));
  const implicit = 1n << BigInt(format.fractionBits);
  return packFields(format, number.sign, resultBiased, estimate - implicit);
}

export function fpRSqrtEstimate(format: FpFormat, bits: bigint, status: FpStatus): bigint {
  const number = unpack(format, bits, status);
  if (isNaNKind(number)) return processNaN(format, number, bits, status);
  if (number.kind === 'zero') {
    status.fpsr |= FPSR.DZC;
    return infinity(format, number.sign);
  }
  if (number.sign === 1) return invalid(format, status);
  if (number.kind === 'infinity') return 0n;
  const { biased, fraction } = normalised(format, number);
  const significand = fraction | (1n << BigInt(format.fractionBits));
  const even = biased % 2 === 0;
  const operand = Number(
    significand >> BigInt(format.fractionBits - ESTIMATE_FRACTION_BITS + (even ? 0 : 1)),
  );
  const estimate = BigInt(recipSqrtEstimate(operand) & 0xff);
  const resultBiased = Math.floor((3 * bias(format) - 1 - biased) / 2);
  return packFields(
    format,
    0,
    resultBiased,
    estimate << BigInt(format.fractionBits - ESTIMATE_FRACTION_BITS),
  );
}

/** FPRecpX: the exponent turned over, the fraction dropped. */
export function fpRecpX(format: FpFormat, bits: bigint, status: FpStatus): bigint {
  const number = unpack(format, bits, status);
  if (isNaNKind(number)) return processNaN(format, number, bits, status);
  const ones = exponentOnes(format);
  const biased = Number((bits >> BigInt(format.fractionBits)) & BigInt(ones));
  return packFields(format, number.sign, biased === 0 ? ones - 1 : ones - biased, 0n);
}

/** UnsignedRecipEstimate, of a 32-bit operand. */
export function unsignedRecipEstimate(operand: number): number {
  if (operand >>> 31 === 0) return 0xffff_ffff;
  return (recipEstimate(operand >>> 23) << 23) >>> 0;
}

/** UnsignedRSqrtEstimate, of a 32-bit operand. */
export function unsignedRSqrtEstimate(operand: number): number {
  if (operand >>> 30 === 0) return 0xffff_ffff;
  return (recipSqrtEstimate(operand >>> 23) << 23) >>> 0;
}
