/**
 * Macro expansion (ISO C11 §6.10.3.1–4) the way GCC's preprocessor does it, where the standard leaves room: a stack of
 * token lists being read, each of which keeps its macro from expanding again until the list is used up.
 * Left out: `__VA_OPT__`.
 */
import type { cppCodes } from './diagnostics.ts';
import { type Macro, PpToken } from './macro.ts';
import type { MacroOrigin } from './position-map.ts';
import { isIdentifierPart, Scanner, TOKEN } from './scanner.ts';

const CHARS_PER_TOKEN = 16;

/** Where arguments come from once the lists being read are used up: the rest of the file. */
export interface TokenSource {
  /** Whether the next token is an opening parenthesis. */
  peekOpenParenthesis(): boolean;
  /** The next token, newlines skipped; `undefined` at the end. */
  next(): PpToken | undefined;
}

interface TokenList {
  readonly tokens: readonly PpToken[];
  index: number;
  readonly macro: Macro | undefined;
  /** It ends with a blank before an argument that was empty. */
  readonly owesSpace: boolean;
}

export interface ExpanderOptions {
  readonly macros: ReadonlyMap<string, Macro>;
  /** In assembler and device tree sources ## of what is no token leaves two tokens, silently. */
  readonly lenient: boolean;
  readonly dollars: boolean;
  /** For one expansion. */
  readonly maximumTokens: number;
  readonly maximumTotalTokens: number;
  readonly maximumDepth: number;
  report(token: PpToken, code: keyof typeof cppCodes, params: Record<string, unknown>): void;
  /** All expansions together took too much. */
  giveUp(token: PpToken): void;
}

/** One expansion under way: the lists being read, and what may follow them. */
interface Reading {
  readonly lists: TokenList[];
  readonly source: TokenSource | undefined;
  /** A use that came to nothing leaves the blank before it to what follows. */
  owesSpace: boolean;
}

export class Expander {
  readonly #options: ExpanderOptions;
  #tokensLeft = 0;
  #totalTokens = 0;
  /** Whether the last substitution ended with a blank before an empty argument. */
  #endsWithSpace = false;
  #depth = 0;
  #tooDeep = false;

  constructor(options: ExpanderOptions) {
    this.#options = options;
  }

  /**
   * What `tokens` expand to. A function-like macro at their end may take its arguments from `source`.
   * `inCondition` leaves the operand of `defined` and `__has_include` alone.
   */
  expand(
    tokens: readonly PpToken[],
    source: TokenSource | undefined,
    inCondition = false,
  ): readonly PpToken[] {
    this.#tokensLeft = this.#options.maximumTokens;
    this.#depth = 0;
    this.#tooDeep = false;
    const expanded = this.#expand(tokens, source, inCondition);
    const [first] = tokens;
    this.#totalTokens += this.#options.maximumTokens - this.#tokensLeft;
    if (first !== undefined && this.#totalTokens > this.#options.maximumTotalTokens) {
      this.#options.giveUp(first);
      return [];
    }
    if (first !== undefined && this.#tokensLeft < 0) {
      const limit = this.#options.maximumTokens;
      this.#options.report(first, 'expansion-too-large', { macro: first.text, limit });
      return [];
    }
    if (first !== undefined && this.#tooDeep) {
      const limit = this.#options.maximumDepth;
      this.#options.report(first, 'expansion-too-deep', { macro: first.text, limit });
      return [];
    }
    return expanded;
  }

