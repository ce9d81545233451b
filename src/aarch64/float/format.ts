/**
 * The formats of Arm's floating point, and the bits of the registers that control it and tell of it (Arm ARM DDI 0487 C5.2).
 * Left out: FEAT_FP16 arithmetic, FEAT_AFP, FEAT_EBF16 and trapped exceptions, which the CPU doesn't advertise.
 */

/** An interchange format of IEEE 754-2008 §3.6. */
export interface FpFormat {
  readonly sizeBits: 16 | 32 | 64;
  readonly exponentBits: number;
  readonly fractionBits: number;
}

export const HALF: FpFormat = { sizeBits: 16, exponentBits: 5, fractionBits: 10 };
export const SINGLE: FpFormat = { sizeBits: 32, exponentBits: 8, fractionBits: 23 };
export const DOUBLE: FpFormat = { sizeBits: 64, exponentBits: 11, fractionBits: 52 };

/** The cumulative exception bits of FPSR (Arm ARM C5.2.8). */
export const FPSR = {
  IOC: 1 << 0,
  DZC: 1 << 1,
  OFC: 1 << 2,
  UFC: 1 << 3,
  IXC: 1 << 4,
  IDC: 1 << 7,
  QC: 1 << 27,
} as const;

/** The control bits of FPCR that have an effect here (Arm ARM C5.2.7). */
export const FPCR = { AHP: 1 << 26, DN: 1 << 25, FZ: 1 << 24, RMODE_SHIFT: 22, RMODE_MASK: 3 << 22 } as const;

/** Rounding modes: the first four as FPCR.RMode encodes them. */
export const ROUNDING = { tieEven: 0, posInf: 1, negInf: 2, zero: 3, tieAway: 4, odd: 5 } as const;
export type Rounding = (typeof ROUNDING)[keyof typeof ROUNDING];

export function signBit(format: FpFormat, sign: 0 | 1): bigint {
  return BigInt(sign) << BigInt(format.sizeBits - 1);
}

/** The biased exponent of infinities and NaNs; one less is the largest of a finite number. */
export function exponentOnes(format: FpFormat): number {
  return 2 ** format.exponentBits - 1;
}

export function fractionMask(format: FpFormat): bigint {
  return (1n << BigInt(format.fractionBits)) - 1n;
}

/** Joins a sign, a biased exponent and a fraction. */
export function packFields(format: FpFormat, sign: 0 | 1, biasedExponent: number, fraction: bigint): bigint {
  return signBit(format, sign) | (BigInt(biasedExponent) << BigInt(format.fractionBits)) | fraction;
}

export function infinity(format: FpFormat, sign: 0 | 1): bigint {
  return packFields(format, sign, exponentOnes(format), 0n);
}

export function maxNormal(format: FpFormat, sign: 0 | 1): bigint {
  return packFields(format, sign, exponentOnes(format) - 1, fractionMask(format));
}

/** FPDefaultNaN: quiet, positive, no payload. */
export function defaultNaN(format: FpFormat): bigint {
  return packFields(format, 0, exponentOnes(format), quietBit(format));
}

export function quietBit(format: FpFormat): bigint {
  return 1n << BigInt(format.fractionBits - 1);
}
