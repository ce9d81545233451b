/** Scalar floating-point data processing, comparisons and selections (Arm ARM DDI 0487 C4.1.96). */
import { condition, hexImmediate } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { type FpFormat, ROUNDING } from '../float/format.ts';
import {
  fpAdd,
  fpDiv,
  fpMul,
  fpSqrt,
  fpSub,
  nzcvOfOrdering,
  softCompare,
  softConvert,
  softMax,
  softMaxNum,
  softMin,
  softMinNum,
  softMulAdd,
  softRoundInt,
} from '../float/soft/index.ts';
import { roundingMode } from '../float/soft/parts.ts';
import { and, i32, i64, select } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Helper, Value } from '../meaning/value.ts';
import { holdsOperand, setPackedFlags } from './flags.ts';
import {
  expandedImmediate,
  formatOf,
  fpRegister,
  hasArithmetic,
  immediateText,
  negated,
  scalar,
} from './scalar-floats.ts';

const FLOATS = { floatingPoint: true, when: (f: { readonly TYPE: number }) => hasArithmetic(f.TYPE) };

type OneOperand = (c: Meaning, format: FpFormat, bits: Value<'i64'>) => Value<'i64'>;

const magnitude: OneOperand = (_c, format, bits) => and(bits, i64((1n << BigInt(format.sizeBits - 1)) - 1n));

/** FRINTN … FRINTA: a rounding mode of their own. */
function roundedBy(mode: number): OneOperand {
  return (c, format, bits) => c.call(softRoundInt(format), bits, i32(mode), i32(0));
}
function roundedByFpcr(exact: number): OneOperand {
  return (c, format, bits) => c.call(softRoundInt(format), bits, roundingMode(c), i32(exact));
}

/** By the `opcode` field of data-processing with one source. */
const ONE_OPERAND: readonly (readonly [opcode: string, mnemonic: string, meaning: OneOperand])[] = [
  ['000000', 'fmov', (_c, _format, bits) => bits],
  ['000001', 'fabs', magnitude],
  ['000010', 'fneg', (_c, format, bits) => negated(format, bits)],
  ['000011', 'fsqrt', (c, format, bits) => c.call(fpSqrt(format), bits)],
  ['001000', 'frintn', roundedBy(ROUNDING.tieEven)],
  ['001001', 'frintp', roundedBy(ROUNDING.posInf)],
  ['001010', 'frintm', roundedBy(ROUNDING.negInf)],
  ['001011', 'frintz', roundedBy(ROUNDING.zero)],
  ['001100', 'frinta', roundedBy(ROUNDING.tieAway)],
  ['001110', 'frintx', roundedByFpcr(1)],
  ['001111', 'frinti', roundedByFpcr(0)],
];

const oneOperand = ONE_OPERAND.map(([opcode, mnemonic, meaning]) =>
  insn(
    `${mnemonic.toUpperCase()} (scalar)`,
    `00011110 TYPE:2 1 ${opcode} 10000 rn:5 rd:5` as '00011110 TYPE:2 rn:5 rd:5',
    (f) => `${mnemonic}\t${fpRegister(f.TYPE, f.rd)}, ${fpRegister(f.TYPE, f.rn)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      c.setVScalar(f.rd, meaning(c, format, scalar(c, format, f.rn)));
    },
    FLOATS,
  ),
);

/** By the `opcode` field of data-processing with two sources. */
const TWO_OPERANDS: readonly (readonly [
  opcode: string,
  mnemonic: string,
  helper: (format: FpFormat) => Helper<'i64'>,
])[] = [
  ['0000', 'fmul', fpMul],
  ['0001', 'fdiv', fpDiv],
  ['0010', 'fadd', fpAdd],
  ['0011', 'fsub', fpSub],
  ['0100', 'fmax', softMax],
  ['0101', 'fmin', softMin],
  ['0110', 'fmaxnm', softMaxNum],
  ['0111', 'fminnm', softMinNum],
  ['1000', 'fnmul', fpMul],
];

const twoOperands = TWO_OPERANDS.map(([opcode, mnemonic, helper]) =>
  insn(
    `${mnemonic.toUpperCase()} (scalar)`,
    `00011110 TYPE:2 1 rm:5 ${opcode} 10 rn:5 rd:5` as '00011110 TYPE:2 rm:5 rn:5 rd:5',
    (f) =>
      `${mnemonic}\t${fpRegister(f.TYPE, f.rd)}, ${fpRegister(f.TYPE, f.rn)}, ${fpRegister(f.TYPE, f.rm)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const result = c.call(helper(format), scalar(c, format, f.rn), scalar(c, format, f.rm));
      c.setVScalar(f.rd, mnemonic === 'fnmul' ? negated(format, result) : result);
    },
    FLOATS,
  ),
);

