/** Advanced SIMD by an element of a vector (Arm ARM DDI 0487 C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { DOUBLE, type FpFormat, SINGLE } from '../float/format.ts';
import { fpMul, softMulAdd, softMulX } from '../float/soft/index.ts';
import { add, mul, sub } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementCount,
  elements,
  halfAt,
  scalarName,
  setVector,
  VECTOR_BYTES,
  withElement,
  ZERO_VECTOR,
} from '../meaning/vectors.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { negated } from './scalar-floats.ts';
import {
  doublingMultiplyHigh,
  doublingMultiplyLong,
  saturatingAdd,
  saturatingSub,
} from './vector-elements.ts';

type Bits = Value<'i64'>;
type OnElements = (c: Meaning, size: number, a: Bits, b: Bits, d: Bits) => Bits;

interface Row {
  readonly name: string;
  readonly u: 0 | 1;
  readonly opcode: string;
  /** `long`: results of twice the size. */
  readonly kind: 'same' | 'long';
  readonly scalar: boolean;
  readonly meaning: OnElements;
}

const doubled: OnElements = (c, size, a, b) => c.call(doublingMultiplyLong(size, true), a, b);

const ROWS: readonly Row[] = [
  {
    name: 'mla',
    u: 1,
    opcode: '0000',
    kind: 'same',
    scalar: false,
    meaning: (_c, _s, a, b, d) => add(d, mul(a, b)),
  },
  {
    name: 'mls',
    u: 1,
    opcode: '0100',
    kind: 'same',
    scalar: false,
    meaning: (_c, _s, a, b, d) => sub(d, mul(a, b)),
  },
  { name: 'mul', u: 0, opcode: '1000', kind: 'same', scalar: false, meaning: (_c, _s, a, b) => mul(a, b) },
  ...([0, 1] as const).flatMap((u): Row[] => {
    const sign = u === 0 ? 's' : 'u';
    return [
      {
        name: `${sign}mlal`,
        u,
        opcode: '0010',
        kind: 'long',
        scalar: false,
        meaning: (_c, _s, a, b, d) => add(d, mul(a, b)),
      },
      {
        name: `${sign}mlsl`,
        u,
        opcode: '0110',
        kind: 'long',
        scalar: false,
        meaning: (_c, _s, a, b, d) => sub(d, mul(a, b)),
      },
      {
        name: `${sign}mull`,
        u,
        opcode: '1010',
        kind: 'long',
        scalar: false,
        meaning: (_c, _s, a, b) => mul(a, b),
      },
    ];
  }),
  {
    name: 'sqdmlal',
    u: 0,
    opcode: '0011',
    kind: 'long',
    scalar: true,
    meaning: (c, size, a, b, d) => c.call(saturatingAdd(size + 1, true), d, doubled(c, size, a, b, d)),
  },
  {
    name: 'sqdmlsl',
    u: 0,
    opcode: '0111',
    kind: 'long',
    scalar: true,
    meaning: (c, size, a, b, d) => c.call(saturatingSub(size + 1, true), d, doubled(c, size, a, b, d)),
  },
  { name: 'sqdmull', u: 0, opcode: '1011', kind: 'long', scalar: true, meaning: doubled },
  {
    name: 'sqdmulh',
    u: 0,
    opcode: '1100',
    kind: 'same',
    scalar: true,
    meaning: (c, size, a, b) => c.call(doublingMultiplyHigh(size, false), a, b),
  },
  {
    name: 'sqrdmulh',
    u: 0,
    opcode: '1101',
    kind: 'same',
    scalar: true,
    meaning: (c, size, a, b) => c.call(doublingMultiplyHigh(size, true), a, b),
  },
];

const bytesOf = (q: number): number => (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2);

/** The two encodings of the element: the register's field has four bits, or five with M in front. */
const ENCODINGS = [
  {
    size: 1,
    middle: '01 l m rm:4',
    index: (f: AnyFieldValues) => ((f['h'] ?? 0) << 2) | ((f['l'] ?? 0) << 1) | (f['m'] ?? 0),
  },
  { size: 2, middle: '10 l rm:5', index: (f: AnyFieldValues) => ((f['h'] ?? 0) << 1) | (f['l'] ?? 0) },
] as const;

const SIGNED_LOADS = { 1: 'i64.load16_s', 2: 'i64.load32_s' } as const;
const UNSIGNED_LOADS = { 1: 'i64.load16_u', 2: 'i64.load32_u' } as const;

