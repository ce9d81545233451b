/** Advanced SIMD with three registers of one arrangement, and their scalar forms (Arm ARM DDI 0487 C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { add, mul, select } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { pure, type Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementCount,
  elements,
  everywhere,
  firstBytes,
  scalarName,
  setVector,
  VECTOR_BYTES,
  type Vector,
  wise,
} from '../meaning/vectors.ts';
import {
  absoluteDifference,
  doublingMultiplyHigh,
  type ElementHelper,
  halvingAdd,
  halvingSub,
  polynomialMultiply,
  roundingShiftLeft,
  saturatingAdd,
  saturatingRoundingShift,
  saturatingShift,
  saturatingSub,
  shiftLeft,
} from './vector-elements.ts';

/** What the meaning of a row works on. Elements from `count` on are not looked at, nor is what becomes of them. */
interface Work {
  readonly c: Meaning;
  readonly size: number;
  readonly count: number;
  /** U = 0. */
  readonly isSigned: boolean;
  readonly a: Vector;
  readonly b: Vector;
  /** The destination as it was. */
  readonly d: Vector;
}

interface Row {
  readonly opcode: string;
  /** For U = 0 and U = 1; an absent one is unallocated. */
  readonly names: readonly [string | undefined, string | undefined];
  /** The element sizes there are in vectors, and in scalars. */
  readonly sizes: readonly number[];
  readonly scalarSizes?: readonly number[];
  readonly meaning: (work: Work) => Vector;
}

const UP_TO_32 = [0, 1, 2];
const ALL = [0, 1, 2, 3];
const ONLY_64 = [3];

function eachElement(
  { c, size, count, isSigned, a, b }: Work,
  meaning: (x: Value<'i64'>, y: Value<'i64'>) => Value<'i64'>,
): Vector {
  return elements(c, size, count, (index) =>
    meaning(c.let(element(a, size, index, isSigned)), c.let(element(b, size, index, isSigned))),
  );
}

function byHelper(family: ElementHelper): Row['meaning'] {
  return (work) => eachElement(work, (x, y) => work.c.call(family(work.size, work.isSigned), x, y));
}

const suffix = (isSigned: boolean): string => (isSigned ? 's' : 'u');

/** Comparisons of 64-bit elements: WebAssembly has the signed ones only. */
function compared(name: 'gt' | 'ge', { size, isSigned, a, b }: Work): Vector {
  if (size < 3) return wise(`${name}_${suffix(isSigned)}`, size, a, b);
  const flip = everywhere(3, 1n << 63n);
  const [x, y] = isSigned ? [a, b] : [pure('v128.xor', a, flip), pure('v128.xor', b, flip)];
  return wise(`${name}_s`, 3, x, y);
}

const byExtreme =
  (name: 'max' | 'min') =>
  ({ size, isSigned, a, b }: Work): Vector =>
    wise(`${name}_${suffix(isSigned)}`, size, a, b);

/** Neighbours made one: those of the first register, then those of the second. */
function pairwise(work: Work, meaning: (x: Value<'i64'>, y: Value<'i64'>) => Value<'i64'>): Vector {
  const { c, size, count, isSigned, a, b } = work;
  return elements(c, size, count, (index) => {
    const [source, at] = index < count / 2 ? [a, index * 2] : [b, index * 2 - count];
    return meaning(
      c.let(element(source, size, at, isSigned)),
      c.let(element(source, size, at + 1, isSigned)),
    );
  });
}

const pairExtreme =
  (largest: boolean) =>
  (work: Work): Vector =>
    pairwise(work, (x, y) => {
      const xIsLess = pure('i64.lt_s', x, y);
      return largest ? select(xIsLess, y, x) : select(xIsLess, x, y);
    });

function multiplied({ c, size, count, a, b }: Work): Vector {
  if (size > 0) return wise('mul', size, a, b);
  return elements(c, 0, count, (index) => mul(element(a, 0, index, false), element(b, 0, index, false)));
}