  #expand(
    tokens: readonly PpToken[],
    source: TokenSource | undefined,
    inCondition = false,
  ): readonly PpToken[] {
    const reading: Reading = {
      lists: [{ tokens, index: 0, macro: undefined, owesSpace: false }],
      source,
      owesSpace: false,
    };
    const out: PpToken[] = [];
    this.#depth += 1;
    if (this.#depth > this.#options.maximumDepth) this.#tooDeep = true;
    while (!this.#hasGivenUp) {
      const next = this.#nextInLists(reading);
      if (next === undefined) break;
      const token = reading.owesSpace ? next.withSpace(true) : next;
      reading.owesSpace = false;
      const macro =
        token.kind === TOKEN.identifier && !token.isFinal ? this.#options.macros.get(token.text) : undefined;
      if (inCondition && token.kind === TOKEN.identifier && isConditionOperator(token.text)) {
        out.push(token);
        this.#copyOperand(reading, out);
      } else if (macro === undefined) out.push(token);
      else if (macro.isActive) out.push(token.asFinal());
      else this.#use(macro, token, reading, out);
    }
    for (const list of reading.lists) if (list.macro !== undefined) list.macro.isActive = false;
    this.#depth -= 1;
    return out;
  }

  get #hasGivenUp(): boolean {
    return this.#tokensLeft < 0 || this.#tooDeep;
  }

  #nextInLists(reading: Reading): PpToken | undefined {
    const { lists } = reading;
    for (let list = lists.at(-1); list !== undefined; list = lists.at(-1)) {
      const token = list.tokens[list.index];
      if (token !== undefined) {
        list.index += 1;
        this.#tokensLeft -= 1;
        return token;
      }
      if (list.macro !== undefined) list.macro.isActive = false;
      reading.owesSpace ||= list.owesSpace;
      lists.pop();
    }
    return undefined;
  }

  #nextAnywhere(reading: Reading): PpToken | undefined {
    const token = this.#nextInLists(reading);
    if (token !== undefined || reading.source === undefined) return token;
    this.#tokensLeft -= 1;
    return this.#hasGivenUp ? undefined : reading.source.next();
  }

  #peeksOpenParenthesis({ lists, source }: Reading): boolean {
    for (let at = lists.length - 1; at >= 0; at -= 1) {
      const list = lists[at] as TokenList;
      const token = list.tokens[list.index];
      if (token !== undefined) return token.kind === TOKEN.punctuator && token.text === '(';
    }
    return source?.peekOpenParenthesis() ?? false;
  }

  /** `defined NAME`, `defined(NAME)`: the operand is copied as it is. */
  #copyOperand(reading: Reading, out: PpToken[]): void {
    const first = this.#nextInLists(reading);
    if (first === undefined) return;
    out.push(first);
    if (first.text !== '(') return;
    for (let token = this.#nextInLists(reading); token !== undefined; token = this.#nextInLists(reading)) {
      out.push(token);
      if (token.text === ')') return;
    }
  }

  #use(macro: Macro, name: PpToken, reading: Reading, out: PpToken[]): void {
    if (macro.builtin !== undefined) {
      const { kind, text } = macro.builtin(name.place);
      out.push(new PpToken(kind, text, name.spaceBefore, name.place, { macro, outer: name.origin }));
      return;
    }
    if (macro.parameters === undefined) {
      this.#push(reading, macro, this.#substitute(macro, [], name), name);
      return;
    }
    if (!this.#peeksOpenParenthesis(reading)) {
      out.push(name);
      return;
    }
    const given = this.#collectArguments(macro, reading);
    if (given === undefined) {
      if (!this.#hasGivenUp) this.#options.report(name, 'unterminated-arguments', { macro: macro.name });
      out.push(name);
      return;
    }
    const fitted = this.#fitArguments(macro, given, name);
    if (fitted === undefined) out.push(name);
    else this.#push(reading, macro, this.#substitute(macro, fitted, name), name);
  }

  #push(reading: Reading, macro: Macro, tokens: readonly PpToken[], name: PpToken): void {
    if (tokens.length === 0) reading.owesSpace = name.spaceBefore;
    macro.isActive = true;
    reading.lists.push({ tokens, index: 0, macro, owesSpace: this.#endsWithSpace });
  }

  /** The arguments between parentheses, separated at commas outside of inner ones. */
  #collectArguments(macro: Macro, reading: Reading): readonly (readonly PpToken[])[] | undefined {
    this.#nextAnywhere(reading);
    const count = macro.parameters?.length ?? 0;
    const found: PpToken[][] = [[]];
    let nesting = 0;
    for (;;) {
      const token = this.#nextAnywhere(reading);
      if (token === undefined) return undefined;
      if (token.kind === TOKEN.punctuator) {
        if (token.text === '(') nesting += 1;
        else if (token.text === ')') {
          if (nesting === 0) return found;
          nesting -= 1;
        } else if (token.text === ',' && nesting === 0 && !(macro.variadic && found.length === count)) {
          found.push([]);
          continue;
        }
      }
      found.at(-1)?.push(token);
    }
  }

  /** One argument for each parameter; an absent variable argument is `undefined`. */
  #fitArguments(
    macro: Macro,
    given: readonly (readonly PpToken[])[],
    name: PpToken,
  ): readonly (readonly PpToken[] | undefined)[] | undefined {
    const count = macro.parameters?.length ?? 0;
    const none = given.length === 1 && given[0]?.length === 0;
    if (given.length === count || (count === 0 && none)) {
      const onlyEmpty = macro.variadic && count === 1 && none;
      return count === 0 || onlyEmpty ? (onlyEmpty ? [undefined] : []) : given;
    }
    if (macro.variadic && given.length === count - 1) return [...given, undefined];
    const least = macro.variadic ? count - 1 : count;
    this.#options.report(name, 'wrong-argument-count', {
      macro: macro.name,
      wanted: `${macro.variadic ? 'at least ' : ''}${least} argument${least === 1 ? '' : 's'}`,
      given: none ? 0 : given.length,
    });
    return undefined;
  }

  #substitute(
    macro: Macro,
    given: readonly (readonly PpToken[] | undefined)[],
    name: PpToken,
  ): readonly PpToken[] {
    const origin: MacroOrigin = { macro, outer: name.origin };
    const { body } = macro;
    const out: PpToken[] = [];
    const expanded: (readonly PpToken[])[] = [];
    let pasting = false;
    let leftIsEmpty = false;
    let leftSpace = false;
    // The blank before an empty argument is left to what follows it.
    let owedSpace = false;
    for (let at = 0; at < body.length && !this.#hasGivenUp; at += 1) {
      const token = body[at] as (typeof body)[number];
      const spaceBefore: boolean = owedSpace || (at === 0 ? name.spaceBefore : token.spaceBefore);
      owedSpace = false;
      let items: readonly PpToken[];
      if (token.parameter < 0) {
        items = [new PpToken(token.kind, token.text, spaceBefore, name.place, origin)];
      } else {
        const argument = given[token.parameter];
        if (token.stringify) {
          const text = stringified(argument ?? []);
          this.#chargeFor(text);
          items = [new PpToken(TOKEN.string, text, spaceBefore, name.place, origin)];
        } else if (pasting || token.pasteNext) {
          items = argument ?? [];
        } else {
          expanded[token.parameter] ??= this.#expand(argument ?? [], undefined);
          items = expanded[token.parameter] ?? [];
          owedSpace = items.length === 0 && spaceBefore;
        }
        if (items.length > 0 && !pasting) {
          items = [(items[0] as PpToken).withSpace(spaceBefore), ...items.slice(1)];
        }
        const isVariable = macro.variadic && token.parameter === (macro.parameters?.length ?? 0) - 1;
        // GNU C: in `, ## __VA_ARGS__` the comma goes where the variable argument is absent, else nothing is joined.
        if (pasting && isVariable && out.at(-1)?.text === ',') {
          if (argument === undefined) out.pop();
          pasting = false;
        }
      }
      this.#tokensLeft -= items.length;
      if (pasting && leftIsEmpty && items.length > 0) {
        items = [(items[0] as PpToken).withSpace(leftSpace), ...items.slice(1)];
      }
      if (pasting && !leftIsEmpty && items.length > 0) this.#paste(out, items, origin);
      else appendAll(out, items);
      if (!pasting) leftSpace = spaceBefore;
      leftIsEmpty = items.length === 0 && (!pasting || leftIsEmpty);
      pasting = token.pasteNext;
    }
    this.#endsWithSpace = owedSpace;
    return out;
  }

  /** Long texts count as several tokens, so that # and ## can't make work without end. */
  #chargeFor(text: string): void {
    this.#tokensLeft -= Math.floor(text.length / CHARS_PER_TOKEN);
  }

  /** Joins the last token of `out` with the first of `items`, and appends the rest. */
  #paste(out: PpToken[], items: readonly PpToken[], origin: MacroOrigin): void {
    const [right] = items;
    const left = out.pop();
    if (left === undefined || right === undefined) return;
    const text = left.text + right.text;
    this.#chargeFor(text);
    const scanner = new Scanner(text, 0, this.#options.dollars);
    const kind = scanner.next();
    if (scanner.offset === text.length && scanner.start === 0) {
      out.push(new PpToken(kind, text, left.spaceBefore, left.place, left.origin ?? origin));
    } else {
      if (!this.#options.lenient) {
        this.#options.report(left, 'bad-paste', { left: left.text, right: right.text });
      }
      out.push(left, right.withSpace(right.spelledSpace));
    }
    appendAll(out, items.slice(1));
  }
}

