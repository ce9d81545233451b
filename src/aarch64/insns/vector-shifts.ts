/** Advanced SIMD shifts by an immediate, and conversions to and from fixed point (Arm ARM DDI 0487 C4.1.96). */
import { type Definition, insn } from '../definition.ts';
import { DOUBLE, ROUNDING, SINGLE } from '../float/format.ts';
import { INTEGER_FORM, softFromFixed, softToFixed } from '../float/soft/index.ts';
import { add, and, i32, i64, not, or, shl } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import {
  arranged,
  element,
  elementBits,
  elementCount,
  elements,
  halfAt,
  scalarName,
  setVector,
  VECTOR_BYTES,
  withElement,
  ZERO_VECTOR,
} from '../meaning/vectors.ts';
import { saturate, saturateUnsigned, saturatingShiftLeft, shiftedRight } from './vector-elements.ts';
import { setNarrowed } from './vector-two-registers.ts';

type Bits = Value<'i64'>;

/** `immh:immb` by element size: its highest one tells the size and what is below belongs to the amount. */
const IMMEDIATES = ['0001 amount:3', '001 amount:4', '01 amount:5', '1 amount:6'] as const;

/** A left shift's amount is what the field says, a right shift's what is missing to the element's width. */
type Direction = 'left' | 'right';

function amountOf(direction: Direction, size: number): (f: { readonly amount: number }) => number {
  return direction === 'left' ? (f) => f.amount : (f) => elementBits(size) - f.amount;
}

interface Row {
  readonly name: string;
  readonly u: 0 | 1;
  readonly opcode: string;
  readonly direction: Direction;
  readonly scalarSizes: readonly number[];
  /** On an element extended by its sign, and the destination's. */
  readonly meaning: (c: Meaning, size: number, x: Bits, amount: Bits, d: Bits) => Bits;
  readonly isSigned: boolean;
}

const ONLY_64 = [3];
const ALL = [0, 1, 2, 3];

function rightShift(rounding: boolean, accumulate: boolean, isSigned: boolean): Row['meaning'] {
  return (c, _size, x, amount, d) => {
    const shifted = shiftedRight(c, x, amount, isSigned, rounding);
    return accumulate ? add(shifted, d) : shifted;
  };
}

/** The right shifts that differ in sign, rounding and accumulation only. */
const RIGHT_SHIFTS: readonly Row[] = (
  [
    ['shr', '00000', false, false],
    ['sra', '00010', false, true],
    ['rshr', '00100', true, false],
    ['rsra', '00110', true, true],
  ] as const
).flatMap(([stem, opcode, rounding, accumulate]) =>
  ([0, 1] as const).map((u) => ({
    name: `${u === 0 ? 's' : 'u'}${stem}`,
    u,
    opcode,
    direction: 'right' as const,
    scalarSizes: ONLY_64,
    isSigned: u === 0,
    meaning: rightShift(rounding, accumulate, u === 0),
  })),
);

const ROWS: readonly Row[] = [
  ...RIGHT_SHIFTS,
  {
    name: 'sri',
    u: 1,
    opcode: '01000',
    direction: 'right',
    scalarSizes: ONLY_64,
    isSigned: false,
    meaning: (c, size, x, amount, d) => {
      // By the whole width nothing is inserted; WebAssembly shifts by the amount modulo 64.
      const ones = i64((1n << BigInt(elementBits(size))) - 1n);
      const inserted = c.let(shiftedRight(c, ones, amount, false, false));
      return or(and(d, not(inserted)), shiftedRight(c, x, amount, false, false));
    },
  },
  {
    name: 'sli',
    u: 1,
    opcode: '01010',
    direction: 'left',
    scalarSizes: ONLY_64,
    isSigned: false,
    meaning: (_c, _size, x, amount, d) => or(and(d, not(shl(i64(-1n), amount))), shl(x, amount)),
  },
  {
    name: 'shl',
    u: 0,
    opcode: '01010',
    direction: 'left',
    scalarSizes: ONLY_64,
    isSigned: false,
    meaning: (_c, _size, x, amount) => shl(x, amount),
  },
  {
    name: 'sqshlu',
    u: 1,
    opcode: '01100',
    direction: 'left',
    scalarSizes: ALL,
    isSigned: true,
    meaning: (c, size, x, amount) => {
      // A negative number becomes zero, with QC; then it is unsigned.
      const positive = c.let(c.call(saturate(size, false), x));
      return c.call(saturatingShiftLeft(size, false), positive, amount);
    },
  },
  ...([0, 1] as const).map(
    (u): Row => ({
      name: u === 0 ? 'sqshl' : 'uqshl',
      u,
      opcode: '01110',
      direction: 'left',
      scalarSizes: ALL,
      isSigned: u === 0,
      meaning: (c, size, x, amount) => c.call(saturatingShiftLeft(size, u === 0), x, amount),
    }),
  ),
];

