/**
 * Which devices a kernel, or a ramdisk's modules, can have drivers for: the `compatible` strings in it. Driver tables
 * (`struct of_device_id`) hold them as text that ends in a zero, so one that is in no such text has no driver. The reverse
 * does not follow: a string may be there for another reason.
 */
import type { ByteSource } from '../bytes/source.ts';
import { isCpio } from '../cpio/reader.ts';

/** The `compatible` strings that a kernel's drivers ask for. */
export interface CompatibleStrings {
  /** Texts of the form `vendor,name`, whole. */
  readonly found: ReadonlySet<string>;
  /** Whether there are modules that had to be decompressed to see theirs. */
  readonly hasCompressedModules: boolean;
}

const PIECE_BYTES = 1 << 20;
/** `compatible` in `struct of_device_id` (include/linux/mod_devicetable.h), with its zero. */
const TEXT_LIMIT_BYTES = 128;
const [COMMA, DOT] = [0x2c, 0x2e];
const COMPRESSED_MODULE = /\.ko\.(xz|gz|zst)$/;

/** Letters, digits and what stands between them in `compatible` strings and in paths. */
const isWordByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9,._+/-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Reads a kernel's Image, or a plain cpio archive with plain modules. */
export function compatibleStrings(source: ByteSource): CompatibleStrings {
  const found = new Set<string>();
  let hasCompressedModules = false;
  const decoder = new TextDecoder('latin1');
  for (let offset = 0; offset < source.sizeBytes; offset += PIECE_BYTES) {
    // Texts that reach into the next piece are read here; one that begins before this piece was read with the last.
    const piece = source.read(offset, PIECE_BYTES + TEXT_LIMIT_BYTES);
    let start = 0;
    let marked = false;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (isWordByte[byte] === 1) {
        if (byte === COMMA || byte === DOT) marked = true;
        continue;
      }
      if (byte === 0 && marked) {
        // In cpio archives a file's name follows its header, which is digits.
        const text = decoder.decode(piece.subarray(Math.max(start, at - TEXT_LIMIT_BYTES), at));
        if (COMPRESSED_MODULE.test(text)) hasCompressedModules = true;
        else if (text.length < TEXT_LIMIT_BYTES && text.includes(',')) found.add(text);
      }
      start = at + 1;
      marked = false;
    }
  }
  return { found, hasCompressedModules };
}

/** More than a ramdisk has that is made to boot from; larger ones are not looked through. */
const RAMDISK_LIMIT_BYTES = 256 * 2 ** 20;

const TRAILER = 'TRAILER!!!';
const PADDING_LIMIT_BYTES = 4096;

/** Whether a ramdisk is plain from its start to its end: Linux takes a compressed archive behind a plain one. */
function isPlain(ramdisk: ByteSource): boolean {
  if (!isCpio(ramdisk.read(0, 6))) return false;
  const offset = Math.max(0, ramdisk.sizeBytes - PADDING_LIMIT_BYTES);
  const tail = new TextDecoder('latin1').decode(ramdisk.read(offset, PADDING_LIMIT_BYTES));
  return tail.replace(/\0+$/, '').endsWith(TRAILER);
}

/** Every arm64 Linux drives it (ARM_ARCH_TIMER); in what has it not, other names mean nothing either. */
const OF_EVERY_LINUX = 'arm,armv8-timer';

/**
 * Those of a kernel and its ramdisk together; `undefined` where the ramdisk can't be looked into as it is, or the kernel is no
 * Linux.
 */
export function compatiblesOf(
  kernel: ByteSource,
  ramdisk: ByteSource | undefined,
): ReadonlySet<string> | undefined {
  const { found } = compatibleStrings(kernel);
  if (!found.has(OF_EVERY_LINUX)) return undefined;
  if (ramdisk === undefined) return found;
  if (ramdisk.sizeBytes > RAMDISK_LIMIT_BYTES || !isPlain(ramdisk)) return undefined;
  const inRamdisk = compatibleStrings(ramdisk);
  if (inRamdisk.hasCompressedModules) return undefined;
  return new Set([...found, ...inRamdisk.found]);
}
