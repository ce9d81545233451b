/** Advanced SIMD with operands of different sizes: long, wide and narrowing arithmetic; and across lanes (Arm ARM C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { SINGLE } from '../float/format.ts';
import { softMax, softMaxNum, softMin, softMinNum } from '../float/soft/index.ts';
import { add, and, gtSigned, i64, mul, negate, select, shl, shr, sub, xor } from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import { pure, type Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementBits,
  elementCount,
  elements,
  halfAt,
  scalarName,
  setVector,
  type Vector,
  withElement,
  ZERO_VECTOR,
} from '../meaning/vectors.ts';
import {
  absoluteDifference,
  doublingMultiplyLong,
  polynomialMultiply,
  saturatingAdd,
  saturatingSub,
} from './vector-elements.ts';
import { setNarrowed } from './vector-two-registers.ts';

type Bits = Value<'i64'>;
type OnElements = (c: Meaning, size: number, a: Bits, b: Bits, d: Bits) => Bits;

interface Long {
  readonly names: readonly [string | undefined, string | undefined];
  readonly opcode: string;
  readonly sizes: readonly number[];
  readonly meaning: OnElements;
  /** The first operand is already of the large size. */
  readonly wide?: boolean;
  /** Polynomials have no sign, though U is 0. */
  readonly unsigned?: boolean;
  readonly scalar?: boolean;
}

const UP_TO_32 = [0, 1, 2];
const DOUBLING = [1, 2];

/** `d ± 2ab`, saturated twice, as SQDMLAL and SQDMLSL do. */
function doublingAccumulate(family: typeof saturatingAdd): OnElements {
  return (c, size, a, b, d) =>
    c.call(family(size + 1, true), d, c.call(doublingMultiplyLong(size, true), a, b));
}

const ROWS: readonly Long[] = [
  { names: ['saddl', 'uaddl'], opcode: '0000', sizes: UP_TO_32, meaning: (_c, _size, a, b) => add(a, b) },
  {
    names: ['saddw', 'uaddw'],
    opcode: '0001',
    sizes: UP_TO_32,
    wide: true,
    meaning: (_c, _size, a, b) => add(a, b),
  },
  { names: ['ssubl', 'usubl'], opcode: '0010', sizes: UP_TO_32, meaning: (_c, _size, a, b) => sub(a, b) },
  {
    names: ['ssubw', 'usubw'],
    opcode: '0011',
    sizes: UP_TO_32,
    wide: true,
    meaning: (_c, _size, a, b) => sub(a, b),
  },
  {
    names: ['sabal', 'uabal'],
    opcode: '0101',
    sizes: UP_TO_32,
    meaning: (c, _size, a, b, d) => add(d, absoluteDifference(c, a, b)),
  },
  {
    names: ['sabdl', 'uabdl'],
    opcode: '0111',
    sizes: UP_TO_32,
    meaning: (c, _size, a, b) => absoluteDifference(c, a, b),
  },
  {
    names: ['smlal', 'umlal'],
    opcode: '1000',
    sizes: UP_TO_32,
    meaning: (_c, _size, a, b, d) => add(d, mul(a, b)),
  },
  {
    names: ['smlsl', 'umlsl'],
    opcode: '1010',
    sizes: UP_TO_32,
    meaning: (_c, _size, a, b, d) => sub(d, mul(a, b)),
  },
  { names: ['smull', 'umull'], opcode: '1100', sizes: UP_TO_32, meaning: (_c, _size, a, b) => mul(a, b) },
  {
    names: ['sqdmlal', undefined],
    opcode: '1001',
    sizes: DOUBLING,
    scalar: true,
    meaning: doublingAccumulate(saturatingAdd),
  },
  {
    names: ['sqdmlsl', undefined],
    opcode: '1011',
    sizes: DOUBLING,
    scalar: true,
    meaning: doublingAccumulate(saturatingSub),
  },
  {
    names: ['sqdmull', undefined],
    opcode: '1101',
    sizes: DOUBLING,
    scalar: true,
    meaning: (c, size, a, b) => c.call(doublingMultiplyLong(size, true), a, b),
  },
  {
    names: ['pmull', undefined],
    opcode: '1110',
    unsigned: true,
    sizes: [0],
    // Polynomials have no sign, though U is 0.
    meaning: (c, _size, a, b) => c.call(polynomialMultiply, and(a, i64(0xffn)), and(b, i64(0xffn))),
  },
];

/** `2` in the name and the upper half of the operands. */
const second = (q: number): string => (q === 1 ? '2' : '');

