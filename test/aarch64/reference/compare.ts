/** The reference's comparisons, maxima and minima (Arm ARM DDI 0487, J1.3: FPCompare, FPMax, FPMaxNum …). */
import { FPSR, type FpFormat, infinity, signBit } from '../../../src/aarch64/float/format.ts';
import { type FpStatus, isNaNKind, round, type Unpacked, unpack, unpackTwo } from './rounding.ts';

/** How two numbers stand to each other; `unordered` if either is a NaN. */
export type Ordering = 'less' | 'equal' | 'greater' | 'unordered';

/** The sign of `a − b`; neither is a NaN. */
function compareValues(a: Unpacked, b: Unpacked): number {
  const rank = (number: Unpacked): number => {
    if (number.kind === 'zero') return 0;
    const magnitude = number.kind === 'infinity' ? 2 : 1;
    return number.sign === 1 ? -magnitude : magnitude;
  };
  const [rankA, rankB] = [rank(a), rank(b)];
  if (rankA !== rankB || a.kind !== 'finite') return Math.sign(rankA - rankB);
  const exponent = Math.min(a.exponent, b.exponent);
  const scaledA = a.significand << BigInt(a.exponent - exponent);
  const scaledB = b.significand << BigInt(b.exponent - exponent);
  const magnitude = scaledA === scaledB ? 0 : scaledA < scaledB ? -1 : 1;
  return a.sign === 1 ? 0 - magnitude : magnitude;
}

/**
 * The ordering behind FPCompare, FPCompareEQ, FPCompareGE and FPCompareGT. A signalling NaN gives IOC; with
 * `signalAllNaNs` (FCMPE, FCMGE, FCMGT, FACGE, FACGT) a quiet one does too.
 */
export function fpCompare(
  format: FpFormat,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
  signalAllNaNs: boolean,
): Ordering {
  const a = unpack(format, bits1, status);
  const b = unpack(format, bits2, status);
  if (isNaNKind(a) || isNaNKind(b)) {
    if (signalAllNaNs || a.kind === 'signalling' || b.kind === 'signalling') status.fpsr |= FPSR.IOC;
    return 'unordered';
  }
  const sign = compareValues(a, b);
  return sign === 0 ? 'equal' : sign < 0 ? 'less' : 'greater';
}

/** NZCV as FCMP sets it, in bits 3 to 0. */
export const NZCV_OF_ORDERING: Readonly<Record<Ordering, number>> = {
  less: 0b1000,
  equal: 0b0110,
  greater: 0b0010,
  unordered: 0b0011,
};

/** Which of two numbers is wanted. */
type Extreme = 'max' | 'min';

/** FPMax and FPMin. Of two zeros the maximum is positive unless both are negative, and the minimum the reverse. */
function extreme(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus, wanted: Extreme): bigint {
  const { a, b, nan } = unpackTwo(format, bits1, bits2, status);
  if (nan !== undefined) return nan;
  const order = compareValues(a, b);
  const chosen = (wanted === 'max' ? order > 0 : order < 0) ? a : b;
  if (chosen.kind === 'infinity') return infinity(format, chosen.sign);
  if (chosen.kind === 'zero') {
    // Only another zero could have been chosen as well; a zero that beats a nonzero number keeps its own sign.
    const bothZero = a.kind === 'zero' && b.kind === 'zero';
    if (!bothZero) return signBit(format, chosen.sign);
    const negative = wanted === 'max' ? a.sign & b.sign : a.sign | b.sign;
    return signBit(format, negative === 1 ? 1 : 0);
  }
  return round(format, chosen, status);
}

export function fpMax(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return extreme(format, bits1, bits2, status, 'max');
}

export function fpMin(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return extreme(format, bits1, bits2, status, 'min');
}

/** FPMaxNum and FPMinNum: a quiet NaN yields to a number. */
function extremeNumber(
  format: FpFormat,
  bits1: bigint,
  bits2: bigint,
  status: FpStatus,
  wanted: Extreme,
): bigint {
  const quiet1 = unpack(format, bits1, status).kind === 'quiet';
  const quiet2 = unpack(format, bits2, status).kind === 'quiet';
  const loser = infinity(format, wanted === 'max' ? 1 : 0);
  return extreme(
    format,
    quiet1 && !quiet2 ? loser : bits1,
    quiet2 && !quiet1 ? loser : bits2,
    status,
    wanted,
  );
}

export function fpMaxNum(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return extremeNumber(format, bits1, bits2, status, 'max');
}

export function fpMinNum(format: FpFormat, bits1: bigint, bits2: bigint, status: FpStatus): bigint {
  return extremeNumber(format, bits1, bits2, status, 'min');
}
