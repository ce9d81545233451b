/**
 * The reference's conversions: FPRoundInt, FPToFixed, FixedToFP and FPConvert (Arm ARM DDI 0487, J1.3).
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
  packFields,
  quietBit,
  ROUNDING,
  type Rounding,
  signBit,
} from '../../../src/aarch64/float/format.ts';
import {
  type FpStatus,
  isNaNKind,
  processNaN,
  round,
  roundedInteger,
  roundingOf,
  type Unpacked,
  unpack,
} from './rounding.ts';

/** FPRoundInt: to an integral value in the same format; `exact` (FRINTX) reports IXC. */
export function fpRoundInt(
  format: FpFormat,
  bits: bigint,
  status: FpStatus,
  rounding: Rounding,
  exact: boolean,
): bigint {
  const number = unpack(format, bits, status);
  if (isNaNKind(number)) return processNaN(format, number, bits, status);
  if (number.kind === 'infinity') return infinity(format, number.sign);
  if (number.kind === 'zero') return signBit(format, number.sign);
  const { magnitude, inexact } = roundedInteger(number.significand, -number.exponent, number.sign, rounding);
  if (inexact && exact) status.fpsr |= FPSR.IXC;
  if (magnitude === 0n) return signBit(format, number.sign);
  return round(format, { sign: number.sign, significand: magnitude, exponent: 0 }, status, ROUNDING.zero);
}

/** How an integer result is written: its width, and whether it has a sign. */
export interface IntegerForm {
  readonly sizeBits: number;
  readonly unsigned: boolean;
}

function largest(form: IntegerForm): bigint {
  return (1n << BigInt(form.unsigned ? form.sizeBits : form.sizeBits - 1)) - 1n;
}

function smallest(form: IntegerForm): bigint {
  return form.unsigned ? 0n : -(1n << BigInt(form.sizeBits - 1));
}

/**
 * FPToFixed: to an integer with `fractionBits` bits after the point, saturated (IOC); NaN gives zero and IOC.
 * The result is the unsigned bit pattern of `form.sizeBits` bits.
 */
export function fpToFixed(
  format: FpFormat,
  bits: bigint,
  form: IntegerForm,
  fractionBits: number,
  status: FpStatus,
  rounding: Rounding,
): bigint {
  const number = unpack(format, bits, status);
  const wrap = (value: bigint): bigint => BigInt.asUintN(form.sizeBits, value);
  if (isNaNKind(number)) {
    status.fpsr |= FPSR.IOC;
    return 0n;
  }
  if (number.kind === 'infinity') {
    status.fpsr |= FPSR.IOC;
    return wrap(number.sign === 1 ? smallest(form) : largest(form));
  }
  const { magnitude, inexact } = roundedInteger(
    number.significand,
    -(number.exponent + fractionBits),
    number.sign,
    rounding,
  );
  const value = number.sign === 1 ? -magnitude : magnitude;
  if (value > largest(form) || value < smallest(form)) {
    status.fpsr |= FPSR.IOC;
    return wrap(value < 0n ? smallest(form) : largest(form));
  }
  if (inexact) status.fpsr |= FPSR.IXC;
  return wrap(value);
}

/** FixedToFP: from an integer (its unsigned bit pattern) with `fractionBits` bits after the point. */
export function fixedToFp(
  format: FpFormat,
  integer: bigint,
  form: IntegerForm,
  fractionBits: number,
  status: FpStatus,
  rounding: Rounding = roundingOf(status),
): bigint {
  const value = form.unsigned
    ? BigInt.asUintN(form.sizeBits, integer)
    : BigInt.asIntN(form.sizeBits, integer);
  if (value === 0n) return 0n;
  const sign = value < 0n ? 1 : 0;
  const significand = value < 0n ? -value : value;
  return round(format, { sign, significand, exponent: -fractionBits }, status, rounding);
}

/** FPConvertNaN: the payload's highest bits, made quiet. */
function convertNaN(from: FpFormat, to: FpFormat, number: Unpacked): bigint {
  const shift = to.fractionBits - from.fractionBits;
  const fraction = shift >= 0 ? number.significand << BigInt(shift) : number.significand >> BigInt(-shift);
  return packFields(to, number.sign, exponentOnes(to), (fraction & fractionMask(to)) | quietBit(to));
}

/** FPConvert: between formats. The alternative half-precision format (FPCR.AHP) has neither infinities nor NaNs. */
export function fpConvert(
  from: FpFormat,
  to: FpFormat,
  bits: bigint,
  status: FpStatus,
  rounding: Rounding = roundingOf(status),
): bigint {
  const number = unpack(from, bits, status);
  const toAlternative = to === HALF && (status.fpcr & FPCR.AHP) !== 0;
  if (isNaNKind(number)) {
    if (number.kind === 'signalling' || toAlternative) status.fpsr |= FPSR.IOC;
    if (toAlternative) return signBit(to, number.sign);
    return (status.fpcr & FPCR.DN) !== 0 ? defaultNaN(to) : convertNaN(from, to, number);
  }
  if (number.kind === 'infinity') {
    if (!toAlternative) return infinity(to, number.sign);
    status.fpsr |= FPSR.IOC;
    return signBit(to, number.sign) | (signBit(to, 1) - 1n);
  }
  if (number.kind === 'zero') return signBit(to, number.sign);
  return round(to, number, status, rounding);
}
