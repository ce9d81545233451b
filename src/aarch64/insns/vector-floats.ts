/** Advanced SIMD floating point: three registers, pairs, two registers, and their scalar forms (Arm ARM C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { DOUBLE, type FpFormat, ROUNDING, SINGLE } from '../float/format.ts';
import {
  fpAdd,
  fpDiv,
  fpMul,
  fpSqrt,
  fpSub,
  INTEGER_FORM,
  ORDERING,
  orderingMask,
  softCompare,
  softFromFixed,
  softMax,
  softMaxNum,
  softMin,
  softMinNum,
  softMulAdd,
  softMulX,
  softRecipEstimate,
  softRecipStep,
  softRecpX,
  softRoundInt,
  softRSqrtEstimate,
  softRSqrtStep,
  softToFixed,
} from '../float/soft/index.ts';
import { roundingMode } from '../float/soft/parts.ts';
import { and, i32, i64 } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Helper, Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementCount,
  elements,
  scalarName,
  setVector,
  VECTOR_BYTES,
  type Vector,
} from '../meaning/vectors.ts';
import { negated } from './scalar-floats.ts';

type Bits = Value<'i64'>;

/** Elements of 32 or 64 bits by the `sz` field. */
const floatSize = (sz: number): number => 2 + sz;
const floatFormat = (sz: number): FpFormat => (sz === 1 ? DOUBLE : SINGLE);

function magnitude(format: FpFormat, bits: Bits): Bits {
  return and(bits, i64((1n << BigInt(format.sizeBits - 1)) - 1n));
}

/** A meaning on elements: two operands and the destination's element. */
type OnElements = (c: Meaning, format: FpFormat, a: Bits, b: Bits, d: Bits) => Bits;

const byHelper =
  (family: (format: FpFormat) => Helper<'i64'>): OnElements =>
  (c, format, a, b) =>
    c.call(family(format), a, b);

/** All ones where the ordering of two numbers is among `wanted`. Only equality lets quiet NaNs pass in silence. */
function comparison(
  wanted: number,
  of: (format: FpFormat, bits: Bits) => Bits = (_, bits) => bits,
): OnElements {
  return (c, format, a, b) => {
    const signalAll = i32(wanted === ORDERING.equal ? 0 : 1);
    const ordering = c.let(c.call(softCompare(format), of(format, a), of(format, b), signalAll));
    return orderingMask(format, ordering, wanted);
  };
}

const GREATER_OR_EQUAL = ORDERING.greater | ORDERING.equal;

interface ThreeSame {
  readonly name: string;
  /** U, the upper bit of size, and the opcode. */
  readonly u: 0 | 1;
  readonly a: 0 | 1;
  readonly opcode: string;
  readonly meaning: OnElements;
  readonly pairwise?: boolean;
  readonly scalar?: boolean;
}

const THREE_SAME: readonly ThreeSame[] = [
  { name: 'fmaxnm', u: 0, a: 0, opcode: '11000', meaning: byHelper(softMaxNum) },
  { name: 'fminnm', u: 0, a: 1, opcode: '11000', meaning: byHelper(softMinNum) },
  { name: 'fmaxnmp', u: 1, a: 0, opcode: '11000', meaning: byHelper(softMaxNum), pairwise: true },
  { name: 'fminnmp', u: 1, a: 1, opcode: '11000', meaning: byHelper(softMinNum), pairwise: true },
  {
    name: 'fmla',
    u: 0,
    a: 0,
    opcode: '11001',
    meaning: (c, format, a, b, d) => c.call(softMulAdd(format), d, a, b),
  },
  {
    name: 'fmls',
    u: 0,
    a: 1,
    opcode: '11001',
    meaning: (c, format, a, b, d) => c.call(softMulAdd(format), d, negated(format, a), b),
  },
  { name: 'fadd', u: 0, a: 0, opcode: '11010', meaning: byHelper(fpAdd) },
  { name: 'fsub', u: 0, a: 1, opcode: '11010', meaning: byHelper(fpSub) },
  { name: 'faddp', u: 1, a: 0, opcode: '11010', meaning: byHelper(fpAdd), pairwise: true },
  {
    name: 'fabd',
    u: 1,
    a: 1,
    opcode: '11010',
    scalar: true,
    meaning: (c, format, a, b) => magnitude(format, c.call(fpSub(format), a, b)),
  },
  { name: 'fmulx', u: 0, a: 0, opcode: '11011', scalar: true, meaning: byHelper(softMulX) },
  { name: 'fmul', u: 1, a: 0, opcode: '11011', meaning: byHelper(fpMul) },
  { name: 'fcmeq', u: 0, a: 0, opcode: '11100', scalar: true, meaning: comparison(ORDERING.equal) },
  { name: 'fcmge', u: 1, a: 0, opcode: '11100', scalar: true, meaning: comparison(GREATER_OR_EQUAL) },
  { name: 'fcmgt', u: 1, a: 1, opcode: '11100', scalar: true, meaning: comparison(ORDERING.greater) },
  {
    name: 'facge',
    u: 1,
    a: 0,
    opcode: '11101',
    scalar: true,
    meaning: comparison(GREATER_OR_EQUAL, magnitude),
  },
  {
    name: 'facgt',
    u: 1,
    a: 1,
    opcode: '11101',
    scalar: true,
    meaning: comparison(ORDERING.greater, magnitude),
  },
  { name: 'fmax', u: 0, a: 0, opcode: '11110', meaning: byHelper(softMax) },
  { name: 'fmin', u: 0, a: 1, opcode: '11110', meaning: byHelper(softMin) },
  { name: 'fmaxp', u: 1, a: 0, opcode: '11110', meaning: byHelper(softMax), pairwise: true },
  { name: 'fminp', u: 1, a: 1, opcode: '11110', meaning: byHelper(softMin), pairwise: true },
  { name: 'frecps', u: 0, a: 0, opcode: '11111', scalar: true, meaning: byHelper(softRecipStep) },
  { name: 'frsqrts', u: 0, a: 1, opcode: '11111', scalar: true, meaning: byHelper(softRSqrtStep) },
  { name: 'fdiv', u: 1, a: 0, opcode: '11111', meaning: byHelper(fpDiv) },
];

