/** Device tree sources by the language's grammar: names, labels and paths that often meet, so that references resolve. */
import type { Random } from './random.ts';

const NAMES = [
  'a',
  'b',
  'c@1',
  'cpus',
  'cpu@0',
  'd,e',
  '#f-cells',
  'name',
  'reg',
  'phandle',
  'linux,phandle',
  '__symbols__',
];
const NODES = ['a', 'b', 'c@1', 'cpus', 'cpu@0', 'n.n', '__symbols__', 'fragment@0', '__fixups__'];
const LABELS = ['l', 'm', 'n', 'o', 'p', 'q'];
const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '<<',
  '>>',
  '<',
  '>',
  '<=',
  '>=',
  '==',
  '!=',
  '&',
  '|',
  '^',
  '&&',
  '||',
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '7',
  '10',
  '0x10',
  '0xffffffff',
  '0x100000000',
  '0xffffffffffffffff',
  '017',
  '3U',
  '4ULL',
  "'a'",
  "'\\n'",
];
const STRINGS = ['', 'text', 'a\\tb', '\\x41\\102', 'two words', '/* no comment */', '\\"', 'caf\xe9'];

/** A file that sources include; another that isn't there is included now and then. */
export const INCLUDED_FILES: Readonly<Record<string, string>> = {
  'in.dtsi': '/ { inc: included { x = <1>; }; };\n',
  'raw.bin': 'raw\0bytes',
};

/** @param flaws about how many of a hundred choices break the language's rules */
export function randomDts(random: Random, flaws = 0): string {
  const writer = new Writer(random, flaws);
  return writer.source();
}

class Writer {
  readonly #random: Random;
  readonly #flaws: number;

  constructor(random: Random, flaws: number) {
    this.#random = random;
    this.#flaws = flaws;
  }

  source(): string {
    const header = this.#chance(8) ? '/dts-v1/; /plugin/;' : '/dts-v1/;';
    const parts = [this.#flawed() ? '' : header];
    while (this.#chance(4)) parts.push(`${this.#labels()}/memreserve/ ${this.#number()} ${this.#number()};`);
    parts.push(`/ ${this.#body(3)};`);
    for (let more = this.#random.below(4); more > 0; more -= 1) parts.push(this.#topLevel());
    return parts.join(this.#space());
  }

  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  #flawed(): boolean {
    return this.#random.below(100) < this.#flaws;
  }

  #space(): string {
    return this.#random.pick([' ', '\n', '\n\t', ' /* c */ ', ' // c\n', '\n']);
  }

  #topLevel(): string {
    switch (this.#random.below(8)) {
      case 0:
        return `/delete-node/ ${this.#reference()};`;
      case 1:
        return `/omit-if-no-ref/ ${this.#reference()};`;
      case 2:
        return `/include/ "${this.#flawed() ? 'none' : 'in.dtsi'}"`;
      case 3:
      case 4:
        return `${this.#chance(4) ? `${this.#random.pick(LABELS)}: ` : ''}${this.#reference()} ${this.#body(2)};`;
      default:
        return `/ ${this.#body(2)};`;
    }
  }

  #body(depth: number): string {
    const parts: string[] = [];
    for (let count = this.#random.below(4); count > 0; count -= 1) parts.push(this.#property());
    for (let count = depth > 0 ? this.#random.below(3) : 0; count > 0; count -= 1)
      parts.push(this.#subnode(depth - 1));
    if (this.#flawed())
      parts.push(this.#random.pick(['x = ;', '} ;', 'y', '{', '"s";', '<1>', this.#property(), '= <1>;']));
    return `{${this.#space()}${parts.join(this.#space())}${this.#space()}}`;
  }

  #labels(): string {
    return this.#chance(4) ? `${this.#random.pick(LABELS)}:${this.#space()}` : '';
  }

  #property(): string {
    const name = this.#random.pick(NAMES);
    // dtc 1.6.1 minds the value of a name property even once it is deleted; this reader doesn't.
    if (this.#chance(8) && name !== 'name') return `/delete-property/ ${name};`;
    if (this.#chance(6)) return `${this.#labels()}${name};`;
    const values = [this.#value()];
    while (this.#chance(4)) values.push(this.#value());
    return `${this.#labels()}${name} = ${values.join(', ')};`;
  }

  #subnode(depth: number): string {
    const name = this.#flawed() ? this.#random.pick(['@1', '@', 'a@1@2']) : this.#random.pick(NODES);
    if (this.#chance(8)) return `/delete-node/ ${name};`;
    const omit = this.#chance(8) ? '/omit-if-no-ref/ ' : '';
    return `${this.#labels()}${omit}${name} ${this.#body(depth)};`;
  }

  #value(): string {
    switch (this.#random.below(8)) {
      case 0:
        return `"${this.#random.pick(STRINGS)}"`;
      case 1:
        return `[${this.#random.pick(['', '00', 'de ad', '0102 03', `${this.#labels()}ff`])}]`;
      case 2:
        return this.#reference();
      case 3:
        return `/bits/ ${this.#random.pick(['8', '16', '32', '64', ...(this.#flawed() ? ['7'] : [])])} <${this.#cells(false)}>`;
      case 4:
        return this.#random.pick(['/incbin/("raw.bin")', '/incbin/("raw.bin", 2, 3)', `${this.#labels()}<>`]);
      default:
        return `<${this.#cells(true)}>`;
    }
  }

  #cells(withReferences: boolean): string {
    const cells: string[] = [];
    for (let count = this.#random.below(4); count > 0; count -= 1) {
      if (withReferences && this.#chance(3)) cells.push(this.#reference());
      else if (this.#chance(3)) cells.push(`(${this.#expression(3)})`);
      else
        cells.push(
          `${this.#labels()}${this.#random.pick(['0', '1', '2', '0x10', '017', "'a'", '0x123456789'])}`,
        );
    }
    return cells.join(' ');
  }

  #number(): string {
    return this.#chance(3) ? `(${this.#expression(2)})` : this.#random.pick(NUMBERS);
  }

  #expression(depth: number): string {
    if (depth === 0 || this.#chance(3)) return this.#random.pick(NUMBERS);
    switch (this.#random.below(4)) {
      case 0:
        return `${this.#random.pick(['-', '~', '!'])}${this.#operand(depth)}`;
      case 1:
        return `${this.#operand(depth)} ? ${this.#expression(depth - 1)} : ${this.#expression(depth - 1)}`;
      default:
        return `${this.#operand(depth)} ${this.#random.pick(OPERATORS)} ${this.#operand(depth)}`;
    }
  }

  #operand(depth: number): string {
    return this.#chance(2) ? `(${this.#expression(depth - 1)})` : this.#random.pick(NUMBERS);
  }

  #reference(): string {
    const label = this.#random.pick(LABELS);
    if (this.#chance(4))
      return this.#random.pick(['&{/}', '&{/a}', '&{/b}', '&{/a/b}', '&{/cpus/cpu@0}', '&{/c@1/}']);
    if (this.#chance(6)) {
      const below = this.#random.pick([
        '',
        '/',
        '/a',
        '/b',
        '/c@1/',
        '/a//b',
        ...(this.#flawed() ? ['@1', '/none'] : []),
      ]);
      return `&{${label}${below}}`;
    }
    return `&${label}`;
  }
}
