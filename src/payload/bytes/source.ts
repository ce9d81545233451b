/** Bytes that are read in pieces, so that an image of gigabytes is never in memory. */
import type { AddrRange } from '../../base/index.ts';

/** Something to read from; a `RandomAccessFile` of the host is one. */
export interface ByteSource {
  /** What diagnostics call it. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Up to `sizeBytes` bytes from `offsetBytes`; fewer only at the end. The result may share memory: don't write to it. */
  read(offsetBytes: number, sizeBytes: number): Uint8Array;
}

/** Bytes in memory as a source; `path` is what diagnostics call it. */
export function bytesSource(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    sizeBytes: bytes.length,
    read: (offsetBytes, sizeBytes) =>
      bytes.subarray(Math.min(offsetBytes, bytes.length), Math.min(bytes.length, offsetBytes + sizeBytes)),
  };
}

/** A part of a source, cut at the source's end. */
export function sliceSource(source: ByteSource, range: AddrRange, path = source.path): ByteSource {
  const base = Math.min(range.base, source.sizeBytes);
  const sizeBytes = Math.max(0, Math.min(range.size, source.sizeBytes - base));
  return {
    path,
    sizeBytes,
    read: (offsetBytes, wantedBytes) =>
      offsetBytes >= sizeBytes
        ? new Uint8Array(0)
        : source.read(base + offsetBytes, Math.min(wantedBytes, sizeBytes - offsetBytes)),
  };
}

/** A `DataView` over the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An unsigned 64-bit number that a `number` may not hold exactly: past 2^53 it is only known to be too large. */
export function u64At(view: DataView, offsetBytes: number, littleEndian: boolean): number {
  return Number(view.getBigUint64(offsetBytes, littleEndian));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether `bytes` begins with these. */
export function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);
}
