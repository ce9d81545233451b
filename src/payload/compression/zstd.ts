/**
 * Zstandard (RFC 8878). fzstd decodes the blocks; frames are walked here, so that the end of a frame is known, its
 * window is bounded before anything is allocated, and its content checksum, which fzstd leaves out, is compared.
 */
import { Decompress } from 'fzstd';
import { concatBytes, formatSize, MIB } from '../../base/index.ts';
import type { ByteCursor } from '../bytes/cursor.ts';
import { u64At, viewOf } from '../bytes/source.ts';
import { hashing } from './xxhash.ts';

/** What zstd itself refuses to decode beyond without being told (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`, 27). */
const WINDOW_LIMIT_BYTES = 128 * MIB;
/**
 * fzstd moves its whole window for each block. Tiny blocks in a big window would buy hours with kilobytes: this many
 * bytes moved for each byte of output (what full blocks in the largest window cost), after a free allowance.
 */
const MOVED_PER_OUTPUT = 1024;
const MOVED_FREE_BYTES = 2 ** 33;

interface FrameHeader {
  readonly bytes: Uint8Array;
  readonly windowBytes: number;
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** One frame, skippable ones included; the cursor ends behind it. */
export function* decodeZstd(cursor: ByteCursor): Generator<Uint8Array> {
  const magic = viewOf(cursor.take(4)).getUint32(0, true);
  if ((magic & 0xffff_fff0) >>> 0 === 0x184d_2a50) {
    cursor.skip(cursor.u32le());
    return;
  }
  if (magic !== 0xfd2f_b528) cursor.corrupt('a frame does not begin with its magic number');
  const header = readFrameHeader(cursor);
  const hash = hashing.create64();
  const pieces: Uint8Array[] = [];
  const decoder = new Decompress((piece) => pieces.push(piece));
  const push = (bytes: Uint8Array, isLast: boolean): void => {
    try {
      decoder.push(bytes, isLast);
    } catch (error) {
      cursor.corrupt(error instanceof Error ? error.message : 'a block can not be decoded');
    }
  };
  push(header.bytes, false);
  let [isLast, producedBytes, movedBytes] = [false, 0, 0];
  while (!isLast) {
    const block = cursor.peek(3);
    if (block.length < 3) cursor.take(3);
    const word = (block[0] ?? 0) | ((block[1] ?? 0) << 8) | ((block[2] ?? 0) << 16);
    const [type, size] = [(word >> 1) & 3, word >> 3];
    isLast = (word & 1) === 1;
    if (type === 3) cursor.corrupt('a block is of a reserved type');
    if (size > 1 << 17) cursor.corrupt('a block is larger than 128 KiB');
    const bytes = cursor.take(3 + (type === 1 ? 1 : size)).slice();
    const checksum = isLast && header.hasChecksum ? cursor.take(4).slice() : undefined;
    push(checksum === undefined ? bytes : concatBytes([bytes, checksum]), isLast);
    movedBytes += header.windowBytes;
    for (const piece of pieces.splice(0)) {
      producedBytes += piece.length;
      hash.update(piece);
      yield piece;
    }
    if (movedBytes > MOVED_FREE_BYTES + producedBytes * MOVED_PER_OUTPUT) {
      cursor.unsupported(`its blocks are too small for its window of ${formatSize(header.windowBytes)}`);
    }
    if (checksum !== undefined) {
      cursor.checksum('XXH64', viewOf(checksum).getUint32(0, true), Number(hash.digest() & 0xffff_ffffn));
    }
  }
  if (header.contentBytes !== undefined && header.contentBytes !== producedBytes) {
    cursor.corrupt(`a frame says that it holds ${header.contentBytes} bytes and holds ${producedBytes}`);
  }
}

/** RFC 8878 §3.1.1.1. */
function readFrameHeader(cursor: ByteCursor): FrameHeader {
  const descriptor = cursor.u8();
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (descriptor & 0x08) cursor.corrupt('a reserved bit of a frame header is set');
  if (descriptor & 0x03) cursor.unsupported('it needs a dictionary');
  const windowByte = isSingleSegment ? undefined : cursor.u8();
  const sizeField = descriptor >> 6;
  const sizeLength = sizeField === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeField;
  const sizeBytes = cursor.take(sizeLength).slice();
  const padded = concatBytes([sizeBytes, new Uint8Array(8 - sizeLength)]);
  const contentBytes =
    sizeLength === 0 ? undefined : u64At(viewOf(padded), 0, true) + (sizeLength === 2 ? 256 : 0);
  const declaredBytes = windowByte === undefined ? (contentBytes ?? 0) : windowOf(windowByte);
  // No match reaches further back than the content goes: a window that is larger costs for nothing.
  const smaller = contentBytes === undefined ? undefined : smallestWindow(contentBytes);
  const usedByte =
    windowByte !== undefined && smaller !== undefined && windowOf(smaller) < declaredBytes
      ? smaller
      : windowByte;
  const windowBytes = usedByte === undefined ? declaredBytes : windowOf(usedByte);
  if (windowBytes > WINDOW_LIMIT_BYTES) {
    cursor.unsupported(
      `it needs a window of ${formatSize(windowBytes)}; the limit is ${formatSize(WINDOW_LIMIT_BYTES)}`,
    );
  }
  const head = [0x28, 0xb5, 0x2f, 0xfd, descriptor, ...(usedByte === undefined ? [] : [usedByte])];
  return {
    bytes: concatBytes([Uint8Array.from(head), sizeBytes]),
    windowBytes,
    contentBytes,
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

/** RFC 8878 §3.1.1.1.2: five bits of exponent, three of mantissa. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** The descriptor of the smallest window that holds so much; one block at least, which is what a decoder handles whole. */
function smallestWindow(contentBytes: number): number {
  const wantedBytes = Math.max(contentBytes, 1 << 17);
  return Math.max(0, Math.ceil(Math.log2(wantedBytes)) - 10) << 3;
}
