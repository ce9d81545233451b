/** Prints one property's value: markers honoured where there are any, else the type guessed as dtc guesses it. */
import { nameForMessage } from '../names.ts';
import type { DtMarker, DtProperty } from '../tree.ts';
import { decodeLatin1 } from '../value.ts';

/** Writes references; each function gives `undefined` where the reference would not compile to the bytes at hand. */
export interface ReferencePrinter {
  /** A reference of the source, `text` being a label or a path in braces, that stands for this cell. */
  phandle(text: string, cell: number): string | undefined;
  /** One that stands for the path in these bytes. */
  path(text: string, bytes: Uint8Array): string | undefined;
  /** `&label` for the node with this phandle. */
  labelOfPhandle(cell: number): string | undefined;
  /** The name of the node with this phandle. */
  nameOfPhandle(cell: number): string | undefined;
}

export interface PrintedValue {
  /** What follows `=`; empty where there is nothing to write. */
  readonly text: string;
  readonly comment?: string;
}

type ChunkKind = 'cells8' | 'cells16' | 'cells32' | 'cells64' | 'string' | 'bytes' | 'path-ref';

/** What a value without markers is taken for. */
export type GuessedKind = 'string' | 'cells32' | 'bytes';

/** A component of the value: what stands between two commas. */
interface Chunk {
  readonly kind: ChunkKind;
  readonly start: number;
  readonly end: number;
  /** Of a path reference. */
  readonly text?: string | undefined;
}

const CELL_BYTES = 4;
const ELEMENT_BYTES = { cells8: 1, cells16: 2, cells32: 4, cells64: 8, bytes: 1 } as const;

/** @param phandles offsets of cells that are phandles, though no marker says so */
export function printValue(
  property: DtProperty,
  references: ReferencePrinter,
  phandles: readonly number[],
): PrintedValue {
  const { value } = property;
  const markers = [...(property.markers ?? [])].sort((a, b) => a.offsetBytes - b.offsetBytes);
  const printer = new ValuePrinter(value, markers, references, new Set(phandles));
  return printer.print();
}

class ValuePrinter {
  readonly #value: Uint8Array;
  readonly #view: DataView;
  readonly #markers: readonly DtMarker[];
  readonly #references: ReferencePrinter;
  readonly #phandles: ReadonlySet<number>;
  /** Labels by offset, taken out as they are written; those at the end come last. */
  readonly #labels = new Map<number, string[]>();
  readonly #phandleRefs = new Map<number, string>();
  readonly #comments = new Set<string>();

  constructor(
    value: Uint8Array,
    markers: readonly DtMarker[],
    references: ReferencePrinter,
    phandles: ReadonlySet<number>,
  ) {
    this.#value = value;
    this.#view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    this.#markers = markers;
    this.#references = references;
    this.#phandles = phandles;
    for (const { kind, offsetBytes, text } of markers) {
      if (text === undefined) continue;
      if (kind === 'phandle-ref') this.#phandleRefs.set(offsetBytes, text);
      if (kind !== 'label') continue;
      const known = this.#labels.get(offsetBytes);
      if (known === undefined) this.#labels.set(offsetBytes, [text]);
      else known.push(text);
    }
  }

  print(): PrintedValue {
    const parts = this.#chunks().flatMap((chunk) => this.#printChunk(chunk));
    const last = this.#takeLabels(this.#value.length).trimEnd();
    // Labels alone are no value: the grammar wants an element, if an empty one.
    if (last !== '') parts.push(parts.length === 0 ? `[${last}]` : `${parts.pop()} ${last}`);
    const text = parts.join(', ');
    return this.#comments.size === 0 ? { text } : { text, comment: [...this.#comments].join(', ') };
  }

