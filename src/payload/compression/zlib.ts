/** zlib data (RFC 1950) of a known size, by pako. */
import { Z_FINISH, Z_STREAM_END, ZStream, zlibInflate, zlibInflateEnd, zlibInflateInit2 } from 'pako';

/** 15 bits of window, with zlib's header and checksum (zlib.h, inflateInit2). */
const ZLIB_ONLY = 15;
/** Deflate never makes a thousandth of anything (zlib's technical details: 1032 to 1). */
const LARGEST_RATIO = 1100;

/** `undefined` where the data is damaged or is of another size. */
export function inflateZlib(bytes: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  if (sizeBytes > (bytes.length + 1) * LARGEST_RATIO) return undefined;
  const stream = new ZStream();
  zlibInflateInit2(stream, ZLIB_ONLY);
  try {
    stream.input = bytes;
    stream.next_in = 0;
    stream.avail_in = bytes.length;
    // A byte more than there should be shows what is too long.
    stream.output = new Uint8Array(sizeBytes + 1);
    stream.next_out = 0;
    stream.avail_out = sizeBytes + 1;
    const status = zlibInflate(stream, Z_FINISH);
    return status === Z_STREAM_END && stream.next_out === sizeBytes
      ? stream.output.subarray(0, sizeBytes)
      : undefined;
  } finally {
    zlibInflateEnd(stream);
  }
}
