/** Advanced SIMD with one source register: reversals, counts, comparisons with zero, narrowing (Arm ARM C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { DOUBLE, FPSR, HALF, ROUNDING, SINGLE } from '../float/format.ts';
import { softConvert, unsignedRecipEstimateWord, unsignedRSqrtEstimateWord } from '../float/soft/index.ts';
import { raise, roundingMode } from '../float/soft/parts.ts';
import {
  add,
  and,
  countLeadingZeros,
  eq,
  i32,
  i64,
  low32,
  ltSigned,
  negate,
  select,
  sub,
  xor,
  zeroExtend,
} from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { pure, shuffle, type Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementBits,
  elementCount,
  elements,
  everywhere,
  halfAt,
  scalarName,
  setVector,
  VECTOR_BYTES,
  type Vector,
  wise,
  withElement,
  ZERO_VECTOR,
} from '../meaning/vectors.ts';
import {
  largestElement,
  saturate,
  saturateUnsigned,
  saturatingAddOtherSign,
  smallestElement,
} from './vector-elements.ts';

interface Work {
  readonly c: Meaning;
  readonly size: number;
  readonly count: number;
  readonly a: Vector;
  readonly d: Vector;
}
type Row = {
  readonly name: string;
  readonly u: 0 | 1;
  readonly opcode: string;
  readonly sizes: readonly number[];
  readonly scalarSizes?: readonly number[];
  readonly tail?: string;
  readonly meaning: (work: Work) => Vector;
};

const UP_TO_32 = [0, 1, 2];
const ALL = [0, 1, 2, 3];
const ONLY_64 = [3];

function eachElement(
  { c, size, count, a }: Work,
  isSigned: boolean,
  meaning: (x: Value<'i64'>) => Value<'i64'>,
): Vector {
  return elements(c, size, count, (index) => meaning(c.let(element(a, size, index, isSigned))));
}

/** Elements turned round within containers of so many bytes. */
function reversed(containerBytes: number): Row['meaning'] {
  return ({ a, size }) => {
    const elementBytes = 1 << size;
    const lanes = Array.from({ length: VECTOR_BYTES }, (_, byte) => {
      const container = byte - (byte % containerBytes);
      const index = Math.floor((byte % containerBytes) / elementBytes);
      const last = containerBytes / elementBytes - 1;
      return container + (last - index) * elementBytes + (byte % elementBytes);
    });
    return shuffle(lanes, a, a);
  };
}

const zeroCompared =
  (name: string): Row['meaning'] =>
  ({ a, size }) =>
    wise(name, size, a, everywhere(size, 0n));

/** SQABS and SQNEG: of the smallest number there is no opposite; it becomes the largest. */
function saturatingOpposite(onlyNegative: boolean): Row['meaning'] {
  return (work) =>
    eachElement(work, true, (x) => {
      const least = BigInt.asIntN(64, smallestElement(work.size, true));
      const result = work.c.temporary(onlyNegative ? select(ltSigned(x, i64(0n)), negate(x), x) : negate(x));
      work.c.if(eq(x, i64(least)), () => {
        raise(work.c, FPSR.QC);
        work.c.assign(result, i64(largestElement(work.size, true)));
      });
      return result;
    });
}

/** CLZ, and CLS as the leading zeros of what differs from its neighbour above. */
function leadingZeros(work: Work, of: (x: Value<'i64'>) => Value<'i64'>, less: number): Vector {
  const spare = BigInt(64 - elementBits(work.size) + less);
  return eachElement(work, less === 1, (x) => sub(countLeadingZeros(of(x)), i64(spare)));
}

/** Neighbouring elements of half the size added in twice the size; `accumulate` adds the destination. */
function addedLong(isSigned: boolean, accumulate: boolean): Row['meaning'] {
  return ({ c, size, count, a, d }) =>
    elements(c, size + 1, count / 2, (index) => {
      const sum = add(element(a, size, index * 2, isSigned), element(a, size, index * 2 + 1, isSigned));
      return accumulate ? add(sum, element(d, size + 1, index, isSigned)) : sum;
    });
}

