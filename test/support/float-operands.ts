/** Operands for tests of floating point: the values at every edge of a format, and random ones that meet each other. */
import type { Random } from '../../fuzz/random.ts';
import { FPCR, type FpFormat } from '../../src/aarch64/float/format.ts';

/** Zeros, subnormal and normal numbers at their limits, one and its neighbours, infinities, NaNs; of both signs. */
function edgeValues(format: FpFormat): readonly bigint[] {
  const fraction = (1n << BigInt(format.fractionBits)) - 1n;
  const ones = (1n << BigInt(format.exponentBits)) - 1n;
  const bias = ones >> 1n;
  const at = (biased: bigint, bits: bigint): bigint => (biased << BigInt(format.fractionBits)) | bits;
  const positive = [
    0n,
    1n,
    fraction,
    (fraction + 1n) / 2n,
    at(1n, 0n),
    at(1n, 1n),
    at(bias, 0n),
    at(bias, 1n),
    at(bias, fraction),
    at(bias - 1n, 0n),
    at(bias - 1n, fraction),
    at(bias + 1n, (fraction + 1n) / 2n),
    at(ones - 1n, fraction),
    at(ones, 0n),
    at(ones, 1n),
    at(ones, (fraction + 1n) / 2n),
    at(ones, fraction),
  ];
  const sign = 1n << BigInt(format.sizeBits - 1);
  return [...positive, ...positive.map((bits) => bits | sign)];
}

function random64(random: Random): bigint {
  return (BigInt(random.u32()) << 32n) | BigInt(random.u32());
}

/** An operand of a format, or 64 bits of an integer. */
export function floatOperand(random: Random, kind: FpFormat | 'integer'): bigint {
  if (kind === 'integer') {
    const bits = random64(random);
    return random.below(2) === 0 ? bits : bits >> BigInt(random.below(64));
  }
  if (random.below(2) === 0) return random.pick(edgeValues(kind));
  const bits = BigInt.asUintN(kind.sizeBits, random64(random));
  if (random.below(2) === 0) return bits;
  // Exponents near each other, so that sums cancel and conversions to integers are in range.
  const mask = ((1n << BigInt(kind.exponentBits)) - 1n) << BigInt(kind.fractionBits);
  const bias = (1n << BigInt(kind.exponentBits - 1)) - 1n;
  const exponent = bias - 8n + BigInt(random.below(80));
  return (bits & ~mask) | ((exponent << BigInt(kind.fractionBits)) & mask);
}

/** FPCR with any rounding mode, and flushing, default NaNs and the alternative half-precision format on or off. */
export function randomFpcr(random: Random): number {
  return (
    (random.below(4) << FPCR.RMODE_SHIFT) |
    (random.below(2) * FPCR.FZ) |
    (random.below(2) * FPCR.DN) |
    (random.below(2) * FPCR.AHP)
  );
}
