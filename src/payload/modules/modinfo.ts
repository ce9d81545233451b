/**
 * What a kernel module says of itself: the `.modinfo` section of its ELF file (Linux, include/linux/moduleinfo; ELF-64
 * Object File Format 1.5). Only that section is read.
 */
import { type ByteSource, u64At, viewOf } from '../bytes/source.ts';

/** What a module says of itself (`.modinfo`). */
export interface ModuleInfo {
  /** As the kernel lists it: `-` in a file's name is `_` here. */
  readonly name: string;
  /** The kernel release it was built for: the first word of `vermagic`. */
  readonly release: string | undefined;
  readonly depends: readonly string[];
  /** Modules that should be there before it (`softdep: pre: …`). */
  readonly softPre: readonly string[];
  readonly aliases: readonly string[];
}

const ELF_HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
/** More of a module than its headers and `.modinfo` is never read, however large they say they are. */
const TABLE_LIMIT_BYTES = 1 << 20;

/** The names of module files, compressed ones too. */
export const MODULE_FILE = /\.ko(?:\.(?:gz|xz|zst))?$/;

/** The kernel's name for a module file: `lib/…/snd-soc-core.ko.xz` is `snd_soc_core`. */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.replace(MODULE_FILE, '').replaceAll('-', '_');
}

/** `undefined` where this is no 64-bit little-endian ELF file with such a section. */
export function readModuleInfo(source: ByteSource): ModuleInfo | undefined {
  const section = readSection(source, '.modinfo');
  if (section === undefined) return undefined;
  const pairs = new TextDecoder('utf-8')
    .decode(section)
    .split('\0')
    .map((pair): readonly [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, Math.max(equals, 0)), pair.slice(equals + 1)];
    });
  const all = (key: string): readonly string[] =>
    pairs.filter(([name]) => name === key).map(([, value]) => value);
  return {
    name: all('name')[0] ?? moduleName(source.path),
    release: all('vermagic')[0]?.split(' ')[0],
    depends: all('depends')
      .flatMap((names) => names.split(',').filter(Boolean))
      .map((name) => name.replaceAll('-', '_')),
    softPre: all('softdep').flatMap(softPreOf),
    aliases: all('alias'),
  };
}

function softPreOf(softdep: string): readonly string[] {
  const pre = /(?:^|\s)pre:\s*(.*?)(?:\s*post:|$)/.exec(softdep)?.[1] ?? '';
  return pre
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => name.replaceAll('-', '_'));
}

function readSection(source: ByteSource, wanted: string): Uint8Array | undefined {
  const header = source.read(0, ELF_HEADER_BYTES);
  // EI_MAG, ELFCLASS64, ELFDATA2LSB.
  if (header.length < ELF_HEADER_BYTES || viewOf(header).getUint32(0) !== 0x7f454c46) return undefined;
  if (header[4] !== 2 || header[5] !== 1) return undefined;
  const view = viewOf(header);
  const [tableAt, entryBytes] = [u64At(view, 0x28, true), view.getUint16(0x3a, true)];
  const [count, namesIndex] = [view.getUint16(0x3c, true), view.getUint16(0x3e, true)];
  if (entryBytes !== SECTION_HEADER_BYTES || namesIndex >= count) return undefined;
  const table = readExactly(source, tableAt, count * SECTION_HEADER_BYTES);
  if (table === undefined) return undefined;
  const tableView = viewOf(table);
  const contentOf = (index: number): Uint8Array | undefined => {
    const at = index * SECTION_HEADER_BYTES;
    return readExactly(source, u64At(tableView, at + 0x18, true), u64At(tableView, at + 0x20, true));
  };
  const names = contentOf(namesIndex);
  if (names === undefined) return undefined;
  for (let index = 0; index < count; index++) {
    const nameAt = tableView.getUint32(index * SECTION_HEADER_BYTES, true);
    const name = names.subarray(nameAt, nameAt + wanted.length + 1);
    if (new TextDecoder().decode(name) === `${wanted}\0`) return contentOf(index);
  }
  return undefined;
}

function readExactly(source: ByteSource, offsetBytes: number, sizeBytes: number): Uint8Array | undefined {
  if (sizeBytes > TABLE_LIMIT_BYTES || offsetBytes + sizeBytes > source.sizeBytes) return undefined;
  return source.read(offsetBytes, sizeBytes);
}