/** `push(...)` of a very long list would overflow the stack. */
function appendAll(out: PpToken[], items: readonly PpToken[]): void {
  for (const item of items) out.push(item);
}

function isConditionOperator(name: string): boolean {
  return name === 'defined' || name === '__has_include';
}

/** The # operator (ISO C11 §6.10.3.2). */
function stringified(argument: readonly PpToken[]): string {
  const words = argument.map((token, index) => {
    const literal = token.kind === TOKEN.string || token.kind === TOKEN.character;
    const text = literal ? token.text.replaceAll(/["\\]/g, '\\$&') : token.text;
    return index > 0 && token.spaceBefore ? ` ${text}` : text;
  });
  return `"${words.join('')}"`;
}

/**
 * Whether two characters would be read as parts of one token if nothing stood between them (GCC's cpp_avoid_paste).
 * A number goes on with a full stop, and with a sign after an exponent's letter.
 */
export function wouldJoin(before: number, after: number, beforeIsNumber: boolean): boolean {
  const [left, right] = [String.fromCharCode(before), String.fromCharCode(after)];
  if (isIdentifierPart(before) && (isIdentifierPart(after) || right === "'")) return true;
  if (isIdentifierPart(before) && !beforeIsNumber && right === '"') return true;
  if (beforeIsNumber && (right === '.' || right === '+' || right === '-')) return true;
  if (right === '=') return '=!<>*/%+-&|^'.includes(left);
  if (left === right) return '+-<>&|=#:/.'.includes(left);
  switch (left) {
    case '-':
      return right === '>';
    case '/':
      return right === '*';
    case '<':
      return right === ':' || right === '%';
    case '%':
      return right === ':';
    case '.':
      return right >= '0' && right <= '9';
    default:
      return false;
  }
}
