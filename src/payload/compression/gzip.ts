/** gzip (RFC 1952), by pako: zlib in plain JavaScript, which checks length and CRC, and says where a member ends. */
import { Z_NO_FLUSH, Z_OK, Z_STREAM_END, ZStream, zlibInflate, zlibInflateEnd, zlibInflateInit2 } from 'pako';
import type { ByteCursor } from '../bytes/cursor.ts';

const OUTPUT_BYTES = 1 << 16;
/** 15 bits of window, and 16 for "a gzip header and nothing else" (zlib.h, inflateInit2). */
const GZIP_ONLY = 15 + 16;

/** One member; the cursor ends behind it. */
export function* inflateGzip(cursor: ByteCursor): Generator<Uint8Array> {
  const stream = new ZStream();
  zlibInflateInit2(stream, GZIP_ONLY);
  try {
    for (let status: number = Z_OK; status !== Z_STREAM_END; ) {
      const input = cursor.peekPiece();
      if (input.length === 0) cursor.take(1);
      stream.input = input;
      stream.next_in = 0;
      stream.avail_in = input.length;
      do {
        stream.output = new Uint8Array(OUTPUT_BYTES);
        stream.next_out = 0;
        stream.avail_out = OUTPUT_BYTES;
        status = zlibInflate(stream, Z_NO_FLUSH);
        if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out);
      } while (status === Z_OK && stream.avail_out === 0);
      cursor.skip(stream.next_in);
      // Z_BUF_ERROR with all input taken only means that more is wanted.
      if (status !== Z_OK && status !== Z_STREAM_END && (stream.avail_in > 0 || stream.next_in === 0)) {
        cursor.corrupt(stream.msg === '' ? 'its data is not deflated' : stream.msg);
      }
    }
  } finally {
    zlibInflateEnd(stream);
  }
}
