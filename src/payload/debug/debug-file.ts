/** A kernel with debug information: `vmlinux`, or any ELF executable, as far as symbols and lines go. */
import type { ByteSource } from '../bytes/source.ts';
import type { KernelSymbol } from '../kernel/kernel-symbol.ts';
import { KernelSymbols } from '../kernel/symbols.ts';
import { ElfFile, type ElfSegment, type ElfSymbol } from './elf.ts';
import { type VisitLine, visitLines } from './line-program.ts';

/** Where Linux's Image begins. */
const IMAGE_START = '_text';

/** A file's symbols and lines. Throws `Refusal` where it is no ELF file for AArch64, or is damaged. */
export class DebugFile {
  readonly #elf: ElfFile;
  #symbols: readonly ElfSymbol[] | undefined;

  constructor(source: ByteSource) {
    this.#elf = new ElfFile(source);
  }

  get segments(): readonly ElfSegment[] {
    return this.#elf.segments;
  }

  get buildId(): Uint8Array | undefined {
    return this.#elf.buildId;
  }

  /** The stretches of code, in their order: first address and size. */
  get code(): readonly { readonly address: bigint; readonly sizeBytes: number }[] {
    return this.#elf.code
      .map(({ address, sizeBytes }) => ({ address, sizeBytes }))
      .sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  get symbols(): readonly ElfSymbol[] {
    this.#symbols ??= this.#elf.symbols();
    return this.#symbols;
  }

  /** The address that Linux's Image begins at. */
  get imageStart(): bigint | undefined {
    return this.symbols.find(({ name }) => name === IMAGE_START)?.address;
  }

  /**
   * As a System.map would have them, from `start` on, the physical address of an Image that was made of it; of Linux from where
   * its own Image begins. `undefined` where there are none, or it is neither.
   */
  kernelSymbols(start: bigint | undefined): KernelSymbols | undefined {
    const { imageStart, symbols } = this;
    const from = start ?? imageStart;
    if (from === undefined || symbols.length === 0) return undefined;
    const placeOf = (address: bigint): bigint =>
      start === undefined ? address : this.physicalAddress(address);
    const placed = symbols.map(
      ({ name, address }): KernelSymbol => ({ name, offset: Number(placeOf(address) - from) }),
    );
    return new KernelSymbols(placed, from);
  }

  /** Where an address that the file was linked for is loaded. */
  physicalAddress(address: bigint): bigint {
    const home = this.segments.find(
      ({ virtualAddress, sizeBytes }) => address >= virtualAddress && address < virtualAddress + sizeBytes,
    );
    return home === undefined ? address : address - home.virtualAddress + home.physicalAddress;
  }

  /** The address that a place in memory was linked for, seen by virtual or by physical addresses; `undefined` where it is not loaded. */
  linkAddress(place: bigint): bigint | undefined {
    const isIn = (base: bigint, sizeBytes: bigint): boolean => place >= base && place < base + sizeBytes;
    if (this.segments.some(({ virtualAddress, sizeBytes }) => isIn(virtualAddress, sizeBytes))) return place;
    const home = this.segments.find(({ physicalAddress, sizeBytes }) => isIn(physicalAddress, sizeBytes));
    return home === undefined ? undefined : place - home.physicalAddress + home.virtualAddress;
  }

  get hasLines(): boolean {
    return (this.#elf.section('.debug_line')?.sizeBytes ?? 0) > 0;
  }

  /** Each line's instructions, as distances from `base`. Units that are damaged are told and left out. */
  visitLines(base: bigint, visit: VisitLine, onDamage: (offset: number, reason: string) => void): void {
    const known = new Map<string, Uint8Array>();
    const content = (name: string): Uint8Array => {
      const section = this.#elf.section(name);
      const bytes =
        known.get(name) ?? (section === undefined ? new Uint8Array(0) : this.#elf.content(section));
      known.set(name, bytes);
      return bytes;
    };
    const sections = {
      lines: content('.debug_line'),
      lineStrings: () => content('.debug_line_str'),
      strings: () => content('.debug_str'),
      onDamage,
    };
    visitLines(sections, base, visit);
  }
}
