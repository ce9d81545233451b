/**
 * Vectors of 8-, 16-, 32- and 64-bit elements, `size` 0 to 3 as instructions encode it: whole-vector operations where
 * WebAssembly has them, element by element where it hasn't.
 */
import type { OpName } from '../../wasm/index.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { low32, signExtend, zeroExtend } from './integer.ts';
import type { Meaning } from './meaning.ts';
import { operation, pure, pureLane, type Value } from './value.ts';

export type Vector = Value<'v128'>;

const LANE_TYPES = ['i8x16', 'i16x8', 'i32x4', 'i64x2'] as const;

export const VECTOR_BYTES = 16;

export function elementBits(size: number): number {
  return 8 << size;
}

/** How many elements a register holds, or its lower half (`q` 0). */
export function elementCount(q: number, size: number): number {
  return (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2) >> size;
}

/** An operation by the last part of its name: `wise('add', 1, a, b)` is `i16x8.add`. */
export function wise(name: string, size: number, ...args: readonly Value[]): Vector {
  return operation(`${LANE_TYPES[size]}.${name}` as OpName, args) as Vector;
}

/** An element, zero- or sign-extended to 64 bits. */
export function element(vector: Vector, size: number, index: number, isSigned: boolean): Value<'i64'> {
  const extend = isSigned ? signExtend : zeroExtend;
  switch (size) {
    case 0:
      return extend(pureLane(`i8x16.extract_lane_${isSigned ? 's' : 'u'}`, index, vector));
    case 1:
      return extend(pureLane(`i16x8.extract_lane_${isSigned ? 's' : 'u'}`, index, vector));
    case 2:
      return extend(pureLane('i32x4.extract_lane', index, vector));
    default:
      return pureLane('i64x2.extract_lane', index, vector);
  }
}

/** The vector with an element replaced by the low bits of a value. */
export function withElement(vector: Vector, size: number, index: number, value: Value<'i64'>): Vector {
  switch (size) {
    case 0:
      return pureLane('i8x16.replace_lane', index, vector, low32(value));
    case 1:
      return pureLane('i16x8.replace_lane', index, vector, low32(value));
    case 2:
      return pureLane('i32x4.replace_lane', index, vector, low32(value));
    default:
      return pureLane('i64x2.replace_lane', index, vector, value);
  }
}

/** Every element the low bits of a value. */
export function splat(size: number, value: Value<'i64'>): Vector {
  return size === 3 ? pure('i64x2.splat', value) : wise('splat', size, low32(value));
}

export function vectorConstant(bytes: Uint8Array): Vector {
  return { kind: 'const', type: 'v128', value: bytes };
}

export const ZERO_VECTOR: Vector = vectorConstant(new Uint8Array(VECTOR_BYTES));

/** A constant with the same element everywhere. */
export function everywhere(size: number, value: bigint): Vector {
  const bytes = Uint8Array.from({ length: VECTOR_BYTES }, (_, index) =>
    Number((value >> BigInt(8 * (index % (1 << size)))) & 0xffn),
  );
  return vectorConstant(bytes);
}

/** The vector with all but its first bytes zero. */
export function firstBytes(vector: Vector, count: number): Vector {
  if (count === VECTOR_BYTES) return vector;
  const mask = Uint8Array.from({ length: VECTOR_BYTES }, (_, index) => (index < count ? 0xff : 0));
  return pure('v128.and', vector, vectorConstant(mask));
}

/** The upper half of a vector in the lower, or the lower where it is. What is above is not defined. */
export function halfAt(vector: Vector, part: number): Vector {
  return part === 0 ? vector : rotateBytes(vector, VECTOR_BYTES / 2);
}

function rotateBytes(vector: Vector, count: number): Vector {
  const lanes = Array.from({ length: VECTOR_BYTES }, (_, index) => (index + count) % VECTOR_BYTES);
  return operation('i8x16.shuffle', [vector, vector], lanes) as Vector;
}

/** Makes a vector, element by element; those beyond `count` are zero. */
export function elements(
  c: Meaning,
  size: number,
  count: number,
  value: (index: number) => Value<'i64'>,
): Vector {
  const result = c.temporary(ZERO_VECTOR);
  for (let index = 0; index < count; index += 1) {
    c.assign(result, withElement(result, size, index, value(index)));
  }
  return result;
}

/** Writes a vector of which only the first bytes count; the rest of the register becomes zero. */
export function setVector<V extends AnyFieldValues>(
  c: Meaning<V>,
  register: OperandField,
  vector: Vector,
  bytes: number,
): void {
  c.setV(register, firstBytes(vector, bytes));
}

/** `v3.8h`: a register with its arrangement. */
export function arranged(register: number, size: number, q: number): string {
  return `v${register}.${elementCount(q, size)}${'bhsd'[size]}`;
}

/** `h3`: a scalar of this element size. */
export function scalarName(size: number, register: number): string {
  return `${'bhsd'[size]}${register}`;
}
