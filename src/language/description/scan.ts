/**
 * The tags of a description while it is being written: whatever is half there gives something. The reader of `microkit` says what is
 * wrong; this one never refuses, never recurses, and takes one pass. What the C preprocessor is for (directives, C comments) is skipped.
 */
import type { TextSpan } from '../text/lines.ts';

/** `name="value"`, or what there is of it. */
export interface ScannedAttribute {
  readonly name: string;
  readonly nameSpan: TextSpan;
  /** Without its quotes; absent where no `=` follows the name. */
  readonly value?: string;
  readonly valueSpan?: TextSpan;
}

/** A tag, or what there is of it. */
export interface ScannedTag {
  readonly kind: 'start' | 'end' | 'empty';
  readonly name: string;
  /** From its `<` to after its `>`, or to where it breaks off. */
  readonly span: TextSpan;
  readonly nameSpan: TextSpan;
  readonly attributes: readonly ScannedAttribute[];
  /** Whether its `>` is there. */
  readonly isWhole: boolean;
  /** The element that it stands in. For an end tag: the one that its element stands in. */
  readonly parent: ScannedTag | undefined;
  /** Of an end tag: the start tag that it belongs to. */
  readonly opening?: ScannedTag;
}

const NAME = /[\w:.-]+/y;
const SPACE = /\s*/y;
const VALUE = /[^\s"'<>=]+/y;
/** Nobody writes as many; what is beyond is not looked at. */
const TAGS_MAX = 200_000;
/** Deeper than the reader goes. */
const DEPTH_MAX = 256;

/** The tags of a text, in order. */
export function scanTags(text: string): readonly ScannedTag[] {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  readonly #tags: ScannedTag[] = [];
  readonly #open: ScannedTag[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly ScannedTag[] {
    while (this.#at < this.#text.length && this.#tags.length < TAGS_MAX) {
      const found = this.#nextMark();
      if (found === undefined) break;
      this.#at = found;
      if (!this.#skipped()) this.#readTag();
    }
    return this.#tags;
  }

  /** Where the next `<`, C comment or directive begins. */
  #nextMark(): number | undefined {
    const marks = /<|\/\*|^[ \t]*#|^[ \t]*\/\//gm;
    marks.lastIndex = this.#at;
    return marks.exec(this.#text)?.index;
  }

  /** Whether something stands here that has no tags in it; moves past it. */
  #skipped(): boolean {
    const rest = this.#text.slice(this.#at, this.#at + 9);
    if (rest.startsWith('<!--')) return this.#skipTo('-->', 4);
    if (rest.startsWith('<![CDATA[')) return this.#skipTo(']]>', 9);
    if (rest.startsWith('<?')) return this.#skipTo('?>', 2);
    if (rest.startsWith('<!')) return this.#skipTo('>', 2);
    if (rest.startsWith('/*')) return this.#skipTo('*/', 2);
    if (rest.startsWith('<')) return false;
    const line = /(?:\\\r?\n|[^\n])*/y;
    line.lastIndex = this.#at;
    this.#at += Math.max(1, line.exec(this.#text)?.[0].length ?? 1);
    return true;
  }

  #skipTo(ending: string, from: number): true {
    const end = this.#text.indexOf(ending, this.#at + from);
    this.#at = end < 0 ? this.#text.length : end + ending.length;
    return true;
  }

  #readTag(): void {
    const start = this.#at;
    const isEnd = this.#text[start + 1] === '/';
    this.#at += isEnd ? 2 : 1;
    const nameStart = this.#at;
    const name = this.#match(NAME);
    const nameSpan = { start: nameStart, end: this.#at };
    const attributes = this.#readAttributes();
    const isEmpty = this.#text.startsWith('/>', this.#at);
    const isWhole = isEmpty || this.#text[this.#at] === '>';
    if (isWhole) this.#at += isEmpty ? 2 : 1;
    const span = { start, end: this.#at };
    const common = { name, nameSpan, span, attributes, isWhole };
    if (isEnd) this.#readEnd(common);
    else {
      const kind = isEmpty || !isWhole ? 'empty' : 'start';
      const tag: ScannedTag = { kind, ...common, parent: this.#open.at(-1) };
      this.#tags.push(tag);
      if (kind === 'start' && this.#open.length < DEPTH_MAX) this.#open.push(tag);
    }
  }

  #readEnd(common: Omit<ScannedTag, 'kind' | 'parent'>): void {
    const depth = this.#open.findLastIndex(({ name }) => name === common.name);
    const opening = depth < 0 ? undefined : this.#open[depth];
    if (depth >= 0) this.#open.length = depth;
    this.#tags.push({
      kind: 'end',
      ...common,
      parent: this.#open.at(-1),
      ...(opening === undefined ? {} : { opening }),
    });
  }

  /** Up to what ends the tag, or begins another. */
  #readAttributes(): readonly ScannedAttribute[] {
    const attributes: ScannedAttribute[] = [];
    for (;;) {
      this.#match(SPACE);
      const char = this.#text[this.#at];
      if (char === undefined || char === '<' || char === '>' || this.#text.startsWith('/>', this.#at))
        return attributes;
      const nameStart = this.#at;
      const name = this.#match(NAME);
      if (name === '') this.#at += 1;
      else attributes.push(this.#readAttribute(name, { start: nameStart, end: this.#at }));
    }
  }

  #readAttribute(name: string, nameSpan: TextSpan): ScannedAttribute {
    const afterName = this.#at;
    this.#match(SPACE);
    if (this.#text[this.#at] !== '=') {
      this.#at = afterName;
      return { name, nameSpan };
    }
    this.#at += 1;
    const afterEquals = this.#at;
    this.#match(SPACE);
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      const start = this.#at + 1;
      const end = this.#endOfValue(start, quote);
      this.#at = this.#text[end] === quote ? end + 1 : end;
      return { name, nameSpan, value: this.#text.slice(start, end), valueSpan: { start, end } };
    }
    const start = this.#at;
    const value = this.#match(VALUE);
    if (value === '') this.#at = afterEquals;
    return {
      name,
      nameSpan,
      value,
      valueSpan: value === '' ? { start: afterEquals, end: afterEquals } : { start, end: this.#at },
    };
  }

  /** A value that nothing ends goes to the end of the line, or to the next tag. */
  #endOfValue(start: number, quote: string): number {
    const end = /["'\n<]/g;
    end.lastIndex = start;
    for (let match = end.exec(this.#text); match !== null; match = end.exec(this.#text)) {
      if (match[0] === quote || match[0] === '\n' || match[0] === '<') return match.index;
    }
    return this.#text.length;
  }

  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const matched = expression.exec(this.#text)?.[0] ?? '';
    this.#at += matched.length;
    return matched;
  }
}
