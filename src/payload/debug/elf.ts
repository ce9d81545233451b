/**
 * An AArch64 ELF file by its sections (System V gABI 4.1, chapter 4), read piece by piece: a kernel's `vmlinux` has hundreds of
 * megabytes of debug information, of which little is wanted. Throws {@link Refusal} for what is none, or is damaged.
 */
import { hex, MIB, Refusal } from '../../base/index.ts';
import { type ByteSource, u64At, viewOf } from '../bytes/source.ts';
import { inflateZlib } from '../compression/zlib.ts';

const HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SYMBOL_BYTES = 24;
const ELF_MAGIC = 0x7f45_4c46;
const [CLASS_64, DATA_LITTLE, EM_AARCH64] = [2, 1, 183];
const [SHT_SYMTAB, SHT_NOTE, SHT_NOBITS, PT_LOAD] = [2, 7, 8, 1];
const [SHF_ALLOC, SHF_EXECINSTR, SHF_COMPRESSED] = [2, 4, 0x800];
const [STT_OBJECT, STT_FUNC] = [1, 2];
const [SHN_UNDEF, SHN_LORESERVE] = [0, 0xff00];
const NT_GNU_BUILD_ID = 3;
const COMPRESSION_HEADER_BYTES = 24;
const ELFCOMPRESS_ZLIB = 1;
/** More than any section has that is read. */
const SECTION_LIMIT_BYTES = 1024 * MIB;
const SECTIONS_LIMIT = 0x1_0000;
const SEGMENTS_LIMIT = 0x1000;

/** A section's header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
}

/** A piece of the file that is loaded. */
export interface ElfSegment {
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly sizeBytes: bigint;
}

/** A symbol that is a place in a section. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly kind: 'function' | 'object' | 'other';
}

/** Whether a file that begins so is an ELF file. */
export function isElf(head: Uint8Array): boolean {
  return head.length >= 4 && viewOf(head).getUint32(0) === ELF_MAGIC;
}

