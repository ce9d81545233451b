/**
 * Android's sparse images, as fastboot takes them (AOSP, system/core/libsparse/sparse_format.h): chunks of blocks, raw,
 * filled with four bytes, or left out. Read where they lie; nothing is unpacked.
 */
import { type ByteSource, startsWith, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';

const MAGIC = [0x3a, 0xff, 0x26, 0xed];
const HEADER_BYTES = 28;
const CHUNK_BYTES = 12;
const CHUNK_LIMIT = 1_000_000;
const RAW = 0xcac1;
const FILL = 0xcac2;
const DONT_CARE = 0xcac3;
const CRC = 0xcac4;

interface Chunk {
  /** In the image that is meant. */
  readonly base: number;
  readonly sizeBytes: number;
  /** In the file; filled chunks have their four bytes instead. */
  readonly at: number | undefined;
  readonly fill: Uint8Array | undefined;
}

export function isSparse(head: Uint8Array): boolean {
  return startsWith(head, MAGIC);
}

/** The image that a sparse one stands for. */
export function sparseSource(source: ByteSource, limitBytes: number): ByteSource {
  const what = 'sparse image';
  const corrupt = (offsetBytes: number, reason: string): never =>
    refuse(payloadCodes['corrupt'].at({ file: source.path, offsetBytes }, { what, reason }));
  const header = viewOf(source.read(0, HEADER_BYTES).slice());
  if (header.byteLength < HEADER_BYTES) corrupt(0, 'its header is cut short');
  const [fileHeaderBytes, chunkHeaderBytes] = [header.getUint16(8, true), header.getUint16(10, true)];
  const [blockBytes, blockCount, chunkCount] = [12, 16, 20].map((at) => header.getUint32(at, true));
  if (blockBytes === undefined || blockCount === undefined || chunkCount === undefined) return source;
  if (header.getUint16(4, true) !== 1) corrupt(4, `its version is ${header.getUint16(4, true)}`);
  if (fileHeaderBytes < HEADER_BYTES || chunkHeaderBytes < CHUNK_BYTES)
    corrupt(8, 'its headers are too short');
  if (blockBytes === 0 || blockBytes % 4 !== 0) corrupt(12, `its blocks have ${blockBytes} bytes`);
  if (chunkCount > CHUNK_LIMIT)
    refuse(payloadCodes['too-many'].at({ file: source.path }, { what, limit: CHUNK_LIMIT }));
  const sizeBytes = blockBytes * blockCount;
  if (sizeBytes > limitBytes)
    refuse(payloadCodes['too-large'].at({ file: source.path }, { what, limitBytes }));
  const chunks: Chunk[] = [];
  let at = fileHeaderBytes;
  let base = 0;
  for (let index = 0; index < chunkCount; index++) {
    const bytes = viewOf(source.read(at, CHUNK_BYTES).slice());
    if (bytes.byteLength < CHUNK_BYTES) corrupt(at, 'a chunk is cut short');
    const [kind, blocks, totalBytes] = [
      bytes.getUint16(0, true),
      bytes.getUint32(4, true),
      bytes.getUint32(8, true),
    ];
    const chunkBytes = blocks * blockBytes;
    if (totalBytes < chunkHeaderBytes) corrupt(at, 'a chunk is shorter than its header');
    if (base + chunkBytes > sizeBytes) corrupt(at, 'its chunks are larger than the image');
    const dataAt = at + chunkHeaderBytes;
    if (kind === RAW) {
      if (totalBytes - chunkHeaderBytes < chunkBytes || dataAt + chunkBytes > source.sizeBytes) {
        corrupt(at, 'a chunk is cut short');
      }
      chunks.push({ base, sizeBytes: chunkBytes, at: dataAt, fill: undefined });
    } else if (kind === FILL) {
      chunks.push({ base, sizeBytes: chunkBytes, at: undefined, fill: source.read(dataAt, 4).slice() });
    } else if (kind !== DONT_CARE && kind !== CRC)
      corrupt(at, `it has a chunk of kind 0x${kind.toString(16)}`);
    if (kind !== CRC) base += chunkBytes;
    at += totalBytes;
  }
  return {
    path: source.path,
    sizeBytes,
    read: (offset, size) => readChunks(source, chunks, sizeBytes, offset, size),
  };
}

function readChunks(
  source: ByteSource,
  chunks: readonly Chunk[],
  imageBytes: number,
  offset: number,
  wantedBytes: number,
): Uint8Array {
  const size = Math.max(0, Math.min(wantedBytes, imageBytes - offset));
  const result = new Uint8Array(size);
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle];
    if (chunk !== undefined && chunk.base + chunk.sizeBytes <= offset) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < chunks.length; index++) {
    const chunk = chunks[index];
    if (chunk === undefined || chunk.base >= offset + size) break;
    const from = Math.max(offset, chunk.base);
    const length = Math.min(offset + size, chunk.base + chunk.sizeBytes) - from;
    if (chunk.at !== undefined) result.set(source.read(chunk.at + from - chunk.base, length), from - offset);
    else if (chunk.fill?.some((byte) => byte !== 0) === true) {
      for (let each = 0; each < length; each++) {
        result[from - offset + each] = chunk.fill[(from - chunk.base + each) % 4] ?? 0;
      }
    }
  }
  return result;
}
