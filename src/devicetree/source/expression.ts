/** Integer expressions of device tree source: C's operators on unsigned 64-bit numbers, as dtc 1.8.1 has them. */

import { C_PRECEDENCE } from '../../base/index.ts';
import type { DtsLexer, TextPlace } from './lexer.ts';

const EXPRESSION_DEPTH = 500;

/** What the expression reader needs of the parser around it. */
export interface ExpressionHost {
  readonly lexer: DtsLexer;
  report(place: TextPlace, code: 'division-by-zero'): void;
  reportSyntax(wanted: string): void;
  reportTooDeep(place: TextPlace, limit: number): void;
}

/** A number where an element or argument is wanted: a literal, or an expression in parentheses. */
export function readInteger(host: ExpressionHost): number | bigint | undefined {
  const { lexer } = host;
  if (lexer.is('literal') || lexer.is('character')) {
    const { value } = lexer;
    lexer.next();
    return value;
  }
  if (!lexer.is('(')) {
    host.reportSyntax('a number or an expression in parentheses');
    return undefined;
  }
  return new Expression(host).inParentheses();
}

class Expression {
  readonly #host: ExpressionHost;
  #depth = 0;

  constructor(host: ExpressionHost) {
    this.#host = host;
  }

  inParentheses(): bigint | undefined {
    const { lexer } = this.#host;
    lexer.next();
    const value = this.#conditional();
    if (value === undefined) return undefined;
    if (!lexer.is(')')) {
      this.#host.reportSyntax('an operator or )');
      return undefined;
    }
    lexer.next();
    return value;
  }

  #conditional(): bigint | undefined {
    const { lexer } = this.#host;
    if (this.#depth >= EXPRESSION_DEPTH) {
      this.#host.reportTooDeep(lexer.start, EXPRESSION_DEPTH);
      return undefined;
    }
    this.#depth += 1;
    let value = this.#binary(1);
    if (value !== undefined && lexer.is('?')) {
      lexer.next();
      const yes = this.#conditional();
      if (yes !== undefined && !lexer.is(':')) this.#host.reportSyntax(':');
      if (yes === undefined || !lexer.is(':')) return undefined;
      lexer.next();
      const no = this.#conditional();
      if (no === undefined) return undefined;
      value = value !== 0n ? yes : no;
    }
    this.#depth -= 1;
    return value;
  }

  #binary(least: number): bigint | undefined {
    const { lexer } = this.#host;
    let left = this.#unary();
    while (left !== undefined) {
      const operator = lexer.kind;
      const place = lexer.start;
      const precedence = C_PRECEDENCE.get(operator);
      if (precedence === undefined || precedence < least) break;
      lexer.next();
      const right = this.#binary(precedence + 1);
      if (right === undefined) return undefined;
      left = this.#apply(operator, left, right, place);
    }
    return left;
  }

  #unary(): bigint | undefined {
    const { lexer } = this.#host;
    const signs: string[] = [];
    while (lexer.is('-') || lexer.is('~') || lexer.is('!')) {
      signs.push(lexer.kind);
      lexer.next();
    }
    let value: bigint | undefined;
    if (lexer.is('(')) value = this.inParentheses();
    else {
      const literal = readInteger(this.#host);
      value = literal === undefined ? undefined : BigInt(literal);
    }
    if (value === undefined) return undefined;
    for (const sign of signs.reverse()) {
      if (sign === '-') value = BigInt.asUintN(64, -value);
      else if (sign === '~') value = BigInt.asUintN(64, ~value);
      else value = value === 0n ? 1n : 0n;
    }
    return value;
  }

  #apply(operator: string, left: bigint, right: bigint, place: TextPlace): bigint {
    switch (operator) {
      case '||':
        return truth(left !== 0n || right !== 0n);
      case '&&':
        return truth(left !== 0n && right !== 0n);
      case '|':
        return left | right;
      case '^':
        return left ^ right;
      case '&':
        return left & right;
      case '==':
        return truth(left === right);
      case '!=':
        return truth(left !== right);
      case '<':
        return truth(left < right);
      case '>':
        return truth(left > right);
      case '<=':
        return truth(left <= right);
      case '>=':
        return truth(left >= right);
      case '<<':
        return right < 64n ? BigInt.asUintN(64, left << right) : 0n;
      case '>>':
        return right < 64n ? left >> right : 0n;
      case '+':
        return BigInt.asUintN(64, left + right);
      case '-':
        return BigInt.asUintN(64, left - right);
      case '*':
        return BigInt.asUintN(64, left * right);
      default: {
        if (right === 0n) {
          this.#host.report(place, 'division-by-zero');
          return 0n;
        }
        return operator === '/' ? left / right : left % right;
      }
    }
  }
}

function truth(holds: boolean): bigint {
  return holds ? 1n : 0n;
}
