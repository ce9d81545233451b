/**
 * lz4: frames (LZ4 Frame Format 1.6.4) and the legacy frames that Linux's build makes (`lz4 -l`). A reader of our own:
 * libraries take whole buffers, and none reads the legacy form. Dictionaries are not supported.
 */
import { concatBytes, KIB, MIB } from '../../base/index.ts';
import type { ByteCursor } from '../bytes/cursor.ts';
import { hashing } from './xxhash.ts';

const LZ4_MAGIC = 0x184d_2204;
const LZ4_LEGACY_MAGIC = 0x184c_2102;

const LEGACY_BLOCK_BYTES = 8 * MIB;
/** The most that a block of that size compresses to (`LZ4_COMPRESSBOUND`). */
const LEGACY_COMPRESSED_LIMIT = LEGACY_BLOCK_BYTES + LEGACY_BLOCK_BYTES / 255 + 16;
const HISTORY_BYTES = 64 * KIB;

/** One frame; the cursor ends behind it. */
export function* decodeLz4(cursor: ByteCursor): Generator<Uint8Array> {
  const magic = cursor.u32le();
  if (magic === LZ4_LEGACY_MAGIC) yield* decodeLegacy(cursor);
  else if (magic === LZ4_MAGIC) yield* decodeFrame(cursor);
  else cursor.corrupt('a frame does not begin with its magic number');
}

/** Blocks until the end, or until what follows can't be a block's size: padding or another magic number. */
function* decodeLegacy(cursor: ByteCursor): Generator<Uint8Array> {
  while (cursor.remainingBytes >= 4) {
    const [a = 0, b = 0, c = 0, d = 0] = cursor.peek(4);
    const sizeBytes = a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
    if (sizeBytes === 0 || sizeBytes > LEGACY_COMPRESSED_LIMIT) return;
    // What is too short for a block is the uncompressed size that Linux's build appends to a compressed Image.
    if (sizeBytes > cursor.remainingBytes - 4 && cursor.remainingBytes < 16) return;
    cursor.skip(4);
    yield decodeBlock(cursor, cursor.take(sizeBytes), LEGACY_BLOCK_BYTES, new Uint8Array(0));
  }
}

function* decodeFrame(cursor: ByteCursor): Generator<Uint8Array> {
  const [flags = 0, blockDescriptor = 0] = cursor.peek(2);
  if (flags >> 6 !== 1) cursor.unsupported('its frame is not of version 1');
  if (flags & 0x01) cursor.unsupported('it needs a dictionary');
  const descriptor = cursor.take(2 + (flags & 0x08 ? 8 : 0)).slice();
  cursor.checksum('header XXH32', cursor.u8(), (hashing.h32Raw(descriptor) >>> 8) & 0xff);
  const sizeCode = (blockDescriptor >> 4) & 7;
  if (sizeCode < 4) cursor.corrupt('its block size is reserved');
  const blockBytes = (64 * KIB) << (2 * (sizeCode - 4));
  const hash = hashing.create32();
  let history: Uint8Array = new Uint8Array(0);
  for (let word = cursor.u32le(); word !== 0; word = cursor.u32le()) {
    const sizeBytes = word & 0x7fff_ffff;
    if (sizeBytes > blockBytes) cursor.corrupt('a block is larger than its frame allows');
    const stored = cursor.take(sizeBytes).slice();
    if (flags & 0x10) cursor.checksum('block XXH32', cursor.u32le(), hashing.h32Raw(stored) >>> 0);
    const block = word >>> 31 === 1 ? stored : decodeBlock(cursor, stored, blockBytes, history);
    // Bit 5: blocks stand alone. Otherwise matches reach back into the blocks before.
    if (!(flags & 0x20)) history = concatBytes([history, block]).subarray(-HISTORY_BYTES);
    hash.update(block);
    yield block;
  }
  if (flags & 0x04) cursor.checksum('content XXH32', cursor.u32le(), hash.digest() >>> 0);
}

/** The sequences of one block (LZ4 Block Format). */
function decodeBlock(cursor: ByteCursor, input: Uint8Array, limit: number, history: Uint8Array): Uint8Array {
  const start = history.length;
  // A byte of input gives 255 bytes of output at most.
  const output = new Uint8Array(start + Math.min(limit, input.length * 255 + 64));
  output.set(history);
  let [from, to] = [0, start];
  const extended = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = input[from++] ?? 0;
    return length;
  };
  while (from < input.length) {
    const token = input[from++] ?? 0;
    const literals = extended(token >> 4);
    if (from + literals > input.length || to + literals > output.length) {
      cursor.corrupt('literals reach past the end of a block');
    }
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from >= input.length) break;
    const distance = (input[from] ?? 0) | ((input[from + 1] ?? 0) << 8);
    from += 2;
    const length = extended(token & 15) + 4;
    if (distance === 0 || distance > to) cursor.corrupt('a match reaches back past the start');
    if (to + length > output.length) cursor.corrupt('a match reaches past the end of a block');
    for (let count = 0; count < length; count++, to++) output[to] = output[to - distance] ?? 0;
  }
  return output.subarray(start, to);
}
