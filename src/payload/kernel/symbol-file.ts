/**
 * A kernel's symbols as an ELF file without code (System V ABI, AArch64): for debuggers, which have the code in the memory that they
 * debug. Sections that take no room in the file, so that functions and data can be told apart, and the table of symbols.
 */
import { ByteWriter } from '../../base/index.ts';
import type { KernelSymbol } from './kernel-symbol.ts';
import type { KernelSymbols } from './symbols.ts';
import { type CodeStretch, unwindTable } from './unwind-table.ts';

const [HEADER_BYTES, SECTION_BYTES, SYMBOL_BYTES] = [64, 64, 24];
const [ET_EXEC, EM_AARCH64] = [2, 183];
const [SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS] = [1, 2, 3, 8];
const SHF = { write: 1, alloc: 2, execute: 4 } as const;
const [STT_OBJECT, STT_FUNC, STB_GLOBAL] = [1, 2, 1];
const SECTION_NAMES = '.shstrtab';
const ALIGNMENT_BYTES = 8;
const NOTHING = new Uint8Array(0);

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: bigint;
  readonly content: Uint8Array;
  /** In memory, where that is not the content's. */
  readonly sizeBytes?: number;
  readonly link?: number;
  readonly entryBytes?: number;
}

/** A stretch of the Image that is code or not. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isCode: boolean;
}

/** `base`: where the kernel's Image begins as the guest sees it, of which it takes `imageSizeBytes`. */
export function writeSymbolFile(
  symbols: KernelSymbols,
  base: bigint,
  { image, imageSizeBytes }: { readonly image: Uint8Array; readonly imageSizeBytes: number },
): Uint8Array {
  const stretches = stretchesOf(symbols, imageSizeBytes);
  const all = symbols.all.filter(({ offset }) => offset >= 0 && offset < imageSizeBytes);
  const names = new Strings();
  const table = new Uint8Array((all.length + 1) * SYMBOL_BYTES);
  const view = new DataView(table.buffer);
  for (const [index, { name, offset }] of all.entries()) {
    const at = (index + 1) * SYMBOL_BYTES;
    const stretch = stretches.findIndex(({ end }) => offset < end);
    view.setUint32(at, names.add(name), true);
    view.setUint8(at + 4, (STB_GLOBAL << 4) | (stretches[stretch]?.isCode === true ? STT_FUNC : STT_OBJECT));
    view.setUint16(at + 6, stretch + 1, true);
    view.setBigUint64(at + 8, base + BigInt(offset), true);
  }
  const inMemory = stretches.map(
    ({ start, end, isCode }): Section => ({
      name: isCode ? '.text' : '.data',
      type: SHT_NOBITS,
      flags: SHF.alloc | (isCode ? SHF.execute : SHF.write),
      address: base + BigInt(start),
      content: NOTHING,
      sizeBytes: end - start,
    }),
  );
  const strings = inMemory.length + 2;
  return writeElf([
    { name: '', type: 0, content: NOTHING },
    ...inMemory,
    { name: '.symtab', type: SHT_SYMTAB, content: table, link: strings, entryBytes: SYMBOL_BYTES },
    { name: '.strtab', type: SHT_STRTAB, content: names.bytes },
    {
      name: '.debug_frame',
      type: SHT_PROGBITS,
      content: unwindTable(image, functionsOf(all, stretches), base),
    },
  ]);
}

/** Code comes first, and once more behind the data that is only read, for what runs while the kernel starts. */
function stretchesOf(symbols: KernelSymbols, imageSizeBytes: number): readonly Stretch[] {
  const ends = ['_etext', '_sinittext', '_einittext'].map((name) => symbols.offsetOf(name));
  const [codeEnd = imageSizeBytes, initStart, initEnd] = ends;
  const places = initStart === undefined || initEnd === undefined ? [codeEnd] : [codeEnd, initStart, initEnd];
  const bounds = [0, ...places, imageSizeBytes];
  return bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index] ?? 0;
    return start < end && end <= imageSizeBytes ? [{ start, end, isCode: index % 2 === 0 }] : [];
  });
}

/** From each symbol in code to the next one at another place. */
function functionsOf(all: readonly KernelSymbol[], stretches: readonly Stretch[]): readonly CodeStretch[] {
  const places = [...new Set(all.map(({ offset }) => offset))];
  return places.flatMap((start, index) => {
    const stretch = stretches.find(({ end }) => start < end);
    return stretch?.isCode === true
      ? [{ start, end: Math.min(places[index + 1] ?? stretch.end, stretch.end) }]
      : [];
  });
}

function writeElf(sections: readonly Section[]): Uint8Array {
  const sectionNames = new Strings();
  const nameOffsets = [...sections, { name: SECTION_NAMES }].map(({ name }) => sectionNames.add(name));
  const all: readonly Section[] = [
    ...sections,
    { name: SECTION_NAMES, type: SHT_STRTAB, content: sectionNames.bytes },
  ];
  const contentBytes = all.reduce((sum, { content }) => sum + content.length, 0);
  const sectionsAt = Math.ceil((HEADER_BYTES + contentBytes) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const file = new Uint8Array(sectionsAt + all.length * SECTION_BYTES);
  const out = new DataView(file.buffer);
  writeHeader(out, sectionsAt, all.length);
  let offset = HEADER_BYTES;
  for (const [index, section] of all.entries()) {
    file.set(section.content, offset);
    writeSection(out, sectionsAt + index * SECTION_BYTES, nameOffsets[index] ?? 0, section, offset);
    offset += section.content.length;
  }
  return file;
}

function writeHeader(out: DataView, sectionsAt: number, sections: number): void {
  // The magic, 64 bits, little-endian, version 1.
  for (const [at, byte] of [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1].entries()) out.setUint8(at, byte);
  out.setUint16(16, ET_EXEC, true);
  out.setUint16(18, EM_AARCH64, true);
  out.setUint32(20, 1, true);
  out.setBigUint64(40, BigInt(sectionsAt), true);
  out.setUint16(52, HEADER_BYTES, true);
  out.setUint16(58, SECTION_BYTES, true);
  out.setUint16(60, sections, true);
  out.setUint16(62, sections - 1, true);
}

function writeSection(out: DataView, at: number, name: number, section: Section, offset: number): void {
  const {
    type,
    flags = 0,
    address = 0n,
    content,
    sizeBytes = content.length,
    link = 0,
    entryBytes = 0,
  } = section;
  out.setUint32(at, name, true);
  out.setUint32(at + 4, type, true);
  out.setBigUint64(at + 8, BigInt(flags), true);
  out.setBigUint64(at + 16, address, true);
  out.setBigUint64(at + 24, BigInt(type === 0 ? 0 : offset), true);
  out.setBigUint64(at + 32, BigInt(sizeBytes), true);
  out.setUint32(at + 40, link, true);
  // The first symbol that is not local.
  out.setUint32(at + 44, type === SHT_SYMTAB ? 1 : 0, true);
  out.setBigUint64(at + 48, BigInt(ALIGNMENT_BYTES), true);
  out.setBigUint64(at + 56, BigInt(entryBytes), true);
}

/** A table of strings; the first is empty. */
class Strings {
  readonly #out = new ByteWriter();

  constructor() {
    this.#out.u8(0);
  }

  add(text: string): number {
    if (text === '') return 0;
    const at = this.#out.length;
    this.#out.bytes(new TextEncoder().encode(`${text}\0`));
    return at;
  }

  get bytes(): Uint8Array {
    return this.#out.finish();
  }
}
