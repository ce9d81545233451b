/**
 * The shells of boot loaders, as trees: U-Boot's hush (common/cli_hush.c, doc/usage/cmdline.rst) and GRUB's
 * (GRUB manual, "Writing your own scripts"), which have the same grammar but for blocks in braces. Nothing is run here;
 * what can't be parsed becomes a statement that says so. Left out: pipes, redirections, command substitution, patterns.
 */
import { shortened } from './entry.ts';

export type Segment =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly isQuoted: boolean;
      /** `${name:-fallback}`. */
      readonly fallback?: string;
    };

export interface Word {
  readonly segments: readonly Segment[];
}

export interface CommandStatement {
  readonly kind: 'command';
  readonly words: readonly Word[];
  /** GRUB: `menuentry 'x' { … }`. */
  readonly block?: readonly Statement[];
  readonly line: number;
  readonly text: string;
}

export type Statement =
  | CommandStatement
  | {
      readonly kind: 'if';
      readonly clauses: readonly {
        readonly condition: readonly Statement[];
        readonly body: readonly Statement[];
      }[];
      readonly otherwise: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly words: readonly Word[];
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly kind: 'while';
      readonly isUntil: boolean;
      readonly condition: readonly Statement[];
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | {
      readonly kind: 'chain';
      readonly first: Statement;
      readonly rest: readonly { readonly operator: '&&' | '||'; readonly statement: Statement }[];
      readonly line: number;
    }
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly body: readonly Statement[];
      readonly line: number;
    }
  | { readonly kind: 'unread'; readonly text: string; readonly reason: string; readonly line: number };

export interface ShellDialect {
  /** Braces make blocks, `function NAME { … }` and `NAME () { … }` functions. */
  readonly hasBlocks: boolean;
}

type Token =
  | {
      readonly kind: 'word';
      readonly word: Word;
      readonly bare: string | undefined;
      readonly line: number;
      readonly at: number;
      readonly end: number;
      /** A quote in it has no end. */
      readonly isUnended: boolean;
    }
  | {
      readonly kind: ';' | '\n' | '&&' | '||' | '|' | 'end';
      readonly line: number;
      readonly at: number;
      readonly end: number;
    };

/** Scripts are a few pages long; deeper or longer ones are no boot scripts. */
const DEPTH_LIMIT = 48;
const TOKEN_LIMIT = 100_000;

export function parseShell(text: string, dialect: ShellDialect): readonly Statement[] {
  return new Parser(text, dialect).list(new Set(), 0);
}

const CLOSERS: readonly string[] = ['then', 'elif', 'else', 'fi', 'do', 'done', '}'];

