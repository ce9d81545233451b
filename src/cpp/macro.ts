/** Macros and the tokens that they are made of (ISO C11 §6.10.3), with GNU C's named variable arguments. */
import { Refusal } from '../base/index.ts';
import type { MacroOrigin, Place } from './position-map.ts';
import {
  commentEnd,
  isCommentStart,
  isQuoteChar,
  literalEnd,
  Scanner,
  TOKEN,
  type TokenKind,
} from './scanner.ts';

/** A token on its way through macro expansion. */
export class PpToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly spaceBefore: boolean;
  /** Where it is written; for what a macro's body says, where the macro is used. */
  readonly place: Place;
  /** The macro whose body it comes from. */
  readonly origin: MacroOrigin | undefined;
  /** Blanks before it where it was written, wherever it is now: what a failed ## leaves between two tokens. */
  readonly spelledSpace: boolean;
  /** The name of a macro that was met within its own expansion: never expanded again (§6.10.3.4). */
  readonly isFinal: boolean;

  constructor(
    kind: TokenKind,
    text: string,
    spaceBefore: boolean,
    place: Place,
    origin?: MacroOrigin,
    isFinal = false,
    spelledSpace = spaceBefore,
  ) {
    this.kind = kind;
    this.text = text;
    this.spaceBefore = spaceBefore;
    this.place = place;
    this.origin = origin;
    this.isFinal = isFinal;
    this.spelledSpace = spelledSpace;
  }

  withSpace(spaceBefore: boolean): PpToken {
    if (spaceBefore === this.spaceBefore) return this;
    const { kind, text, place, origin, isFinal, spelledSpace } = this;
    return new PpToken(kind, text, spaceBefore, place, origin, isFinal, spelledSpace);
  }

  asFinal(): PpToken {
    return new PpToken(this.kind, this.text, this.spaceBefore, this.place, this.origin, true);
  }
}

/** A token of a macro's replacement list. */
export interface BodyToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly spaceBefore: boolean;
  /** Which parameter it is; −1 for none. */
  readonly parameter: number;
  /** It is a parameter after `#`. */
  readonly stringify: boolean;
  /** `##` follows. */
  readonly pasteNext: boolean;
}

/** Macros whose text depends on where they stand. */
export type BuiltinText = (place: Place) => { readonly kind: TokenKind; readonly text: string };

export interface MacroDefinition {
  readonly name: string;
  /** `undefined` for an object-like macro. The last is the variable one where `variadic`. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly bodyText: string;
  readonly definedAt: Place | undefined;
}

export class Macro {
  readonly name: string;
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly definedAt: Place | undefined;
  readonly builtin: BuiltinText | undefined;
  /** Set while its own expansion is read. */
  isActive = false;
  readonly #bodyText: string;
  readonly #dollars: boolean;
  #body: readonly BodyToken[] | undefined;

  constructor(definition: MacroDefinition, dollars: boolean, builtin?: BuiltinText) {
    this.name = definition.name;
    this.parameters = definition.parameters;
    this.variadic = definition.variadic;
    this.definedAt = definition.definedAt;
    this.builtin = builtin;
    this.#bodyText = definition.bodyText;
    this.#dollars = dollars;
  }

  /** The replacement list. Most macros of a header are never used, so it is made on first use. */
  get body(): readonly BodyToken[] {
    this.#body ??= bodyTokens(this.#bodyText, this.parameters, this.#dollars);
    return this.#body;
  }

