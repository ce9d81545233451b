/** Scalar floating-point registers as the definitions use them: formats by the `type` field, reads, writes, text. */

import { DOUBLE, type FpFormat, HALF, ROUNDING, type Rounding, SINGLE } from '../float/format.ts';
import { i64, xor } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';

/** The `type` field (Arm ARM C4.1.96): 00 single, 01 double, 11 half. */
export const TYPE = { single: 0, double: 1, half: 3 } as const;
const FORMATS: readonly (FpFormat | undefined)[] = [SINGLE, DOUBLE, undefined, HALF];
const LETTERS = ['s', 'd', '?', 'h'] as const;

export function formatOf(type: number): FpFormat {
  return FORMATS[type] ?? SINGLE;
}

/** Single or double: half-precision arithmetic comes with FEAT_FP16, which isn't advertised. */
export function hasArithmetic(type: number): boolean {
  return type === TYPE.single || type === TYPE.double;
}

/** `s3`, `d3`, `h3`. */
export const fpRegister = (type: number, number: number): string => `${LETTERS[type]}${number}`;

const LOADS = { 16: 'i64.load16_u', 32: 'i64.load32_u', 64: 'i64.load' } as const;

/** The bits of a scalar register. */
export function scalar<V extends AnyFieldValues>(
  c: Meaning<V>,
  format: FpFormat,
  register: OperandField,
): Value<'i64'> {
  return c.vPart(LOADS[format.sizeBits], register) as Value<'i64'>;
}

export function negated(format: FpFormat, bits: Value<'i64'>): Value<'i64'> {
  return xor(bits, i64(1n << BigInt(format.sizeBits - 1)));
}

/** The rounding modes that `rmode` fields name. */
export const ROUNDING_OF_RMODE: readonly Rounding[] = [
  ROUNDING.tieEven,
  ROUNDING.posInf,
  ROUNDING.negInf,
  ROUNDING.zero,
];

/** VFPExpandImm (Arm ARM J1.1): an 8-bit immediate as a number's bits. */
export function expandedImmediate(format: FpFormat, imm8: number): bigint {
  const sign = BigInt(imm8 >> 7) << BigInt(format.sizeBits - 1);
  const bit6 = (imm8 >> 6) & 1;
  const repeated = bit6 === 1 ? (1n << BigInt(format.exponentBits - 3)) - 1n : 0n;
  const exponent =
    (BigInt(1 - bit6) << BigInt(format.exponentBits - 1)) | (repeated << 2n) | BigInt((imm8 >> 4) & 3);
  const fraction = BigInt(imm8 & 15) << BigInt(format.fractionBits - 4);
  return sign | (exponent << BigInt(format.fractionBits)) | fraction;
}

/** An 8-bit immediate as assembly text writes it: `#1.250000000000000000e+00`. */
export function immediateText(imm8: number): string {
  const sign = imm8 >> 7 === 1 ? -1 : 1;
  const exponent = (((imm8 >> 4) & 7) ^ 4) - 3;
  const value = sign * (1 + (imm8 & 15) / 16) * 2 ** exponent;
  return `#${value.toExponential(18).replace(/e([+-])(\d)$/, 'e$10$2')}`;
}