const integers = ROWS.flatMap((row) =>
  ENCODINGS.flatMap(({ size, middle, index }) => {
    const isSigned = row.u === 0;
    const large = row.kind === 'long' ? size + 1 : size;
    const load = (isSigned ? SIGNED_LOADS : UNSIGNED_LOADS)[size];
    const lane = (f: AnyFieldValues): string => `v${f['rm']}.${'bhsd'[size]}[${index(f)}]`;
    const vector = insn(
      `${row.name.toUpperCase()} (by element, ${8 << size})`,
      `0 Q ${row.u} 01111 ${middle} ${row.opcode} h 0 rn:5 rd:5` as '0 Q l rm:5 h rn:5 rd:5',
      (f) => {
        const suffix = row.kind === 'long' && f.Q === 1 ? '2' : '';
        const result = row.kind === 'long' ? arranged(f.rd, large, 1) : arranged(f.rd, size, f.Q);
        return `${row.name}${suffix}\t${result}, ${arranged(f.rn, size, f.Q)}, ${lane(f)}`;
      },
      (c, f) => {
        const multiplicand = c.let(row.kind === 'long' ? halfAt(c.v(f.rn), f.Q) : c.v(f.rn));
        const by = c.let(c.vLane(load, f.rm, 'multiplier', (v) => index(v) << size)) as Bits;
        const d = c.let(c.v(f.rd));
        const count = row.kind === 'long' ? 8 >> size : elementCount(f.Q, size);
        const result = elements(c, large, count, (at) =>
          row.meaning(
            c,
            size,
            c.let(element(multiplicand, size, at, isSigned)),
            by,
            c.let(element(d, large, at, isSigned)),
          ),
        );
        setVector(c, f.rd, result, row.kind === 'long' ? VECTOR_BYTES : bytesOf(f.Q));
      },
      { floatingPoint: true },
    );
    if (!row.scalar) return [vector];
    const scalar = insn(
      `${row.name.toUpperCase()} (by element, scalar, ${8 << size})`,
      `01 ${row.u} 11111 ${middle} ${row.opcode} h 0 rn:5 rd:5` as '01 l rm:5 h rn:5 rd:5',
      (f) => `${row.name}\t${scalarName(large, f.rd)}, ${scalarName(size, f.rn)}, ${lane(f)}`,
      (c, f) => {
        const by = c.let(c.vLane(load, f.rm, 'multiplier', (v) => index(v) << size)) as Bits;
        const a = c.let(element(c.v(f.rn), size, 0, true));
        const d = c.let(element(c.v(f.rd), large, 0, true));
        const value = c.let(row.meaning(c, size, a, by, d));
        setVector(c, f.rd, withElement(ZERO_VECTOR, large, 0, value), 1 << large);
      },
      { floatingPoint: true },
    );
    return [vector, scalar];
  }),
);

type OnFloats = (c: Meaning, format: FpFormat, a: Bits, b: Bits, d: Bits) => Bits;

const FLOATS: readonly (readonly [name: string, u: 0 | 1, opcode: string, meaning: OnFloats])[] = [
  ['fmla', 0, '0001', (c, format, a, b, d) => c.call(softMulAdd(format), d, a, b)],
  ['fmls', 0, '0101', (c, format, a, b, d) => c.call(softMulAdd(format), d, negated(format, a), b)],
  ['fmul', 0, '1001', (c, format, a, b) => c.call(fpMul(format), a, b)],
  ['fmulx', 1, '1001', (c, format, a, b) => c.call(softMulX(format), a, b)],
];

/** Of 32 bits `H:L` is the index, of 64 `H` with L zero. */
const FLOAT_ENCODINGS = [
  {
    size: 2,
    middle: '10 l rm:5',
    format: SINGLE,
    index: (f: AnyFieldValues) => ((f['h'] ?? 0) << 1) | (f['l'] ?? 0),
  },
  { size: 3, middle: '11 0 rm:5', format: DOUBLE, index: (f: AnyFieldValues) => f['h'] ?? 0 },
] as const;

const floats = FLOATS.flatMap(([name, u, opcode, meaning]) =>
  FLOAT_ENCODINGS.flatMap(({ size, middle, format, index }) => {
    const load = size === 3 ? 'i64.load' : 'i64.load32_u';
    const lane = (f: AnyFieldValues): string => `v${f['rm']}.${'bhsd'[size]}[${index(f)}]`;
    return [
      insn(
        `${name.toUpperCase()} (by element, ${8 << size})`,
        `0 Q ${u} 01111 ${middle} ${opcode} h 0 rn:5 rd:5` as '0 Q rm:5 h rn:5 rd:5',
        (f) => `${name}\t${arranged(f.rd, size, f.Q)}, ${arranged(f.rn, size, f.Q)}, ${lane(f)}`,
        (c, f) => {
          const by = c.let(c.vLane(load, f.rm, 'multiplier', (v) => index(v) << size)) as Bits;
          const [a, d] = [c.let(c.v(f.rn)), c.let(c.v(f.rd))];
          const result = elements(c, size, elementCount(f.Q, size), (at) =>
            meaning(c, format, c.let(element(a, size, at, false)), by, c.let(element(d, size, at, false))),
          );
          setVector(c, f.rd, result, bytesOf(f.Q));
        },
        { floatingPoint: true, when: (f) => f.Q === 1 || size < 3 },
      ),
      insn(
        `${name.toUpperCase()} (by element, scalar, ${8 << size})`,
        `01 ${u} 11111 ${middle} ${opcode} h 0 rn:5 rd:5` as '01 rm:5 h rn:5 rd:5',
        (f) => `${name}\t${scalarName(size, f.rd)}, ${scalarName(size, f.rn)}, ${lane(f)}`,
        (c, f) => {
          const by = c.let(c.vLane(load, f.rm, 'multiplier', (v) => index(v) << size)) as Bits;
          const a = c.let(element(c.v(f.rn), size, 0, false));
          const d = c.let(element(c.v(f.rd), size, 0, false));
          c.setVScalar(f.rd, meaning(c, format, a, by, d));
        },
        { floatingPoint: true },
      ),
    ];
  }),
);

export const VECTOR_INDEXED: readonly Definition[] = [...integers, ...floats];