function longVector({ opcode, sizes, meaning, wide, unsigned }: Long, name: string, u: number): Definition {
  return insn(
    `${name.toUpperCase()}, ${name.toUpperCase()}2`,
    `0 Q ${u} 01110 SIZE:2 1 rm:5 ${opcode} 00 rn:5 rd:5` as '0 Q SIZE:2 rm:5 rn:5 rd:5',
    (f) => {
      const large = (n: number): string => arranged(n, f.SIZE + 1, 1);
      const small = (n: number): string => arranged(n, f.SIZE, f.Q);
      return `${name}${second(f.Q)}\t${large(f.rd)}, ${(wide === true ? large : small)(f.rn)}, ${small(f.rm)}`;
    },
    (c, f) => {
      const isSigned = u === 0 && unsigned !== true;
      const a = c.let(wide === true ? c.v(f.rn) : halfAt(c.v(f.rn), f.Q));
      const b = c.let(halfAt(c.v(f.rm), f.Q));
      const d = c.let(c.v(f.rd));
      const result = elements(c, f.SIZE + 1, 8 >> f.SIZE, (index) =>
        meaning(
          c,
          f.SIZE,
          c.let(element(a, wide === true ? f.SIZE + 1 : f.SIZE, index, isSigned)),
          c.let(element(b, f.SIZE, index, isSigned)),
          c.let(element(d, f.SIZE + 1, index, isSigned)),
        ),
      );
      c.setV(f.rd, result);
    },
    { floatingPoint: true, when: (f) => sizes.includes(f.SIZE) },
  );
}

function longScalar({ opcode, sizes, meaning }: Long, name: string): Definition {
  return insn(
    `${name.toUpperCase()} (scalar)`,
    `01 0 11110 SIZE:2 1 rm:5 ${opcode} 00 rn:5 rd:5` as '01 SIZE:2 rm:5 rn:5 rd:5',
    (f) =>
      `${name}\t${scalarName(f.SIZE + 1, f.rd)}, ${scalarName(f.SIZE, f.rn)}, ${scalarName(f.SIZE, f.rm)}`,
    (c, f) => {
      const at = (vector: Vector, size: number): Bits => c.let(element(vector, size, 0, true));
      const [a, b, d] = [at(c.v(f.rn), f.SIZE), at(c.v(f.rm), f.SIZE), at(c.v(f.rd), f.SIZE + 1)];
      const value = c.let(meaning(c, f.SIZE, a, b, d));
      setVector(c, f.rd, withElement(ZERO_VECTOR, f.SIZE + 1, 0, value), 2 << f.SIZE);
    },
    { floatingPoint: true, when: (f) => sizes.includes(f.SIZE) },
  );
}

/** ADDHN and kin: the upper half of a sum or difference, rounded if asked. */
const HIGH_NARROW: readonly (readonly [name: string, u: 0 | 1, opcode: string, of: typeof add])[] = [
  ['addhn', 0, '0100', add],
  ['raddhn', 1, '0100', add],
  ['subhn', 0, '0110', sub],
  ['rsubhn', 1, '0110', sub],
];

const highNarrow = HIGH_NARROW.map(([name, u, opcode, of]) =>
  insn(
    `${name.toUpperCase()}, ${name.toUpperCase()}2`,
    `0 Q ${u} 01110 SIZE:2 1 rm:5 ${opcode} 00 rn:5 rd:5` as '0 Q SIZE:2 rm:5 rn:5 rd:5',
    (f) =>
      `${name}${second(f.Q)}\t${arranged(f.rd, f.SIZE, f.Q)}, ${arranged(f.rn, f.SIZE + 1, 1)}, ${arranged(f.rm, f.SIZE + 1, 1)}`,
    (c, f) => {
      const bits = BigInt(elementBits(f.SIZE));
      const [a, b] = [c.let(c.v(f.rn)), c.let(c.v(f.rm))];
      setNarrowed(c, f.rd, f.Q, f.SIZE, (index) => {
        const whole = of(element(a, f.SIZE + 1, index, false), element(b, f.SIZE + 1, index, false));
        return shr(u === 1 ? add(whole, i64(1n << (bits - 1n))) : whole, i64(bits));
      });
    },
    { floatingPoint: true, when: (f) => f.SIZE < 3 },
  ),
);

/** One bit at a time of a carry-less product; the part of it that is 64 bits up or down. */
const carrylessLow = helper('carrylessLow', ['i64', 'i64'], 'i64', (c, a, b) => {
  const [result, bit] = [c.temporary(i64(0n)), c.temporary(i64(0n))];
  c.while(pure('i64.lt_u', bit, i64(64n)), () => {
    const taken = negate(and(shr(b, bit), i64(1n)));
    c.assign(result, xor(result, and(shl(a, bit), taken)));
    c.assign(bit, add(bit, i64(1n)));
  });
  return result;
});
const carrylessHigh = helper('carrylessHigh', ['i64', 'i64'], 'i64', (c, a, b) => {
  const [result, bit] = [c.temporary(i64(0n)), c.temporary(i64(1n))];
  c.while(pure('i64.lt_u', bit, i64(64n)), () => {
    const taken = negate(and(shr(b, bit), i64(1n)));
    c.assign(result, xor(result, and(shr(a, sub(i64(64n), bit)), taken)));
    c.assign(bit, add(bit, i64(1n)));
  });
  return result;
});