  /** Whether a second definition says the same (ISO C11 §6.10.3). */
  isSameAs(other: Macro): boolean {
    if (this.parameters?.join() !== other.parameters?.join() || this.variadic !== other.variadic)
      return false;
    if (this.#bodyText === other.#bodyText) return true;
    const [mine, theirs] = [this.body, other.body];
    return (
      mine.length === theirs.length &&
      mine.every((token, index) => {
        const twin = theirs[index];
        return token.text === twin?.text && token.spaceBefore === twin.spaceBefore;
      })
    );
  }
}

/** Why a replacement list is not one; asked only where it holds a `#`. */
export function bodyProblem(definition: MacroDefinition, lenient: boolean): string | undefined {
  const scanner = new Scanner(definition.bodyText, 0, false);
  let before: string | undefined;
  for (let kind = scanner.next(); kind !== TOKEN.end; kind = scanner.next()) {
    const text = scanner.tokenText;
    if (text === '##' && before === undefined) return '## stands at its beginning';
    if (before === '#' && definition.parameters !== undefined && !lenient) {
      if (!definition.parameters.includes(text)) return '# is not followed by a parameter';
    }
    before = text;
  }
  if (before === '##') return '## stands at its end';
  return before === '#' && definition.parameters !== undefined && !lenient
    ? '# is not followed by a parameter'
    : undefined;
}

function bodyTokens(
  text: string,
  parameters: readonly string[] | undefined,
  dollars: boolean,
): readonly BodyToken[] {
  const scanner = new Scanner(text, 0, dollars);
  const tokens: BodyToken[] = [];
  let hash: { spaceBefore: boolean } | undefined;
  const indices = new Map(parameters?.map((name, index) => [name, index]));
  for (let kind = scanner.next(); kind !== TOKEN.end; kind = scanner.next()) {
    if (kind === TOKEN.newline) continue;
    const word = scanner.tokenText;
    const last = tokens.at(-1);
    if (word === '##' && last !== undefined) {
      tokens[tokens.length - 1] = { ...last, pasteNext: true };
      continue;
    }
    const parameter = kind === TOKEN.identifier ? (indices.get(word) ?? -1) : -1;
    const spaceBefore = hash?.spaceBefore ?? (tokens.length > 0 && scanner.spaceBefore);
    if (hash !== undefined && parameter < 0) {
      tokens.push({ ...plain(TOKEN.punctuator, '#'), spaceBefore: hash.spaceBefore });
      hash = undefined;
    }
    if (word === '#' && parameters !== undefined) {
      hash = { spaceBefore: tokens.length > 0 && scanner.spaceBefore };
      continue;
    }
    tokens.push({ ...plain(kind, word), spaceBefore, parameter, stringify: hash !== undefined });
    hash = undefined;
  }
  if (hash !== undefined) tokens.push({ ...plain(TOKEN.punctuator, '#'), spaceBefore: hash.spaceBefore });
  return tokens;
}

function plain(kind: TokenKind, text: string): BodyToken {
  return { kind, text, spaceBefore: false, parameter: -1, stringify: false, pasteNext: false };
}

/** The offset of the newline that ends a directive, past comments that span lines. */
export function directiveEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) return at;
    if (isQuoteChar(code)) at = literalEnd(text, at);
    else if (isCommentStart(text, at)) {
      const end = commentEnd(text, at);
      at = end < 0 ? text.length : end;
    } else at += 1;
  }
  return at;
}

/** Why what stands behind `#define` is no definition, and where that shows. */
export class DefinitionRefusal extends Refusal {
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(problem);
    this.offset = offset;
  }
}

/** Eight times what a C compiler must take (ISO C11 §5.2.4.1). */
const PARAMETER_LIMIT = 1016;
const VARIABLE_ARGUMENTS = '__VA_ARGS__';

/** What stands between `#define` and the end of its line, as a definition. Throws {@link DefinitionRefusal} where it is none. */
export function parseDefinition(
  text: string,
  offset: number,
  dollars: boolean,
  placeOf: (offset: number) => Place | undefined,
): MacroDefinition {
  const scanner = new Scanner(text, offset, dollars);
  if (scanner.next() !== TOKEN.identifier) throw new DefinitionRefusal('it has no name', scanner.start);
  const name = scanner.tokenText;
  const nameOffset = scanner.start;
  if (name === 'defined') throw new DefinitionRefusal('defined is no name for a macro', nameOffset);
  const definedAt = placeOf(nameOffset);
  const end = directiveEnd(text, scanner.offset);
  if (text.charAt(scanner.offset) !== '(') {
    const bodyText = text.slice(scanner.offset, end);
    return { name, parameters: undefined, variadic: false, bodyText, definedAt };
  }
  scanner.next();
  const parameters: string[] = [];
  let variadic = false;
  for (let closed = false; !closed; ) {
    const kind = scanner.next();
    const word = scanner.tokenText;
    if (word === ')' && parameters.length === 0) break;
    if (word === '...') {
      parameters.push(VARIABLE_ARGUMENTS);
      variadic = true;
    } else if (kind === TOKEN.identifier && !parameters.includes(word)) {
      parameters.push(word);
    } else {
      const problem =
        kind === TOKEN.identifier
          ? `the parameter ${word} is there twice`
          : 'its parameters are not a list of names';
      throw new DefinitionRefusal(problem, scanner.start);
    }
    scanner.next();
    if (!variadic && scanner.tokenText === '...') {
      variadic = true;
      scanner.next();
    }
    closed = scanner.tokenText === ')';
    if (parameters.length > PARAMETER_LIMIT) {
      throw new DefinitionRefusal(`it has more than ${PARAMETER_LIMIT} parameters`, nameOffset);
    }
    if (!closed && (variadic || scanner.tokenText !== ',')) {
      throw new DefinitionRefusal('its parameters have no closing parenthesis', scanner.start);
    }
  }
  return { name, parameters, variadic, bodyText: text.slice(scanner.offset, end), definedAt };
}
