/**
 * The constant expressions of #if and #elif (ISO C11 §6.10.1): 64-bit, signed unless an operand is unsigned, names that are
 * no macros are 0.
 */
import { C_PRECEDENCE, Refusal } from '../base/index.ts';
import type { PpToken } from './macro.ts';
import { TOKEN } from './scanner.ts';

/** What `defined` and `__has_include` ask for. */
export interface ConditionFacts {
  isDefined(name: string): boolean;
  /** `name` with its quotes or angle brackets. */
  hasInclude(name: string): boolean;
}

interface Value {
  readonly bits: bigint;
  readonly unsigned: boolean;
}

/** Parentheses, signs and conditions within each other: deeper than any real source, well within the stack. */
const MAXIMUM_DEPTH = 256;
const ZERO: Value = { bits: 0n, unsigned: false };

/** The token that is in the way, where there is one. */
export class ConditionRefusal extends Refusal {
  readonly token: PpToken | undefined;

  constructor(message: string, token: PpToken | undefined) {
    super(message);
    this.token = token;
  }
}

/** Whether a condition of expanded tokens holds. Throws {@link ConditionRefusal}. */
export function evaluateCondition(tokens: readonly PpToken[], facts: ConditionFacts): boolean {
  return new Evaluation(tokens, facts).whole().bits !== 0n;
}

class Evaluation {
  readonly #tokens: readonly PpToken[];
  readonly #facts: ConditionFacts;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly PpToken[], facts: ConditionFacts) {
    this.#tokens = tokens;
    this.#facts = facts;
  }

  whole(): Value {
    if (this.#tokens.length === 0) throw new ConditionRefusal('there is nothing to evaluate', undefined);
    const value = this.#sequence(true);
    const rest = this.#tokens[this.#index];
    if (rest !== undefined) throw new ConditionRefusal(`${rest.text} is not expected here`, rest);
    return value;
  }

  get #word(): string | undefined {
    return this.#tokens[this.#index]?.text;
  }

  #accept(text: string): boolean {
    if (this.#word !== text) return false;
    this.#index += 1;
    return true;
  }

  #expect(text: string): void {
    if (this.#accept(text)) return;
    const token = this.#tokens[this.#index];
    throw new ConditionRefusal(
      `${text} is missing${token === undefined ? '' : ` before ${token.text}`}`,
      token,
    );
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) {
      throw new ConditionRefusal(`it nests more than ${MAXIMUM_DEPTH} deep`, this.#tokens[this.#index]);
    }
  }

  /** Expressions with commas between them: the last one counts. */
  #sequence(live: boolean): Value {
    let value = this.#conditional(live);
    while (this.#accept(',')) value = this.#conditional(live);
    return value;
  }

  /** `live`: whether the value counts; in a branch not taken a division by zero is no error. */
  #conditional(live: boolean): Value {
    this.#enter();
    const condition = this.#binary(1, live);
    let value = condition;
    if (this.#accept('?')) {
      const holds = condition.bits !== 0n;
      const yes = this.#sequence(live && holds);
      this.#expect(':');
      const no = this.#conditional(live && !holds);
      value = wrap((holds ? yes : no).bits, yes.unsigned || no.unsigned);
    }
    this.#depth -= 1;
    return value;
  }

  #binary(least: number, live: boolean): Value {
    let left = this.#unary(live);
    for (;;) {
      const token = this.#tokens[this.#index];
      const precedence = token?.kind === TOKEN.punctuator ? C_PRECEDENCE.get(token.text) : undefined;
      if (token === undefined || precedence === undefined || precedence < least) return left;
      this.#index += 1;
      const holds = left.bits !== 0n;
      const rightIsLive = token.text === '&&' ? live && holds : token.text === '||' ? live && !holds : live;
      const right = this.#binary(precedence + 1, rightIsLive);
      left = this.#apply(token, left, right, rightIsLive);
    }
  }

  #apply(operator: PpToken, left: Value, right: Value, live: boolean): Value {
    const unsigned = left.unsigned || right.unsigned;
    const [a, b] = [wrap(left.bits, unsigned).bits, wrap(right.bits, unsigned).bits];
    switch (operator.text) {
      case '||':
        return truth(left.bits !== 0n || right.bits !== 0n);
      case '&&':
        return truth(left.bits !== 0n && right.bits !== 0n);
      case '|':
        return wrap(a | b, unsigned);
      case '^':
        return wrap(a ^ b, unsigned);
      case '&':
        return wrap(a & b, unsigned);
      case '==':
        return truth(a === b);
      case '!=':
        return truth(a !== b);
      case '<':
        return truth(a < b);
      case '>':
        return truth(a > b);
      case '<=':
        return truth(a <= b);
      case '>=':
        return truth(a >= b);
      case '<<':
        return shifted(left, right, 1n);
      case '>>':
        return shifted(left, right, -1n);
      case '+':
        return wrap(a + b, unsigned);
      case '-':
        return wrap(a - b, unsigned);
      case '*':
        return wrap(a * b, unsigned);
      default: {
        if (b === 0n) {
          if (live) throw new ConditionRefusal('it divides by zero', operator);
          return wrap(0n, unsigned);
        }
        return wrap(operator.text === '/' ? a / b : a % b, unsigned);
      }
    }
  }

  #unary(live: boolean): Value {
    const signs: string[] = [];
    for (
      let word = this.#word;
      word !== undefined && ['-', '+', '~', '!'].includes(word);
      word = this.#word
    ) {
      signs.push(word);
      this.#index += 1;
    }
    let value = this.#primary(live);
    for (const sign of signs.reverse()) {
      if (sign === '-') value = wrap(-value.bits, value.unsigned);
      else if (sign === '~') value = wrap(~value.bits, value.unsigned);
      else if (sign === '!') value = truth(value.bits === 0n);
    }
    return value;
  }

  #primary(live: boolean): Value {
    const token = this.#tokens[this.#index];
    if (token === undefined) throw new ConditionRefusal('an operand is missing at its end', undefined);
    this.#index += 1;
    if (token.text === '(') {
      const value = this.#sequence(live);
      this.#expect(')');
      return value;
    }
    if (token.kind === TOKEN.number) return constant(token);
    if (token.kind === TOKEN.character) return characterConstant(token);
    if (token.kind !== TOKEN.identifier) throw new ConditionRefusal(`${token.text} is no operand`, token);
    if (token.text === 'defined') return this.#defined(token);
    if (token.text === '__has_include') return this.#hasInclude(token);
    return ZERO;
  }

  #defined(operator: PpToken): Value {
    const inParentheses = this.#accept('(');
    const name = this.#tokens[this.#index];
    if (name?.kind !== TOKEN.identifier) throw new ConditionRefusal('defined wants a name', name ?? operator);
    this.#index += 1;
    if (inParentheses) this.#expect(')');
    return truth(this.#facts.isDefined(name.text));
  }

  #hasInclude(operator: PpToken): Value {
    this.#expect('(');
    const parts: string[] = [];
    for (
      let token = this.#tokens[this.#index];
      token !== undefined && token.text !== ')';
      token = this.#tokens[this.#index]
    ) {
      parts.push(parts.length > 0 && token.spaceBefore ? ` ${token.text}` : token.text);
      this.#index += 1;
    }
    this.#expect(')');
    const name = parts.join('');
    if (!/^(".*"|<.*>)$/.test(name))
      throw new ConditionRefusal('__has_include wants "FILE" or <FILE>', operator);
    return truth(this.#facts.hasInclude(name));
  }
}