export class ElfFile {
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
    const header = viewOf(this.#bytes(0, HEADER_BYTES, 'its header'));
    if (header.getUint32(0) !== ELF_MAGIC) throw new Refusal('it is no ELF file');
    if (header.getUint8(4) !== CLASS_64 || header.getUint8(5) !== DATA_LITTLE)
      throw new Refusal('it is an ELF file, but not of 64 bits and little-endian');
    if (header.getUint16(18, true) !== EM_AARCH64)
      throw new Refusal('it is an ELF file for another processor');
    this.segments = this.#readSegments(u64At(header, 32, true), header.getUint16(56, true));
    this.sections = this.#readSections(
      u64At(header, 40, true),
      header.getUint16(60, true),
      header.getUint16(62, true),
    );
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((each) => each.name === name);
  }

  /** Sections with instructions. */
  get code(): readonly ElfSection[] {
    const wanted = SHF_ALLOC | SHF_EXECINSTR;
    return this.sections.filter(({ flags, sizeBytes }) => (flags & wanted) === wanted && sizeBytes > 0);
  }

  /** What a section holds, inflated; nothing where it takes no room in the file. */
  content({ name, type, flags, offset, sizeBytes }: ElfSection): Uint8Array {
    if (type === SHT_NOBITS) return new Uint8Array(0);
    const bytes = this.#bytes(offset, sizeBytes, `its section ${name}`);
    return (flags & SHF_COMPRESSED) === 0 ? bytes : inflated(name, bytes);
  }

  /** The GNU build id, by which the parts of one build know each other. */
  get buildId(): Uint8Array | undefined {
    for (const section of this.sections) {
      if (section.type !== SHT_NOTE || section.sizeBytes > MIB) continue;
      const notes = this.content(section);
      const view = viewOf(notes);
      for (let at = 0; at + 12 <= notes.length; ) {
        const [nameBytes, idBytes] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
        const id = at + 12 + aligned(nameBytes);
        const isGnu = nameBytes === 4 && view.getUint32(at + 12) === 0x474e_5500;
        if (isGnu && view.getUint32(at + 8, true) === NT_GNU_BUILD_ID && id + idBytes <= notes.length)
          return notes.subarray(id, id + idBytes);
        at = id + aligned(idBytes);
      }
    }
    return undefined;
  }

  /** All that have a name and a place. */
  symbols(): readonly ElfSymbol[] {
    const table = this.sections.find(({ type }) => type === SHT_SYMTAB);
    const strings = table === undefined ? undefined : this.sections[table.link];
    if (table === undefined || strings === undefined) return [];
    const entries = this.content(table);
    const names = this.content(strings);
    const view = viewOf(entries);
    const found: ElfSymbol[] = [];
    for (let at = SYMBOL_BYTES; at + SYMBOL_BYTES <= entries.length; at += SYMBOL_BYTES) {
      const section = view.getUint16(at + 6, true);
      if (section === SHN_UNDEF || section >= SHN_LORESERVE) continue;
      const name = textAt(names, view.getUint32(at, true));
      if (name === undefined || name === '') continue;
      const type = view.getUint8(at + 4) & 0xf;
      found.push({
        name,
        address: view.getBigUint64(at + 8, true),
        sizeBytes: u64At(view, at + 16, true),
        kind: type === STT_FUNC ? 'function' : type === STT_OBJECT ? 'object' : 'other',
      });
    }
    return found;
  }

  #readSegments(offset: number, count: number): readonly ElfSegment[] {
    if (count === 0) return [];
    if (count > SEGMENTS_LIMIT) throw new Refusal(`it has ${count} program headers`);
    const view = viewOf(this.#bytes(offset, count * PROGRAM_HEADER_BYTES, 'its program headers'));
    return Array.from({ length: count }, (_, index) => index * PROGRAM_HEADER_BYTES)
      .filter((at) => view.getUint32(at, true) === PT_LOAD)
      .map((at) => ({
        virtualAddress: view.getBigUint64(at + 16, true),
        physicalAddress: view.getBigUint64(at + 24, true),
        sizeBytes: view.getBigUint64(at + 40, true),
      }));
  }

  #readSections(offset: number, countGiven: number, namesGiven: number): readonly ElfSection[] {
    if (offset === 0) return [];
    // Where there are too many for the header's fields, the first section's header has them.
    const first = viewOf(this.#bytes(offset, SECTION_HEADER_BYTES, 'its section headers'));
    const count = countGiven === 0 ? u64At(first, 32, true) : countGiven;
    const nameIndex = namesGiven === 0xffff ? first.getUint32(40, true) : namesGiven;
    if (count > SECTIONS_LIMIT) throw new Refusal(`it has ${count} sections`);
    const view = viewOf(this.#bytes(offset, count * SECTION_HEADER_BYTES, 'its section headers'));
    const headers = Array.from({ length: count }, (_, index) => {
      const at = index * SECTION_HEADER_BYTES;
      return {
        nameAt: view.getUint32(at, true),
        type: view.getUint32(at + 4, true),
        // Flags above bit 31 are the processor's.
        flags: view.getUint32(at + 8, true),
        address: view.getBigUint64(at + 16, true),
        offset: u64At(view, at + 24, true),
        sizeBytes: u64At(view, at + 32, true),
        link: view.getUint32(at + 40, true),
      };
    });
    const table = headers[nameIndex];
    const names = table === undefined ? new Uint8Array(0) : this.content({ ...table, name: '.shstrtab' });
    return headers.map(({ nameAt, ...rest }) => ({ ...rest, name: textAt(names, nameAt) ?? '' }));
  }

  #bytes(offset: number, sizeBytes: number, what: string): Uint8Array {
    if (sizeBytes > SECTION_LIMIT_BYTES) throw new Refusal(`${what} is ${hex(sizeBytes)} bytes long`);
    if (offset + sizeBytes > this.#source.sizeBytes) throw new Refusal(`${what} goes beyond its end`);
    return this.#source.read(offset, sizeBytes);
  }
}

function inflated(name: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length < COMPRESSION_HEADER_BYTES) throw new Refusal(`its section ${name} is cut short`);
  const view = viewOf(bytes);
  const [kind, sizeBytes] = [view.getUint32(0, true), u64At(view, 8, true)];
  if (kind !== ELFCOMPRESS_ZLIB)
    throw new Refusal(
      `its section ${name} is compressed, and not by zlib: objcopy --decompress-debug-sections takes that away`,
    );
  if (sizeBytes > SECTION_LIMIT_BYTES)
    throw new Refusal(`its section ${name} is ${hex(sizeBytes)} bytes long when it is inflated`);
  const whole = inflateZlib(bytes.subarray(COMPRESSION_HEADER_BYTES), sizeBytes);
  if (whole === undefined)
    throw new Refusal(`its section ${name} does not inflate to the ${sizeBytes} bytes that it says`);
  return whole;
}

const utf8 = new TextDecoder();

/** The text that ends in a zero; `undefined` where none begins or ends there. */
export function textAt(strings: Uint8Array, at: number): string | undefined {
  if (at >= strings.length) return undefined;
  const end = strings.indexOf(0, at);
  return end === -1 ? undefined : utf8.decode(strings.subarray(at, end));
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 4) * 4;
}