  /** The value's components by its markers; what no marker speaks for is guessed. */
  #chunks(): readonly Chunk[] {
    const size = this.#value.length;
    const starts = this.#markers.filter(
      ({ kind, offsetBytes }) => kind !== 'label' && kind !== 'phandle-ref' && offsetBytes < size,
    );
    const first = starts[0]?.offsetBytes ?? size;
    const chunks: Chunk[] = [];
    if (first > 0) chunks.push({ kind: this.#guess(0, first), start: 0, end: first });
    for (const [index, { kind, offsetBytes, text }] of starts.entries()) {
      const end = starts[index + 1]?.offsetBytes ?? size;
      if (end === offsetBytes) continue;
      const fit = this.#fits(kind as ChunkKind, offsetBytes, end, text);
      chunks.push({
        kind: fit ? (kind as ChunkKind) : this.#guess(offsetBytes, end),
        start: offsetBytes,
        end,
        ...(fit ? { text } : {}),
      });
    }
    return chunks;
  }

  /** Whether bytes can be written as the marker says; after an edit they may not. */
  #fits(kind: ChunkKind, start: number, end: number, text: string | undefined): boolean {
    if (kind === 'string') return this.#value[end - 1] === 0;
    if (kind === 'path-ref') {
      return (
        text !== undefined && this.#references.path(text, this.#value.subarray(start, end)) !== undefined
      );
    }
    return (end - start) % ELEMENT_BYTES[kind] === 0;
  }

  #guess(start: number, end: number): GuessedKind {
    const labels = [...this.#labels.keys()].filter((offset) => offset >= start && offset <= end);
    return guessKind(
      this.#value.subarray(start, end),
      labels.map((offset) => offset - start),
    );
  }

  #printChunk(chunk: Chunk): readonly string[] {
    const { kind, start, end, text } = chunk;
    switch (kind) {
      case 'string':
        return this.#printStrings(start, end);
      case 'path-ref':
        return [`${this.#takeLabels(start)}&${text}`];
      case 'bytes':
        return [`[${this.#printElements(chunk, 1, (at) => byteHex(this.#value[at] as number))}]`];
      case 'cells8':
        return [`/bits/ 8 <${this.#printElements(chunk, 1, (at) => cellHex(this.#value[at] as number))}>`];
      case 'cells16':
        return [`/bits/ 16 <${this.#printElements(chunk, 2, (at) => cellHex(this.#view.getUint16(at)))}>`];
      case 'cells32':
        return this.#entries(chunk).map(
          (entry) => `<${this.#printElements(entry, CELL_BYTES, (at) => this.#printCell(at))}>`,
        );
      case 'cells64':
        return [`/bits/ 64 <${this.#printElements(chunk, 8, (at) => cellHex(this.#view.getBigUint64(at)))}>`];
    }
  }

  /** A list that begins with a phandle is written entry by entry: `<&clk 1>, <&clk 2>`. */
  #entries(chunk: Chunk): readonly Chunk[] {
    const { start, end } = chunk;
    if (!this.#phandles.has(start)) return [chunk];
    const starts = [...this.#phandles].filter((at) => at >= start && at < end).sort((a, b) => a - b);
    return starts.map((at, index) => ({ ...chunk, start: at, end: starts[index + 1] ?? end }));
  }

  #printElements({ start, end }: Chunk, elementBytes: number, print: (at: number) => string): string {
    const parts: string[] = [];
    for (let at = start; at < end; at += elementBytes) parts.push(this.#takeLabels(at) + print(at));
    return parts.join(' ');
  }

  #printCell(at: number): string {
    const cell = this.#view.getUint32(at);
    const marked = this.#phandleRefs.get(at);
    const reference = marked === undefined ? undefined : this.#references.phandle(marked, cell);
    if (reference !== undefined) return reference;
    if (this.#phandles.has(at)) {
      const label = this.#references.labelOfPhandle(cell);
      if (label !== undefined) return label;
      const name = this.#references.nameOfPhandle(cell);
      if (name !== undefined) this.#comments.add(`${cellHex(cell)} is ${nameForMessage(name)}`);
    }
    return cellHex(cell);
  }

  /** A component per string: `"\0"` within one would run into a digit that follows. */
  #printStrings(start: number, end: number): readonly string[] {
    const parts: string[] = [];
    for (let at = start; at < end; ) {
      const nul = this.#value.indexOf(0, at);
      const prefix = this.#takeLabels(at);
      parts.push(`${prefix}"${escapeString(decodeLatin1(this.#value, at, nul))}"`);
      at = nul + 1;
    }
    return parts;
  }

  /** The labels at an offset, each followed by a colon and a space; none is written twice. */
  #takeLabels(offset: number): string {
    const labels = this.#labels.get(offset);
    if (labels === undefined) return '';
    this.#labels.delete(offset);
    return labels.map((label) => `${label}: `).join('');
  }
}

/**
 * The type that dtc guesses (its `guess_value_type`): strings where all is printable, ends with NUL, and at most half of
 * the bytes are NUL; else cells where the length allows; else bytes. A label must stand between elements.
 * @param labels where labels stand in the value
 */
export function guessKind(value: Uint8Array, labels: readonly number[] = []): GuessedKind {
  let nulCount = 0;
  let printable = value.at(-1) === 0;
  for (let at = 0; printable && at < value.length; at++) {
    const byte = value[at] as number;
    if (byte === 0) nulCount += 1;
    else if (!isStringByte(byte)) printable = false;
  }
  if (
    printable &&
    nulCount <= value.length - nulCount &&
    labels.every((offset) => offset === 0 || value[offset - 1] === 0)
  ) {
    return 'string';
  }
  const cells = value.length % CELL_BYTES === 0 && labels.every((offset) => offset % CELL_BYTES === 0);
  return cells ? 'cells32' : 'bytes';
}

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
/** `\a` to `\r`: the control characters that have a letter of their own. */
const FIRST_CONTROL = 0x07;
const LAST_CONTROL = 0x0d;
const CONTROL_LETTERS = 'abtnvfr';

function isStringByte(byte: number): boolean {
  return (
    (byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE) || (byte >= FIRST_CONTROL && byte <= LAST_CONTROL)
  );
}

function escapeString(text: string): string {
  let escaped = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character === '"' || character === '\\') escaped += `\\${character}`;
    else if (code >= FIRST_CONTROL && code <= LAST_CONTROL)
      escaped += `\\${CONTROL_LETTERS[code - FIRST_CONTROL]}`;
    else if (code >= FIRST_PRINTABLE && code <= LAST_PRINTABLE) escaped += character;
    else escaped += `\\x${byteHex(code)}`;
  }
  return escaped;
}

function byteHex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** As dtc prints cells: two digits at least. */
function cellHex(cell: number | bigint): string {
  return `0x${cell.toString(16).padStart(2, '0')}`;
}
