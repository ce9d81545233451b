/**
 * Texts that know where they come from: each offset of a {@link MappedText} leads back to the file, line and column
 * that the user edits, and to the chain of inclusions and macros on the way.
 */
import type { DiagnosticNote, SourcePosition } from '../base/index.ts';
import { displayText, lastAtOrBelow, type SourceEncoding, SourceText } from './source-text.ts';

/** A text whose offsets lead back to the sources that it was made of. */
export interface MappedText {
  readonly text: string;
  readonly encoding: SourceEncoding;
  /** Where the user wrote what stands at this offset; for what a macro made, where the macro is used. */
  positionAt(offset: number): SourcePosition;
  /** How it got there: the macros that made it, then the files that include it; the nearest first. */
  notesAt(offset: number): readonly DiagnosticNote[];
}

/** From `offset` on, positions are told as a line marker in the text says (`# 12 "board.dts"`). */
interface LineMark {
  readonly physicalLine: number;
  readonly file: string;
  readonly line: number;
}

/** Where something is written: an offset in one reading of a file. */
export interface Place {
  readonly inclusion: Inclusion;
  readonly offset: number;
}

/** One reading of a file: the same file may be included from several places, and under several names. */
export class Inclusion {
  readonly source: SourceText;
  /** What the user gave or the search found; included names are relative to its directory. */
  readonly path: string;
  readonly includedFrom: Place | undefined;
  readonly depth: number;
  readonly #marks: LineMark[] = [];
  readonly #markOffsets: number[] = [];

  constructor(source: SourceText, path: string, includedFrom?: Place) {
    this.source = source;
    this.path = path;
    this.includedFrom = includedFrom;
    this.depth = includedFrom === undefined ? 0 : includedFrom.inclusion.depth + 1;
  }

  /** The text from `offset`, the start of a line, is line `line` of `file`. */
  addLineMark(offset: number, file: string | undefined, line: number): void {
    const physicalLine = this.source.lineAndColumn(offset).line;
    this.#marks.push({ physicalLine, file: file ?? this.presumedFile, line });
    this.#markOffsets.push(offset);
  }

  /** The name that positions carry at the end of what has been read. */
  get presumedFile(): string {
    return this.#marks.at(-1)?.file ?? this.source.file;
  }

  positionAt(offset: number): SourcePosition {
    const position = this.source.positionAt(offset);
    const mark = this.#marks[lastAtOrBelow(this.#markOffsets, offset)];
    if (mark === undefined) return position;
    const line = Math.max(1, mark.line + (position.line ?? 1) - mark.physicalLine);
    return { file: mark.file, line, column: position.column ?? 1 };
  }

  /** The chain of files that include this one, the nearest first. */
  inclusionNotes(): readonly DiagnosticNote[] {
    const notes: DiagnosticNote[] = [];
    for (let place = this.includedFrom; place !== undefined; place = place.inclusion.includedFrom) {
      if (notes.length === NOTES_KEPT) break;
      notes.push({ message: 'included from here', position: place.inclusion.positionAt(place.offset) });
    }
    return notes;
  }
}

/** Longer chains of inclusions and macros say nothing more. */
const NOTES_KEPT = 8;

/** The macro that made a token, and the one that made the use of it. */
export interface MacroOrigin {
  readonly macro: { readonly name: string; readonly definedAt: Place | undefined };
  readonly outer: MacroOrigin | undefined;
}

function macroNotes(origin: MacroOrigin | undefined): readonly DiagnosticNote[] {
  const notes: DiagnosticNote[] = [];
  for (let at = origin; at !== undefined && notes.length < NOTES_KEPT; at = at.outer) {
    const { name, definedAt } = at.macro;
    if (definedAt === undefined) continue;
    notes.push({
      message: `in the expansion of ${name}, defined here`,
      position: definedAt.inclusion.positionAt(definedAt.offset),
    });
  }
  return notes;
}

/** Builds a text piece by piece and remembers where each came from. */
export class MappedTextBuilder {
  readonly encoding: SourceEncoding;
  readonly #chunks: string[] = [];
  readonly #starts: number[] = [];
  readonly #inclusions: Inclusion[] = [];
  readonly #offsets: number[] = [];
  readonly #origins: (MacroOrigin | undefined)[] = [];
  #length = 0;
  #lastChar = 0x0a;

  constructor(encoding: SourceEncoding) {
    this.encoding = encoding;
  }

  get length(): number {
    return this.#length;
  }

  /** The code of the last character written; a newline before the first. */
  get lastChar(): number {
    return this.#lastChar;
  }

  /** `text` stands at `offset` of the inclusion, character for character, or was made there by a macro. */
  append(text: string, inclusion: Inclusion, offset: number, origin?: MacroOrigin): void {
    if (text.length === 0) return;
    this.#starts.push(this.#length);
    this.#inclusions.push(inclusion);
    this.#offsets.push(offset);
    this.#origins.push(origin);
    this.#chunks.push(text);
    this.#length += text.length;
    this.#lastChar = text.charCodeAt(text.length - 1);
  }

  /** A blank or newline that stands in no source. */
  appendSpace(char: ' ' | '\n'): void {
    this.#chunks.push(char);
    this.#length += 1;
    this.#lastChar = char.charCodeAt(0);
  }

  finish(main: Inclusion): MappedText {
    const [starts, inclusions, offsets, origins] = [
      this.#starts,
      this.#inclusions,
      this.#offsets,
      this.#origins,
    ];
    const place = (offset: number): Place & { readonly origin?: MacroOrigin | undefined } => {
      const index = lastAtOrBelow(starts, offset);
      const [inclusion, base, origin] = [inclusions[index], offsets[index], origins[index]];
      if (inclusion === undefined || base === undefined) return { inclusion: main, offset: 0 };
      return origin === undefined
        ? { inclusion, offset: base + offset - (starts[index] as number) }
        : { inclusion, offset: base, origin };
    };
    return {
      text: this.#chunks.join(''),
      encoding: this.encoding,
      positionAt(offset) {
        const { inclusion, offset: at } = place(offset);
        return inclusion.positionAt(at);
      },
      notesAt(offset) {
        const { inclusion, origin } = place(offset);
        return [...macroNotes(origin), ...inclusion.inclusionNotes()];
      },
    };
  }
}

/**
 * A file's text as it is. Line markers in it are not looked for; a lexer that finds one tells `addLineMark`.
 * The encoding says how `text` was made of bytes.
 */
export class PlainText implements MappedText {
  readonly text: string;
  readonly encoding: SourceEncoding;
  readonly inclusion: Inclusion;
  readonly #includedFrom: { readonly text: MappedText; readonly offset: number } | undefined;

  constructor(
    file: string,
    text: string,
    options: {
      readonly encoding: SourceEncoding;
      readonly path?: string;
      readonly includedFrom?: { readonly text: MappedText; readonly offset: number };
    },
  ) {
    this.text = text;
    this.encoding = options.encoding;
    const source = new SourceText(displayText(file, 'utf-8'), text, {
      encoding: options.encoding,
      clean: false,
    });
    this.inclusion = new Inclusion(source, options.path ?? file);
    this.#includedFrom = options.includedFrom;
  }

  positionAt(offset: number): SourcePosition {
    return this.inclusion.positionAt(offset);
  }

  notesAt(_offset: number): readonly DiagnosticNote[] {
    const from = this.#includedFrom;
    if (from === undefined) return [];
    const outer = from.text.notesAt(from.offset);
    return [{ message: 'included from here', position: from.text.positionAt(from.offset) }, ...outer].slice(
      0,
      NOTES_KEPT,
    );
  }
}
