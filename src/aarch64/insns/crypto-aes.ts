/** AES rounds (Arm ARM DDI 0487 C4.1.96, FEAT_AES; FIPS 197). The S-boxes are computed from their definition. */
import { type Definition, insn } from '../definition.ts';
import { i32 } from '../meaning/integer.ts';
import { helper } from '../meaning/meaning.ts';
import { pure, shuffle } from '../meaning/value.ts';
import { everywhere, VECTOR_BYTES, type Vector, vectorConstant } from '../meaning/vectors.ts';

/** x⁸ + x⁴ + x³ + x + 1 without its highest term (FIPS 197 §4.2). */
const REDUCTION = 0x1b;

/** A byte times x in GF(2⁸). */
function timesX(value: number): number {
  return ((value << 1) ^ (value & 0x80 ? REDUCTION : 0)) & 0xff;
}

function product(a: number, b: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    if ((b >> bit) & 1) result ^= a;
    a = timesX(a);
  }
  return result;
}

/** FIPS 197 §5.1.1: the inverse in GF(2⁸), then an affine transformation. */
function substituted(value: number): number {
  let inverse = 0;
  for (let candidate = 1; candidate < 256; candidate += 1) {
    if (product(value, candidate) === 1) inverse = candidate;
  }
  const rotated = (by: number): number => ((inverse << by) | (inverse >> (8 - by))) & 0xff;
  return inverse ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
}

/** Made on first use: an inverse by search takes a moment. */
function boxes(): { readonly forward: Uint8Array; readonly inverse: Uint8Array } {
  const forward = Uint8Array.from({ length: 256 }, (_, value) => substituted(value));
  const inverse = new Uint8Array(256);
  for (const [value, substitute] of forward.entries()) inverse[substitute] = value;
  return { forward, inverse };
}

/** Every byte replaced by its entry in a table of 256, sixteen entries at a time. */
function looked(table: Uint8Array, bytes: Vector): Vector {
  let result: Vector | undefined;
  for (let base = 0; base < table.length; base += VECTOR_BYTES) {
    const entries = vectorConstant(table.slice(base, base + VECTOR_BYTES));
    // `i8x16.swizzle` gives zero for what is out of these sixteen.
    const part = pure('i8x16.swizzle', entries, pure('i8x16.sub', bytes, everywhere(0, BigInt(base))));
    result = result === undefined ? part : pure('v128.or', result, part);
  }
  return result ?? bytes;
}

const substituteBytes = helper('aesSubBytes', ['v128'], 'v128', (_c, bytes) =>
  looked(boxes().forward, bytes),
);
const substituteBytesBack = helper('aesInvSubBytes', ['v128'], 'v128', (_c, bytes) =>
  looked(boxes().inverse, bytes),
);

/** Byte numbers of a state, column by column, from where each comes. */
function arrange(source: (column: number, row: number) => readonly [column: number, row: number]): number[] {
  return Array.from({ length: VECTOR_BYTES }, (_, byte) => {
    const [column, row] = source(byte >> 2, byte & 3);
    return (column & 3) * 4 + (row & 3);
  });
}

const SHIFT_ROWS = arrange((column, row) => [column + row, row]);
const SHIFT_ROWS_BACK = arrange((column, row) => [column - row, row]);
const columnsTurned = (bytes: Vector, by: number): Vector =>
  shuffle(
    arrange((column, row) => [column, row + by]),
    bytes,
    bytes,
  );

function eachTimesX(bytes: Vector): Vector {
  const carry = pure('i8x16.shr_s', bytes, i32(7));
  const reduction = pure('v128.and', carry, everywhere(0, BigInt(REDUCTION)));
  return pure('v128.xor', pure('i8x16.shl', bytes, i32(1)), reduction);
}

/** FIPS 197 §5.1.3: each byte becomes 2·itself + 3·the next + the two others of its column. */
const mixColumns = helper('aesMixColumns', ['v128'], 'v128', (c, bytes) => {
  const next = c.let(columnsTurned(bytes, 1));
  const others = pure('v128.xor', columnsTurned(bytes, 2), columnsTurned(bytes, 3));
  const doubled = eachTimesX(pure('v128.xor', bytes, next));
  return pure('v128.xor', pure('v128.xor', doubled, next), others);
});

/** Its inverse is itself after adding 4·(itself + the byte two on). */
const mixColumnsBack = helper('aesInvMixColumns', ['v128'], 'v128', (c, bytes) => {
  const sum = c.let(pure('v128.xor', bytes, columnsTurned(bytes, 2)));
  const doubled = c.let(eachTimesX(sum));
  const prepared = c.let(pure('v128.xor', bytes, eachTimesX(doubled)));
  return c.call(mixColumns, prepared);
});

const rounds = (
  [
    ['aese', '00100', SHIFT_ROWS, substituteBytes],
    ['aesd', '00101', SHIFT_ROWS_BACK, substituteBytesBack],
  ] as const
).map(([name, opcode, rows, substitute]) =>
  insn(
    name.toUpperCase(),
    `01001110 00 10100 ${opcode} 10 rn:5 rd:5` as '01001110 rn:5 rd:5',
    (f) => `${name}\tv${f.rd}.16b, v${f.rn}.16b`,
    (c, f) => {
      const state = c.let(pure('v128.xor', c.v(f.rd), c.v(f.rn)));
      c.setV(f.rd, c.call(substitute, shuffle(rows, state, state)));
    },
    { floatingPoint: true },
  ),
);

const mixes = (
  [
    ['aesmc', '00110', mixColumns],
    ['aesimc', '00111', mixColumnsBack],
  ] as const
).map(([name, opcode, mix]) =>
  insn(
    name.toUpperCase(),
    `01001110 00 10100 ${opcode} 10 rn:5 rd:5` as '01001110 rn:5 rd:5',
    (f) => `${name}\tv${f.rd}.16b, v${f.rn}.16b`,
    (c, f) => c.setV(f.rd, c.call(mix, c.v(f.rn))),
    { floatingPoint: true },
  ),
);

export const CRYPTO_AES: readonly Definition[] = [...rounds, ...mixes];
