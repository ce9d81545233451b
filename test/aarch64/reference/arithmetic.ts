/** The reference's arithmetic: FPAdd, FPSub, FPMul, FPDiv, FPSqrt, FPMulAdd and their kin (Arm ARM DDI 0487, J1.3). */
import { FPSR, type FpFormat, infinity, ROUNDING, signBit } from '../../../src/aarch64/float/format.ts';
import {
  type FpStatus,
  invalid,
  processNaN,
  processNaNs,
  type Real,
  round,
  roundingOf,
  type Unpacked,
  unpack,
  unpackTwo,
} from './rounding.ts';

function opposite(sign: 0 | 1): 0 | 1 {
  return sign === 0 ? 1 : 0;
}

function product(sign1: 0 | 1, sign2: 0 | 1): 0 | 1 {
  return sign1 === sign2 ? 0 : 1;
}

/** The exact sum of two finite values, as a signed integer at an exponent. */
function exactSum(a: Real, b: Real): { readonly value: bigint; readonly exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (real: Real): bigint => {
    const magnitude = real.significand << BigInt(real.exponent - exponent);
    return real.sign === 1 ? -magnitude : magnitude;
  };
  return { value: scaled(a) + scaled(b), exponent };
}

/** Rounds an exact sum; an exact zero is negative only when rounding towards minus infinity. */
function roundSum(
  format: FpFormat,
  sum: { readonly value: bigint; readonly exponent: number },
  status: FpStatus,
): bigint {
  if (sum.value === 0n) return signBit(format, roundingOf(status) === ROUNDING.negInf ? 1 : 0);
  const sign = sum.value < 0n ? 1 : 0;
  const significand = sum.value < 0n ? -sum.value : sum.value;
  return round(format, { sign, significand, exponent: sum.exponent }, status);
}

/** The exact product of two finite values or zeros. */
function exactProduct(a: Unpacked, b: Unpacked): Real {
  return {
    sign: product(a.sign, b.sign),
    significand: a.significand * b.significand,
    exponent: a.exponent + b.exponent,
  };
}

function fpNeg(format: FpFormat, bits: bigint): bigint {
  return bits ^ signBit(format, 1);
}

function addUnpacked(format: FpFormat, a: Unpacked, b: Unpacked, status: FpStatus): bigint {
  if (a.kind === 'infinity' && b.kind === 'infinity' && a.sign !== b.sign) return invalid(format, status);
  if (a.kind === 'infinity') return infinity(format, a.sign);
  if (b.kind === 'infinity') return infinity(format, b.sign);
  if (a.kind === 'zero' && b.kind === 'zero' && a.sign === b.sign) return signBit(format, a.sign);
  return roundSum(format, exactSum(a, b), status);
}

export function fpAdd(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  const { a, b, nan } = unpackTwo(format, bits1, bits2, status);
  return nan ?? addUnpacked(format, a, b, status);
}

export function fpSub(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  const { a, b, nan } = unpackTwo(format, bits1, bits2, status);
  return nan ?? addUnpacked(format, a, { ...b, sign: opposite(b.sign) }, status);
}

/** FPMul and FPMulX, which differ in what zero times infinity gives. */
function multiply(
  format: FpFormat,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
  zeroTimesInfinity: (sign: 0 | 1) => bigint,
): bigint {
  const { a, b, nan } = unpackTwo(format, bits1, bits2, status);
  if (nan !== undefined) return nan;
  const sign = product(a.sign, b.sign);
  if (isZeroTimesInfinity(a, b)) return zeroTimesInfinity(sign);
  if (a.kind === 'infinity' || b.kind === 'infinity') return infinity(format, sign);
  if (a.kind === 'zero' || b.kind === 'zero') return signBit(format, sign);
  return round(format, exactProduct(a, b), status);
}

function isZeroTimesInfinity(a: Unpacked, b: Unpacked): boolean {
  return (a.kind === 'zero' && b.kind === 'infinity') || (a.kind === 'infinity' && b.kind === 'zero');
}

export function fpMul(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return multiply(format, bits1, bits2, status, () => invalid(format, status));
}

/** FPMulX: zero times infinity is two. */
export function fpMulX(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return multiply(format, bits1, bits2, status, (sign) => smallNumber(format, sign, 1n, 1));
}