/** 64-bit elements need the whole register. */
const fits = (f: { readonly Q: number; readonly SZ: number }): boolean => f.Q === 1 || f.SZ === 0;
const bytesOf = (q: number): number => (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2);

function threeSameVector({ name, u, a: upper, opcode, meaning, pairwise }: ThreeSame): Definition {
  return insn(
    `${name.toUpperCase()} (vector)`,
    `0 Q ${u} 01110 ${upper} SZ 1 rm:5 ${opcode} 1 rn:5 rd:5` as '0 Q SZ rm:5 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => arranged(n, floatSize(f.SZ), f.Q)).join(', ')}`,
    (c, f) => {
      const [size, format] = [floatSize(f.SZ), floatFormat(f.SZ)];
      const count = elementCount(f.Q, size);
      const [a, b, d] = [c.let(c.v(f.rn)), c.let(c.v(f.rm)), c.let(c.v(f.rd))];
      const at = (vector: Vector, index: number): Bits => c.let(element(vector, size, index, false));
      const result = elements(c, size, count, (index) => {
        if (pairwise !== true) return meaning(c, format, at(a, index), at(b, index), at(d, index));
        const [source, first] = index < count / 2 ? [a, index * 2] : [b, index * 2 - count];
        return meaning(c, format, at(source, first), at(source, first + 1), i64(0n));
      });
      setVector(c, f.rd, result, bytesOf(f.Q));
    },
    { floatingPoint: true, when: fits },
  );
}

function threeSameScalar({ name, u, a: upper, opcode, meaning }: ThreeSame): Definition {
  return insn(
    `${name.toUpperCase()} (scalar)`,
    `01 ${u} 11110 ${upper} SZ 1 rm:5 ${opcode} 1 rn:5 rd:5` as '01 SZ rm:5 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => scalarName(floatSize(f.SZ), n)).join(', ')}`,
    (c, f) => {
      const [size, format] = [floatSize(f.SZ), floatFormat(f.SZ)];
      const at = (vector: Vector): Bits => c.let(element(vector, size, 0, false));
      c.setVScalar(f.rd, meaning(c, format, at(c.v(f.rn)), at(c.v(f.rm)), i64(0n)));
    },
    { floatingPoint: true },
  );
}

/** Two neighbours of one register made a scalar. */
const PAIRS_TO_SCALAR: readonly (readonly [
  name: string,
  upper: 0 | 1,
  opcode: string,
  meaning: OnElements,
])[] = [
  ['fmaxnmp', 0, '01100', byHelper(softMaxNum)],
  ['fminnmp', 1, '01100', byHelper(softMinNum)],
  ['faddp', 0, '01101', byHelper(fpAdd)],
  ['fmaxp', 0, '01111', byHelper(softMax)],
  ['fminp', 1, '01111', byHelper(softMin)],
];