/** By U: a − b, or a = b, or … */
const ROWS: readonly Row[] = [
  {
    opcode: '00000',
    names: ['shadd', 'uhadd'],
    sizes: UP_TO_32,
    meaning: (work) => eachElement(work, (x, y) => halvingAdd(x, y, 0n)),
  },
  {
    opcode: '00001',
    names: ['sqadd', 'uqadd'],
    sizes: ALL,
    scalarSizes: ALL,
    meaning: byHelper(saturatingAdd),
  },
  {
    opcode: '00010',
    names: ['srhadd', 'urhadd'],
    sizes: UP_TO_32,
    meaning: (work) => eachElement(work, (x, y) => halvingAdd(x, y, 1n)),
  },
  {
    opcode: '00100',
    names: ['shsub', 'uhsub'],
    sizes: UP_TO_32,
    meaning: (work) => eachElement(work, halvingSub),
  },
  {
    opcode: '00101',
    names: ['sqsub', 'uqsub'],
    sizes: ALL,
    scalarSizes: ALL,
    meaning: byHelper(saturatingSub),
  },
  {
    opcode: '00110',
    names: ['cmgt', 'cmhi'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: (work) => compared('gt', work),
  },
  {
    opcode: '00111',
    names: ['cmge', 'cmhs'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: (work) => compared('ge', work),
  },
  {
    opcode: '01000',
    names: ['sshl', 'ushl'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: byHelper(shiftLeft),
  },
  {
    opcode: '01001',
    names: ['sqshl', 'uqshl'],
    sizes: ALL,
    scalarSizes: ALL,
    meaning: byHelper(saturatingShift),
  },
  {
    opcode: '01010',
    names: ['srshl', 'urshl'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: byHelper(roundingShiftLeft),
  },
  {
    opcode: '01011',
    names: ['sqrshl', 'uqrshl'],
    sizes: ALL,
    scalarSizes: ALL,
    meaning: byHelper(saturatingRoundingShift),
  },
  { opcode: '01100', names: ['smax', 'umax'], sizes: UP_TO_32, meaning: byExtreme('max') },
  { opcode: '01101', names: ['smin', 'umin'], sizes: UP_TO_32, meaning: byExtreme('min') },
  {
    opcode: '01110',
    names: ['sabd', 'uabd'],
    sizes: UP_TO_32,
    meaning: (work) => eachElement(work, (x, y) => absoluteDifference(work.c, x, y)),
  },
  {
    opcode: '01111',
    names: ['saba', 'uaba'],
    sizes: UP_TO_32,
    meaning: (work) =>
      wise(
        'add',
        work.size,
        work.d,
        eachElement(work, (x, y) => absoluteDifference(work.c, x, y)),
      ),
  },
  {
    opcode: '10000',
    names: ['add', 'sub'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: ({ size, isSigned, a, b }) => wise(isSigned ? 'add' : 'sub', size, a, b),
  },
  {
    opcode: '10001',
    names: ['cmtst', 'cmeq'],
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: ({ size, isSigned, a, b }) =>
      isSigned ? wise('ne', size, pure('v128.and', a, b), everywhere(size, 0n)) : wise('eq', size, a, b),
  },
  {
    opcode: '10010',
    names: ['mla', 'mls'],
    sizes: UP_TO_32,
    meaning: (work) => wise(work.isSigned ? 'add' : 'sub', work.size, work.d, multiplied(work)),
  },
  { opcode: '10011', names: ['mul', undefined], sizes: UP_TO_32, meaning: multiplied },
  {
    opcode: '10011',
    names: [undefined, 'pmul'],
    sizes: [0],
    meaning: (work) => eachElement(work, (x, y) => work.c.call(polynomialMultiply, x, y)),
  },
  { opcode: '10100', names: ['smaxp', 'umaxp'], sizes: UP_TO_32, meaning: pairExtreme(true) },
  { opcode: '10101', names: ['sminp', 'uminp'], sizes: UP_TO_32, meaning: pairExtreme(false) },
  {
    opcode: '10110',
    names: ['sqdmulh', 'sqrdmulh'],
    sizes: [1, 2],
    scalarSizes: [1, 2],
    meaning: (work) => {
      const family = doublingMultiplyHigh(work.size, !work.isSigned);
      return eachElement({ ...work, isSigned: true }, (x, y) => work.c.call(family, x, y));
    },
  },
  { opcode: '10111', names: ['addp', undefined], sizes: ALL, meaning: (work) => pairwise(work, add) },
];

type VectorPattern = '0 Q 01110 SIZE:2 1 rm:5 1 rn:5 rd:5';
type ScalarPattern = '01 SIZE:2 1 rm:5 1 rn:5 rd:5';

/** 64-bit elements need the whole register. */
function arrangementExists(q: number, size: number): boolean {
  return q === 1 || size < 3;
}

function vectorForm(row: Row, u: number, name: string): Definition {
  return insn(
    `${name.toUpperCase()} (vector)`,
    `0 Q ${u} 01110 SIZE:2 1 rm:5 ${row.opcode} 1 rn:5 rd:5` as VectorPattern,
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => arranged(n, f.SIZE, f.Q)).join(', ')}`,
    (c, f) => {
      const work: Work = {
        c,
        size: f.SIZE,
        count: elementCount(f.Q, f.SIZE),
        isSigned: u === 0,
        a: c.let(c.v(f.rn)),
        b: c.let(c.v(f.rm)),
        d: c.let(c.v(f.rd)),
      };
      setVector(c, f.rd, row.meaning(work), VECTOR_BYTES / (f.Q === 1 ? 1 : 2));
    },
    {
      floatingPoint: true,
      when: (f) => row.sizes.includes(f.SIZE) && arrangementExists(f.Q, f.SIZE),
    },
  );
}

function scalarForm(row: Row, u: number, name: string, sizes: readonly number[]): Definition {
  return insn(
    `${name.toUpperCase()} (scalar)`,
    `01 ${u} 11110 SIZE:2 1 rm:5 ${row.opcode} 1 rn:5 rd:5` as ScalarPattern,
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => scalarName(f.SIZE, n)).join(', ')}`,
    (c, f) => {
      const work: Work = {
        c,
        size: f.SIZE,
        count: 1,
        isSigned: u === 0,
        a: c.let(c.v(f.rn)),
        b: c.let(c.v(f.rm)),
        d: c.let(c.v(f.rd)),
      };
      setVector(c, f.rd, row.meaning(work), 1 << f.SIZE);
    },
    { floatingPoint: true, when: (f) => sizes.includes(f.SIZE) },
  );
}

/** Bitwise operations, where SIZE and U tell which. */
const LOGICAL: readonly (readonly [name: string, meaning: (work: Work) => Vector])[] = [
  ['and', ({ a, b }) => pure('v128.and', a, b)],
  ['bic', ({ a, b }) => pure('v128.andnot', a, b)],
  ['orr', ({ a, b }) => pure('v128.or', a, b)],
  ['orn', ({ a, b }) => pure('v128.or', a, pure('v128.not', b))],
  ['eor', ({ a, b }) => pure('v128.xor', a, b)],
  ['bsl', ({ a, b, d }) => pure('v128.bitselect', a, b, d)],
  ['bit', ({ a, b, d }) => pure('v128.bitselect', a, d, b)],
  ['bif', ({ a, b, d }) => pure('v128.bitselect', d, a, b)],
];

const logical = LOGICAL.map(([name, meaning], index) =>
  insn(
    `${name.toUpperCase()} (vector)`,
    `0 Q ${index >> 2} 01110 ${index & 2 ? 1 : 0}${index & 1} 1 rm:5 00011 1 rn:5 rd:5` as '0 Q rm:5 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => arranged(n, 0, f.Q)).join(', ')}`,
    (c, f) => {
      const work = { a: c.v(f.rn), b: c.v(f.rm), d: c.v(f.rd) };
      const result = meaning({ c, size: 0, count: 0, isSigned: false, ...work });
      c.setV(f.rd, firstBytes(result, VECTOR_BYTES / (f.Q === 1 ? 1 : 2)));
    },
    { floatingPoint: true },
  ),
);

export const VECTOR_THREE_SAME: readonly Definition[] = [
  ...logical,
  ...ROWS.flatMap((row) =>
    row.names.flatMap((name, u) => {
      if (name === undefined) return [];
      const vector = vectorForm(row, u, name);
      return row.scalarSizes === undefined ? [vector] : [vector, scalarForm(row, u, name, row.scalarSizes)];
    }),
  ),
];
