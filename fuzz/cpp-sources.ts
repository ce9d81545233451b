/** Sources for the preprocessor: macros that use each other, conditionals, inclusion, and text in between. */
import type { Random } from './random.ts';

const NAMES = ['A', 'B', 'C', 'F', 'G', 'H', 'V'];
const WORDS = [
  'x',
  'y',
  '1',
  '0x2',
  '+',
  '-',
  '(',
  ')',
  ',',
  '<',
  '>',
  '"s"',
  "'c'",
  '##',
  '#',
  '&',
  '=',
  ';',
  '.',
  '#address-cells',
  '@',
  '// c',
  '/* c */',
  "don't",
  '\\\n',
];

/** Files that sources include; one includes itself, one ends in the middle of things. */
export const INCLUDED_FILES: Readonly<Record<string, string>> = {
  'guarded.h': '#ifndef GUARD\n#define GUARD\n#define A guarded\nonce A\n#endif\n',
  'again.h': 'again B\n#ifdef C\n#undef C\n#else\n#define C from_again\n#include "again.h"\n#endif\n',
  'open.h': 'F(1\n#if 0\n',
};

/** @param flaws about how many of a hundred choices break the language's rules */
export function randomCpp(random: Random, flaws = 0): string {
  const lines: string[] = [];
  const writer = new Writer(random, flaws);
  for (let count = 1 + random.below(12); count > 0; count -= 1) writer.line(lines);
  return lines.join('\n');
}

class Writer {
  readonly #random: Random;
  readonly #flaws: number;

  constructor(random: Random, flaws: number) {
    this.#random = random;
    this.#flaws = flaws;
  }

  line(lines: string[]): void {
    const random = this.#random;
    switch (random.below(10)) {
      case 0:
      case 1:
        lines.push(this.#define());
        return;
      case 2:
        lines.push(`#undef ${random.pick(NAMES)}`);
        return;
      case 3: {
        lines.push(this.#condition());
        this.line(lines);
        if (random.below(2) === 0)
          lines.push(random.pick(['#else', `#elif ${this.#expression(2)}`]), this.#text());
        if (!this.#flawed()) lines.push('#endif');
        return;
      }
      case 4:
        lines.push(
          `#include "${random.pick(['guarded.h', 'again.h', ...(this.#flawed() ? ['open.h', 'none.h'] : [])])}"`,
        );
        return;
      case 5:
        if (this.#flawed())
          lines.push(
            random.pick([
              '#else',
              '#endif',
              '#line 5',
              '# 7 "f" 1',
              '#include',
              '#define',
              '#if (',
              '#error e',
              '#pragma once',
              '#warning',
            ]),
          );
        return;
      default:
        lines.push(this.#text());
    }
  }

  #flawed(): boolean {
    return this.#random.below(100) < this.#flaws;
  }

  #define(): string {
    const random = this.#random;
    const name = random.pick(NAMES);
    switch (random.below(5)) {
      case 0:
        return `#define ${name}(x) ${this.#body(['x', '#x', 'x ## 1', 'x x', 'y ## x'])}`;
      case 1:
        return `#define ${name}(x, y) ${this.#body(['x', 'y', 'x ## y', '#y', 'x + y'])}`;
      case 2:
        return `#define ${name}(x, ...) ${this.#body(['x', '__VA_ARGS__', 'x , ## __VA_ARGS__', '#__VA_ARGS__'])}`;
      case 3:
        return `#define ${name}() ${this.#body([])}`;
      default:
        return `#define ${name} ${this.#body([])}`;
    }
  }

  #body(extra: readonly string[]): string {
    const random = this.#random;
    const parts: string[] = [];
    for (let count = random.below(4); count > 0; count -= 1) {
      parts.push(random.pick([...extra, ...extra, ...NAMES, 'z', '1', '+', `${random.pick(NAMES)}(z)`]));
    }
    return parts.join(random.pick([' ', '  ']));
  }

  #condition(): string {
    const random = this.#random;
    const name = random.pick(NAMES);
    return random.pick([
      `#ifdef ${name}`,
      `#ifndef ${name}`,
      `#if ${this.#expression(3)}`,
      `#if defined(${name}) || 0`,
    ]);
  }

  #expression(depth: number): string {
    const random = this.#random;
    if (depth === 0 || random.below(3) === 0) {
      return random.pick(['0', '1', '2', '0x10', '3u', "'a'", 'UNKNOWN', `defined ${random.pick(NAMES)}`]);
    }
    const operand = (): string => `(${this.#expression(depth - 1)})`;
    const operator = random.pick([
      '+',
      '-',
      '*',
      '<',
      '>',
      '<=',
      '==',
      '!=',
      '&&',
      '||',
      '&',
      '|',
      '^',
      '<<',
      '>>',
      ...(this.#flawed() ? ['/', '%', '=', ','] : []),
    ]);
    return random.pick([
      `${operand()} ${operator} ${operand()}`,
      `!${operand()}`,
      `${operand()} ? ${operand()} : ${operand()}`,
      `-${operand()}`,
    ]);
  }

  #text(): string {
    const random = this.#random;
    const parts: string[] = [];
    for (let count = random.below(6); count > 0; count -= 1) {
      const use = `${random.pick(NAMES)}(${this.#arguments()})`;
      const word = this.#flawed()
        ? random.pick(WORDS)
        : random.pick(['x', 'y', '1', '+', '<', '>', ';', '"s"', "'c'", '&', '@']);
      parts.push(random.pick([use, random.pick(NAMES), word]));
    }
    return parts.join(random.pick([' ', ' ', '']));
  }

  #arguments(): string {
    const random = this.#random;
    const given: string[] = [];
    for (let count = random.below(3); count > 0; count -= 1) {
      given.push(random.pick(['1', 'x y', 'A', 'B', '(1, 2)', '', 'F(1)', 'G(A)', '"t"']));
    }
    return given.join(', ');
  }
}