const pairsToScalar = PAIRS_TO_SCALAR.map(([name, upper, opcode, meaning]) =>
  insn(
    `${name.toUpperCase()} (scalar)`,
    `01 1 11110 ${upper} SZ 11000 ${opcode} 10 rn:5 rd:5` as '01 SZ rn:5 rd:5',
    (f) => `${name}\t${scalarName(floatSize(f.SZ), f.rd)}, v${f.rn}.2${'sd'[f.SZ]}`,
    (c, f) => {
      const size = floatSize(f.SZ);
      const pair = c.let(c.v(f.rn));
      const [a, b] = [c.let(element(pair, size, 0, false)), c.let(element(pair, size, 1, false))];
      c.setVScalar(f.rd, meaning(c, floatFormat(f.SZ), a, b, i64(0n)));
    },
    { floatingPoint: true },
  ),
);

/** A meaning on one element. */
type OnElement = (c: Meaning, format: FpFormat, bits: Bits) => Bits;

const rounded =
  (mode: number): OnElement =>
  (c, format, bits) =>
    c.call(softRoundInt(format), bits, i32(mode), i32(0));
const roundedByFpcr =
  (exact: number): OnElement =>
  (c, format, bits) =>
    c.call(softRoundInt(format), bits, roundingMode(c), i32(exact));

function formOf(format: FpFormat, unsigned: number): Value<'i32'> {
  const wide = format === DOUBLE ? INTEGER_FORM.sixtyFour : 0;
  return i32(wide | (unsigned === 1 ? INTEGER_FORM.unsigned : 0));
}
const toInteger =
  (mode: number, unsigned: number): OnElement =>
  (c, format, bits) =>
    c.call(softToFixed(format), bits, formOf(format, unsigned), i32(0), i32(mode));
const fromInteger =
  (unsigned: number): OnElement =>
  (c, format, bits) =>
    c.call(softFromFixed(format), bits, formOf(format, unsigned), i32(0));
const byUnary =
  (family: (format: FpFormat) => Helper<'i64'>): OnElement =>
  (c, format, bits) =>
    c.call(family(format), bits);
const comparedWithZero =
  (wanted: number): OnElement =>
  (c, format, bits) =>
    comparison(wanted)(c, format, bits, i64(0n), i64(0n));

interface OneOperand {
  readonly name: string;
  readonly u: 0 | 1;
  readonly a: 0 | 1;
  readonly opcode: string;
  readonly meaning: OnElement;
  readonly forms?: 'vector' | 'scalar' | 'both';
  /** `, #0.0` for comparisons. */
  readonly tail?: string;
}

const ZERO_TAIL = ', #0.0';
const LESS_OR_EQUAL = ORDERING.less | ORDERING.equal;