class Parser {
  readonly #text: string;
  readonly #dialect: ShellDialect;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, dialect: ShellDialect) {
    this.#text = text.replaceAll('\r', '');
    this.#dialect = dialect;
    this.#tokens = [...tokensOf(this.#text)];
  }

  get #token(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }

  /** The bare word at this place, where a keyword may stand. */
  get #keyword(): string | undefined {
    return this.#token.kind === 'word' ? this.#token.bare : undefined;
  }

  #isAtWord(): boolean {
    return this.#token.kind === 'word';
  }

  #skipBreaks(): void {
    while (this.#token.kind === '\n' || this.#token.kind === ';') this.#next += 1;
  }

  /** Statements up to one of these keywords, which is left; a stray closer is passed over as unread. */
  list(ends: ReadonlySet<string>, depth: number): readonly Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      this.#skipBreaks();
      const { kind, line } = this.#token;
      if (kind === 'end') return statements;
      const keyword = this.#keyword;
      if (keyword !== undefined && ends.has(keyword)) return statements;
      if (kind !== 'word' || (keyword !== undefined && this.#isCloser(keyword))) {
        const text = keyword ?? kind;
        this.#next += 1;
        statements.push({ kind: 'unread', text, reason: 'stands where no command can', line });
        continue;
      }
      statements.push(this.#chain(depth));
    }
  }

  #isCloser(keyword: string): boolean {
    return CLOSERS.includes(keyword) && (keyword !== '}' || this.#dialect.hasBlocks);
  }

  #chain(depth: number): Statement {
    const { line } = this.#token;
    const first = this.#statement(depth);
    const rest: { operator: '&&' | '||'; statement: Statement }[] = [];
    for (;;) {
      const { kind } = this.#token;
      if (kind === '|') {
        const text = this.#restOfLine();
        return { kind: 'unread', text, reason: 'has a pipe, which is not followed', line };
      }
      if (kind !== '&&' && kind !== '||') break;
      this.#next += 1;
      this.#skipNewlines();
      if (!this.#isAtWord()) break;
      rest.push({ operator: kind, statement: this.#statement(depth) });
    }
    return rest.length === 0 ? first : { kind: 'chain', first, rest, line };
  }

  #skipNewlines(): void {
    while (this.#token.kind === '\n') this.#next += 1;
  }

  #restOfLine(): string {
    const from = this.#token.at;
    while (this.#token.kind !== '\n' && this.#token.kind !== 'end') this.#next += 1;
    return shortened(this.#text.slice(from, this.#token.at));
  }

  #statement(depth: number): Statement {
    const { line } = this.#token;
    const keyword = this.#keyword;
    const isCompound = ['if', 'for', 'while', 'until', 'function'].includes(keyword ?? '');
    if (isCompound && depth >= DEPTH_LIMIT) {
      return { kind: 'unread', text: this.#restOfLine(), reason: 'is nested too deeply', line };
    }
    if (keyword === 'if') return this.#if(depth + 1);
    if (keyword === 'for') return this.#for(depth + 1);
    if (keyword === 'while' || keyword === 'until') {
      this.#next += 1;
      const isUntil = keyword === 'until';
      const condition = this.list(new Set(['do']), depth + 1);
      const body = this.#body('do', 'done', depth + 1);
      return body === undefined
        ? this.#unended(keyword, line)
        : { kind: 'while', isUntil, condition, body, line };
    }
    if (this.#dialect.hasBlocks && keyword === 'function') {
      this.#next += 1;
      const name = this.#keyword ?? '';
      this.#next += 1;
      this.#skipBreaks();
      const body = this.#body('{', '}', depth + 1);
      return body === undefined ? this.#unended('function', line) : { kind: 'function', name, body, line };
    }
    return this.#command(depth);
  }

  #take(keyword: string): boolean {
    if (this.#keyword !== keyword) return false;
    this.#next += 1;
    return true;
  }

  /** `undefined` where it does not begin or is not ended. */
  #body(open: string, close: string, depth: number): readonly Statement[] | undefined {
    const isBegun = this.#take(open);
    const body = this.list(new Set([close]), depth);
    return this.#take(close) && isBegun ? body : undefined;
  }

  /** A loader runs nothing of what it can't read to its end. */
  #unended(text: string, line: number): Statement {
    return { kind: 'unread', text, reason: 'is not ended, and what is in it is not run', line };
  }

  #if(depth: number): Statement {
    const { line } = this.#token;
    const clauses: { condition: readonly Statement[]; body: readonly Statement[] }[] = [];
    let isWhole = true;
    while (this.#take('if') || this.#take('elif')) {
      const condition = this.list(new Set(['then']), depth);
      isWhole = this.#take('then') && isWhole;
      clauses.push({ condition, body: this.list(new Set(['elif', 'else', 'fi']), depth) });
      if (this.#keyword !== 'elif') break;
    }
    const otherwise = this.#take('else') ? this.list(new Set(['fi']), depth) : [];
    return this.#take('fi') && isWhole ? { kind: 'if', clauses, otherwise, line } : this.#unended('if', line);
  }

  #for(depth: number): Statement {
    const { line } = this.#token;
    this.#next += 1;
    const name = this.#keyword ?? '';
    this.#next += 1;
    this.#take('in');
    const words: Word[] = [];
    for (let token = this.#token; token.kind === 'word'; token = this.#token) {
      words.push(token.word);
      this.#next += 1;
    }
    this.#skipBreaks();
    const body = this.#body('do', 'done', depth);
    return body === undefined ? this.#unended('for', line) : { kind: 'for', name, words, body, line };
  }

  #command(depth: number): Statement {
    const { line, at } = this.#token;
    const words: Word[] = [];
    let end = at;
    for (let token = this.#token; token.kind === 'word'; token = this.#token) {
      if (this.#dialect.hasBlocks && words.length > 0 && token.bare === '}') break;
      this.#next += 1;
      end = token.end;
      if (this.#dialect.hasBlocks && token.bare === '{') {
        const text = shortened(this.#text.slice(at, end));
        const block = depth >= DEPTH_LIMIT ? [] : this.list(new Set(['}']), depth + 1);
        return this.#take('}') ? { kind: 'command', words, block, line, text } : this.#unended(text, line);
      }
      if (token.isUnended) {
        return {
          kind: 'unread',
          text: shortened(this.#text.slice(at, end)),
          reason: 'has a quote that is not ended',
          line,
        };
      }
      words.push(token.word);
    }
    return { kind: 'command', words, line, text: shortened(this.#text.slice(at, end)) };
  }
}

/** In braces a name is all up to the end or a colon, `serial#` too. */
const VARIABLE = /\$(?:\{([^\s${}:=-][^\s${}:=]*?)(?::?[-=]([^}]*))?\}|(\w+|[?#@*]))/y;

function* tokensOf(text: string): Generator<Token> {
  let at = 0;
  let line = 1;
  let count = 0;
  const simple = (kind: ';' | '\n' | '&&' | '||' | '|', sizeChars: number): Token => {
    const token: Token = { kind, line, at, end: at + sizeChars };
    at += sizeChars;
    if (kind === '\n') line += 1;
    return token;
  };
  while (at < text.length && ++count < TOKEN_LIMIT) {
    const character = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (character === ' ' || character === '\t') at += 1;
    else if (two === '\\\n') {
      at += 2;
      line += 1;
    } else if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (character === '\n') yield simple('\n', 1);
    else if (character === ';') yield simple(';', 1);
    else if (two === '&&' || two === '||') yield simple(two, 2);
    else if (character === '|') yield simple('|', 1);
    else {
      const word = readWord(text, at);
      const [only] = word.segments;
      const isBare = word.segments.length === 1 && only?.kind === 'text' && !only.isQuoted;
      const { end, isUnended } = word;
      yield { kind: 'word', word, bare: isBare ? only.text : undefined, line, at, end, isUnended };
      line += word.lines;
      at = word.end;
    }
  }
  yield { kind: 'end', line, at: text.length, end: text.length };
}

interface ReadWord extends Word {
  readonly end: number;
  readonly lines: number;
  readonly isUnended: boolean;
}

function readWord(text: string, start: number): ReadWord {
  const segments: Segment[] = [];
  let plain = '';
  let at = start;
  let lines = 0;
  let quote: '' | '"' = '';
  let isUnended = false;
  const flush = (isQuoted: boolean): void => {
    if (plain !== '') segments.push({ kind: 'text', text: plain, isQuoted });
    plain = '';
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\n') {
      if (quote === '') break;
      lines += 1;
    }
    if (quote === '' && /[\s;|]/.test(character)) break;
    if (quote === '' && text.startsWith('&&', at)) break;
    if (character === "'" && quote === '') {
      flush(false);
      const end = text.indexOf("'", at + 1);
      const content = text.slice(at + 1, end < 0 ? text.length : end);
      isUnended ||= end < 0;
      segments.push({ kind: 'text', text: content, isQuoted: true });
      lines += content.split('\n').length - 1;
      at = end < 0 ? text.length : end + 1;
    } else if (character === '"') {
      // Quotes around nothing make a word all the same.
      if (quote === '"' && plain === '') segments.push({ kind: 'text', text: '', isQuoted: true });
      flush(quote === '"');
      quote = quote === '"' ? '' : '"';
      at += 1;
    } else if (character === '\\') {
      const next = text[at + 1] ?? '';
      if (next === '\n') lines += 1;
      else if (quote === '"' && !/[$"\\`]/.test(next)) plain += `\\${next}`;
      else if (quote === '"') plain += next;
      else {
        flush(false);
        segments.push({ kind: 'text', text: next, isQuoted: true });
      }
      at += 2;
    } else if (character === '$') {
      VARIABLE.lastIndex = at;
      const match = VARIABLE.exec(text);
      if (match === null) {
        plain += character;
        at += 1;
        continue;
      }
      flush(quote === '"');
      const [all, braced, fallback, bare] = match;
      const name = braced ?? bare ?? '';
      const isQuoted = quote === '"';
      segments.push({ kind: 'variable', name, isQuoted, ...(fallback === undefined ? {} : { fallback }) });
      at += all.length;
    } else {
      plain += character;
      at += 1;
    }
  }
  flush(quote === '"');
  return { segments, end: at, lines, isUnended: isUnended || quote !== '' };
}
