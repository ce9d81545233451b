/**
 * Tokens of device tree source, as dtc 1.8.1's scanner takes them: what a word is depends on what stood before it
 * (a name after `{` and `;`, bytes after `[`). `/include/` and line markers are obeyed here and never seen by the parser.
 */
import type { Diagnostic } from '../../base/index.ts';
import { decodeSource, displayText, lineMarkerAt, type MappedText, PlainText } from '../../cpp/index.ts';
import { isHexDigit, isLabelPart, isLabelStart, isNameChar, isSpaceChar, unescaped } from './characters.ts';
import { dtsCodes } from './diagnostics.ts';
import type { SourceFiles } from './files.ts';
import { LABEL } from './reference-text.ts';
import { notesOf, positionOf, type TextPlace } from './text-place.ts';

export { notesOf, positionOf, type TextPlace } from './text-place.ts';

/**
 * `name`, `label`, `reference` (`&label`, `&{/path}`, `&{label/path}`), `literal`, `character`, `string`, `byte`, a keyword with its
 * slashes, or an operator or other character as it is.
 */
export type DtsTokenKind = string;

const KEYWORDS = [
  '/dts-v1/',
  '/plugin/',
  '/memreserve/',
  '/bits/',
  '/delete-property/',
  '/delete-node/',
  '/omit-if-no-ref/',
  '/incbin/',
  '/include/',
] as const;
const OPERATORS: ReadonlySet<string> = new Set(['<<', '>>', '<=', '>=', '==', '!=', '&&', '||']);
const INCLUDE_DEPTH = 200;
/** What an inclusion counts besides its text, so that small files that multiply are stopped too. */
const INCLUDE_COST = 1024;
/** An `/include/` was obeyed: the token is yet to come. */
const INCLUDED = '';

type Expectation = 'name' | 'value' | 'bytes';

interface OpenText {
  readonly map: MappedText;
  readonly text: string;
  offset: number;
  readonly includedFrom: TextPlace | undefined;
}

export class DtsLexer {
  kind: DtsTokenKind = 'end';
  /** The label, name or reference (a path with its braces) of the token. */
  word = '';
  /** Of `literal`, `character` and `byte`; a bigint where a number would not hold it. */
  value: number | bigint = 0;
  /** Of `string`, without the NUL. */
  bytes: Uint8Array = new Uint8Array();
  start: TextPlace;
  /** Where the token before this one ended. */
  previousEnd: TextPlace;
  readonly #files: SourceFiles;
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly #open: OpenText[] = [];
  #current: OpenText;
  #expects: Expectation = 'value';
  #lastError: TextPlace;

  constructor(map: MappedText, files: SourceFiles, report: (diagnostic: Diagnostic) => void) {
    this.#files = files;
    this.#report = report;
    this.#current = { map, text: map.text, offset: 0, includedFrom: undefined };
    this.start = { text: map, offset: 0 };
    this.previousEnd = this.start;
    this.#lastError = { text: map, offset: -1 };
    files.countChars(map.text.length);
  }

  is(kind: DtsTokenKind): boolean {
    return this.kind === kind;
  }

