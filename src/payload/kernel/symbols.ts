/** A kernel's symbols: from its System.map, or from the Image itself. Addresses are kept as distances from `_text`. */
import { readKallsyms } from './kallsyms.ts';
import type { KernelSymbol } from './kernel-symbol.ts';

/** A symbol, and how far behind it an address lies. */
export interface SymbolPlace {
  readonly name: string;
  /** How far behind the symbol. */
  readonly offset: number;
}

/** Names that compilers and linkers put everywhere: no function or object is called so. */
const MARKER = /^(?:\$[xd]|\.L|__kstrtab|__ksymtab|__initcall_|__pi_\$)/;

/** A kernel's symbols, by address. */
export class KernelSymbols {
  readonly #offsets: Float64Array;
  readonly #names: readonly string[];
  readonly #byName: ReadonlyMap<string, number>;
  /** Where the kernel was linked to be; it may have been moved since. */
  readonly linkAddress: bigint;

  constructor(symbols: readonly KernelSymbol[], linkAddress: bigint) {
    this.linkAddress = linkAddress;
    const sorted = symbols.filter(({ name }) => !MARKER.test(name)).sort((a, b) => a.offset - b.offset);
    this.#offsets = Float64Array.from(sorted, ({ offset }) => offset);
    this.#names = sorted.map(({ name }) => name);
    this.#byName = new Map(sorted.map(({ name, offset }) => [name, offset]));
  }

  get count(): number {
    return this.#names.length;
  }

  /** All of them, by their places. */
  get all(): readonly KernelSymbol[] {
    return this.#names.map((name, index) => ({ name, offset: this.#offsets[index] ?? 0 }));
  }

  offsetOf(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** The last symbol at or before a distance from `_text`; the first of those at one place. */
  at(offset: number): SymbolPlace | undefined {
    let [low, high] = [0, this.#offsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    const place = this.#offsets[index];
    if (place === undefined) return undefined;
    while (this.#offsets[index - 1] === place) index -= 1;
    return { name: this.#names[index] ?? '', offset: offset - place };
  }
}

const LINE = /^([0-9a-fA-F]{8,16}) ([A-Za-z?]) (\S+)/;

/** A System.map as `nm` prints it; `undefined` where it has no `_text`, as Debian's, which only says where the real one is. */
export function parseSystemMap(text: string): KernelSymbols | undefined {
  const found: { readonly name: string; readonly address: bigint }[] = [];
  for (const line of text.split('\n')) {
    const [, address, type, name] = LINE.exec(line) ?? [];
    // Absolute symbols are numbers, not places.
    if (address !== undefined && name !== undefined && type?.toLowerCase() !== 'a')
      found.push({ name, address: BigInt(`0x${address}`) });
  }
  const start = found.find(({ name }) => name === '_text')?.address;
  if (start === undefined) return undefined;
  const symbols = found.map(({ name, address }) => ({ name, offset: Number(address - start) }));
  return new KernelSymbols(symbols, start);
}

/** The symbols in an Image; `undefined` where it was built without them. */
export function imageSymbols(image: Uint8Array): KernelSymbols | undefined {
  const found = readKallsyms(image);
  return found === undefined ? undefined : new KernelSymbols(found.symbols, found.linkAddress);
}