function truth(holds: boolean): Value {
  return { bits: holds ? 1n : 0n, unsigned: false };
}

function wrap(bits: bigint, unsigned: boolean): Value {
  return { bits: unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits), unsigned };
}

/** Shifts past the width give 0 or −1, and negative counts shift the other way, as in GCC. */
function shifted(left: Value, right: Value, direction: 1n | -1n): Value {
  const count = direction * (right.unsigned ? right.bits : BigInt.asIntN(64, right.bits));
  if (count >= 64n) return wrap(0n, left.unsigned);
  if (count <= -64n) return wrap(left.bits < 0n ? -1n : 0n, left.unsigned);
  return wrap(count >= 0n ? left.bits << count : left.bits >> -count, left.unsigned);
}

const INTEGER = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uU]?(?:ll?|LL?)?|(?:ll?|LL?)[uU])$/;

function constant(token: PpToken): Value {
  const parts = INTEGER.exec(token.text);
  if (parts === null) throw new ConditionRefusal(`${token.text} is no integer`, token);
  const [, digits = '0', suffix = ''] = parts;
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value >= 1n << 64n) throw new ConditionRefusal(`${token.text} needs more than 64 bits`, token);
  return wrap(value, /[uU]/.test(suffix) || value >= 1n << 63n);
}

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};
const CHARACTER = /\\x([0-9a-fA-F]+)|\\([0-7]{1,3})|\\(.)|([^\\])/gs;

/** Several characters are one number, eight bits each, as in GCC. */
function characterConstant(token: PpToken): Value {
  let value = 0n;
  let count = 0;
  for (const [, hexadecimal, octal, letter, plain] of token.text.slice(1, -1).matchAll(CHARACTER)) {
    let code: number;
    if (hexadecimal !== undefined) code = Number.parseInt(hexadecimal.slice(-2), 16);
    else if (octal !== undefined) code = Number.parseInt(octal, 8);
    else if (letter !== undefined) code = ESCAPES[letter] ?? letter.charCodeAt(0);
    else code = plain?.charCodeAt(0) ?? 0;
    value = (value << 8n) | BigInt(code & 0xff);
    count += 1;
  }
  if (count === 0) throw new ConditionRefusal('an empty character constant', token);
  // A plain char is signed on the machines that this is compared with.
  return { bits: count === 1 ? BigInt.asIntN(8, value) : BigInt.asIntN(32, value), unsigned: false };
}
