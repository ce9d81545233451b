/** Offsets in a text, and the lines and columns that people and protocols count. Lines end in LF, CRLF or CR. */
import type { TextPlace, TextRange } from '../../base/index.ts';

/** The lines of a text. */
export class Lines {
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
    this.#starts = starts;
  }

  /** A place outside of the text is the nearest one in it. */
  offsetOf({ line, column }: TextPlace): number {
    if (!(line >= 1)) return 0;
    const start = this.#starts[line - 1];
    if (start === undefined) return this.text.length;
    const next = this.#starts[line];
    const end = next === undefined ? this.text.length : this.#endOfLine(start, next);
    return Math.min(end, start + Math.max(0, column - 1 || 0));
  }

  /** Before what ends the line. */
  #endOfLine(start: number, next: number): number {
    const isPair = next - start >= 2 && this.text[next - 1] === '\n' && this.text[next - 2] === '\r';
    return next - (isPair ? 2 : 1);
  }

  placeOf(offset: number): TextPlace {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  rangeOf({ start, end }: TextSpan): TextRange {
    return { start: this.placeOf(start), end: this.placeOf(end) };
  }

  /** The whole text. */
  get whole(): TextRange {
    return this.rangeOf({ start: 0, end: this.text.length });
  }
}

/** A stretch of one text, by offsets in UTF-16 code units; `end` is the first after it. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}