/** An exactly representable `significand × 2^exponent`. */
function smallNumber(format: FpFormat, sign: 0 | 1, significand: bigint, exponent: number): bigint {
  return round(format, { sign, significand, exponent }, { fpcr: 0, fpsr: 0 });
}

/** Enough bits that what division and square roots cut off is below every rounding point. */
const GUARD_BITS = 130;

export function fpDiv(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  const { a, b, nan } = unpackTwo(format, bits1, bits2, status);
  if (nan !== undefined) return nan;
  if (a.kind === b.kind && (a.kind === 'infinity' || a.kind === 'zero')) return invalid(format, status);
  const sign = product(a.sign, b.sign);
  if (a.kind === 'infinity' || b.kind === 'zero') {
    if (a.kind !== 'infinity') status.fpsr |= FPSR.DZC;
    return infinity(format, sign);
  }
  if (a.kind === 'zero' || b.kind === 'infinity') return signBit(format, sign);
  const dividend = a.significand << BigInt(GUARD_BITS);
  const quotient = dividend / b.significand;
  const sticky = dividend % b.significand === 0n ? 0n : 1n;
  const exponent = a.exponent - b.exponent - GUARD_BITS - 1;
  return round(format, { sign, significand: (quotient << 1n) | sticky, exponent }, status);
}

/** The integer square root, by Newton's method. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function fpSqrt(format: FpFormat, bits: bigint, status: FpStatus): bigint {
  const number = unpack(format, bits, status);
  if (number.kind === 'quiet' || number.kind === 'signalling')
    return processNaN(format, number, bits, status);
  if (number.kind === 'zero') return signBit(format, number.sign);
  if (number.sign === 1) return invalid(format, status);
  if (number.kind === 'infinity') return infinity(format, 0);
  const shift = GUARD_BITS + ((number.exponent - GUARD_BITS) & 1);
  const radicand = number.significand << BigInt(shift);
  const root = squareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  const exponent = (number.exponent - shift) / 2 - 1;
  return round(format, { sign: 0, significand: (root << 1n) | sticky, exponent }, status);
}

/** FPMulAdd: `addend + op1 × op2`, rounded once. */
export function fpMulAdd(
  format: FpFormat,
  addend: bigint,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
): bigint {
  const c = unpack(format, addend, status);
  const a = unpack(format, bits1, status);
  const b = unpack(format, bits2, status);
  const meaningless = isZeroTimesInfinity(a, b);
  const nan = processNaNs(
    format,
    [
      { number: c, bits: addend },
      { number: a, bits: bits1 },
      { number: b, bits: bits2 },
    ],
    status,
  );
  if (c.kind === 'quiet' && meaningless) return invalid(format, status);
  if (nan !== undefined) return nan;
  const sign = product(a.sign, b.sign);
  const productInfinite = a.kind === 'infinity' || b.kind === 'infinity';
  if (meaningless || (c.kind === 'infinity' && productInfinite && c.sign !== sign)) {
    return invalid(format, status);
  }
  if (c.kind === 'infinity') return infinity(format, c.sign);
  if (productInfinite) return infinity(format, sign);
  const productZero = a.kind === 'zero' || b.kind === 'zero';
  if (c.kind === 'zero' && productZero && c.sign === sign) return signBit(format, c.sign);
  return roundSum(format, exactSum(c, exactProduct(a, b)), status);
}

/** FPRecipStepFused (`2 − a·b`) and FPRSqrtStepFused (`(3 − a·b) / 2`). */
function stepFused(
  format: FpFormat,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
  step: { readonly constant: bigint; readonly halve: 0 | 1 },
): bigint {
  const negated = fpNeg(format, bits1);
  const { a, b, nan } = unpackTwo(format, negated, bits2, status);
  if (nan !== undefined) return nan;
  if (isZeroTimesInfinity(a, b)) return smallNumber(format, 0, step.constant, -step.halve);
  if (a.kind === 'infinity' || b.kind === 'infinity') return infinity(format, product(a.sign, b.sign));
  const sum = exactSum({ sign: 0, significand: step.constant, exponent: 0 }, exactProduct(a, b));
  return roundSum(format, { value: sum.value, exponent: sum.exponent - step.halve }, status);
}

export function fpRecipStepFused(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return stepFused(format, bits1, bits2, status, { constant: 2n, halve: 0 });
}

export function fpRSqrtStepFused(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return stepFused(format, bits1, bits2, status, { constant: 3n, halve: 1 });
}
