/**
 * What a package's maintainer script would call (Debian Policy §6; POSIX.1-2017, Shell Command Language), read and never run: its simple
 * commands with their words, where those can be told from the text. Both sides of every condition are gone through, for what they ask
 * is the machine's; the reader knows variables, `for` over words and functions. A command with a word that only running would tell
 * (a substitution, a pattern, a parameter of dpkg's) is left out.
 */
import { type ShellToken, shellTokens, type WordPart } from './shell-tokens.ts';

/** Commands that a script of any length may come to; a hostile one stops there. */
const COMMAND_LIMIT = 20_000;
const CALL_DEPTH_LIMIT = 16;

/** Words that stand before a command and say nothing of it here. */
const PREFIXES = new Set('if then elif else fi while until do done ! { } esac time exec command'.split(' '));
const DECLARATIONS = new Set(['local', 'export', 'readonly']);
const LOOPS = new Set(['for', 'while', 'until']);

/** The commands of a script, in its order. */
export function commandsOf(script: string): readonly (readonly string[])[] {
  const reader = new ScriptReader(shellTokens(script));
  reader.read(0, Number.POSITIVE_INFINITY, [], 0);
  return reader.commands;
}

type Parameters = readonly (string | undefined)[];

class ScriptReader {
  readonly commands: (readonly string[])[] = [];
  readonly #tokens: readonly ShellToken[];
  /** dpkg sets it to nothing on the system itself. */
  readonly #variables = new Map<string, string>([['DPKG_ROOT', '']]);
  readonly #functions = new Map<string, readonly [from: number, to: number]>();
  #count = 0;

  constructor(tokens: readonly ShellToken[]) {
    this.#tokens = tokens;
  }

  read(from: number, to: number, parameters: Parameters, depth: number): void {
    const end = Math.min(to, this.#tokens.length);
    for (let at = from; at < end; ) {
      if (++this.#count > COMMAND_LIMIT) return;
      const word = this.#literal(at);
      if (word === undefined && this.#tokens[at]?.kind === 'operator') at++;
      else if (word !== undefined && PREFIXES.has(word)) at++;
      else if (word === 'for') at = this.#loop(at, end, parameters, depth);
      else if (this.#isOperator(at + 1, '(') && this.#isOperator(at + 2, ')')) at = this.#define(at, end);
      else at = this.#command(at, end, parameters, depth);
    }
  }

  #literal(at: number): string | undefined {
    const token = this.#tokens[at];
    if (token?.kind !== 'word' || token.parts.length !== 1) return undefined;
    const [part] = token.parts;
    return part?.kind === 'text' && !part.isQuoted ? part.text : undefined;
  }

  #isOperator(at: number, text: string): boolean {
    const token = this.#tokens[at];
    return token?.kind === 'operator' && token.text === text;
  }

  /** Behind the word that ends what `opens` began, only words where a command can stand being counted. */
  #behind(from: number, end: number, opens: (word: string) => boolean, closes: string): number {
    let depth = 0;
    let isCommand = true;
    for (let at = from; at < end; at++) {
      const word = this.#literal(at);
      if (isCommand && word !== undefined) {
        if (opens(word)) depth++;
        if (word === closes && --depth === 0) return at + 1;
      }
      isCommand = this.#tokens[at]?.kind === 'operator' || (word !== undefined && PREFIXES.has(word));
    }
    return end;
  }

  #define(at: number, end: number): number {
    const name = this.#literal(at) ?? '';
    let body = at + 3;
    while (this.#isOperator(body, '\n')) body++;
    if (this.#literal(body) !== '{') return body;
    const behind = this.#behind(body, end, (word) => word === '{', '}');
    this.#functions.set(name, [body + 1, behind - 1]);
    return behind;
  }

  #loop(at: number, end: number, parameters: Parameters, depth: number): number {
    const behind = this.#behind(at, end, (word) => LOOPS.has(word), 'done');
    const name = this.#literal(at + 1) ?? '';
    let body = at + 2;
    const values: (string | undefined)[] = [];
    if (this.#literal(body) === 'in') body++;
    for (; body < behind && this.#tokens[body]?.kind === 'word'; body++) {
      values.push(...this.#expand(body, parameters));
    }
    const isKnown = values.every((value) => value !== undefined && !/[*?[]/.test(value));
    for (const value of isKnown ? values : [undefined]) {
      if (value === undefined) this.#variables.delete(name);
      else this.#variables.set(name, value);
      this.read(body, behind - 1, parameters, depth);
    }
    return behind;
  }

  #command(from: number, end: number, parameters: Parameters, depth: number): number {
    const words: (string | undefined)[] = [];
    let at = from;
    for (; at < end && this.#tokens[at]?.kind === 'word'; at++) {
      const isFirst = words.length === 0 || DECLARATIONS.has(words[0] ?? '');
      if (!(isFirst && this.#assign(at, parameters))) words.push(...this.#expand(at, parameters));
    }
    const body = this.#functions.get(words[0] ?? '');
    if (body !== undefined && depth < CALL_DEPTH_LIMIT) this.read(...body, words.slice(1), depth + 1);
    const known = words.filter((word) => word !== undefined);
    if (body === undefined && known.length > 0 && known.length === words.length) this.commands.push(known);
    return Math.max(at, from + 1);
  }

  #assign(at: number, parameters: Parameters): boolean {
    const token = this.#tokens[at];
    const [first, ...rest] = token?.kind === 'word' ? token.parts : [];
    const match = first?.kind === 'text' && !first.isQuoted ? /^(\w+)=(.*)$/s.exec(first.text) : undefined;
    if (match === undefined || match === null) return false;
    const [, name = '', text = ''] = match;
    const value = this.#joined([{ kind: 'text', text, isQuoted: true }, ...rest], parameters);
    if (value === undefined) this.#variables.delete(name);
    else this.#variables.set(name, value);
    return true;
  }

  /** A word's text; several words where it is one unquoted variable. */
  #expand(at: number, parameters: Parameters): readonly (string | undefined)[] {
    const token = this.#tokens[at];
    if (token?.kind !== 'word') return [];
    const [part] = token.parts;
    const text = this.#joined(token.parts, parameters);
    const isSplit = token.parts.length === 1 && part?.kind === 'variable' && !part.isQuoted;
    return isSplit && text !== undefined ? text.split(/\s+/).filter(Boolean) : [text];
  }

  #joined(parts: readonly WordPart[], parameters: Parameters): string | undefined {
    const texts = parts.map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'unknown') return undefined;
      const value = /^\d+$/.test(part.name)
        ? parameters[Number(part.name) - 1]
        : this.#variables.get(part.name);
      return value === undefined || (value === '' && part.otherwise !== undefined) ? part.otherwise : value;
    });
    return texts.every((text) => text !== undefined) ? texts.join('') : undefined;
  }
}
