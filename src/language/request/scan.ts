/**
 * Keys and values of a YAML file while it is being written, with the way to each: by indentation in blocks, by brackets in flows. It never
 * refuses and never recurses; what `plan` makes of the file is its reader's business. Left out: block scalars, anchors, tags, several documents.
 */
import type { TextSpan } from '../text/lines.ts';

/** Keys, and numbers of a list's entries. */
export type YamlPath = readonly (string | number)[];

/** A key with its value, or a list's entry. */
export interface YamlEntry {
  /** What it stands in. */
  readonly parent: YamlPath;
  readonly key: string | number;
  /** Of a key: its name. Of a list's entry: its dash, or nothing in a flow. */
  readonly keySpan: TextSpan;
  /** A plain value or one in quotes, without them; an empty one where there is none yet. */
  readonly value: string;
  readonly valueSpan: TextSpan;
  /** Columns from 0; absent in a flow. */
  readonly column?: number;
}

interface Level {
  readonly column: number;
  key: string | number;
}

interface Flow {
  readonly kind: '{' | '[';
  readonly parent: YamlPath;
  index: number;
  key: string | undefined;
}

const DEPTH_MAX = 64;
const ENTRIES_MAX = 50_000;
/** A key, in quotes or not, and its colon. */
const KEY =
  /(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#"'{}[\],&*!|>%@`-][^\n:{}[\],#]*|-[^\s:{}[\],#][^\n:{}[\],#]*))[ \t]*:(?=[\s{[]|$)/y;

/** Everything in a text that is a key or a list's entry, in order. */
export function scanYaml(text: string): readonly YamlEntry[] {
  return new YamlScanner(text).scan();
}

class YamlScanner {
  readonly #text: string;
  readonly #entries: YamlEntry[] = [];
  #levels: Level[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly YamlEntry[] {
    while (this.#at < this.#text.length && this.#entries.length < ENTRIES_MAX) this.#readLine();
    return this.#entries;
  }

  get #path(): YamlPath {
    return this.#levels.map(({ key }) => key);
  }

  #readLine(): void {
    const start = this.#at;
    this.#skip(/[ \t]*/y);
    while (/^-(?:[ \t]|\r?\n|$)/.test(this.#text.slice(this.#at, this.#at + 3))) {
      this.#enterItem(this.#at - start);
      this.#at += 1;
      this.#skip(/[ \t]*/y);
    }
    KEY.lastIndex = this.#at;
    const match = KEY.exec(this.#text);
    if (match !== null) this.#readKey(match, this.#at - start);
    else if (this.#isContent()) this.#readValue();
    this.#skip(/[^\n]*\n?/y);
  }

  #isContent(): boolean {
    const char = this.#text[this.#at];
    return char !== undefined && !/[#\r\n]/.test(char);
  }

  #enterItem(column: number): void {
    while ((this.#levels.at(-1)?.column ?? -1) > column) this.#levels.pop();
    const top = this.#levels.at(-1);
    let key = 0;
    if (top?.column === column && typeof top.key === 'number') {
      key = top.key + 1;
      this.#levels.pop();
    }
    this.#add(key, { start: this.#at, end: this.#at + 1 }, column);
    this.#push({ column, key });
  }

  #readKey(match: RegExpExecArray, column: number): void {
    while ((this.#levels.at(-1)?.column ?? -1) >= column) this.#levels.pop();
    const [whole, double, single, plain] = match;
    const key = double ?? single ?? plain?.trim() ?? '';
    const isQuoted = plain === undefined;
    const start = this.#at + (isQuoted ? 1 : 0);
    this.#add(key, { start, end: start + key.length }, column);
    this.#push({ column, key });
    this.#at += whole.length;
    this.#skip(/[ \t]*/y);
    if (this.#isContent()) this.#readValue();
  }

  #push(level: Level): void {
    if (this.#levels.length < DEPTH_MAX) this.#levels.push(level);
  }

  #add(key: string | number, keySpan: TextSpan, column?: number, parent = this.#path): void {
    const end = this.#endOfSpace(keySpan.end);
    const entry = { parent, key, keySpan, value: '', valueSpan: { start: end, end } };
    this.#entries.push(column === undefined ? entry : { ...entry, column });
  }

  /** Where a value may be written: after the colon or the dash, and white space. */
  #endOfSpace(from: number): number {
    const space = /["']?[ \t]*:?[ \t]*/y;
    space.lastIndex = from;
    return from + (space.exec(this.#text)?.[0].length ?? 0);
  }

  /** The value of the entry that was read last. */
  #readValue(): void {
    if (/[{[]/.test(this.#text[this.#at] ?? '')) {
      this.#readFlow();
      return;
    }
    const last = this.#entries.at(-1);
    const { value, span } = this.#readScalar(/[^\n#]*?(?=[ \t]+#|[ \t]*\r?$)/my);
    // Text that belongs to nothing, such as a key without its colon.
    if (last === undefined || last.value !== '') return;
    if (this.#text.slice(last.keySpan.end, span.start).includes('\n')) return;
    this.#entries[this.#entries.length - 1] = { ...last, value, valueSpan: span };
  }

  #readScalar(plain: RegExp): { readonly value: string; readonly span: TextSpan } {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      const start = this.#at + 1;
      const closing = new RegExp(`[${quote}\\n]|$`, 'g');
      closing.lastIndex = start;
      const end = closing.exec(this.#text)?.index ?? this.#text.length;
      this.#at = this.#text[end] === quote ? end + 1 : end;
      return { value: this.#text.slice(start, end), span: { start, end } };
    }
    const start = this.#at;
    this.#skip(plain);
    return { value: this.#text.slice(start, this.#at), span: { start, end: this.#at } };
  }

  /** From an opening bracket to the one that closes it, or to where the file or its blocks go on without it. */
  #readFlow(): void {
    const stack: Flow[] = [];
    const blockColumn = this.#levels.at(-1)?.column ?? 0;
    do {
      const char = this.#text[this.#at];
      if (char === undefined) return;
      const flow = stack.at(-1);
      if (char === '{' || char === '[') {
        if (stack.length >= DEPTH_MAX) return;
        const parent = flow === undefined ? this.#path : this.#flowPath(flow);
        stack.push({ kind: char, parent, index: 0, key: undefined });
        this.#at += 1;
        this.#addFlowEntry(stack.at(-1));
      } else if (char === '}' || char === ']') {
        stack.pop();
        this.#at += 1;
      } else if (char === ',') {
        this.#at += 1;
        if (flow !== undefined) {
          flow.index += 1;
          flow.key = undefined;
          this.#addFlowEntry(flow);
        }
      } else if (char === '\n') {
        if (this.#blockGoesOn(blockColumn)) return;
        this.#at += 1;
      } else if (/\s/.test(char)) this.#at += 1;
      else if (char === '#' && /\s/.test(this.#text[this.#at - 1] ?? '')) this.#skip(/[^\n]*/y);
      else this.#readFlowToken(flow);
    } while (stack.length > 0 && this.#entries.length < ENTRIES_MAX);
  }

  /** A bracket that nobody closed yet: the next line is a key of the block that it stands in, or of one around it. */
  #blockGoesOn(column: number): boolean {
    const next = /\n([ \t]*)[\w-]+:(?:[ \t]|\r?\n|$)/y;
    next.lastIndex = this.#at;
    const match = next.exec(this.#text);
    return match !== null && (match[1]?.length ?? 0) <= column;
  }

  #flowPath({ kind, parent, index, key }: Flow): YamlPath {
    return [...parent, kind === '[' ? index : (key ?? '')];
  }

  /** A list's entry is there as soon as its place is. */
  #addFlowEntry(flow: Flow | undefined): void {
    if (flow?.kind !== '[') return;
    this.#skip(/[ \t]*/y);
    this.#add(flow.index, { start: this.#at, end: this.#at }, undefined, flow.parent);
  }

  #readFlowToken(flow: Flow | undefined): void {
    KEY.lastIndex = this.#at;
    const match = flow?.kind === '{' && flow.key === undefined ? KEY.exec(this.#text) : null;
    if (match !== null && flow !== undefined) {
      const [whole, double, single, plain] = match;
      const key = double ?? single ?? plain?.trim() ?? '';
      const start = this.#at + (plain === undefined ? 1 : 0);
      flow.key = key;
      this.#add(key, { start, end: start + key.length }, undefined, flow.parent);
      this.#at += whole.length;
      return;
    }
    const before = this.#at;
    const { value, span } = this.#readScalar(/[^\n,{}[\]#]*?(?=[ \t]*(?:[\n,{}[\]#]|$))/y);
    if (this.#at === before) this.#at += 1;
    const last = this.#entries.at(-1);
    if (last === undefined || last.value !== '' || flow === undefined) return;
    if (flow.kind === '{' && flow.key === undefined) return;
    this.#entries[this.#entries.length - 1] = { ...last, value, valueSpan: span };
  }

  #skip(expression: RegExp): void {
    expression.lastIndex = this.#at;
    this.#at += expression.exec(this.#text)?.[0].length ?? 0;
  }
}
