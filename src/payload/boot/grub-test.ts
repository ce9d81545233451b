/**
 * GRUB's `test` and `[` (GRUB manual, "test"; grub-core/commands/test.c): `-a` binds more than `-o`, parentheses more than both; a word
 * alone is true where it is not empty.
 */
import { compareNumbers } from './shell-expressions.ts';
import { type Doubts, type Status, together, type Value } from './shell-machine.ts';

/** `-e` anything, `-f` and `-s` a file, `-d` a directory. */
const FILE_TESTS = ['-e', '-f', '-s', '-d'] as const;
export type FileTest = (typeof FILE_TESTS)[number];

export interface GrubTestWorld {
  exists(path: Value, operator: FileTest): Status;
  /** Files are not compared by their times (`-nt`, `-ot`), nor names by the numbers in them: why it is in doubt. */
  ages(): Doubts;
}

/** Also with what is added to a time. */
const OF_AGES = /^-(?:[no]t[-+]?\d*|pgt|plt)$/;
const NESTING_LIMIT = 32;

export function evaluateGrubTest(values: readonly Value[], world: GrubTestWorld): Status {
  const parsed = new TestParser(values, world);
  const ok = parsed.value(0);
  return { ok, doubts: together(...values.map(({ doubts }) => doubts), ...parsed.asked) };
}

class TestParser {
  readonly asked: Doubts[] = [];
  readonly #values: readonly Value[];
  readonly #world: GrubTestWorld;
  #at = 0;

  constructor(values: readonly Value[], world: GrubTestWorld) {
    this.#values = values;
    this.#world = world;
  }

  /** Up to the parenthesis that ends it. */
  value(depth: number): boolean {
    let [either, all, isNegated] = [false, true, false];
    let isEmpty = true;
    while (this.#at < this.#values.length) {
      const word = this.#values[this.#at]?.text ?? '';
      const isOperand = this.#isOperand();
      if (!isOperand && word === ')') break;
      if (!isOperand && ['!', '-a', '-o'].includes(word)) {
        this.#at += 1;
        if (word === '!') isNegated = !isNegated;
        if (word === '-o') [either, all] = [either || all, true];
        continue;
      }
      isEmpty = false;
      const found = this.#one(word, isOperand, depth);
      all = all && found !== isNegated;
      isNegated = false;
    }
    return !isEmpty && (either || all);
  }

  /** Whether a comparison begins here, of whatever its first word is. */
  #isOperand(): boolean {
    const [first, operator, second] = this.#values.slice(this.#at, this.#at + 3).map(({ text }) => text);
    return second !== undefined && (this.#isAge(operator) || compare(first, operator, second) !== undefined);
  }

  #isAge(operator: string | undefined): boolean {
    return OF_AGES.test(operator ?? '');
  }

  #one(word: string, isOperand: boolean, depth: number): boolean {
    const [, operator, second] = this.#values.slice(this.#at, this.#at + 3).map(({ text }) => text);
    if (isOperand) {
      this.#at += 3;
      if (this.#isAge(operator)) this.asked.push(this.#world.ages());
      return compare(word, operator, second ?? '') ?? false;
    }
    const argument = this.#values[this.#at + 1];
    const fileTest = FILE_TESTS.find((each) => each === word);
    if (argument !== undefined && fileTest !== undefined) {
      this.#at += 2;
      const { ok, doubts } = this.#world.exists(argument, fileTest);
      this.asked.push(doubts);
      return ok;
    }
    if (argument !== undefined && (word === '-z' || word === '-n')) {
      this.#at += 2;
      return (argument.text === '') === (word === '-z');
    }
    this.#at += 1;
    if (word !== '(' || depth >= NESTING_LIMIT) return word !== '';
    const inner = this.value(depth + 1);
    this.#at += 1;
    return inner;
  }
}

function compare(a: string | undefined, operator: string | undefined, b: string): boolean | undefined {
  if (a === undefined || operator === undefined) return undefined;
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return compareNumbers(a, operator, b);
  }
}