const bytesOf = (q: number): number => (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2);

function vectorForm(row: Row, size: number): Definition {
  const amount = amountOf(row.direction, size);
  return insn(
    `${row.name.toUpperCase()} (immediate, ${elementBits(size)})`,
    `0 Q ${row.u} 011110 ${IMMEDIATES[size]} ${row.opcode} 1 rn:5 rd:5` as '0 Q amount:3 rn:5 rd:5',
    (f) => `${row.name}\t${arranged(f.rd, size, f.Q)}, ${arranged(f.rn, size, f.Q)}, #${amount(f)}`,
    (c, f) => {
      const by = c.derived('i64', 'amount', amount, 'u16');
      const [a, d] = [c.let(c.v(f.rn)), c.let(c.v(f.rd))];
      const result = elements(c, size, elementCount(f.Q, size), (index) =>
        row.meaning(
          c,
          size,
          c.let(element(a, size, index, row.isSigned)),
          by,
          c.let(element(d, size, index, false)),
        ),
      );
      setVector(c, f.rd, result, bytesOf(f.Q));
    },
    { floatingPoint: true, when: (f) => f.Q === 1 || size < 3 },
  );
}

function scalarForm(row: Row, size: number): Definition {
  const amount = amountOf(row.direction, size);
  return insn(
    `${row.name.toUpperCase()} (immediate, scalar, ${elementBits(size)})`,
    `01 ${row.u} 111110 ${IMMEDIATES[size]} ${row.opcode} 1 rn:5 rd:5` as '01 amount:3 rn:5 rd:5',
    (f) => `${row.name}\t${scalarName(size, f.rd)}, ${scalarName(size, f.rn)}, #${amount(f)}`,
    (c, f) => {
      const by = c.derived('i64', 'amount', amount, 'u16');
      const x = c.let(element(c.v(f.rn), size, 0, row.isSigned));
      const d = c.let(element(c.v(f.rd), size, 0, false));
      const value = c.let(row.meaning(c, size, x, by, d));
      setVector(c, f.rd, withElement(ZERO_VECTOR, size, 0, value), 1 << size);
    },
    { floatingPoint: true },
  );
}

/** Right shifts to half the size: the source's sign, and how the result is clamped to its range. */
const NARROWING: readonly (readonly [
  name: string,
  u: 0 | 1,
  opcode: string,
  sourceSigned: boolean,
  rounding: boolean,
  hold: 'none' | 'signed' | 'unsigned',
])[] = [
  ['shrn', 0, '10000', false, false, 'none'],
  ['rshrn', 0, '10001', false, true, 'none'],
  ['sqshrun', 1, '10000', true, false, 'unsigned'],
  ['sqrshrun', 1, '10001', true, true, 'unsigned'],
  ['sqshrn', 0, '10010', true, false, 'signed'],
  ['sqrshrn', 0, '10011', true, true, 'signed'],
  ['uqshrn', 1, '10010', false, false, 'unsigned'],
  ['uqrshrn', 1, '10011', false, true, 'unsigned'],
];

const narrowing = NARROWING.flatMap(([name, u, opcode, sourceSigned, rounding, hold]) =>
  [0, 1, 2].flatMap((size) => {
    const amount = amountOf('right', size);
    const narrow = (c: Meaning, x: Bits, by: Bits): Bits => {
      const shifted = c.let(shiftedRight(c, x, by, sourceSigned, rounding));
      if (hold === 'none') return shifted;
      if (!sourceSigned) return c.call(saturateUnsigned(size), shifted);
      return c.call(saturate(size, hold === 'signed'), shifted);
    };
    const vector = insn(
      `${name.toUpperCase()}, ${name.toUpperCase()}2 (${elementBits(size)})`,
      `0 Q ${u} 011110 ${IMMEDIATES[size]} ${opcode} 1 rn:5 rd:5` as '0 Q amount:3 rn:5 rd:5',
      (f) =>
        `${name}${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, size, f.Q)}, ${arranged(f.rn, size + 1, 1)}, #${amount(f)}`,
      (c, f) => {
        const by = c.derived('i64', 'amount', amount, 'u16');
        const source = c.let(c.v(f.rn));
        setNarrowed(c, f.rd, f.Q, size, (index) =>
          narrow(c, c.let(element(source, size + 1, index, sourceSigned)), by),
        );
      },
      { floatingPoint: true },
    );
    if (hold === 'none') return [vector];
    const scalar = insn(
      `${name.toUpperCase()} (scalar, ${elementBits(size)})`,
      `01 ${u} 111110 ${IMMEDIATES[size]} ${opcode} 1 rn:5 rd:5` as '01 amount:3 rn:5 rd:5',
      (f) => `${name}\t${scalarName(size, f.rd)}, ${scalarName(size + 1, f.rn)}, #${amount(f)}`,
      (c, f) => {
        const by = c.derived('i64', 'amount', amount, 'u16');
        const value = c.let(narrow(c, c.let(element(c.v(f.rn), size + 1, 0, sourceSigned)), by));
        setVector(c, f.rd, withElement(ZERO_VECTOR, size, 0, value), 1 << size);
      },
      { floatingPoint: true },
    );
    return [vector, scalar];
  }),
);