function reversedBits(c: Meaning, byte: Value<'i64'>): Value<'i64'> {
  // Seven bits of an 8-bit number by one multiplication and a mask would need 64-bit modulo; eight steps are plain.
  const result = c.temporary(i64(0n));
  for (let bit = 0n; bit < 8n; bit += 1n) {
    const taken = and(pure('i64.shr_u', byte, i64(bit)), i64(1n));
    c.assign(result, pure('i64.or', result, pure('i64.shl', taken, i64(7n - bit))));
  }
  return result;
}

const ROWS: readonly Row[] = [
  { name: 'rev64', u: 0, opcode: '00000', sizes: UP_TO_32, meaning: reversed(8) },
  { name: 'rev16', u: 0, opcode: '00001', sizes: [0], meaning: reversed(2) },
  { name: 'rev32', u: 1, opcode: '00000', sizes: [0, 1], meaning: reversed(4) },
  {
    name: 'suqadd',
    u: 0,
    opcode: '00011',
    sizes: ALL,
    scalarSizes: ALL,
    meaning: ({ c, size, count, a, d }) =>
      elements(c, size, count, (index) =>
        c.call(
          saturatingAddOtherSign(size, true),
          element(d, size, index, true),
          element(a, size, index, false),
        ),
      ),
  },
  {
    name: 'usqadd',
    u: 1,
    opcode: '00011',
    sizes: ALL,
    scalarSizes: ALL,
    meaning: ({ c, size, count, a, d }) =>
      elements(c, size, count, (index) =>
        c.call(
          saturatingAddOtherSign(size, false),
          element(d, size, index, false),
          element(a, size, index, true),
        ),
      ),
  },
  {
    name: 'cls',
    u: 0,
    opcode: '00100',
    sizes: UP_TO_32,
    meaning: (work) => leadingZeros(work, (x) => xor(x, pure('i64.shr_s', x, i64(1n))), 1),
  },
  {
    name: 'clz',
    u: 1,
    opcode: '00100',
    sizes: UP_TO_32,
    meaning: (work) => leadingZeros(work, (x) => x, 0),
  },
  { name: 'cnt', u: 0, opcode: '00101', sizes: [0], meaning: ({ a }) => pure('i8x16.popcnt', a) },
  {
    name: 'sqabs',
    u: 0,
    opcode: '00111',
    sizes: ALL,
    scalarSizes: ALL,
    meaning: saturatingOpposite(true),
  },
  {
    name: 'sqneg',
    u: 1,
    opcode: '00111',
    sizes: ALL,
    scalarSizes: ALL,
    meaning: saturatingOpposite(false),
  },
  {
    name: 'cmgt',
    u: 0,
    opcode: '01000',
    sizes: ALL,
    scalarSizes: ONLY_64,
    tail: ', #0',
    meaning: zeroCompared('gt_s'),
  },
  {
    name: 'cmge',
    u: 1,
    opcode: '01000',
    sizes: ALL,
    scalarSizes: ONLY_64,
    tail: ', #0',
    meaning: zeroCompared('ge_s'),
  },
  {
    name: 'cmeq',
    u: 0,
    opcode: '01001',
    sizes: ALL,
    scalarSizes: ONLY_64,
    tail: ', #0',
    meaning: zeroCompared('eq'),
  },
  {
    name: 'cmle',
    u: 1,
    opcode: '01001',
    sizes: ALL,
    scalarSizes: ONLY_64,
    tail: ', #0',
    meaning: zeroCompared('le_s'),
  },
  {
    name: 'cmlt',
    u: 0,
    opcode: '01010',
    sizes: ALL,
    scalarSizes: ONLY_64,
    tail: ', #0',
    meaning: zeroCompared('lt_s'),
  },
  {
    name: 'abs',
    u: 0,
    opcode: '01011',
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: ({ a, size }) => wise('abs', size, a),
  },
  {
    name: 'neg',
    u: 1,
    opcode: '01011',
    sizes: ALL,
    scalarSizes: ONLY_64,
    meaning: ({ a, size }) => wise('neg', size, a),
  },
  {
    name: 'urecpe',
    u: 0,
    opcode: '11100',
    sizes: [2],
    meaning: (work) =>
      eachElement(work, false, (x) => zeroExtend(work.c.call(unsignedRecipEstimateWord, low32(x)))),
  },
  {
    name: 'ursqrte',
    u: 1,
    opcode: '11100',
    sizes: [2],
    meaning: (work) =>
      eachElement(work, false, (x) => zeroExtend(work.c.call(unsignedRSqrtEstimateWord, low32(x)))),
  },
];

