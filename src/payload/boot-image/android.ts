/**
 * Android's boot images, versions 0 to 4, and vendor boot images, 3 and 4 (AOSP, system/tools/mkbootimg/include/bootimg/
 * bootimg.h; source.android.com, "Boot image header", "Vendor boot partitions"). Left out: recovery images' own trees, what a bootconfig
 * says, signatures.
 */
import { alignUp } from '../../base/index.ts';
import { type ByteSource, sliceSource, startsWith, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';

/** The parts of an Android boot image, versions 0 to 4. */
export interface AndroidBootImage {
  readonly version: number;
  readonly kernel: ByteSource | undefined;
  readonly ramdisk: ByteSource | undefined;
  /** From version 2 on; version 3 keeps it in the vendor's image. */
  readonly dtb: ByteSource | undefined;
  /** Up to version 2; U-Boot takes a tree from there, Rockchip's loader an image of resources. */
  readonly second: ByteSource | undefined;
  readonly cmdline: string;
}

/** The parts of a vendor boot image, versions 3 and 4. */
export interface AndroidVendorBootImage {
  readonly version: number;
  readonly ramdisk: ByteSource | undefined;
  readonly dtb: ByteSource | undefined;
  readonly cmdline: string;
  /** Version 4: pieces of the ramdisk that are for recovery. */
  readonly recoveryPieces: number;
  /** Version 4: what the loader puts behind the ramdisk, for the kernel's command line. */
  readonly bootconfigBytes: number;
}

const BOOT_MAGIC = [0x41, 0x4e, 0x44, 0x52, 0x4f, 0x49, 0x44, 0x21];
const VENDOR_MAGIC = [0x56, 0x4e, 0x44, 0x52, 0x42, 0x4f, 0x4f, 0x54];
/** The page of versions 3 and 4. */
const PAGE_BYTES = 4096;
const HEADER_BYTES = 2128;
const PAGE_LIMIT_BYTES = 1 << 20;

export function isAndroidBoot(head: Uint8Array): boolean {
  return startsWith(head, BOOT_MAGIC);
}

export function isAndroidVendorBoot(head: Uint8Array): boolean {
  return startsWith(head, VENDOR_MAGIC);
}

export function readAndroidBoot(source: ByteSource): AndroidBootImage {
  const { view, text } = header(source);
  const version = view.getUint32(40, true);
  if (version > 4) {
    // Before versions were counted this was the size of a tree for a bootloader of Qualcomm's.
    if (version < PAGE_BYTES) unsupported(source, `version ${version} of its header is not known`);
  }
  if (version === 3 || version === 4) {
    const parts = new Parts(source, PAGE_BYTES);
    const kernel = parts.take('kernel', view.getUint32(8, true));
    const ramdisk = parts.take('ramdisk', view.getUint32(12, true));
    return { version, kernel, ramdisk, dtb: undefined, second: undefined, cmdline: text(44, 1536) };
  }
  const pageBytes = view.getUint32(36, true);
  if (pageBytes < 512 || pageBytes > PAGE_LIMIT_BYTES || (pageBytes & (pageBytes - 1)) !== 0) {
    unsupported(source, `its pages have ${pageBytes} bytes`);
  }
  const parts = new Parts(source, pageBytes);
  const kernel = parts.take('kernel', view.getUint32(8, true));
  const ramdisk = parts.take('ramdisk', view.getUint32(16, true));
  const second = parts.take('second stage', view.getUint32(24, true));
  const isCounted = version <= 4;
  if (version > 0 && isCounted) parts.take('recovery tree', view.getUint32(1632, true));
  const dtb = parts.take('device tree', version === 2 ? view.getUint32(1648, true) : isCounted ? 0 : version);
  const cmdline = `${text(64, 512)}${text(608, 1024)}`;
  return { version: isCounted ? version : 0, kernel, ramdisk, dtb, second, cmdline };
}

export function readAndroidVendorBoot(source: ByteSource): AndroidVendorBootImage {
  const { view, text } = header(source);
  const version = view.getUint32(8, true);
  const pageBytes = view.getUint32(12, true);
  if (version < 3 || version > 4) unsupported(source, `version ${version} of its header is not known`);
  if (pageBytes < 512 || pageBytes > PAGE_LIMIT_BYTES)
    unsupported(source, `its pages have ${pageBytes} bytes`);
  const parts = new Parts(source, pageBytes, view.getUint32(2096, true));
  const ramdisk = parts.take('vendor ramdisk', view.getUint32(24, true));
  const dtb = parts.take('device tree', view.getUint32(2100, true));
  const facts = { version, ramdisk, dtb, cmdline: text(28, 2048) };
  if (version < 4) return { ...facts, recoveryPieces: 0, bootconfigBytes: 0 };
  const table = parts.take("ramdisk's table", view.getUint32(2112, true));
  const [count, entryBytes] = [view.getUint32(2116, true), view.getUint32(2120, true)];
  let recoveryPieces = 0;
  for (let index = 0; table !== undefined && index < Math.min(count, PIECE_LIMIT); index++) {
    const entry = viewOf(table.read(index * entryBytes, 12).slice());
    if (entry.byteLength === 12 && entry.getUint32(8, true) === RECOVERY) recoveryPieces += 1;
  }
  return { ...facts, recoveryPieces, bootconfigBytes: view.getUint32(2124, true) };
}

const PIECE_LIMIT = 256;
/** VENDOR_RAMDISK_TYPE_RECOVERY. */
const RECOVERY = 2;

function header(source: ByteSource) {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(source.read(0, HEADER_BYTES));
  const text = (at: number, size: number): string =>
    new TextDecoder().decode(bytes.subarray(at, at + size)).replace(/\0.*$/s, '');
  return { view: viewOf(bytes), text };
}

/** Parts one behind the other, each from the beginning of a page. */
class Parts {
  readonly #source: ByteSource;
  readonly #pageBytes: number;
  #at: number;

  constructor(source: ByteSource, pageBytes: number, headerBytes = pageBytes) {
    this.#source = source;
    this.#pageBytes = pageBytes;
    this.#at = alignUp(Math.max(headerBytes, pageBytes), pageBytes);
  }

  take(name: string, sizeBytes: number): ByteSource | undefined {
    if (sizeBytes === 0) return undefined;
    const missingBytes = this.#at + sizeBytes - this.#source.sizeBytes;
    if (missingBytes > 0) {
      const what = `Android boot image's ${name}`;
      refuse(
        payloadCodes['cut-short'].at(
          { file: this.#source.path, offsetBytes: this.#at },
          { what, missingBytes },
        ),
      );
    }
    const part = sliceSource(
      this.#source,
      { base: this.#at, size: sizeBytes },
      `${this.#source.path}: ${name}`,
    );
    this.#at = alignUp(this.#at + sizeBytes, this.#pageBytes);
    return part;
  }
}

function unsupported(source: ByteSource, reason: string): never {
  refuse(payloadCodes['unsupported'].at({ file: source.path }, { what: 'Android boot image', reason }));
}
