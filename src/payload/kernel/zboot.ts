/** EFI zboot: a PE program around a compressed Image (Linux, drivers/firmware/efi/libstub/zboot-header.S). */
import { type ByteSource, sliceSource, startsWith, viewOf } from '../bytes/source.ts';

export interface Zboot {
  /** `gzip`, `zstd`, …, as its header names it. */
  readonly compression: string;
  readonly payload: ByteSource;
}

const HEADER_BYTES = 64;
const COMPRESSION_OFFSET = 24;

/** `undefined` where this is no zboot file. */
export function readZboot(source: ByteSource): Zboot | undefined {
  const header = source.read(0, HEADER_BYTES);
  // "MZ", then "zimg" at 4.
  if (header.length < HEADER_BYTES || !startsWith(header, [0x4d, 0x5a])) return undefined;
  if (!startsWith(header.subarray(4), [0x7a, 0x69, 0x6d, 0x67])) return undefined;
  const view = viewOf(header);
  const [base, size] = [view.getUint32(8, true), view.getUint32(12, true)];
  const compression = new TextDecoder('latin1').decode(
    header.subarray(COMPRESSION_OFFSET, COMPRESSION_OFFSET + 32),
  );
  return {
    compression: compression.replace(/\0.*$/s, ''),
    payload: sliceSource(source, { base, size }, `${source.path}: payload`),
  };
}