/** URECPE and URSQRTE encode 32-bit elements as size 2 with its upper bit set; the number is the same. */
const bytesOf = (q: number): number => (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2);

function vectorForm({ name, u, opcode, sizes, tail = '', meaning }: Row): Definition {
  return insn(
    `${name.toUpperCase()} (vector${tail === '' ? '' : ', zero'})`,
    `0 Q ${u} 01110 SIZE:2 10000 ${opcode} 10 rn:5 rd:5` as '0 Q SIZE:2 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn].map((n) => arranged(n, f.SIZE, f.Q)).join(', ')}${tail}`,
    (c, f) => {
      const count = elementCount(f.Q, f.SIZE);
      const work = { c, size: f.SIZE, count, a: c.let(c.v(f.rn)), d: c.let(c.v(f.rd)) };
      setVector(c, f.rd, meaning(work), bytesOf(f.Q));
    },
    { floatingPoint: true, when: (f) => sizes.includes(f.SIZE) && (f.Q === 1 || f.SIZE < 3) },
  );
}

function scalarForm({ name, u, opcode, tail = '', meaning }: Row, sizes: readonly number[]): Definition {
  return insn(
    `${name.toUpperCase()} (scalar${tail === '' ? '' : ', zero'})`,
    `01 ${u} 11110 SIZE:2 10000 ${opcode} 10 rn:5 rd:5` as '01 SIZE:2 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn].map((n) => scalarName(f.SIZE, n)).join(', ')}${tail}`,
    (c, f) => {
      const work = { c, size: f.SIZE, count: 1, a: c.let(c.v(f.rn)), d: c.let(c.v(f.rd)) };
      setVector(c, f.rd, meaning(work), 1 << f.SIZE);
    },
    { floatingPoint: true, when: (f) => sizes.includes(f.SIZE) },
  );
}

/** Whole-register operations of one size. */
const bitwise: readonly Definition[] = [
  insn(
    'NOT (vector)',
    '0 Q 1 01110 00 10000 00101 10 rn:5 rd:5',
    (f) => `not\t${arranged(f.rd, 0, f.Q)}, ${arranged(f.rn, 0, f.Q)}`,
    (c, f) => setVector(c, f.rd, pure('v128.not', c.v(f.rn)), bytesOf(f.Q)),
    { floatingPoint: true },
  ),
  insn(
    'RBIT (vector)',
    '0 Q 1 01110 01 10000 00101 10 rn:5 rd:5',
    (f) => `rbit\t${arranged(f.rd, 0, f.Q)}, ${arranged(f.rn, 0, f.Q)}`,
    (c, f) => {
      const source = c.let(c.v(f.rn));
      const result = elements(c, 0, elementCount(f.Q, 0), (index) =>
        reversedBits(c, c.let(element(source, 0, index, false))),
      );
      setVector(c, f.rd, result, bytesOf(f.Q));
    },
    { floatingPoint: true },
  ),
];

const LONG: readonly (readonly [name: string, u: 0 | 1, opcode: string, meaning: Row['meaning']])[] = [
  ['saddlp', 0, '00010', addedLong(true, false)],
  ['uaddlp', 1, '00010', addedLong(false, false)],
  ['sadalp', 0, '00110', addedLong(true, true)],
  ['uadalp', 1, '00110', addedLong(false, true)],
];