/** FEAT_PMULL: 64-bit polynomials, a 128-bit product. */
const longPolynomial = insn(
  'PMULL, PMULL2 (64-bit)',
  '0 Q 0 01110 11 1 rm:5 1110 00 rn:5 rd:5',
  (f) => `pmull${second(f.Q)}\tv${f.rd}.1q, ${arranged(f.rn, 3, f.Q)}, ${arranged(f.rm, 3, f.Q)}`,
  (c, f) => {
    const a = c.let(element(c.v(f.rn), 3, f.Q, false));
    const b = c.let(element(c.v(f.rm), 3, f.Q, false));
    const [low, high] = [c.let(c.call(carrylessLow, a, b)), c.let(c.call(carrylessHigh, a, b))];
    c.setV(f.rd, withElement(withElement(ZERO_VECTOR, 3, 0, low), 3, 1, high));
  },
  { floatingPoint: true },
);

/** All elements made one, in order; the result has so many times the element's bytes. */
interface AcrossLanes {
  readonly name: string;
  readonly u: 0 | 1;
  readonly opcode: string;
  readonly long?: boolean;
  readonly meaning: (a: Bits, b: Bits) => Bits;
}

const larger = (a: Bits, b: Bits): Bits => select(gtSigned(a, b), a, b);
const smaller = (a: Bits, b: Bits): Bits => select(gtSigned(a, b), b, a);

const ACROSS: readonly AcrossLanes[] = [
  { name: 'saddlv', u: 0, opcode: '00011', long: true, meaning: add },
  { name: 'uaddlv', u: 1, opcode: '00011', long: true, meaning: add },
  { name: 'smaxv', u: 0, opcode: '01010', meaning: larger },
  { name: 'umaxv', u: 1, opcode: '01010', meaning: larger },
  { name: 'sminv', u: 0, opcode: '11010', meaning: smaller },
  { name: 'uminv', u: 1, opcode: '11010', meaning: smaller },
  { name: 'addv', u: 0, opcode: '11011', meaning: add },
];

const across = ACROSS.map(({ name, u, opcode, long, meaning }) =>
  insn(
    name.toUpperCase(),
    `0 Q ${u} 01110 SIZE:2 11000 ${opcode} 10 rn:5 rd:5` as '0 Q SIZE:2 rn:5 rd:5',
    (f) => `${name}\t${scalarName(f.SIZE + (long === true ? 1 : 0), f.rd)}, ${arranged(f.rn, f.SIZE, f.Q)}`,
    (c, f) => {
      const source = c.let(c.v(f.rn));
      const result = c.temporary(element(source, f.SIZE, 0, u === 0));
      for (let index = 1; index < elementCount(f.Q, f.SIZE); index += 1) {
        c.assign(result, meaning(result, c.let(element(source, f.SIZE, index, u === 0))));
      }
      const size = f.SIZE + (long === true ? 1 : 0);
      setVector(c, f.rd, withElement(ZERO_VECTOR, size, 0, result), 1 << size);
    },
    { floatingPoint: true, when: (f) => f.SIZE < 2 || (f.SIZE === 2 && f.Q === 1) },
  ),
);

/** FMAXNMV and kin: four single-precision numbers, pairwise as the Arm ARM's Reduce orders them. */
const FLOAT_ACROSS: readonly (readonly [
  name: string,
  upper: 0 | 1,
  opcode: string,
  family: typeof softMax,
])[] = [
  ['fmaxnmv', 0, '01100', softMaxNum],
  ['fminnmv', 1, '01100', softMinNum],
  ['fmaxv', 0, '01111', softMax],
  ['fminv', 1, '01111', softMin],
];

const floatAcross = FLOAT_ACROSS.map(([name, upper, opcode, family]) =>
  insn(
    name.toUpperCase(),
    `0 1 1 01110 ${upper} 0 11000 ${opcode} 10 rn:5 rd:5` as '0 1 1 rn:5 rd:5',
    (f) => `${name}\ts${f.rd}, v${f.rn}.4s`,
    (c, f) => {
      const source = c.let(c.v(f.rn));
      const at = (index: number): Bits => c.let(element(source, 2, index, false));
      const low = c.let(c.call(family(SINGLE), at(0), at(1)));
      const high = c.let(c.call(family(SINGLE), at(2), at(3)));
      c.setVScalar(f.rd, c.call(family(SINGLE), low, high));
    },
    { floatingPoint: true },
  ),
);

const scalarPair = insn(
  'ADDP (scalar)',
  '01 0 11110 11 11000 11011 10 rn:5 rd:5',
  (f) => `addp\td${f.rd}, v${f.rn}.2d`,
  (c, f) => {
    const pair = c.let(c.v(f.rn));
    c.setVScalar(f.rd, add(element(pair, 3, 0, false), element(pair, 3, 1, false)));
  },
  { floatingPoint: true },
);

export const VECTOR_THREE_DIFFERENT: readonly Definition[] = [
  ...ROWS.flatMap((row) =>
    row.names.flatMap((name, u) => {
      if (name === undefined) return [];
      return row.scalar === true
        ? [longVector(row, name, u), longScalar(row, name)]
        : [longVector(row, name, u)];
    }),
  ),
  ...highNarrow,
  longPolynomial,
  ...across,
  ...floatAcross,
  scalarPair,
];