  /** Takes the next token. */
  next(): void {
    this.previousEnd = { text: this.#current.map, offset: this.#current.offset };
    do {
      while (!this.#skipSpace()) {
        const outer = this.#open.pop();
        if (outer === undefined) {
          this.start = { text: this.#current.map, offset: this.#current.offset };
          this.kind = 'end';
          return;
        }
        this.#current = outer;
      }
      const { map, text, offset } = this.#current;
      this.start = { text: map, offset };
      this.#scan(text, offset);
    } while (this.kind === INCLUDED);
  }

  /** Reads the present token again as what may follow a semicolon. */
  nextAsName(): void {
    if (this.start.text !== this.#current.map) return;
    this.#current.offset = this.start.offset;
    this.#expects = 'name';
    this.next();
  }

  /** The present token in a message. */
  describe(): string {
    switch (this.kind) {
      case 'end':
        return 'the end of the file';
      case 'string':
        return 'a string';
      case 'name':
      case 'label':
        return this.word;
      case 'reference':
        return `&${this.word}`;
      default: {
        const { text, offset } = this.start;
        // A number is shown as it is written; of what is no token, the word that it begins.
        const isNumber = this.kind === 'literal' || this.kind === 'character' || this.kind === 'byte';
        let end = isNumber ? Math.min(this.#current.offset, offset + 40) : offset;
        while (!isNumber && end < offset + 40 && isLabelPart(text.text.charCodeAt(end))) end += 1;
        return end > offset ? text.text.slice(offset, end) : printable(this.kind);
      }
    }
  }

  #error(code: 'unterminated-comment' | 'unterminated-string' | 'bad-escape', offset: number): void {
    const place = { text: this.#current.map, offset };
    if (this.#isNews(offset)) this.#report(dtsCodes[code].at(positionOf(place), undefined, notesOf(place)));
  }

  /** A token that is read again ({@link nextAsName}) is not complained of again. */
  #isNews(offset: number): boolean {
    const isOld = this.#lastError.text === this.#current.map && offset <= this.#lastError.offset;
    if (!isOld) this.#lastError = { text: this.#current.map, offset };
    return !isOld;
  }

  /** Whether anything but space and comments is left in the present text. */
  #skipSpace(): boolean {
    const current = this.#current;
    const { text } = current;
    let at = current.offset;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isSpaceChar(code)) at += 1;
      else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
        const end = text.indexOf('*/', at + 2);
        if (end < 0) this.#error('unterminated-comment', at);
        at = end < 0 ? text.length : end + 2;
      } else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2f) {
        const end = text.indexOf('\n', at);
        at = end < 0 ? text.length : end;
      } else if (code === 0x23 && (at === 0 || text.charCodeAt(at - 1) === 0x0a)) {
        const marker = current.map instanceof PlainText ? lineMarkerAt(text, at) : undefined;
        if (marker === undefined) break;
        const file = displayText(marker.file, current.map.encoding);
        (current.map as PlainText).inclusion.addLineMark(marker.end + 1, file, marker.line);
        at = marker.end;
      } else break;
    }
    current.offset = at;
    return at < text.length;
  }

  #take(kind: DtsTokenKind, end: number): void {
    this.kind = kind;
    this.#current.offset = end;
  }

  #scan(text: string, offset: number): void {
    const code = text.charCodeAt(offset);
    if (this.#expects === 'name' && (isNameChar(code) || code === 0x5c)) {
      if (this.#scanName(text, offset)) return;
    } else if (isLabelStart(code) && this.#scanLabel(text, offset)) return;
    switch (code) {
      case 0x22:
        this.#scanString(text, offset);
        return;
      case 0x27:
        this.#scanCharacter(text, offset);
        return;
      case 0x26:
        if (this.#scanReference(text, offset)) return;
        break;
      case 0x2f:
        if (this.#scanKeyword(text, offset)) return;
        break;
      default:
        if (this.#expects === 'bytes' && isHexDigit(code) && isHexDigit(text.charCodeAt(offset + 1))) {
          this.value = Number.parseInt(text.slice(offset, offset + 2), 16);
          this.#take('byte', offset + 2);
          return;
        }
        if (code >= 0x30 && code <= 0x39 && this.#expects === 'value') {
          this.#scanLiteral(text, offset);
          return;
        }
    }
    const pair = text.slice(offset, offset + 2);
    if (OPERATORS.has(pair)) {
      this.#take(pair, offset + 2);
      return;
    }
    if (code === 0x5b) this.#expects = 'bytes';
    else if (code === 0x5d && this.#expects === 'bytes') this.#expects = 'value';
    else if (code === 0x7b || code === 0x3b) this.#expects = 'name';
    this.#take(text.charAt(offset), offset + 1);
  }

  #scanName(text: string, offset: number): boolean {
    const first = text.charCodeAt(offset) === 0x5c ? offset + 1 : offset;
    let end = first;
    while (isNameChar(text.charCodeAt(end))) end += 1;
    if (end === first) return false;
    if (text.charCodeAt(end) === 0x3a && isLabelStart(text.charCodeAt(offset))) {
      if (this.#scanLabel(text, offset)) return true;
    }
    this.word = text.slice(first, end);
    this.#expects = 'value';
    this.#take('name', end);
    return true;
  }

  #scanLabel(text: string, offset: number): boolean {
    let end = offset + 1;
    while (isLabelPart(text.charCodeAt(end))) end += 1;
    if (text.charCodeAt(end) !== 0x3a) return false;
    this.word = text.slice(offset, end);
    this.#take('label', end + 1);
    return true;
  }

  #scanReference(text: string, offset: number): boolean {
    let end = offset + 1;
    if (isLabelStart(text.charCodeAt(end))) {
      while (isLabelPart(text.charCodeAt(end))) end += 1;
      this.word = text.slice(offset + 1, end);
    } else if (text.startsWith('{', end)) {
      end += 1;
      while (isNameChar(text.charCodeAt(end)) || text.charCodeAt(end) === 0x2f) end += 1;
      if (text.charCodeAt(end) !== 0x7d) return false;
      const inner = text.slice(offset + 2, end);
      end += 1;
      // Braces around a label alone say nothing.
      this.word = LABEL.test(inner) ? inner : `{${inner}}`;
    } else return false;
    this.#take('reference', end);
    return true;
  }

  #scanKeyword(text: string, offset: number): boolean {
    const keyword = KEYWORDS.find((candidate) => text.startsWith(candidate, offset));
    if (keyword === undefined || (keyword === '/incbin/' && this.#expects !== 'value')) return false;
    this.#take(keyword, offset + keyword.length);
    switch (keyword) {
      case '/include/':
        this.#include();
        break;
      case '/delete-node/':
      case '/delete-property/':
      case '/omit-if-no-ref/':
        this.#expects = 'name';
        break;
      case '/plugin/':
      case '/incbin/':
        break;
      default:
        this.#expects = 'value';
    }
    return true;
  }

  /** After `/include/`: reads the file's name and opens the file. */
  #include(): void {
    const from = this.start;
    const expected = this.#expects;
    if (!this.#skipSpace() || this.#current.text.charAt(this.#current.offset) !== '"') {
      this.kind = '/include/';
      return;
    }
    this.#scanString(this.#current.text, this.#current.offset);
    const name = decodeSource(this.bytes, 'utf-8');
    this.#expects = expected;
    if (this.#open.length + 1 >= INCLUDE_DEPTH) {
      const place = positionOf(from);
      this.#report(
        dtsCodes['include-too-deep'].at(place, { limit: INCLUDE_DEPTH }, notesOf(from).slice(0, 1)),
      );
    } else {
      const found = this.#files.read(name, from);
      if (found !== undefined) {
        const { encoding } = from.text;
        const text = decodeSource(found.content, encoding);
        const map = new PlainText(found.path, text, { encoding, includedFrom: from });
        if (this.#files.countChars(text.length + INCLUDE_COST)) {
          this.#open.push(this.#current);
          this.#current = { map, text, offset: 0, includedFrom: from };
        }
      }
    }
    this.kind = INCLUDED;
  }

  #scanString(text: string, offset: number): void {
    let end = offset + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === 0x22) break;
      if (code === 0x5c && end + 1 < text.length && text.charCodeAt(end + 1) !== 0x0a) end += 2;
      else if (code === 0x5c || end >= text.length) {
        this.#error('unterminated-string', offset);
        const newline = text.indexOf('\n', offset);
        this.bytes = new Uint8Array();
        this.#take('string', newline < 0 ? text.length : newline);
        return;
      } else end += 1;
    }
    const { bytes, badEscapeAt } = unescaped(text.slice(offset + 1, end));
    if (badEscapeAt !== undefined) this.#error('bad-escape', offset + 1 + badEscapeAt);
    this.bytes = bytes;
    this.#take('string', end + 1);
  }

  /** dtc takes the longest literal whose inner apostrophes are all escaped: `'\'` is a backslash where no other ends it. */
  #scanCharacter(text: string, offset: number): void {
    let end = text.indexOf("'", offset + 1);
    while (end >= 0 && text.charCodeAt(end - 1) === 0x5c) {
      const further = text.indexOf("'", end + 1);
      if (further < 0) break;
      end = further;
    }
    if (end < 0) {
      this.#take("'", offset + 1);
      return;
    }
    const { bytes, badEscapeAt } = unescaped(text.slice(offset + 1, end));
    if (badEscapeAt !== undefined) this.#error('bad-escape', offset + 1 + badEscapeAt);
    if (bytes.length !== 1 && this.#isNews(offset)) {
      const place = { text: this.#current.map, offset };
      this.#report(dtsCodes['bad-character'].at(positionOf(place), { count: bytes.length }, notesOf(place)));
    }
    this.value = bytes[0] ?? 0;
    this.#take('character', end + 1);
  }

  #scanLiteral(text: string, offset: number): void {
    const second = text.charCodeAt(offset + 1) | 0x20;
    const isHex =
      text.charCodeAt(offset) === 0x30 && second === 0x78 && isHexDigit(text.charCodeAt(offset + 2));
    let end = isHex ? offset + 2 : offset;
    let value = 0;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (isHex ? !isHexDigit(code) : code < 0x30 || code > 0x39) break;
      if (isHex) value = value * 16 + (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
      else value = value * 10 + code - 0x30;
    }
    const digits = end;
    const suffix = ['ULL', 'UL', 'LL', 'U', 'L'].find((candidate) => text.startsWith(candidate, end)) ?? '';
    end += suffix.length;
    const isOctal = !isHex && digits > offset + 1 && text.charCodeAt(offset) === 0x30;
    if (isOctal || value > Number.MAX_SAFE_INTEGER) this.#slowLiteral(text.slice(offset, digits), isOctal);
    else this.value = value;
    this.#take('literal', end);
  }

  #slowLiteral(text: string, isOctal: boolean): void {
    const place = this.start;
    this.value = 0;
    if (isOctal && /[89]/.test(text)) {
      this.#report(dtsCodes['bad-literal'].at(positionOf(place), { text: shortened(text) }, notesOf(place)));
      return;
    }
    const stripped = text.replace(/^0+(?=[0-9])/, '');
    const value = stripped.length > 70 ? 1n << 64n : BigInt(isOctal ? `0o${stripped}` : text);
    if (value >= 1n << 64n) {
      const code = dtsCodes['literal-out-of-range'];
      this.#report(code.at(positionOf(place), { text: shortened(text) }, notesOf(place)));
    } else this.value = value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function printable(char: string): string {
  return /^[!-~]+$/.test(char) ? char : `the byte 0x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
