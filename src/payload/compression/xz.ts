/**
 * xz (The .xz File Format 1.2.1). xz-decompress, which is XZ Embedded in WebAssembly, decodes; the container is walked
 * here first, so that the end of a stream is known, what that decoder can't do is named, and a file that is cut short
 * is refused before it is decoded.
 */
import * as xzDecompress from 'xz-decompress';
import { crc32, formatSize, MIB } from '../../base/index.ts';
import type { ByteCursor } from '../bytes/cursor.ts';
import { type ByteSource, viewOf } from '../bytes/source.ts';

/** What XZ Embedded is built to allocate there; `xz -9` needs exactly this. */
const DICTIONARY_LIMIT_BYTES = 64 * MIB;
const LZMA2_FILTER = 0x21;
const HEADER_BYTES = 12;
/** Bytes of the check behind a block, by its id (§2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;
const SUPPORTED_CHECKS: readonly number[] = [0, 1, 4];

/** One stream; the cursor ends behind it. */
export async function* decodeXz(cursor: ByteCursor): AsyncGenerator<Uint8Array> {
  const start = cursor.offsetBytes;
  walkStream(cursor);
  const end = cursor.offsetBytes;
  const reader = new XzReadableStream(streamOf(cursor.source, start, end)).getReader();
  try {
    for (;;) {
      const piece = await reader.read().catch(() => undefined);
      if (piece === undefined) {
        return cursor.corrupt('its data can not be decoded, or its check does not agree');
      }
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    // Frees the decoder's memory where the reading ends early; it complains where it is freed already.
    await reader.cancel().catch(() => undefined);
  }
}

// A CommonJS module: its names are on the default export under Node, and beside it under bundlers.
const { XzReadableStream } =
  'default' in xzDecompress ? (xzDecompress.default as typeof xzDecompress) : xzDecompress;

function streamOf(source: ByteSource, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = source.read(at, Math.min(1 << 16, end - at));
      at += piece.length;
      if (piece.length === 0) controller.close();
      else controller.enqueue(piece);
    },
  });
}

/** Moves the cursor over a whole stream without decoding it. */
function walkStream(cursor: ByteCursor): void {
  const header = cursor.take(HEADER_BYTES).slice();
  cursor.checksum('header CRC32', viewOf(header).getUint32(8, true), crc32(header.subarray(6, 8)));
  const check = (header[7] ?? 0) & 15;
  if (!SUPPORTED_CHECKS.includes(check)) {
    cursor.unsupported('it is checked with SHA-256; make it again with "xz --check=crc64"');
  }
  const checkBytes = CHECK_BYTES[check] ?? 0;
  while (cursor.peek(1)[0] !== 0) walkBlock(cursor, checkBytes);
  walkIndex(cursor);
  const footer = cursor.take(HEADER_BYTES);
  if (footer[10] !== 0x59 || footer[11] !== 0x5a) cursor.corrupt('its footer is not there');
}

function walkBlock(cursor: ByteCursor, checkBytes: number): void {
  const headerBytes = ((cursor.peek(1)[0] ?? 0) + 1) * 4;
  const blockStart = cursor.offsetBytes;
  const header = cursor.take(headerBytes).slice();
  const covered = header.subarray(0, headerBytes - 4);
  cursor.checksum('block header CRC32', viewOf(header).getUint32(headerBytes - 4, true), crc32(covered));
  const flags = header[1] ?? 0;
  let at = 2;
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (let byte = 0x80; byte & 0x80; shift += 7) {
      byte = covered[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
    }
    return value;
  };
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  for (let filter = 0; filter <= (flags & 3); filter++) {
    const [id, propertyBytes] = [number(), number()];
    if (id !== LZMA2_FILTER) cursor.unsupported('it uses a filter besides LZMA2');
    checkDictionary(cursor, covered[at] ?? 0);
    at += propertyBytes;
  }
  walkLzma2(cursor);
  const padding = (4 - ((cursor.offsetBytes - blockStart) % 4)) % 4;
  cursor.skip(padding + checkBytes);
}

/** §5.3.1. */
function checkDictionary(cursor: ByteCursor, property: number): void {
  const bits = property & 63;
  const sizeBytes = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
  if (sizeBytes <= DICTIONARY_LIMIT_BYTES) return;
  cursor.unsupported(
    `it needs a dictionary of ${formatSize(sizeBytes)}; the limit is ${formatSize(DICTIONARY_LIMIT_BYTES)}`,
  );
}

/** LZMA2 chunks say how long they are (XZ for Java, LZMA2InputStream; 0 ends them). */
function walkLzma2(cursor: ByteCursor): void {
  for (let control = cursor.u8(); control !== 0; control = cursor.u8()) {
    if (control > 2 && control < 0x80) cursor.corrupt('an LZMA2 chunk is of no known kind');
    if (control >= 0x80) cursor.skip(2);
    const sizes = cursor.take(2);
    const sizeBytes = (((sizes[0] ?? 0) << 8) | (sizes[1] ?? 0)) + 1;
    cursor.skip(sizeBytes + (control >= 0xc0 ? 1 : 0));
  }
}

/** §4: the number of records, and two numbers each. */
function walkIndex(cursor: ByteCursor): void {
  const start = cursor.offsetBytes;
  cursor.skip(1);
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (let byte = 0x80; byte & 0x80; shift += 7) {
      byte = cursor.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (shift > 63) cursor.corrupt('a number in its index is too long');
    }
    return value;
  };
  for (let left = number() * 2; left > 0; left--) number();
  cursor.skip((4 - ((cursor.offsetBytes - start) % 4)) % 4);
  cursor.skip(4);
}
