/**
 * The arm64 kernel Image: its 64-byte header (Linux, Documentation/arm64/booting.rst, "Call the kernel image") and the
 * release that the kernel names itself by. Left out: the PE header behind `MZ`, which only firmware reads.
 */
import { type ByteSource, u64At, viewOf } from '../bytes/source.ts';

/** What the header says. */
export interface Arm64ImageHeader {
  /** Where the Image wants to lie above a 2 MiB aligned base. */
  readonly textOffsetBytes: number;
  /** Room that the kernel needs from its load address on, BSS included; 0 in kernels before 3.17. */
  readonly imageSizeBytes: number;
  readonly endianness: 'little' | 'big';
  readonly pageSizeBytes: number | undefined;
  /** Bit 3 of the flags: whether the 2 MiB aligned base may be anywhere, or should be close to the start of RAM. */
  readonly placement: 'anywhere' | 'near-start-of-ram';
}

/** What an Image's header says, and the kernel's banner. */
export interface Arm64Image extends Arm64ImageHeader {
  readonly fileSizeBytes: number;
  /** `6.1.0-56-arm64`, where the Image holds a version string. */
  readonly release: string | undefined;
  /** The whole line that begins with "Linux version". */
  readonly banner: string | undefined;
}

/** The header at an Image's beginning (Linux, Documentation/arch/arm64/booting.rst). */
export const ARM64_IMAGE_HEADER_BYTES = 64;
const MAGIC_OFFSET = 56;
/** "ARM\x64", little-endian. */
const MAGIC = 0x644d_5241;
/** Values of flags bits 1–2. */
const PAGE_SIZES = [undefined, 4096, 16384, 65536] as const;

/** Whether bytes begin with an Image's header. */
export function isArm64Image(header: Uint8Array): boolean {
  return header.length >= ARM64_IMAGE_HEADER_BYTES && viewOf(header).getUint32(MAGIC_OFFSET, true) === MAGIC;
}

/** What the first {@link ARM64_IMAGE_HEADER_BYTES} say; `undefined` where this is no arm64 Image. */
export function readArm64ImageHeader(header: Uint8Array): Arm64ImageHeader | undefined {
  if (!isArm64Image(header)) return undefined;
  const view = viewOf(header);
  const [textOffsetBytes, imageSizeBytes] = [u64At(view, 8, true), u64At(view, 16, true)];
  const flags = view.getUint32(24, true);
  return {
    textOffsetBytes: imageSizeBytes === 0 ? 0x80000 : textOffsetBytes,
    imageSizeBytes,
    endianness: flags & 1 ? 'big' : 'little',
    pageSizeBytes: PAGE_SIZES[(flags >> 1) & 3],
    placement: flags & 8 ? 'anywhere' : 'near-start-of-ram',
  };
}

/** The same, and the release, for which all of it is searched. */
export function readArm64Image(source: ByteSource): Arm64Image | undefined {
  const header = readArm64ImageHeader(source.read(0, ARM64_IMAGE_HEADER_BYTES));
  if (header === undefined) return undefined;
  const banner = findBanner(source);
  return { ...header, fileSizeBytes: source.sizeBytes, release: banner?.split(' ')[2], banner };
}

/** `Linux version `. */
const BANNER_START = Uint8Array.from('Linux version ', (character) => character.charCodeAt(0));
const BANNER_LIMIT_BYTES = 512;
const PIECE_BYTES = 1 << 20;

/** The first "Linux version RELEASE …" whose release begins with a digit: `linux_banner` in the kernel's data. */
function findBanner(source: ByteSource): string | undefined {
  const overlap = BANNER_START.length + BANNER_LIMIT_BYTES;
  for (let offset = 0; offset < source.sizeBytes; offset += PIECE_BYTES) {
    const piece = source.read(offset, PIECE_BYTES + overlap);
    for (
      let at = indexOfBytes(piece, BANNER_START, 0);
      at >= 0;
      at = indexOfBytes(piece, BANNER_START, at + 1)
    ) {
      const text = new TextDecoder('utf-8').decode(piece.subarray(at, at + BANNER_LIMIT_BYTES));
      const line = /^Linux version \d[^\s\0]*[^\n\0]*/.exec(text)?.[0];
      if (line !== undefined) return line;
    }
  }
  return undefined;
}

/** Where `wanted` stands in `bytes`, from `start` on; -1 where it does not. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, start: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, start); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    let matched = 1;
    while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched++;
    if (matched === wanted.length) return at;
  }
  return -1;
}