const long = LONG.map(([name, u, opcode, meaning]) =>
  insn(
    name.toUpperCase(),
    `0 Q ${u} 01110 SIZE:2 10000 ${opcode} 10 rn:5 rd:5` as '0 Q SIZE:2 rn:5 rd:5',
    (f) => `${name}\t${arrangedLong(f.rd, f.SIZE, f.Q)}, ${arranged(f.rn, f.SIZE, f.Q)}`,
    (c, f) => {
      const count = elementCount(f.Q, f.SIZE);
      const work = { c, size: f.SIZE, count, a: c.let(c.v(f.rn)), d: c.let(c.v(f.rd)) };
      setVector(c, f.rd, meaning(work), bytesOf(f.Q));
    },
    { floatingPoint: true, when: (f) => f.SIZE < 3 },
  ),
);

/** Half as many elements of twice the size, in as many bytes. */
function arrangedLong(register: number, size: number, q: number): string {
  return `v${register}.${elementCount(q, size) / 2}${'bhsd'[size + 1]}`;
}

/** Narrowing: the result goes to the lower half (and clears the upper) or, with Q, to the upper half. */
const NARROWING: readonly (readonly [
  name: string,
  u: 0 | 1,
  opcode: string,
  scalar: boolean,
  isSigned: boolean,
  narrow: (c: Meaning, size: number, x: Value<'i64'>) => Value<'i64'>,
])[] = [
  ['xtn', 0, '10010', false, false, (_c, _size, x) => x],
  ['sqxtun', 1, '10010', true, true, (c, size, x) => c.call(saturate(size, false), x)],
  ['sqxtn', 0, '10100', true, true, (c, size, x) => c.call(saturate(size, true), x)],
  ['uqxtn', 1, '10100', true, false, (c, size, x) => c.call(saturateUnsigned(size), x)],
];

/** The narrowed elements of a source at the half of the destination that Q names. */
export function setNarrowed(
  c: Meaning,
  rd: { readonly field: string },
  q: number,
  size: number,
  value: (index: number) => Value<'i64'>,
): void {
  const count = 8 >> size;
  const base = q === 1 ? c.temporary(c.v(rd)) : c.temporary(ZERO_VECTOR);
  for (let index = 0; index < count; index += 1) {
    c.assign(base, withElement(base, size, index + (q === 1 ? count : 0), value(index)));
  }
  c.setV(rd, base);
}

const narrowing = NARROWING.flatMap(([name, u, opcode, scalar, isSigned, narrow]) => {
  const vector = insn(
    `${name.toUpperCase()}, ${name.toUpperCase()}2`,
    `0 Q ${u} 01110 SIZE:2 10000 ${opcode} 10 rn:5 rd:5` as '0 Q SIZE:2 rn:5 rd:5',
    (f) => `${name}${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, f.SIZE, f.Q)}, ${arranged(f.rn, f.SIZE + 1, 1)}`,
    (c, f) => {
      const source = c.let(c.v(f.rn));
      setNarrowed(c, f.rd, f.Q, f.SIZE, (index) =>
        narrow(c, f.SIZE, c.let(element(source, f.SIZE + 1, index, isSigned))),
      );
    },
    { floatingPoint: true, when: (f) => f.SIZE < 3 },
  );
  if (!scalar) return [vector];
  const one = insn(
    `${name.toUpperCase()} (scalar)`,
    `01 ${u} 11110 SIZE:2 10000 ${opcode} 10 rn:5 rd:5` as '01 SIZE:2 rn:5 rd:5',
    (f) => `${name}\t${scalarName(f.SIZE, f.rd)}, ${scalarName(f.SIZE + 1, f.rn)}`,
    (c, f) => {
      const value = c.let(narrow(c, f.SIZE, c.let(element(c.v(f.rn), f.SIZE + 1, 0, isSigned))));
      setVector(c, f.rd, withElement(ZERO_VECTOR, f.SIZE, 0, value), 1 << f.SIZE);
    },
    { floatingPoint: true, when: (f) => f.SIZE < 3 },
  );
  return [vector, one];
});

