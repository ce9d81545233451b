/**
 * U-Boot's legacy image: a 64-byte header before a kernel, a ramdisk, a script or several of them (U-Boot,
 * include/image.h, `struct legacy_img_hdr`; mkimage(1)). Both checksums are compared.
 */

import { crc32 } from '../../base/index.ts';
import { type ByteSource, sliceSource, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';

export interface LegacyImage {
  readonly name: string;
  /** `kernel`, `ramdisk`, `script`, …, or the number where it has no name here. */
  readonly type: string;
  readonly architecture: string;
  readonly os: string;
  readonly compression: string;
  readonly timeSeconds: number;
  readonly loadAddress: number;
  readonly entryPoint: number;
  /** The parts: one, or those of a multi-file image; a script's text. */
  readonly parts: readonly ByteSource[];
}

const LEGACY_MAGIC = 0x2705_1956;
export const LEGACY_HEADER_BYTES = 64;

const TYPES: Readonly<Record<number, string>> = {
  1: 'standalone',
  2: 'kernel',
  3: 'ramdisk',
  4: 'multi',
  5: 'firmware',
  6: 'script',
  7: 'filesystem',
  8: 'flat_dt',
};
const ARCHITECTURES: Readonly<Record<number, string>> = {
  0: 'invalid',
  2: 'arm',
  3: 'x86',
  22: 'arm64',
  26: 'riscv',
};
const SYSTEMS: Readonly<Record<number, string>> = { 0: 'invalid', 5: 'linux', 17: 'u-boot' };
const COMPRESSIONS: Readonly<Record<number, string>> = {
  0: 'none',
  1: 'gzip',
  2: 'bzip2',
  3: 'lzma',
  4: 'lzo',
  5: 'lz4',
  6: 'zstd',
};

export function isLegacyImage(head: Uint8Array): boolean {
  return head.length >= 4 && viewOf(head).getUint32(0) === LEGACY_MAGIC;
}

/** Reads a header and its parts; refuses what is cut short or does not agree with its checksums. */
export function readLegacyImage(source: ByteSource): LegacyImage {
  const what = 'U-Boot image';
  const position = { file: source.path, offsetBytes: 0 };
  const header = source.read(0, LEGACY_HEADER_BYTES).slice();
  if (header.length < LEGACY_HEADER_BYTES) {
    refuse(
      payloadCodes['cut-short'].at(position, { what, missingBytes: LEGACY_HEADER_BYTES - header.length }),
    );
  }
  const view = viewOf(header);
  const sizeBytes = view.getUint32(12);
  const [headerCrc, dataCrc] = [view.getUint32(4), view.getUint32(24)];
  view.setUint32(4, 0);
  compare('header CRC32', headerCrc, crc32(header));
  const missingBytes = LEGACY_HEADER_BYTES + sizeBytes - source.sizeBytes;
  if (missingBytes > 0) refuse(payloadCodes['cut-short'].at(position, { what, missingBytes }));
  const data = sliceSource(source, { base: LEGACY_HEADER_BYTES, size: sizeBytes });
  compare('data CRC32', dataCrc, crcOf(data));
  const type = TYPES[header[30] ?? 0] ?? `type ${header[30]}`;
  return {
    name: new TextDecoder().decode(header.subarray(32)).replace(/\0.*$/s, ''),
    type,
    architecture: ARCHITECTURES[header[29] ?? 0] ?? `architecture ${header[29]}`,
    os: SYSTEMS[header[28] ?? 0] ?? `system ${header[28]}`,
    compression: COMPRESSIONS[header[31] ?? 0] ?? `compression ${header[31]}`,
    timeSeconds: view.getUint32(8),
    loadAddress: view.getUint32(16),
    entryPoint: view.getUint32(20),
    parts: type === 'multi' || type === 'script' ? partsOf(data) : [data],
  };

  function compare(kind: string, expected: number, actual: number): void {
    if (expected !== actual) refuse(payloadCodes['checksum'].at(position, { what, kind, expected, actual }));
  }
}

function crcOf(data: ByteSource): number {
  let crc = 0;
  for (let at = 0; at < data.sizeBytes; at += 1 << 20) crc = crc32(data.read(at, 1 << 20), crc);
  return crc;
}

/** Sizes until a zero, then the parts, each padded to four bytes (`image_multi_getimg`). */
function partsOf(data: ByteSource): readonly ByteSource[] {
  const sizes: number[] = [];
  for (let at = 0; at + 4 <= data.sizeBytes; at += 4) {
    const size = viewOf(data.read(at, 4)).getUint32(0);
    if (size === 0) break;
    sizes.push(size);
  }
  let offset = (sizes.length + 1) * 4;
  return sizes.map((size) => {
    const missingBytes = offset + size - data.sizeBytes;
    if (missingBytes > 0) {
      const position = { file: data.path, offsetBytes: LEGACY_HEADER_BYTES + offset };
      refuse(payloadCodes['cut-short'].at(position, { what: 'U-Boot image', missingBytes }));
    }
    const part = sliceSource(data, { base: offset, size });
    offset += Math.ceil(size / 4) * 4;
    return part;
  });
}
