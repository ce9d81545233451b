/** What U-Boot's shell computes: `test`, `itest`, `setexpr` (U-Boot, cmd/test.c, cmd/itest.c, cmd/setexpr.c). */
import { type Doubts, type Status, SURE, together, type Value } from './shell-machine.ts';

/** Words behind `-e`: INTERFACE DEVICE FILE. */
const FILE_WORDS = 3;

/**
 * U-Boot's `test` (cmd/test.c): from the left, `-a` and `-o` with the same weight. What is none of its operators (`==`, `-d`, `-f`, `-s`)
 * makes the whole true.
 *
 * @param exists whether there is a file, of the words behind `-e`
 */
export function evaluateTest(values: readonly Value[], exists: (words: readonly Value[]) => Status): Status {
  const asked: Doubts[] = [];
  const isOfFile = new Set<number>();
  // What a file's words leave in doubt, its device above all, is for the world to say.
  const ofFile = (from: number): boolean => {
    for (let index = from; index < from + FILE_WORDS; index++) isOfFile.add(index);
    const { ok, doubts } = exists(values.slice(from, from + FILE_WORDS));
    asked.push(doubts);
    return ok;
  };
  const words = values.map(({ text }) => text);
  const ok = testWords(words, ofFile);
  const others = values.filter((_, index) => !isOfFile.has(index)).map((value) => value.doubts);
  return { ok, doubts: together(...others, ...asked) };
}

function testWords(words: readonly string[], exists: (from: number) => boolean): boolean {
  if (words.length === 0) return false;
  if (words.length === 1) return words[0] !== '' && words[0] !== '-n';
  let rest = words;
  let result = false;
  let isNegated = false;
  let before: { readonly result: boolean; readonly operator: '-o' | '-a' } | undefined;
  while (rest.length > 0) {
    const [first = '', second = ''] = rest;
    const binary = rest.length >= 3 ? compare(first, second, rest[2] ?? '') : undefined;
    let taken: number;
    if (binary !== undefined) {
      result = binary;
      taken = 3;
    } else if (first === '!') {
      isNegated = !isNegated;
      rest = rest.slice(1);
      continue;
    } else if (first === '-o' || first === '-a') {
      before = { result, operator: first };
      rest = rest.slice(1);
      continue;
    } else if (first === '-z' || first === '-n') {
      if (rest.length < 2) return true;
      result = (second === '') === (first === '-z');
      taken = 2;
    } else if (first === '-e' && rest.length > FILE_WORDS) {
      result = exists(words.length - rest.length + 1);
      taken = 1 + FILE_WORDS;
    } else return true;
    if (isNegated) result = !result;
    isNegated = false;
    if (before !== undefined) {
      result = before.operator === '-o' ? before.result || result : before.result && result;
      before = undefined;
    }
    rest = rest.slice(taken);
  }
  return result;
}

function compare(a: string, operator: string, b: string): boolean | undefined {
  switch (operator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '=~': {
      const pattern = patternOf(b);
      return pattern === undefined ? undefined : pattern.test(a.slice(0, SUBJECT_LIMIT_CHARS));
    }
    default:
      return compareNumbers(a, operator, b);
  }
}

/** `-eq` and its like; `undefined` for any other operator. */
export function compareNumbers(a: string, operator: string, b: string): boolean | undefined {
  const [left, right] = [numberOf(a, 0), numberOf(b, 0)];
  return ORDER[operator]?.(left < right ? -1 : left > right ? 1 : 0);
}

const ORDER: Readonly<Record<string, (order: number) => boolean>> = {
  '-eq': (order) => order === 0,
  '-ne': (order) => order !== 0,
  '-lt': (order) => order < 0,
  '-le': (order) => order <= 0,
  '-gt': (order) => order > 0,
  '-ge': (order) => order >= 0,
};
const ITEST: Readonly<Record<string, string>> = {
  '==': '-eq',
  '!=': '-ne',
  '<>': '-ne',
  '<': '-lt',
  '<=': '-le',
  '>': '-gt',
  '>=': '-ge',
};

/** As C's `strtoul` takes it, up to the first character that is no digit; base 0 goes by the prefix. */
function numberOf(text: string, base: 0 | 16): bigint {
  const hexadecimal = /^(?:0x)?([0-9a-f]+)/i;
  const [, sign = '', body = ''] = /^\s*([-+]?)(.*)$/s.exec(text) ?? [];
  const isHexadecimal = base === 16 || /^0x/i.test(body);
  const digits = isHexadecimal ? hexadecimal.exec(body)?.[1] : /^0[0-7]*|^[1-9][0-9]*/.exec(body)?.[0];
  if (digits === undefined || digits.length > 32) return 0n;
  const number = isHexadecimal
    ? BigInt(`0x${digits}`)
    : digits.length > 1 && digits.startsWith('0')
      ? BigInt(`0o${digits.slice(1)}`)
      : BigInt(digits);
  return sign === '-' ? -number : number;
}

