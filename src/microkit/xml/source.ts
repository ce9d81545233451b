/** Text with the places that its characters came from: a file as it stands, or what the C preprocessor made of several. */
import type { SourcePosition } from '../../base/index.ts';

/** A text, and the way from its offsets to the places that a person edits. */
export interface XmlSource {
  /** The name under which the user gave the input. */
  readonly file: string;
  readonly text: string;
  /** Where the character at an offset (in UTF-16 code units) came from, in the file that the user edits. */
  positionAt(offset: number): SourcePosition;
}

/** A file that nothing was expanded in. */
export function plainSource(file: string, text: string): XmlSource {
  let lineStarts: readonly number[] | undefined;
  return {
    file,
    text,
    positionAt: (offset) => {
      lineStarts ??= startsOfLines(text);
      const line = lineContaining(lineStarts, offset);
      return { file, line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
    },
  };
}

/** Lines end in LF, CRLF or CR, as XML 1.0 §2.11 counts them. */
function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** The number of the last line that starts at or before the offset, counted from 1. */
function lineContaining(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