const fourNames = ['fmadd', 'fmsub', 'fnmadd', 'fnmsub'] as const;

/** The text of FCMP's operands; the forms with zero have no Rm. */
const compareName = (opc: number): string => (opc >= 2 ? 'fcmpe' : 'fcmp');

/** Compares and gives NZCV, bound. */
function comparedFlags(
  c: Meaning,
  format: FpFormat,
  a: Value<'i64'>,
  b: Value<'i64'>,
  signalAll: number,
): Value<'i32'> {
  return c.let(c.call(nzcvOfOrdering, c.call(softCompare(format), a, b, i32(signalAll))));
}

const conversions = {
  floatingPoint: true,
  when: (f: { readonly TYPE: number; readonly OPC: number }): boolean =>
    f.TYPE !== f.OPC && f.TYPE !== 2 && f.OPC !== 2,
};

export const FLOATING_POINT: readonly Definition[] = [
  ...oneOperand,
  ...twoOperands,
  insn(
    'FCVT',
    '00011110 TYPE:2 1 0001 OPC:2 10000 rn:5 rd:5',
    (f) => `fcvt\t${fpRegister(f.OPC, f.rd)}, ${fpRegister(f.TYPE, f.rn)}`,
    (c, f) => {
      const [from, to] = [formatOf(f.TYPE), formatOf(f.OPC)];
      const mode = roundingMode(c);
      c.setVScalar(f.rd, c.call(softConvert(from, to), scalar(c, from, f.rn), mode));
    },
    conversions,
  ),
  insn(
    'FMADD, FMSUB, FNMADD, FNMSUB',
    '00011111 TYPE:2 O1 rm:5 O0 ra:5 rn:5 rd:5',
    (f) =>
      `${fourNames[f.O1 * 2 + f.O0]}\t${[f.rd, f.rn, f.rm, f.ra].map((n) => fpRegister(f.TYPE, n)).join(', ')}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const addend = scalar(c, format, f.ra);
      const first = scalar(c, format, f.rn);
      const result = c.call(
        softMulAdd(format),
        f.O1 === 1 ? negated(format, addend) : addend,
        f.O0 !== f.O1 ? negated(format, first) : first,
        scalar(c, format, f.rm),
      );
      c.setVScalar(f.rd, result);
    },
    FLOATS,
  ),
  insn(
    'FCMP, FCMPE',
    '00011110 TYPE:2 1 rm:5 00 1000 rn:5 OPC:2 000',
    (f) => {
      const second = (f.OPC & 1) === 1 ? '#0.0' : fpRegister(f.TYPE, f.rm);
      return `${compareName(f.OPC)}\t${fpRegister(f.TYPE, f.rn)}, ${second}`;
    },
    (c, f) => {
      const format = formatOf(f.TYPE);
      const second = (f.OPC & 1) === 1 ? i64(0n) : scalar(c, format, f.rm);
      const flags = comparedFlags(c, format, scalar(c, format, f.rn), second, f.OPC >> 1);
      setPackedFlags(c, flags);
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) && ((f.OPC & 1) === 0 || f.rm === 0) },
  ),
  insn(
    'FCCMP, FCCMPE',
    '00011110 TYPE:2 1 rm:5 cond:4 01 rn:5 OP nzcv:4',
    (f) =>
      `${f.OP === 1 ? 'fccmpe' : 'fccmp'}\t${fpRegister(f.TYPE, f.rn)}, ${fpRegister(f.TYPE, f.rm)}, ${hexImmediate(f.nzcv)}, ${condition(f.cond)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      c.if(
        holdsOperand(c, f.cond),
        () => {
          const [a, b] = [scalar(c, format, f.rn), scalar(c, format, f.rm)];
          setPackedFlags(c, comparedFlags(c, format, a, b, f.OP));
        },
        () => setPackedFlags(c, c.field('i32', f.nzcv)),
      );
    },
    FLOATS,
  ),
  insn(
    'FCSEL',
    '00011110 TYPE:2 1 rm:5 cond:4 11 rn:5 rd:5',
    (f) => `fcsel\t${[f.rd, f.rn, f.rm].map((n) => fpRegister(f.TYPE, n)).join(', ')}, ${condition(f.cond)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const chosen = select(holdsOperand(c, f.cond), scalar(c, format, f.rn), scalar(c, format, f.rm));
      c.setVScalar(f.rd, chosen);
    },
    FLOATS,
  ),
  insn(
    'FMOV (scalar, immediate)',
    '00011110 TYPE:2 1 imm8:8 100 00000 rd:5',
    (f) => `fmov\t${fpRegister(f.TYPE, f.rd)}, ${immediateText(f.imm8)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      c.setVScalar(
        f.rd,
        c.derived('i64', 'value', (v) => expandedImmediate(format, v.imm8)),
      );
    },
    FLOATS,
  ),
];