const WIDTHS: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, q: 8 };

/** `undefined` for text (`.s`). */
function widthOf(command: string, usual: number): number | undefined {
  const suffix = /\.(.)$/.exec(command)?.[1];
  return suffix === undefined ? usual : WIDTHS[suffix];
}

export interface MemoryReader {
  /** Bytes at an address, little-endian; with doubts where they are not known. */
  peek(address: bigint, widthBytes: number): { readonly number: bigint; readonly doubts: Doubts };
}

function operand(text: string, widthBytes: number, memory: MemoryReader): { number: bigint; doubts: Doubts } {
  if (text.startsWith('*')) return memory.peek(numberOf(text.slice(1), 16), widthBytes);
  return { number: BigInt.asUintN(widthBytes * 8, numberOf(text, 16)), doubts: SURE };
}

/** `itest[.b .w .l .q .s] A OP B`: numbers are hexadecimal. */
export function evaluateItest(command: string, values: readonly Value[], memory: MemoryReader): Status {
  const doubts = together(...values.map((value) => value.doubts));
  const [a = '', operator = '', b = ''] = values.map(({ text }) => text);
  const order = ORDER[ITEST[operator] ?? operator];
  if (values.length !== 3 || order === undefined) return { ok: false, doubts };
  const widthBytes = widthOf(command, 4);
  if (widthBytes === undefined) return { ok: order(a < b ? -1 : a > b ? 1 : 0), doubts };
  const [left, right] = [operand(a, widthBytes, memory), operand(b, widthBytes, memory)];
  const sign = left.number < right.number ? -1 : left.number > right.number ? 1 : 0;
  return { ok: order(sign), doubts: together(doubts, left.doubts, right.doubts) };
}

/** `setexpr`: the variable's new value, where there is one, and what the command comes to. */
export function evaluateSetexpr(
  command: string,
  values: readonly Value[],
  before: Value,
  memory: MemoryReader,
): { readonly status: Status; readonly value?: Value; readonly isUnread?: boolean } {
  const doubts = together(...values.slice(1).map((value) => value.doubts));
  const [, first = '', second = '', third = '', fourth] = values.map(({ text }) => text);
  const failed = { status: { ok: false, doubts } };
  const text = (value: string, more: Doubts = SURE) => ({
    status: { ok: true, doubts },
    value: { text: value, doubts: together(doubts, more) },
  });
  if (first === 'fmt') return { ...failed, isUnread: true };
  if ((first === 'sub' || first === 'gsub') && values.length >= 4) {
    const subject = fourth ?? before.text;
    if (fourth === undefined && before.text === '') return failed;
    const pattern = patternOf(second, first === 'gsub');
    if (pattern === undefined || subject.length > SUBJECT_LIMIT_CHARS) return { ...failed, isUnread: true };
    const more = fourth === undefined ? before.doubts : SURE;
    // `\1` and its like stand for groups; `$` means nothing here.
    const replaced = subject.replace(pattern, (...match: readonly unknown[]) =>
      third.replace(/\\([0-9])/g, (_, index: string) => {
        const group = match[Number(index)];
        return typeof group === 'string' ? group : '';
      }),
    );
    return text(replaced, more);
  }
  const widthBytes = widthOf(command, 8);
  if (values.length === 2) {
    if (widthBytes === undefined) return text(first);
    const { number, doubts: more } = operand(first, widthBytes, memory);
    return text(number.toString(16), more);
  }
  if (values.length !== 4) return failed;
  if (widthBytes === undefined) return second === '+' ? text(first + third) : failed;
  const [a, b] = [operand(first, widthBytes, memory), operand(third, widthBytes, memory)];
  const result = calculate(a.number, second, b.number);
  if (result === undefined) return failed;
  return text(BigInt.asUintN(64, result).toString(16), together(a.doubts, b.doubts));
}

function calculate(a: bigint, operator: string, b: bigint): bigint | undefined {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  if (operator === '/') return b === 0n ? undefined : a / b;
  if (operator === '%') return b === 0n ? undefined : a % b;
  if (operator === '&') return a & b;
  if (operator === '|') return a | b;
  return operator === '^' ? a ^ b : undefined;
}

const SUBJECT_LIMIT_CHARS = 512;
const PATTERN_LIMIT_CHARS = 128;

/**
 * U-Boot's regular expressions (lib/slre.c) as ours, which know all that those do. `undefined` where matching could take
 * very long: with repeated groups, or with more than three repetitions.
 */
function patternOf(text: string, isGlobal = false): RegExp | undefined {
  const repetitions = text.replace(/\\./g, '').match(/[*+?]+/g)?.length ?? 0;
  if (text.length > PATTERN_LIMIT_CHARS || repetitions > 3 || /\)[*+?{]/.test(text)) return undefined;
  try {
    return new RegExp(text.replace(/[{}]/g, '\\$&'), isGlobal ? 'g' : '');
  } catch {
    return undefined;
  }
}