/** SSHLL and USHLL: to twice the size. */
const widening = ([0, 1] as const).flatMap((u) =>
  [0, 1, 2].map((size) => {
    const name = u === 0 ? 'sshll' : 'ushll';
    return insn(
      `${name.toUpperCase()}, ${name.toUpperCase()}2 (${elementBits(size)})`,
      `0 Q ${u} 011110 ${IMMEDIATES[size]} 10100 1 rn:5 rd:5` as '0 Q amount:3 rn:5 rd:5',
      (f) =>
        `${name}${f.Q === 1 ? '2' : ''}\t${arranged(f.rd, size + 1, 1)}, ${arranged(f.rn, size, f.Q)}, #${f.amount}`,
      (c, f) => {
        const by = c.derived('i64', 'amount', (v) => v.amount, 'u16');
        const source = c.let(halfAt(c.v(f.rn), f.Q));
        const result = elements(c, size + 1, 8 >> size, (index) =>
          shl(element(source, size, index, u === 0), by),
        );
        c.setV(f.rd, result);
      },
      { floatingPoint: true },
    );
  }),
);

/** SCVTF, UCVTF, FCVTZS and FCVTZU with bits after the point. */
const fixedPoint = ([0, 1] as const).flatMap((u) =>
  ([2, 3] as const).flatMap((size) => {
    const format = size === 3 ? DOUBLE : SINGLE;
    const amount = amountOf('right', size);
    const form = i32((size === 3 ? INTEGER_FORM.sixtyFour : 0) | (u === 1 ? INTEGER_FORM.unsigned : 0));
    const fromInteger = (c: Meaning, x: Bits, by: Value<'i32'>): Bits =>
      c.call(softFromFixed(format), x, form, by);
    const toInteger = (c: Meaning, x: Bits, by: Value<'i32'>): Bits =>
      c.call(softToFixed(format), x, form, by, i32(ROUNDING.zero));
    return (
      [
        [u === 0 ? 'scvtf' : 'ucvtf', '11100', fromInteger],
        [u === 0 ? 'fcvtzs' : 'fcvtzu', '11111', toInteger],
      ] as const
    ).flatMap(([name, opcode, meaning]) => [
      insn(
        `${name.toUpperCase()} (vector, fixed-point, ${elementBits(size)})`,
        `0 Q ${u} 011110 ${IMMEDIATES[size]} ${opcode} 1 rn:5 rd:5` as '0 Q amount:3 rn:5 rd:5',
        (f) => `${name}\t${arranged(f.rd, size, f.Q)}, ${arranged(f.rn, size, f.Q)}, #${amount(f)}`,
        (c, f) => {
          const by = c.derived('i32', 'amount', amount, 'u16');
          const source = c.let(c.v(f.rn));
          const result = elements(c, size, elementCount(f.Q, size), (index) =>
            meaning(c, element(source, size, index, false), by),
          );
          setVector(c, f.rd, result, bytesOf(f.Q));
        },
        { floatingPoint: true, when: (f) => f.Q === 1 || size < 3 },
      ),
      insn(
        `${name.toUpperCase()} (scalar, fixed-point, SIMD, ${elementBits(size)})`,
        `01 ${u} 111110 ${IMMEDIATES[size]} ${opcode} 1 rn:5 rd:5` as '01 amount:3 rn:5 rd:5',
        (f) => `${name}\t${scalarName(size, f.rd)}, ${scalarName(size, f.rn)}, #${amount(f)}`,
        (c, f) => {
          const by = c.derived('i32', 'amount', amount, 'u16');
          c.setVScalar(f.rd, meaning(c, element(c.v(f.rn), size, 0, false), by));
        },
        { floatingPoint: true },
      ),
    ]);
  }),
);

export const VECTOR_SHIFTS: readonly Definition[] = [
  ...ROWS.flatMap((row) => [
    ...ALL.map((size) => vectorForm(row, size)),
    ...row.scalarSizes.map((size) => scalarForm(row, size)),
  ]),
  ...narrowing,
  ...widening,
  ...fixedPoint,
];
