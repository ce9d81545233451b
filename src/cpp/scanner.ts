/**
 * Preprocessing tokens (ISO C11 §6.4), taken from a text one by one. Identifiers may hold any character beyond ASCII.
 * Left out: trigraphs (GCC's default too), digraphs as operators, and prefixed or raw string literals.
 */

export const TOKEN = {
  end: 0,
  newline: 1,
  identifier: 2,
  /** A pp-number: wider than C's constants; `0x1F_next` is one. */
  number: 3,
  string: 4,
  character: 5,
  punctuator: 6,
  /** A lone character, or an unterminated literal up to the end of its line. */
  other: 7,
} as const;
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN];

const CLASS = { other: 0, blank: 1, newline: 2, letter: 3, digit: 4, quote: 5 } as const;
const ASCII_COUNT = 128;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const NEWLINE = 0x0a;
const DOT = 0x2e;
const DOLLAR = 0x24;

const CLASSES = Uint8Array.from({ length: ASCII_COUNT }, (_, code) => {
  const char = String.fromCharCode(code);
  if (' \t\v\f\r\0'.includes(char)) return CLASS.blank;
  if (char === '\n') return CLASS.newline;
  if (/[A-Za-z_]/.test(char)) return CLASS.letter;
  if (/[0-9]/.test(char)) return CLASS.digit;
  return char === '"' || char === "'" ? CLASS.quote : CLASS.other;
});

export function isBlankChar(code: number): boolean {
  return code < ASCII_COUNT && CLASSES[code] === CLASS.blank;
}

export function isDigitChar(code: number): boolean {
  return code < ASCII_COUNT && CLASSES[code] === CLASS.digit;
}

export function isQuoteChar(code: number): boolean {
  return code < ASCII_COUNT && CLASSES[code] === CLASS.quote;
}

/** Whether an identifier may begin so. `$` is up to the language and not decided here. */
export function isIdentifierStart(code: number): boolean {
  return code >= ASCII_COUNT || CLASSES[code] === CLASS.letter;
}

export function isIdentifierPart(code: number): boolean {
  return code >= ASCII_COUNT || CLASSES[code] === CLASS.letter || CLASSES[code] === CLASS.digit;
}

/** C's punctuators of more than one character, the longest first. */
const LONG_PUNCTUATORS: readonly string[] =
  '... <<= >>= << >> <= >= == != && || ++ -- -> += -= *= /= %= &= ^= |= ##'.split(' ');

/** The offset after an identifier that begins at `offset`. */
export function identifierEnd(text: string, offset: number, dollars: boolean): number {
  let at = offset;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isIdentifierPart(code) && !(dollars && code === DOLLAR)) break;
  }
  return at;
}

/** The offset after a pp-number: `e+`, `E-`, `p+` and their like go on (ISO C11 §6.4.8). */
export function numberEnd(text: string, offset: number): number {
  let at = offset;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isIdentifierPart(code) || code === DOT) continue;
    const before = text.charCodeAt(at - 1) | 0x20;
    const signed = (code === 0x2b || code === 0x2d) && at > offset && (before === 0x65 || before === 0x70);
    if (!signed) break;
  }
  return at;
}

/** The offset after a string or character literal; the end of the line where it isn't closed. */
export function literalEnd(text: string, offset: number): number {
  const quote = text.charCodeAt(offset);
  let at = offset + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === NEWLINE) return at;
    if (code === BACKSLASH && text.charCodeAt(at + 1) !== NEWLINE) at += 1;
  }
  return Math.min(at, text.length);
}

/** The offset after a comment that begins at `offset`, the offset of its newline for `//`; −1 where it never ends. */
export function commentEnd(text: string, offset: number): number {
  if (text.charCodeAt(offset + 1) === SLASH) {
    const newline = text.indexOf('\n', offset);
    return newline < 0 ? text.length : newline;
  }
  const close = text.indexOf('*/', offset + 2);
  return close < 0 ? -1 : close + 2;
}

export function isCommentStart(text: string, offset: number): boolean {
  if (text.charCodeAt(offset) !== SLASH) return false;
  const next = text.charCodeAt(offset + 1);
  return next === SLASH || next === STAR;
}

/** Takes tokens from a stretch of text; after {@link next}, the members say what was found. */
export class Scanner {
  readonly text: string;
  readonly #dollars: boolean;
  /** Where the next token is looked for. */
  offset: number;
  kind: TokenKind = TOKEN.end;
  start = 0;
  /** Whether blanks or comments (and newlines, where the caller skipped one) stand before the token. */
  spaceBefore = false;
  /** Where a comment begins that never ends, once one was met. */
  unterminatedComment: number | undefined;

  constructor(text: string, offset: number, dollars: boolean) {
    this.text = text;
    this.offset = offset;
    this.#dollars = dollars;
  }

  get tokenText(): string {
    return this.text.slice(this.start, this.offset);
  }

  /** The kind of the next token; its end is the new `offset`. */
  next(): TokenKind {
    this.#skipSpace();
    const { text } = this;
    this.start = this.offset;
    if (this.start >= text.length) {
      this.kind = TOKEN.end;
      return this.kind;
    }
    const code = text.charCodeAt(this.start);
    if (code === NEWLINE) return this.#take(TOKEN.newline, this.start + 1);
    if (isIdentifierStart(code) || (this.#dollars && code === DOLLAR)) {
      return this.#take(TOKEN.identifier, identifierEnd(text, this.start, this.#dollars));
    }
    if (isDigitChar(code) || (code === DOT && isDigitChar(text.charCodeAt(this.start + 1)))) {
      return this.#take(TOKEN.number, numberEnd(text, this.start));
    }
    if (isQuoteChar(code)) return this.#takeLiteral(code);
    return this.#takePunctuator();
  }

  #skipSpace(): void {
    const { text } = this;
    const from = this.offset;
    for (; this.offset < text.length; this.offset += 1) {
      if (isBlankChar(text.charCodeAt(this.offset))) continue;
      if (!isCommentStart(text, this.offset)) break;
      const end = commentEnd(text, this.offset);
      if (end < 0) this.unterminatedComment ??= this.offset;
      this.offset = (end < 0 ? text.length : end) - 1;
    }
    this.spaceBefore = this.offset > from;
  }

  #take(kind: TokenKind, end: number): TokenKind {
    this.kind = kind;
    this.offset = end;
    return kind;
  }

  #takeLiteral(quote: number): TokenKind {
    const end = literalEnd(this.text, this.start);
    const closed = end > this.start + 1 && this.text.charCodeAt(end - 1) === quote;
    if (!closed || isEscapedQuote(this.text, this.start, end)) return this.#take(TOKEN.other, end);
    return this.#take(quote === 0x22 ? TOKEN.string : TOKEN.character, end);
  }

  #takePunctuator(): TokenKind {
    const { text, start } = this;
    const longer = LONG_PUNCTUATORS.find((candidate) => text.startsWith(candidate, start));
    if (longer !== undefined) return this.#take(TOKEN.punctuator, start + longer.length);
    const known = '[](){}.&*+-~!/%<>^|?:;=,#'.includes(text.charAt(start));
    return this.#take(known ? TOKEN.punctuator : TOKEN.other, start + 1);
  }
}

/** Whether the text ran out in an escape just before its last quote: then the literal is not closed. */
function isEscapedQuote(text: string, start: number, end: number): boolean {
  let backslashes = 0;
  for (let at = end - 2; at > start && text.charCodeAt(at) === BACKSLASH; at -= 1) backslashes += 1;
  return backslashes % 2 === 1;
}
