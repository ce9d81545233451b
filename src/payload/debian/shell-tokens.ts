/** A shell script's tokens (POSIX.1-2017, Shell Command Language §2.3), without redirections, here-documents and comments. */

export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly isQuoted: boolean;
      /** What it is where it is not set: of `${name:-text}`. */
      readonly otherwise?: string;
    }
  /** What only a shell could tell. */
  | { readonly kind: 'unknown' };

export type ShellToken =
  | { readonly kind: 'word'; readonly parts: readonly WordPart[] }
  | { readonly kind: 'operator'; readonly text: string };

const OPERATOR = /\n|;;|;|&&|\|\||\||&|\(|\)/y;
const REDIRECTION = /\d*(?:<<-?|<>|<&|>&|>>|>\||<|>)/y;
const BLANK = /(?:[ \t\r]|\\\n)+/y;
const PLAIN = /[^\s'"`$\\;&|()<>]+/y;
const VARIABLE = /\$(?:(\w+)|\{(\w+)\}|\{(\w+):?-([^{}$`"'\\]*)\})/y;

export function shellTokens(script: string): readonly ShellToken[] {
  return new ShellLexer(script).tokens();
}

class ShellLexer {
  readonly #script: string;
  #at = 0;
  /** The delimiters of here-documents that begin with the next line. */
  readonly #heredocs: string[] = [];

  constructor(script: string) {
    this.#script = script;
  }

  tokens(): readonly ShellToken[] {
    const tokens: ShellToken[] = [];
    let isTarget = false;
    while (this.#at < this.#script.length) {
      if (this.#match(BLANK) !== undefined) continue;
      if (this.#script[this.#at] === '#') {
        const end = this.#script.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#script.length : end;
        continue;
      }
      const redirection = this.#match(REDIRECTION);
      if (redirection !== undefined) {
        if (/<<-?$/.test(redirection)) this.#readDelimiter();
        else isTarget = true;
        continue;
      }
      const operator = this.#match(OPERATOR);
      if (operator !== undefined) {
        tokens.push({ kind: 'operator', text: operator });
        if (operator === '\n') this.#skipHeredocs();
        isTarget = false;
        continue;
      }
      const parts = this.#word();
      if (!isTarget) tokens.push({ kind: 'word', parts });
      isTarget = false;
    }
    return tokens;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#script);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #readDelimiter(): void {
    this.#match(BLANK);
    const text = this.#word().map((part) => (part.kind === 'text' ? part.text : ''));
    this.#heredocs.push(text.join(''));
  }

  #skipHeredocs(): void {
    for (const delimiter of this.#heredocs.splice(0)) {
      while (this.#at < this.#script.length) {
        const end = this.#script.indexOf('\n', this.#at);
        const line = this.#script.slice(this.#at, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#script.length : end + 1;
        if (line.replace(/^\t+/, '') === delimiter) break;
      }
    }
  }

  #word(): readonly WordPart[] {
    const parts: WordPart[] = [];
    const text = (content: string, isQuoted: boolean): void => {
      const last = parts.at(-1);
      if (last?.kind === 'text' && last.isQuoted === isQuoted) {
        parts[parts.length - 1] = { kind: 'text', text: last.text + content, isQuoted };
      } else parts.push({ kind: 'text', text: content, isQuoted });
    };
    while (this.#at < this.#script.length) {
      const plain = this.#match(PLAIN);
      if (plain !== undefined) {
        text(plain, false);
        continue;
      }
      const character = this.#script[this.#at] ?? '';
      if (character === '\\') {
        const next = this.#script[this.#at + 1] ?? '';
        this.#at += 2;
        if (next !== '\n') text(next, true);
      } else if (character === "'") {
        const end = this.#script.indexOf("'", this.#at + 1);
        text(this.#script.slice(this.#at + 1, end < 0 ? undefined : end), true);
        this.#at = end < 0 ? this.#script.length : end + 1;
      } else if (character === '"') this.#quoted(parts, text);
      else if (character === '$' || character === '`') parts.push(this.#expansion(false));
      else break;
    }
    return parts;
  }

  #quoted(parts: WordPart[], text: (content: string, isQuoted: boolean) => void): void {
    this.#at++;
    text('', true);
    for (; this.#at < this.#script.length && this.#script[this.#at] !== '"'; ) {
      const character = this.#script[this.#at] ?? '';
      if (character === '$' || character === '`') {
        parts.push(this.#expansion(true));
        continue;
      }
      const isEscape = character === '\\' && /["$`\\\n]/.test(this.#script[this.#at + 1] ?? '');
      if (isEscape) this.#at++;
      const kept = this.#script[this.#at] ?? '';
      if (!(isEscape && kept === '\n')) text(kept, true);
      this.#at++;
    }
    this.#at++;
  }

  #expansion(isQuoted: boolean): WordPart {
    VARIABLE.lastIndex = this.#at;
    const match = VARIABLE.exec(this.#script);
    if (match !== null) {
      this.#at = VARIABLE.lastIndex;
      const name = match[1] ?? match[2] ?? match[3] ?? '';
      return { kind: 'variable', name, isQuoted, ...(match[4] === undefined ? {} : { otherwise: match[4] }) };
    }
    const next = this.#script[this.#at + 1] ?? '';
    if (this.#script[this.#at] === '`') this.#skipTo('`', this.#at + 1);
    else if (next === '(') this.#skipNested('(', ')');
    else if (next === '{') this.#skipNested('{', '}');
    else if (/[@*#?$!-]/.test(next)) this.#at += 2;
    else {
      this.#at++;
      return { kind: 'text', text: '$', isQuoted };
    }
    return { kind: 'unknown' };
  }

  #skipTo(end: string, from: number): void {
    const at = this.#script.indexOf(end, from);
    this.#at = at < 0 ? this.#script.length : at + 1;
  }

  /** Past the bracket that closes the one after `$`; those in quotes do not count. */
  #skipNested(open: string, close: string): void {
    let depth = 0;
    for (this.#at++; this.#at < this.#script.length; this.#at++) {
      const character = this.#script[this.#at];
      if (character === '\\') this.#at++;
      else if (character === "'") {
        const end = this.#script.indexOf("'", this.#at + 1);
        if (end < 0) break;
        this.#at = end;
      } else if (character === '"') {
        while (++this.#at < this.#script.length && this.#script[this.#at] !== '"') {
          if (this.#script[this.#at] === '\\') this.#at++;
        }
      } else if (character === open) depth++;
      else if (character === close && --depth === 0) {
        this.#at++;
        return;
      }
    }
    this.#at = Math.min(this.#at, this.#script.length);
  }
}
