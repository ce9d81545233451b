/**
 * bzip2, after its only description, the reference program's format (bzip2 1.0.8). A reader of our own: the libraries
 * there are need Node's Buffer or take whole files. "Randomised" blocks, which nothing has made since 1998, are refused.
 */
import type { ByteCursor } from '../bytes/cursor.ts';

const BLOCK_MAGIC = 0x3141_5926_5359;
const END_MAGIC = 0x1772_4538_5090;
const MAX_CODE_BITS = 20;
const GROUP_SYMBOLS = 50;

/** CRC-32 with the most significant bit first. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c1_1db7 : 0);
  return value >>> 0;
});

/** Bits of a cursor's bytes, the most significant first. */
class BitReader {
  readonly #cursor: ByteCursor;
  #bits = 0;
  #count = 0;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** Up to 24 bits. */
  read(count: number): number {
    while (this.#count < count) {
      this.#bits = ((this.#bits << 8) | this.#cursor.u8()) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    const value = (this.#bits >>> this.#count) & ((1 << count) - 1);
    this.#bits &= (1 << this.#count) - 1;
    return value;
  }

  magic(): number {
    return this.read(24) * 2 ** 24 + this.read(24);
  }

  u32(): number {
    return this.read(16) * 2 ** 16 + this.read(16);
  }
}

/** A Huffman code by lengths: the canonical code, decoded length by length. */
interface Code {
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** One file's worth of blocks; the cursor ends behind it. */
export function* decodeBzip2(cursor: ByteCursor): Generator<Uint8Array> {
  const header = cursor.take(4);
  const level = (header[3] ?? 0) - 0x30;
  if (level < 1 || level > 9) cursor.corrupt('its block size is not 1 to 9');
  const block = new Uint32Array(level * 100_000);
  const bits = new BitReader(cursor);
  let combined = 0;
  for (let magic = bits.magic(); magic !== END_MAGIC; magic = bits.magic()) {
    if (magic !== BLOCK_MAGIC) cursor.corrupt('a block does not begin with its magic number');
    const expected = bits.u32();
    if (bits.read(1) === 1) cursor.unsupported('it has a randomised block');
    const origin = bits.read(24);
    const length = readSymbols(cursor, bits, block);
    if (origin >= length) cursor.corrupt("a block's origin lies outside it");
    let crc = ~0;
    for (const piece of unsort(block, length, origin)) {
      for (const byte of piece) crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
      yield piece;
    }
    cursor.checksum('block CRC32', expected, ~crc >>> 0);
    combined = (((combined << 1) | (combined >>> 31)) ^ ~crc) >>> 0;
  }
  cursor.checksum('CRC32', bits.u32(), combined);
}

/** Huffman, run lengths of the first two symbols and move-to-front, into `block`; gives the number of bytes. */
function readSymbols(cursor: ByteCursor, bits: BitReader, block: Uint32Array): number {
  const used: number[] = [];
  const ranges = bits.read(16);
  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >> range))) continue;
    const map = bits.read(16);
    for (let bit = 0; bit < 16; bit++) if (map & (0x8000 >> bit)) used.push(range * 16 + bit);
  }
  if (used.length === 0) cursor.corrupt('a block uses no symbols');
  const endOfBlock = used.length + 1;
  const groups = bits.read(3);
  if (groups < 2 || groups > 6) cursor.corrupt('a block has an impossible number of codes');
  const selectors = readSelectors(cursor, bits, groups);
  const codes = Array.from({ length: groups }, () => readCode(cursor, bits, used.length + 2));
  let [length, run, runBit, decoded] = [0, 0, 0, 0];
  const flushRun = (): void => {
    if (length + run > block.length) cursor.corrupt('a block is larger than its header says');
    block.fill(used[0] ?? 0, length, length + run);
    length += run;
    [run, runBit] = [0, 0];
  };
  for (;;) {
    const code = codes[selectors[Math.floor(decoded++ / GROUP_SYMBOLS)] ?? -1];
    if (code === undefined) return cursor.corrupt('a block runs out of selectors');
    const symbol = readSymbol(cursor, bits, code);
    if (symbol < 2) {
      run += (symbol + 1) * 2 ** runBit++;
      if (run > block.length) cursor.corrupt('a run is longer than a block');
      continue;
    }
    flushRun();
    if (symbol === endOfBlock) return length;
    if (length >= block.length) cursor.corrupt('a block is larger than its header says');
    const [byte = 0] = used.splice(symbol - 1, 1);
    used.unshift(byte);
    block[length++] = byte;
  }
}