const ONE_OPERAND: readonly OneOperand[] = [
  { name: 'frintn', u: 0, a: 0, opcode: '11000', meaning: rounded(ROUNDING.tieEven) },
  { name: 'frintm', u: 0, a: 0, opcode: '11001', meaning: rounded(ROUNDING.negInf) },
  { name: 'frintp', u: 0, a: 1, opcode: '11000', meaning: rounded(ROUNDING.posInf) },
  { name: 'frintz', u: 0, a: 1, opcode: '11001', meaning: rounded(ROUNDING.zero) },
  { name: 'frinta', u: 1, a: 0, opcode: '11000', meaning: rounded(ROUNDING.tieAway) },
  { name: 'frintx', u: 1, a: 0, opcode: '11001', meaning: roundedByFpcr(1) },
  { name: 'frinti', u: 1, a: 1, opcode: '11001', meaning: roundedByFpcr(0) },
  { name: 'fcvtns', u: 0, a: 0, opcode: '11010', forms: 'both', meaning: toInteger(ROUNDING.tieEven, 0) },
  { name: 'fcvtnu', u: 1, a: 0, opcode: '11010', forms: 'both', meaning: toInteger(ROUNDING.tieEven, 1) },
  { name: 'fcvtms', u: 0, a: 0, opcode: '11011', forms: 'both', meaning: toInteger(ROUNDING.negInf, 0) },
  { name: 'fcvtmu', u: 1, a: 0, opcode: '11011', forms: 'both', meaning: toInteger(ROUNDING.negInf, 1) },
  { name: 'fcvtps', u: 0, a: 1, opcode: '11010', forms: 'both', meaning: toInteger(ROUNDING.posInf, 0) },
  { name: 'fcvtpu', u: 1, a: 1, opcode: '11010', forms: 'both', meaning: toInteger(ROUNDING.posInf, 1) },
  { name: 'fcvtzs', u: 0, a: 1, opcode: '11011', forms: 'both', meaning: toInteger(ROUNDING.zero, 0) },
  { name: 'fcvtzu', u: 1, a: 1, opcode: '11011', forms: 'both', meaning: toInteger(ROUNDING.zero, 1) },
  { name: 'fcvtas', u: 0, a: 0, opcode: '11100', forms: 'both', meaning: toInteger(ROUNDING.tieAway, 0) },
  { name: 'fcvtau', u: 1, a: 0, opcode: '11100', forms: 'both', meaning: toInteger(ROUNDING.tieAway, 1) },
  { name: 'scvtf', u: 0, a: 0, opcode: '11101', forms: 'both', meaning: fromInteger(0) },
  { name: 'ucvtf', u: 1, a: 0, opcode: '11101', forms: 'both', meaning: fromInteger(1) },
  {
    name: 'fcmgt',
    u: 0,
    a: 1,
    opcode: '01100',
    forms: 'both',
    tail: ZERO_TAIL,
    meaning: comparedWithZero(ORDERING.greater),
  },
  {
    name: 'fcmge',
    u: 1,
    a: 1,
    opcode: '01100',
    forms: 'both',
    tail: ZERO_TAIL,
    meaning: comparedWithZero(GREATER_OR_EQUAL),
  },
  {
    name: 'fcmeq',
    u: 0,
    a: 1,
    opcode: '01101',
    forms: 'both',
    tail: ZERO_TAIL,
    meaning: comparedWithZero(ORDERING.equal),
  },
  {
    name: 'fcmle',
    u: 1,
    a: 1,
    opcode: '01101',
    forms: 'both',
    tail: ZERO_TAIL,
    meaning: comparedWithZero(LESS_OR_EQUAL),
  },
  {
    name: 'fcmlt',
    u: 0,
    a: 1,
    opcode: '01110',
    forms: 'both',
    tail: ZERO_TAIL,
    meaning: comparedWithZero(ORDERING.less),
  },
  { name: 'fabs', u: 0, a: 1, opcode: '01111', meaning: (_c, format, bits) => magnitude(format, bits) },
  { name: 'fneg', u: 1, a: 1, opcode: '01111', meaning: (_c, format, bits) => negated(format, bits) },
  { name: 'fsqrt', u: 1, a: 1, opcode: '11111', meaning: byUnary(fpSqrt) },
  { name: 'frecpe', u: 0, a: 1, opcode: '11101', forms: 'both', meaning: byUnary(softRecipEstimate) },
  { name: 'frsqrte', u: 1, a: 1, opcode: '11101', forms: 'both', meaning: byUnary(softRSqrtEstimate) },
  { name: 'frecpx', u: 0, a: 1, opcode: '11111', forms: 'scalar', meaning: byUnary(softRecpX) },
];

function oneOperandVector({ name, u, a: upper, opcode, meaning, tail = '' }: OneOperand): Definition {
  return insn(
    `${name.toUpperCase()} (vector${tail === '' ? '' : ', zero'})`,
    `0 Q ${u} 01110 ${upper} SZ 10000 ${opcode} 10 rn:5 rd:5` as '0 Q SZ rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn].map((n) => arranged(n, floatSize(f.SZ), f.Q)).join(', ')}${tail}`,
    (c, f) => {
      const size = floatSize(f.SZ);
      const source = c.let(c.v(f.rn));
      const result = elements(c, size, elementCount(f.Q, size), (index) =>
        meaning(c, floatFormat(f.SZ), c.let(element(source, size, index, false))),
      );
      setVector(c, f.rd, result, bytesOf(f.Q));
    },
    { floatingPoint: true, when: fits },
  );
}

function oneOperandScalar({ name, u, a: upper, opcode, meaning, tail = '' }: OneOperand): Definition {
  return insn(
    `${name.toUpperCase()} (scalar${tail === '' ? '' : ', zero'}, SIMD)`,
    `01 ${u} 11110 ${upper} SZ 10000 ${opcode} 10 rn:5 rd:5` as '01 SZ rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn].map((n) => scalarName(floatSize(f.SZ), n)).join(', ')}${tail}`,
    (c, f) => {
      const bits = c.let(element(c.v(f.rn), floatSize(f.SZ), 0, false));
      c.setVScalar(f.rd, meaning(c, floatFormat(f.SZ), bits));
    },
    { floatingPoint: true },
  );
}

export const VECTOR_FLOATS: readonly Definition[] = [
  ...THREE_SAME.flatMap((row) =>
    row.scalar === true ? [threeSameVector(row), threeSameScalar(row)] : [threeSameVector(row)],
  ),
  ...pairsToScalar,
  ...ONE_OPERAND.flatMap((row) => {
    const forms = row.forms ?? 'vector';
    return [
      ...(forms === 'scalar' ? [] : [oneOperandVector(row)]),
      ...(forms === 'vector' ? [] : [oneOperandScalar(row)]),
    ];
  }),
];
