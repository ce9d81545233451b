/** What a device tree blob has room for in U-Boot's memory (U-Boot, boot/fdt_support.c; libfdt, fdt_rw.c). */
import type { ByteSource } from '../bytes/source.ts';

const MAGIC = 0xd00dfeed;
const HEADER_BYTES = 40;
const PAGE_BYTES = 4096n;
/** `fdt resize` leaves room for five reservations beside what it is told to. */
const RESERVED_BYTES = 5n * 16n;

export interface BlobSizes {
  readonly totalBytes: number;
  /** To the end of the last block. */
  readonly usedBytes: number;
}

/** By the header; `undefined` where it is no blob. */
export function blobSizes(source: ByteSource | undefined): BlobSizes | undefined {
  if (source === undefined || source.sizeBytes < HEADER_BYTES) return undefined;
  const header = source.read(0, HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0) !== MAGIC) return undefined;
  const [structureEnd, stringsEnd] = [
    view.getUint32(8) + view.getUint32(36),
    view.getUint32(12) + view.getUint32(32),
  ];
  return { totalBytes: view.getUint32(4), usedBytes: Math.max(structureEnd, stringsEnd) };
}

/** What `fdt resize EXTRA` makes of a tree: it ends with a page (fdt_shrink_to_minimum). */
export function resizedBytes(at: bigint, usedBytes: number, extraBytes: bigint): number {
  const start = at % PAGE_BYTES;
  const end = start + BigInt(usedBytes) + RESERVED_BYTES + extraBytes;
  return Number(((end + PAGE_BYTES - 1n) / PAGE_BYTES) * PAGE_BYTES - start);
}
