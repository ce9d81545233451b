/** Boot images made for tests: unified kernel images, Android's, sparse ones. */
import { crc32 } from 'node:zlib';
import { alignUp } from '../../src/base/index.ts';

function padded(bytes: Uint8Array, to: number): Uint8Array {
  const result = new Uint8Array(alignUp(bytes.length, to));
  result.set(bytes);
  return result;
}

function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A PE program with these sections. */
export function ukiOf(parts: {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly dtb?: Uint8Array;
  readonly cmdline?: string;
  /** Empty: there is none. */
  readonly osRelease?: string;
  /** Command lines of profiles, in their order. */
  readonly profiles?: readonly string[];
}): Uint8Array {
  const sections = [
    ['.linux', parts.kernel],
    ['.initrd', parts.initrd],
    ['.dtb', parts.dtb],
    ['.cmdline', parts.cmdline === undefined ? undefined : text(`${parts.cmdline}\n\0`)],
    ['.osrel', parts.osRelease === '' ? undefined : text(parts.osRelease ?? 'ID=test\n')],
    ...(parts.profiles ?? []).flatMap((cmdline, index): [string, Uint8Array][] => [
      ['.profile', text(`ID=p${index}`)],
      ['.cmdline', text(cmdline)],
    ]),
  ].filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined);
  const head = new Uint8Array(512);
  const view = new DataView(head.buffer);
  head.set([0x4d, 0x5a]);
  view.setUint32(0x3c, 64, true);
  head.set([0x50, 0x45, 0, 0], 64);
  view.setUint16(68, 0xaa64, true);
  view.setUint16(70, sections.length, true);
  let at = 512;
  const contents: Uint8Array[] = [];
  for (const [index, [name, content]] of sections.entries()) {
    const entry = 88 + index * 40;
    head.set(text(name), entry);
    const raw = padded(content, 512);
    view.setUint32(entry + 8, content.length, true);
    view.setUint32(entry + 16, raw.length, true);
    view.setUint32(entry + 20, at, true);
    contents.push(raw);
    at += raw.length;
  }
  return concat(head, ...contents);
}

/** Versions 0, 2 and 4; pages of 4096 bytes. */
export function androidBoot(parts: {
  readonly version: 0 | 2 | 4;
  readonly kernel: Uint8Array;
  readonly ramdisk?: Uint8Array;
  readonly dtb?: Uint8Array;
  /** Up to version 2. */
  readonly second?: Uint8Array;
  readonly cmdline: string;
}): Uint8Array {
  const nothing = new Uint8Array(0);
  const { version, kernel, ramdisk = nothing, dtb = nothing, second = nothing, cmdline } = parts;
  const head = new Uint8Array(4096);
  const view = new DataView(head.buffer);
  head.set(text('ANDROID!'));
  view.setUint32(8, kernel.length, true);
  if (version === 4) {
    view.setUint32(12, ramdisk.length, true);
    head.set(text(cmdline), 44);
  } else {
    view.setUint32(16, ramdisk.length, true);
    view.setUint32(24, second.length, true);
    view.setUint32(36, 4096, true);
    head.set(text(cmdline), 64);
    if (version === 2) view.setUint32(1648, dtb.length, true);
  }
  view.setUint32(40, version, true);
  return concat(head, ...[kernel, ramdisk, second, dtb].map((part) => padded(part, 4096)));
}

export function vendorBoot(parts: {
  readonly ramdisk: Uint8Array;
  readonly dtb: Uint8Array;
  readonly cmdline: string;
  /** Kinds of the ramdisk's pieces: 1 platform, 2 recovery, 3 modules. */
  readonly pieces?: readonly number[];
  readonly bootconfig?: string;
}): Uint8Array {
  const { pieces = [], bootconfig = '' } = parts;
  const head = new Uint8Array(4096);
  const view = new DataView(head.buffer);
  head.set(text('VNDRBOOT'));
  view.setUint32(8, 4, true);
  view.setUint32(12, 4096, true);
  view.setUint32(24, parts.ramdisk.length, true);
  head.set(text(parts.cmdline), 28);
  view.setUint32(2096, 2128, true);
  view.setUint32(2100, parts.dtb.length, true);
  const table = new Uint8Array(pieces.length * PIECE_ENTRY_BYTES);
  for (const [index, kind] of pieces.entries()) {
    new DataView(table.buffer).setUint32(index * PIECE_ENTRY_BYTES + 8, kind, true);
  }
  view.setUint32(2112, table.length, true);
  view.setUint32(2116, pieces.length, true);
  view.setUint32(2120, PIECE_ENTRY_BYTES, true);
  view.setUint32(2124, bootconfig.length, true);
  const all = [parts.ramdisk, parts.dtb, table, text(bootconfig)].map((part) => padded(part, 4096));
  return concat(head, ...all);
}

const PIECE_ENTRY_BYTES = 108;

/** U-Boot's image of several parts, each padded to four bytes. */
export function multiImage(parts: readonly Uint8Array[]): Uint8Array {
  const sizes = new Uint8Array((parts.length + 1) * 4);
  for (const [index, part] of parts.entries()) new DataView(sizes.buffer).setUint32(index * 4, part.length);
  const data = concat(sizes, ...parts.map((part) => padded(part, 4)));
  const head = new Uint8Array(64);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x2705_1956);
  view.setUint32(12, data.length);
  view.setUint32(24, crc32(data));
  // Linux, arm64, multi, not compressed.
  head.set([5, 22, 4, 0], 28);
  head.set(text('multi'), 32);
  view.setUint32(4, crc32(head));
  return concat(head, data);
}

/** An image as a sparse one: blocks of zeros are left out, blocks of one value filled. */
export function sparseOf(image: Uint8Array, blockBytes = 4096): Uint8Array {
  const whole = padded(image, blockBytes);
  const chunks: Uint8Array[] = [];
  const chunk = (kind: number, content: Uint8Array): void => {
    const bytes = new Uint8Array(12 + content.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, kind, true);
    view.setUint32(4, 1, true);
    view.setUint32(8, bytes.length, true);
    bytes.set(content, 12);
    chunks.push(bytes);
  };
  for (let at = 0; at < whole.length; at += blockBytes) {
    const block = whole.subarray(at, at + blockBytes);
    if (block.every((byte) => byte === 0)) chunk(0xcac3, new Uint8Array(0));
    else if (block.every((byte, index) => byte === block[index % 4])) chunk(0xcac2, block.slice(0, 4));
    else chunk(0xcac1, block);
  }
  const head = new Uint8Array(28);
  const view = new DataView(head.buffer);
  head.set([0x3a, 0xff, 0x26, 0xed]);
  view.setUint16(4, 1, true);
  view.setUint16(8, 28, true);
  view.setUint16(10, 12, true);
  view.setUint32(12, blockBytes, true);
  view.setUint32(16, whole.length / blockBytes, true);
  view.setUint32(20, chunks.length, true);
  return concat(head, ...chunks);
}

/** A ramdisk for arm64 Linux, not compressed, in U-Boot's own format (U-Boot, include/image.h). */
export function legacyRamdisk(data: Uint8Array): Uint8Array {
  const head = new Uint8Array(64);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x2705_1956);
  view.setUint32(12, data.length);
  view.setUint32(24, crc32(data));
  head.set([5, 22, 3, 0], 28);
  view.setUint32(4, crc32(head));
  return concat(head, data);
}
