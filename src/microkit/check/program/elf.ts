/** Program images as Microkit 2.3's tool reads them (`elf.rs`; ELF-64, System V ABI 4.1 chapters 4 and 5): segments and symbols. */
import { type AddrRange, Refusal } from '../../../base/index.ts';

export interface ElfSymbol {
  readonly value: number;
  readonly sizeBytes: number;
  /** Whether another one has the name. */
  readonly isRepeated: boolean;
}

/** A segment in memory; what is beyond its bytes in the file is zero. */
export interface ProgramSegment extends AddrRange {
  readonly fileBytes: number;
}

export interface ProgramImage {
  readonly segments: readonly ProgramSegment[];
  readonly symbols: ReadonlyMap<string, ElfSymbol>;
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const [CLASS_64, LITTLE_ENDIAN] = [2, 1];
const PT_LOAD = 1;
const SHT_SYMTAB = 2;

class ElfReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): ProgramImage {
    const [magic] = [this.#bytes.subarray(0, 4)];
    if (String.fromCharCode(...magic) !== '\x7fELF') throw new Refusal('is no ELF file');
    this.#within(0, HEADER_BYTES);
    if (this.#bytes[4] !== CLASS_64) throw new Refusal('is not for 64 bits');
    if (this.#bytes[5] !== LITTLE_ENDIAN) throw new Refusal('is not little-endian');
    return { segments: this.#segments(), symbols: this.#symbols() };
  }

  #within(at: number, size: number): number {
    if (at + size > this.#bytes.length) throw new Refusal('ends before what its headers name');
    return at;
  }

  #u16 = (at: number): number => this.#view.getUint16(this.#within(at, 2), true);
  #u32 = (at: number): number => this.#view.getUint32(this.#within(at, 4), true);
  #u64 = (at: number): number => Number(this.#view.getBigUint64(this.#within(at, 8), true));

  #segments(): readonly ProgramSegment[] {
    const [table, entryBytes, count] = [this.#u64(32), this.#u16(54), this.#u16(56)];
    if (count === 0) throw new Refusal('has no program headers');
    const segments: ProgramSegment[] = [];
    for (let index = 0; index < count; index++) {
      const at = this.#within(table + index * entryBytes, PROGRAM_HEADER_BYTES);
      if (this.#u32(at) !== PT_LOAD) continue;
      const [offset, base, fileBytes, size] = [8, 16, 32, 40].map((field) => this.#u64(at + field));
      if (offset === undefined || base === undefined || fileBytes === undefined || size === undefined)
        continue;
      this.#within(offset, fileBytes);
      if (fileBytes > size) throw new Refusal('has a segment that is larger in the file than in memory');
      segments.push({ base, size, fileBytes });
    }
    return segments;
  }

  #symbols(): ReadonlyMap<string, ElfSymbol> {
    const [table, entryBytes, count] = [this.#u64(40), this.#u16(58), this.#u16(60)];
    const section = (index: number) => {
      const at = this.#within(table + index * entryBytes, SECTION_HEADER_BYTES);
      const [offset, size] = [this.#u64(at + 24), this.#u64(at + 32)];
      return { type: this.#u32(at + 4), offset, size, link: this.#u32(at + 40) };
    };
    const sections = Array.from({ length: count }, (_, index) => section(index));
    const symbolTable = sections.findLast(({ type }) => type === SHT_SYMTAB);
    if (symbolTable === undefined) throw new Refusal('has no table of symbols');
    const strings = sections[symbolTable.link];
    if (strings === undefined) throw new Refusal('has no names of symbols');
    this.#within(symbolTable.offset, symbolTable.size);
    const names = this.#bytes.subarray(
      this.#within(strings.offset, strings.size),
      strings.offset + strings.size,
    );
    const symbols = new Map<string, ElfSymbol>();
    for (let at = symbolTable.offset; at < symbolTable.offset + symbolTable.size; at += SYMBOL_BYTES) {
      const name = nameAt(names, this.#u32(at));
      const [value, sizeBytes] = [this.#u64(at + 8), this.#u64(at + 16)];
      const known = symbols.get(name);
      symbols.set(
        name,
        known === undefined ? { value, sizeBytes, isRepeated: false } : { ...known, isRepeated: true },
      );
    }
    return symbols;
  }
}

function nameAt(names: Uint8Array, at: number): string {
  const end = names.indexOf(0, at);
  if (end < 0) throw new Refusal('has a name of a symbol that does not end');
  return new TextDecoder().decode(names.subarray(at, end));
}

/** The program in a file's bytes. Throws {@link Refusal} with what the tool finds wrong. */
export function readProgramImage(bytes: Uint8Array): ProgramImage {
  return new ElfReader(bytes).read();
}