function readSelectors(cursor: ByteCursor, bits: BitReader, groups: number): Uint8Array {
  const count = bits.read(15);
  const order = Array.from({ length: groups }, (_, index) => index);
  return Uint8Array.from({ length: count }, () => {
    let at = 0;
    while (bits.read(1) === 1) if (++at >= groups) cursor.corrupt('a selector names no code');
    const [selected = 0] = order.splice(at, 1);
    order.unshift(selected);
    return selected;
  });
}

function readCode(cursor: ByteCursor, bits: BitReader, symbolCount: number): Code {
  let length = bits.read(5);
  const lengths = Array.from({ length: symbolCount }, () => {
    while (bits.read(1) === 1) {
      length += bits.read(1) === 1 ? -1 : 1;
      if (length < 1 || length > MAX_CODE_BITS) cursor.corrupt('a code is of an impossible length');
    }
    if (length < 1 || length > MAX_CODE_BITS) cursor.corrupt('a code is of an impossible length');
    return length;
  });
  const symbols = new Uint16Array(symbolCount);
  const limit = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 2);
  let [code, at] = [0, 0];
  for (let bitCount = 1; bitCount <= MAX_CODE_BITS; bitCount++) {
    base[bitCount] = at - code;
    for (const [symbol, symbolBits] of lengths.entries()) {
      if (symbolBits !== bitCount) continue;
      symbols[at++] = symbol;
      code++;
    }
    limit[bitCount] = code - 1;
    code <<= 1;
  }
  return { limit, base, symbols, shortest: Math.min(...lengths) };
}

function readSymbol(cursor: ByteCursor, bits: BitReader, code: Code): number {
  let value = bits.read(code.shortest);
  for (let count = code.shortest; count <= MAX_CODE_BITS; count++) {
    if (value <= (code.limit[count] ?? -1)) {
      const symbol = code.symbols[value + (code.base[count] ?? 0)];
      return symbol ?? cursor.corrupt('a code stands for no symbol');
    }
    value = (value << 1) | bits.read(1);
  }
  return cursor.corrupt('a code stands for no symbol');
}

const PIECE_BYTES = 1 << 16;

/** The inverse Burrows-Wheeler transform, and the runs of four and more that were taken out before it. */
function* unsort(block: Uint32Array, length: number, origin: number): Generator<Uint8Array> {
  const starts = new Uint32Array(257);
  for (let at = 0; at < length; at++) {
    const next = ((block[at] ?? 0) & 0xff) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let byte = 1; byte <= 256; byte++) starts[byte] = (starts[byte] ?? 0) + (starts[byte - 1] ?? 0);
  for (let at = 0; at < length; at++) {
    const byte = (block[at] ?? 0) & 0xff;
    const target = starts[byte] ?? 0;
    starts[byte] = target + 1;
    block[target] = (block[target] ?? 0) | (at << 8);
  }
  let output = new Uint8Array(PIECE_BYTES);
  let [filled, previous, repeats] = [0, -1, 0];
  let at = (block[origin] ?? 0) >>> 8;
  for (let left = length; left > 0; left--) {
    const word = block[at] ?? 0;
    at = word >>> 8;
    const byte = word & 0xff;
    let copies = 1;
    if (repeats === 4) {
      [copies, repeats] = [byte, 0];
    } else {
      repeats = byte === previous ? repeats + 1 : 1;
      previous = byte;
    }
    const value = previous;
    for (; copies > 0; copies--) {
      output[filled++] = value;
      if (filled < PIECE_BYTES) continue;
      yield output;
      output = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
    if (repeats === 0) previous = -1;
  }
  if (filled > 0) yield output.subarray(0, filled);
}