/** FCVTN, FCVTL and FCVTXN: between element sizes, from or to the half that Q names. */
const floatWidths: readonly Definition[] = [
  insn(
    'FCVTN, FCVTN2',
    '0 Q 0 01110 0 SZ 10000 10110 10 rn:5 rd:5',
    (f) => `fcvtn${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, f.SZ + 1, f.Q)}, ${arranged(f.rn, f.SZ + 2, 1)}`,
    (c, f) => {
      const [from, to] = f.SZ === 1 ? [DOUBLE, SINGLE] : [SINGLE, HALF];
      const source = c.let(c.v(f.rn));
      setNarrowed(c, f.rd, f.Q, f.SZ + 1, (index) =>
        c.call(softConvert(from, to), element(source, f.SZ + 2, index, false), roundingMode(c)),
      );
    },
    { floatingPoint: true },
  ),
  insn(
    'FCVTXN, FCVTXN2',
    '0 Q 1 01110 01 10000 10110 10 rn:5 rd:5',
    (f) => `fcvtxn${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, 2, f.Q)}, ${arranged(f.rn, 3, 1)}`,
    (c, f) => {
      const source = c.let(c.v(f.rn));
      setNarrowed(c, f.rd, f.Q, 2, (index) =>
        c.call(softConvert(DOUBLE, SINGLE), element(source, 3, index, false), i32(ROUNDING.odd)),
      );
    },
    { floatingPoint: true },
  ),
  insn(
    'FCVTXN (scalar)',
    '01 1 11110 01 10000 10110 10 rn:5 rd:5',
    (f) => `fcvtxn\ts${f.rd}, d${f.rn}`,
    (c, f) => {
      const bits = element(c.v(f.rn), 3, 0, false);
      c.setVScalar(f.rd, c.call(softConvert(DOUBLE, SINGLE), bits, i32(ROUNDING.odd)));
    },
    { floatingPoint: true },
  ),
  insn(
    'FCVTL, FCVTL2',
    '0 Q 0 01110 0 SZ 10000 10111 10 rn:5 rd:5',
    (f) => `fcvtl${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, f.SZ + 2, 1)}, ${arranged(f.rn, f.SZ + 1, f.Q)}`,
    (c, f) => {
      const [from, to] = f.SZ === 1 ? [SINGLE, DOUBLE] : [HALF, SINGLE];
      const source = c.let(halfAt(c.v(f.rn), f.Q));
      const result = elements(c, f.SZ + 2, f.SZ === 1 ? 2 : 4, (index) =>
        c.call(softConvert(from, to), element(source, f.SZ + 1, index, false), roundingMode(c)),
      );
      c.setV(f.rd, result);
    },
    { floatingPoint: true },
  ),
  insn(
    'SHLL, SHLL2',
    '0 Q 1 01110 SIZE:2 10000 10011 10 rn:5 rd:5',
    (f) =>
      `shll${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, f.SIZE + 1, 1)}, ${arranged(f.rn, f.SIZE, f.Q)}, #${elementBits(f.SIZE)}`,
    (c, f) => {
      const source = c.let(halfAt(c.v(f.rn), f.Q));
      const result = elements(c, f.SIZE + 1, 8 >> f.SIZE, (index) =>
        pure('i64.shl', element(source, f.SIZE, index, false), i64(BigInt(elementBits(f.SIZE)))),
      );
      c.setV(f.rd, result);
    },
    { floatingPoint: true, when: (f) => f.SIZE < 3 },
  ),
];

export const VECTOR_TWO_REGISTERS: readonly Definition[] = [
  ...ROWS.flatMap((row) =>
    row.scalarSizes === undefined ? [vectorForm(row)] : [vectorForm(row), scalarForm(row, row.scalarSizes)],
  ),
  ...bitwise,
  ...long,
  ...narrowing,
  ...floatWidths,
];
