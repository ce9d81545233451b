/** Compressed data: what it is, and its content in pieces, with limits. */
import { MIB } from '../../base/index.ts';
import { ByteCursor, collectPieces } from '../bytes/cursor.ts';
import { type ByteSource, bytesSource, startsWith } from '../bytes/source.ts';
import { decodeBzip2 } from './bzip2.ts';
import { inflateGzip } from './gzip.ts';
import { decodeLz4 } from './lz4.ts';
import { decodeLzma, isLzma } from './lzma.ts';
import { decodeXz } from './xz.ts';
import { decodeZstd } from './zstd.ts';

interface Format {
  readonly magics: readonly (readonly number[])[];
  readonly decode: (cursor: ByteCursor) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

const FORMATS = {
  gzip: { magics: [[0x1f, 0x8b, 0x08]], decode: inflateGzip },
  xz: { magics: [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], decode: decodeXz },
  zstd: { magics: [[0x28, 0xb5, 0x2f, 0xfd]], decode: decodeZstd },
  lz4: {
    magics: [
      [0x04, 0x22, 0x4d, 0x18],
      [0x02, 0x21, 0x4c, 0x18],
    ],
    decode: decodeLz4,
  },
  bzip2: { magics: [[0x42, 0x5a, 0x68]], decode: decodeBzip2 },
  // No magic number; told by its header as a whole, after all others.
  lzma: { magics: [], decode: decodeLzma },
} as const satisfies Record<string, Format>;

/** A format that can be decompressed, by its usual name. */
export type CompressionFormat = keyof typeof FORMATS;

/** More than any kernel or ramdisk decompresses to. */
export const WHOLE_LIMIT_BYTES = 1024 * MIB;
/** LZMA's header and a byte; a magic number needs less. */
export const MAGIC_BYTES = 14;

/** What the first bytes say. lzo, which has no reader here, is not told from other data. */
export function detectCompression(head: Uint8Array): CompressionFormat | undefined {
  const formats = Object.keys(FORMATS) as readonly CompressionFormat[];
  const byMagic = formats.find((name) => FORMATS[name].magics.some((magic) => startsWith(head, magic)));
  return byMagic ?? (isLzma(head) ? 'lzma' : undefined);
}

/** One member (frame, stream) at the cursor, in pieces; the cursor ends behind it. */
export async function* decompressMember(
  format: CompressionFormat,
  cursor: ByteCursor,
): AsyncGenerator<Uint8Array> {
  cursor.what = `${format} data`;
  yield* FORMATS[format].decode(cursor);
}

/** All members, one after the other, as gzip and xz themselves read a file. What follows them is left. */
export async function* decompressAll(
  format: CompressionFormat,
  cursor: ByteCursor,
): AsyncGenerator<Uint8Array> {
  while (detectCompression(cursor.peek(MAGIC_BYTES)) === format) yield* decompressMember(format, cursor);
}

/** A source's content where it is compressed, in memory, up to a limit; the source itself where it is not. */
export async function decompressed(
  source: ByteSource,
  limitBytes = WHOLE_LIMIT_BYTES,
): Promise<{ readonly source: ByteSource; readonly format: CompressionFormat | undefined }> {
  const format = detectCompression(source.read(0, MAGIC_BYTES));
  if (format === undefined) return { source, format };
  const cursor = new ByteCursor(source, `${format} data`);
  const bytes = await collectPieces(decompressAll(format, cursor), limitBytes, cursor);
  return { source: bytesSource(source.path, bytes), format };
}
