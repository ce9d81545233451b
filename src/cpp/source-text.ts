/**
 * The text of one source file, cleaned for a lexer, and the way back from its offsets to lines and columns.
 * Cleaning is translation phase 2 of ISO C11 §5.1.1.2 (a backslash at the end of a line joins the next one to it), as GCC
 * does it: blanks between backslash and newline are overlooked, CR LF is a newline, and a byte order mark is dropped.
 */
import type { SourcePosition } from '../base/index.ts';

/**
 * How bytes become text. `bytes`: one character a byte, so that no byte is lost (device tree strings need not be UTF-8);
 * columns still count what an editor shows.
 */
export type SourceEncoding = 'utf-8' | 'bytes';

const UTF8 = new TextDecoder('utf-8');
const CHUNK_BYTES = 0x8000;
const NON_ASCII = /[^\0-\x7f]/;

/** Bytes as text of the given encoding; the byte order mark stays. */
export function decodeSource(content: Uint8Array, encoding: SourceEncoding): string {
  if (encoding === 'utf-8' || isAscii(content)) return UTF8.decode(content);
  const chunks: string[] = [];
  for (let at = 0; at < content.length; at += CHUNK_BYTES) {
    chunks.push(String.fromCharCode(...content.subarray(at, at + CHUNK_BYTES)));
  }
  return chunks.join('');
}

/** Nearly all sources are ASCII, which the decoder takes fastest by far. It would drop a byte order mark, which is not ASCII. */
function isAscii(content: Uint8Array): boolean {
  for (let at = 0; at < content.length; at += 1) if ((content[at] ?? 0) > 0x7f) return false;
  return true;
}

/** Text of the `bytes` encoding as people read it: for file names and messages. */
export function displayText(text: string, encoding: SourceEncoding): string {
  if (encoding === 'utf-8' || !NON_ASCII.test(text)) return text;
  return UTF8.decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
}

export class SourceText {
  readonly file: string;
  readonly encoding: SourceEncoding;
  /** What lexers read. */
  readonly text: string;
  readonly #raw: string;
  /** Offsets in `text` before which characters of the file were dropped, ascending, and how many until there. */
  readonly #droppedBefore: number[] = [];
  readonly #droppedCount: number[] = [];
  readonly #countsBytes: boolean;
  #lineStarts: readonly number[] | undefined;
  #unitsBefore: Uint32Array | undefined;

  /** `clean: false` leaves the text as it is, for languages that have no line splices. */
  constructor(file: string, raw: string, options: { encoding: SourceEncoding; clean: boolean }) {
    this.file = file;
    this.encoding = options.encoding;
    this.#raw = raw;
    this.#countsBytes = options.encoding === 'bytes' && NON_ASCII.test(raw);
    this.text = options.clean ? this.#clean(raw) : raw;
  }

  /** The line and column, from 1, of an offset in `text`. */
  lineAndColumn(offset: number): { readonly line: number; readonly column: number } {
    const rawOffset = this.#rawOffset(offset);
    this.#lineStarts ??= lineStartsOf(this.#raw);
    const index = lastAtOrBelow(this.#lineStarts, rawOffset);
    const lineStart = this.#lineStarts[index] ?? 0;
    return { line: index + 1, column: this.#column(lineStart, rawOffset) };
  }

  positionAt(offset: number): SourcePosition {
    return { file: this.file, ...this.lineAndColumn(offset) };
  }

  #column(lineStart: number, rawOffset: number): number {
    if (!this.#countsBytes) return rawOffset - lineStart + 1;
    return this.#units(rawOffset) - this.#units(lineStart) + 1;
  }

  /** How many UTF-16 code units an editor shows before a byte; from the nearest checkpoint, so that long lines are cheap. */
  #units(rawOffset: number): number {
    this.#unitsBefore ??= unitCheckpoints(this.#raw);
    const checkpoint = Math.floor(rawOffset / CHECKPOINT_BYTES);
    let units = this.#unitsBefore[checkpoint] ?? 0;
    for (let at = checkpoint * CHECKPOINT_BYTES; at < rawOffset; at += 1) units += unitsOfByte(this.#raw, at);
    return units;
  }

  #rawOffset(offset: number): number {
    const index = lastAtOrBelow(this.#droppedBefore, offset);
    return index < 0 ? offset : offset + (this.#droppedCount[index] ?? 0);
  }

  #clean(raw: string): string {
    const markLength = raw.startsWith('\ufeff') ? 1 : raw.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
    if (markLength === 0 && !raw.includes('\\') && !raw.includes('\r')) return raw;
    const kept: string[] = [];
    let keptLength = 0;
    let from = 0;
    let dropped = 0;
    const drop = (start: number, end: number): void => {
      kept.push(raw.slice(from, start));
      keptLength += start - from;
      dropped += end - start;
      this.#droppedBefore.push(keptLength);
      this.#droppedCount.push(dropped);
      from = end;
    };
    if (markLength > 0) drop(0, markLength);
    for (let newline = raw.indexOf('\n'); newline >= 0; newline = raw.indexOf('\n', newline + 1)) {
      const lineEnd = raw.charAt(newline - 1) === '\r' ? newline - 1 : newline;
      let last = lineEnd - 1;
      while (last >= from && isBlank(raw.charCodeAt(last))) last -= 1;
      if (last >= from && raw.charAt(last) === '\\') drop(last, newline + 1);
      else if (lineEnd < newline) drop(lineEnd, newline);
    }
    kept.push(raw.slice(from));
    return kept.join('');
  }
}

const CHECKPOINT_BYTES = 1024;

/** A UTF-8 continuation byte adds nothing; a sequence of four bytes is two UTF-16 code units. */
function unitsOfByte(raw: string, at: number): number {
  const byte = raw.charCodeAt(at);
  if ((byte & 0xc0) === 0x80) return 0;
  return byte >= 0xf0 ? 2 : 1;
}

/** The code units before each multiple of {@link CHECKPOINT_BYTES}. */
function unitCheckpoints(raw: string): Uint32Array {
  const before = new Uint32Array(Math.floor(raw.length / CHECKPOINT_BYTES) + 1);
  let units = 0;
  for (let at = 0; at < raw.length; at += 1) {
    if (at % CHECKPOINT_BYTES === 0) before[at / CHECKPOINT_BYTES] = units;
    units += unitsOfByte(raw, at);
  }
  if (raw.length % CHECKPOINT_BYTES === 0) before[raw.length / CHECKPOINT_BYTES] = units;
  return before;
}

function isBlank(char: number): boolean {
  return char === 0x20 || char === 0x09 || char === 0x0b || char === 0x0c;
}

function lineStartsOf(raw: string): readonly number[] {
  const starts = [0];
  for (let newline = raw.indexOf('\n'); newline >= 0; newline = raw.indexOf('\n', newline + 1)) {
    starts.push(newline + 1);
  }
  return starts;
}

/** The index of the last number that is no greater than `wanted`, in ascending numbers; −1 where there is none. */
export function lastAtOrBelow(ascending: readonly number[], wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
