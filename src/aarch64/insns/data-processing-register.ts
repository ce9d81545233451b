/** Data processing on general registers (Arm ARM DDI 0487 C4.1.94). */
import { condition, extension, hexImmediate, r, rsp, shift, w, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import {
  add,
  and,
  countLeadingZeros,
  divSigned,
  divUnsigned,
  eq,
  type Int,
  i32,
  i64,
  inWidthOf,
  isZero,
  like,
  low32,
  mul,
  negate,
  not,
  or,
  rotr,
  sar,
  select,
  shl,
  shr,
  signExtend,
  sub,
  to64,
  xor,
  zeroExtend,
} from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { pure, type Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { crc32, crc32c } from './crc.ts';
import {
  addSettingFlags,
  addWithCarrySettingFlags,
  holdsOperand,
  setLogicalFlags,
  setPackedFlags,
  subtractSettingFlags,
} from './flags.ts';
import { signedHighProduct, unsignedHighProduct } from './multiply.ts';

/** Rm shifted by a constant: LSL, LSR, ASR, ROR by `kind`. */
function shifted<V extends AnyFieldValues & { readonly imm6: number }>(
  c: Meaning<V>,
  sf: number,
  kind: number,
  rm: OperandField,
): Value<Int> {
  const value = c.r(sf, rm);
  const amount =
    sf === 1
      ? c.derived('i64', 'amount', (v) => v.imm6, 'u16')
      : c.derived('i32', 'amount', (v) => v.imm6, 'u16');
  return ([shl, shr, sar, rotr][kind] ?? shl)(value, amount);
}

/** Rm extended and shifted left by up to four (Arm ARM ExtendReg). */
function extended<V extends AnyFieldValues & { readonly imm3: number }>(
  c: Meaning<V>,
  sf: number,
  option: number,
  rm: OperandField,
): Value<Int> {
  const bits = 8 << (option & 3);
  const isSigned = option >= 4;
  const amount = c.derived('i64', 'amount', (v) => v.imm3, 'u16');
  const whole = c.x(rm);
  const value =
    bits === 64 ? whole : isSigned ? signExtendFrom(whole, bits) : and(whole, i64((1n << BigInt(bits)) - 1n));
  const result = shl(value, amount);
  return sf === 1 ? result : low32(result);
}

function signExtendFrom(value: Value<'i64'>, bits: number): Value<'i64'> {
  if (bits === 8) return pure('i64.extend8_s', value);
  return bits === 16 ? pure('i64.extend16_s', value) : pure('i64.extend32_s', value);
}

const LOGICAL = [
  ['and', 'bic'],
  ['orr', 'orn'],
  ['eor', 'eon'],
  ['ands', 'bics'],
] as const;

const shiftedOperandAllocated = (f: { readonly SF: number; readonly imm6: number }): boolean =>
  f.SF === 1 || f.imm6 < 32;

const extendText = (f: {
  readonly SF: number;
  readonly OPTION: number;
  readonly rm: number;
  readonly imm3: number;
}): string => {
  const register = f.SF === 1 && (f.OPTION & 3) === 3 ? x(f.rm) : w(f.rm);
  const amount = f.imm3 === 0 ? '' : ` #${f.imm3}`;
  return `${register}, ${extension(f.OPTION)}${amount}`;
};

/** binutils writes `lsl` for the extension that does nothing where the stack pointer is involved. */
const extendTextWithSp = (
  f: {
    readonly SF: number;
    readonly OPTION: number;
    readonly rm: number;
    readonly imm3: number;
    readonly rn: number;
  },
  spInvolved: boolean,
): string => {
  if (spInvolved && f.OPTION === (f.SF === 1 ? 3 : 2)) {
    return `${r(f.SF, f.rm)}${f.imm3 === 0 ? '' : `, lsl #${f.imm3}`}`;
  }
  return extendText(f);
};

export const DATA_PROCESSING_REGISTER: readonly Definition[] = [
  insn(
    'Logical (shifted register)',
    'SF OPC:2 01010 SHIFT:2 N rm:5 imm6:6 rn:5 rd:5',
    (f) =>
      `${LOGICAL[f.OPC]?.[f.N]}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}${shift(f.SHIFT, f.imm6)}`,
    (c, f) => {
      const second = shifted(c, f.SF, f.SHIFT, f.rm);
      const value = c.let(
        ([and, or, xor, and][f.OPC] ?? and)(c.r(f.SF, f.rn), f.N === 1 ? not(second) : second),
      );
      if (f.OPC === 3) setLogicalFlags(c, value);
      c.setR(f.rd, value);
    },
    {
      when: shiftedOperandAllocated,
      hot: (f) => f.SHIFT === 0 && (f.N === 0 || f.OPC === 0 || f.OPC === 3),
      warm: true,
    },
  ),
  insn(
    'ADD, SUB (shifted register)',
    'SF OP S 01011 SHIFT:2 0 rm:5 imm6:6 rn:5 rd:5',
    (f) =>
      `${f.OP === 1 ? 'sub' : 'add'}${f.S === 1 ? 's' : ''}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}${shift(f.SHIFT, f.imm6)}`,
    (c, f) => {
      if (f.S === 0) {
        c.setR(f.rd, (f.OP === 1 ? sub : add)(c.r(f.SF, f.rn), shifted(c, f.SF, f.SHIFT, f.rm)));
        return;
      }
      const a = c.let(c.r(f.SF, f.rn));
      const b = c.let(shifted(c, f.SF, f.SHIFT, f.rm));
      c.setR(f.rd, f.OP === 1 ? subtractSettingFlags(c, a, b) : addSettingFlags(c, a, b));
    },
    {
      when: (f) => f.SHIFT !== 3 && shiftedOperandAllocated(f),
      hot: (f) => f.SHIFT === 0 || (f.SF === 1 && f.S === 0 && f.SHIFT !== 3),
      warm: true,
    },
  ),
  insn(
    'ADD, SUB (extended register)',
    'SF OP 0 01011 00 1 rm:5 OPTION:3 imm3:3 rn:5 rd:5',
    (f) =>
      `${f.OP === 1 ? 'sub' : 'add'}\t${rsp(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${extendTextWithSp(f, f.rn === 31 || f.rd === 31)}`,
    (c, f) => {
      const second = extended(c, f.SF, f.OPTION, f.rm);
      c.setRsp(f.rd, (f.OP === 1 ? sub : add)(c.rsp(f.SF, f.rn), second));
    },
    {
      when: (f) => f.imm3 <= 4,
      hot: (f) => f.SF === 1 && f.OP === 0 && (f.OPTION === 2 || f.OPTION === 6),
      warm: true,
    },
  ),
  insn(
    'ADDS, SUBS (extended register)',
    'SF OP 1 01011 00 1 rm:5 OPTION:3 imm3:3 rn:5 rd:5',
    (f) =>
      `${f.OP === 1 ? 'subs' : 'adds'}\t${r(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${extendTextWithSp(f, f.rn === 31)}`,
    (c, f) => {
      const a = c.let(c.rsp(f.SF, f.rn));
      const b = c.let(extended(c, f.SF, f.OPTION, f.rm));
      c.setR(f.rd, f.OP === 1 ? subtractSettingFlags(c, a, b) : addSettingFlags(c, a, b));
    },
    { when: (f) => f.imm3 <= 4, warm: true },
  ),
  insn(
    'ADC, SBC',
    'SF OP 0 11010000 rm:5 000000 rn:5 rd:5',
    (f) => `${f.OP === 1 ? 'sbc' : 'adc'}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => {
      const first = c.r(f.SF, f.rn);
      const second = f.OP === 1 ? not(c.r(f.SF, f.rm)) : c.r(f.SF, f.rm);
      c.setR(f.rd, add(add(first, second), inWidthOf(first, c.carry)));
    },
    { warm: true },
  ),
  insn(
    'ADCS, SBCS',
    'SF OP 1 11010000 rm:5 000000 rn:5 rd:5',
    (f) => `${f.OP === 1 ? 'sbcs' : 'adcs'}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => {
      const a = c.let(c.r(f.SF, f.rn));
      const b = c.let(f.OP === 1 ? not(c.r(f.SF, f.rm)) : c.r(f.SF, f.rm));
      c.setR(f.rd, addWithCarrySettingFlags(c, a, b, c.let(inWidthOf(a, c.carry))));
    },
  ),
  insn(
    'CCMN, CCMP (register)',
    'SF OP 1 11010010 rm:5 cond:4 00 rn:5 0 nzcv:4',
    (f) =>
      `${f.OP === 1 ? 'ccmp' : 'ccmn'}\t${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}, ${hexImmediate(f.nzcv)}, ${condition(f.cond)}`,
    (c, f) => {
      c.if(
        holdsOperand(c, f.cond),
        () => {
          const a = c.let(c.r(f.SF, f.rn));
          const b = c.let(c.r(f.SF, f.rm));
          if (f.OP === 1) subtractSettingFlags(c, a, b);
          else addSettingFlags(c, a, b);
        },
        () => setPackedFlags(c, c.field('i32', f.nzcv)),
      );
    },
    { hot: (f) => f.OP === 1 },
  ),
  insn(
    'CCMN, CCMP (immediate)',
    'SF OP 1 11010010 imm5:5 cond:4 10 rn:5 0 nzcv:4',
    (f) =>
      `${f.OP === 1 ? 'ccmp' : 'ccmn'}\t${r(f.SF, f.rn)}, ${hexImmediate(f.imm5)}, ${hexImmediate(f.nzcv)}, ${condition(f.cond)}`,
    (c, f) => {
      c.if(
        holdsOperand(c, f.cond),
        () => {
          const a = c.let(c.r(f.SF, f.rn));
          const b: Value<Int> = c.let<Int>(f.SF === 1 ? c.field('i64', f.imm5) : c.field('i32', f.imm5));
          if (f.OP === 1) subtractSettingFlags(c, a, b);
          else addSettingFlags(c, a, b);
        },
        () => setPackedFlags(c, c.field('i32', f.nzcv)),
      );
    },
    { hot: (f) => f.OP === 1, warm: true },
  ),
  insn(
    'CSEL, CSINC, CSINV, CSNEG',
    'SF OP 0 11010100 rm:5 cond:4 0 OP2 rn:5 rd:5',
    (f) =>
      `${['csel', 'csinc', 'csinv', 'csneg'][f.OP * 2 + f.OP2]}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}, ${condition(f.cond)}`,
    (c, f) => {
      const second = c.r(f.SF, f.rm);
      const inverted = f.OP === 1 ? not(second) : second;
      const otherwise = f.OP2 === 1 ? add(inverted, like(second, 1)) : inverted;
      c.setR(f.rd, select(holdsOperand(c, f.cond), c.r(f.SF, f.rn), otherwise));
    },
    { hot: (f) => f.OP === 0 || f.OP2 === 0, warm: true },
  ),
  insn(
    'UDIV',
    'SF 0 0 11010110 rm:5 000010 rn:5 rd:5',
    (f) => `udiv\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => {
      const divisor = c.let(c.r(f.SF, f.rm));
      // Division by zero is zero; WebAssembly would trap.
      const safe = or(divisor, inWidthOf(divisor, isZero(divisor)));
      c.setR(f.rd, select(isZero(divisor), like(divisor, 0), divUnsigned(c.r(f.SF, f.rn), safe)));
    },
    { warm: true },
  ),
  insn(
    'SDIV',
    'SF 0 0 11010110 rm:5 000011 rn:5 rd:5',
    (f) => `sdiv\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => {
      const divisor = c.let(c.r(f.SF, f.rm));
      const dividend = c.let(c.r(f.SF, f.rn));
      // The most negative number divided by −1 overflows to itself, which negation gives as well.
      const special = c.let(or(isZero(divisor), eq(divisor, like(divisor, -1))));
      const safe = select(special, like(divisor, 1), divisor);
      const specialResult = select(isZero(divisor), like(divisor, 0), negate(dividend));
      c.setR(f.rd, select(special, specialResult, divSigned(dividend, safe)));
    },
    { warm: true },
  ),
  insn(
    'LSLV, LSRV, ASRV, RORV',
    'SF 0 0 11010110 rm:5 0010 OP2:2 rn:5 rd:5',
    (f) => `${['lslv', 'lsrv', 'asrv', 'rorv'][f.OP2]}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => c.setR(f.rd, ([shl, shr, sar, rotr][f.OP2] ?? shl)(c.r(f.SF, f.rn), c.r(f.SF, f.rm))),
    { hot: (f) => f.OP2 < 2, warm: true },
  ),
  insn(
    'CRC32, CRC32C',
    'SF 0 0 11010110 rm:5 010 C SZ:2 rn:5 rd:5',
    (f) =>
      `crc32${f.C === 1 ? 'c' : ''}${['b', 'h', 'w', 'x'][f.SZ]}\t${w(f.rd)}, ${w(f.rn)}, ${r(f.SF, f.rm)}`,
    (c, f) => {
      const data = f.SF === 1 ? c.x(f.rm) : to64(c.w(f.rm));
      c.setR(f.rd, c.call(f.C === 1 ? crc32c : crc32, c.w(f.rn), data, i32(1 << f.SZ)));
    },
    { when: (f) => (f.SF === 1) === (f.SZ === 3), warm: (f) => f.SF === 0 },
  ),
  insn(
    'RBIT',
    'SF 1 0 11010110 00000 000000 rn:5 rd:5',
    (f) => `rbit\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => {
      let value = c.r(f.SF, f.rn);
      for (const [bits, mask] of BIT_SWAPS) value = c.let(swapGroups(c.let(value), bits, mask));
      c.setR(f.rd, reverseBytes(c, value));
    },
    { warm: true },
  ),
  insn(
    'REV16',
    'SF 1 0 11010110 00000 000001 rn:5 rd:5',
    (f) => `rev16\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => c.setR(f.rd, swapGroups(c.let(c.r(f.SF, f.rn)), 8, 0x00ff_00ff_00ff_00ffn)),
    { warm: true },
  ),
  insn(
    'REV (32 bits)',
    '0 1 0 11010110 00000 000010 rn:5 rd:5',
    (f) => `rev\t${w(f.rd)}, ${w(f.rn)}`,
    (c, f) => c.setR(f.rd, reverseBytes(c, c.w(f.rn))),
    { warm: true },
  ),
  insn(
    'REV32',
    '1 1 0 11010110 00000 000010 rn:5 rd:5',
    (f) => `rev32\t${x(f.rd)}, ${x(f.rn)}`,
    (c, f) => {
      const bytes = c.let(swapGroups(c.let(c.x(f.rn)), 8, 0x00ff_00ff_00ff_00ffn));
      c.setR(f.rd, swapGroups(bytes, 16, 0x0000_ffff_0000_ffffn));
    },
  ),
  insn(
    'REV (64 bits)',
    '1 1 0 11010110 00000 000011 rn:5 rd:5',
    (f) => `rev\t${x(f.rd)}, ${x(f.rn)}`,
    (c, f) => c.setR(f.rd, reverseBytes(c, c.x(f.rn))),
    { hot: true },
  ),
  insn(
    'CLZ',
    'SF 1 0 11010110 00000 000100 rn:5 rd:5',
    (f) => `clz\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => c.setR(f.rd, countLeadingZeros(c.r(f.SF, f.rn))),
    { hot: (f) => f.SF === 1, warm: true },
  ),
  insn(
    'CLS',
    'SF 1 0 11010110 00000 000101 rn:5 rd:5',
    (f) => `cls\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => {
      const value = c.let(c.r(f.SF, f.rn));
      const width = f.SF === 1 ? 64 : 32;
      // Differences between neighbouring bits; one bit set below them, so that a run to the end is counted right.
      const changes = xor(value, sar(value, like(value, width - 1)));
      c.setR(f.rd, countLeadingZeros(or(shl(changes, like(value, 1)), like(value, 1))));
    },
  ),
  insn(
    'MADD, MSUB',
    'SF 00 11011 000 rm:5 O0 ra:5 rn:5 rd:5',
    (f) =>
      `${f.O0 === 1 ? 'msub' : 'madd'}\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}, ${r(f.SF, f.ra)}`,
    (c, f) => {
      const product = mul(c.r(f.SF, f.rn), c.r(f.SF, f.rm));
      c.setR(f.rd, (f.O0 === 1 ? sub : add)(c.r(f.SF, f.ra), product));
    },
    { hot: (f) => f.O0 === 0, warm: true },
  ),
  insn(
    'SMADDL, SMSUBL, UMADDL, UMSUBL',
    '1 00 11011 U 01 rm:5 O0 ra:5 rn:5 rd:5',
    (f) =>
      `${f.U === 1 ? 'u' : 's'}m${f.O0 === 1 ? 'sub' : 'add'}l\t${x(f.rd)}, ${w(f.rn)}, ${w(f.rm)}, ${x(f.ra)}`,
    (c, f) => {
      const widen = f.U === 1 ? zeroExtend : signExtend;
      const product = mul(widen(c.w(f.rn)), widen(c.w(f.rm)));
      c.setR(f.rd, (f.O0 === 1 ? sub : add)(c.x(f.ra), product));
    },
    { warm: true },
  ),
  insn(
    'SMULH',
    '1 00 11011 010 rm:5 0 ra:5 rn:5 rd:5',
    (f) => `smulh\t${x(f.rd)}, ${x(f.rn)}, ${x(f.rm)}`,
    (c, f) => c.setR(f.rd, signedHighProduct(c, c.x(f.rn), c.x(f.rm))),
    { warm: true },
  ),
  insn(
    'UMULH',
    '1 00 11011 110 rm:5 0 ra:5 rn:5 rd:5',
    (f) => `umulh\t${x(f.rd)}, ${x(f.rn)}, ${x(f.rm)}`,
    (c, f) => c.setR(f.rd, unsignedHighProduct(c, c.x(f.rn), c.x(f.rm))),
    { warm: true },
  ),
];

const BIT_SWAPS: readonly (readonly [number, bigint])[] = [
  [1, 0x5555_5555_5555_5555n],
  [2, 0x3333_3333_3333_3333n],
  [4, 0x0f0f_0f0f_0f0f_0f0fn],
];

/** Exchanges neighbouring groups of `bits` bits; `mask` has the lower of each pair. The value must be bound. */
function swapGroups<T extends Int>(value: Value<T>, bits: number, mask: bigint): Value<T> {
  const lower = like(value, value.type === 'i64' ? mask : BigInt.asIntN(32, mask));
  const amount = like(value, bits);
  return or(and(shr(value, amount), lower), shl(and(value, lower), amount));
}

function reverseBytes<V extends AnyFieldValues, T extends Int>(c: Meaning<V>, value: Value<T>): Value<T> {
  const bytes = c.let(swapGroups(c.let(value), 8, 0x00ff_00ff_00ff_00ffn));
  if (value.type === 'i32') return rotr(bytes, like(bytes, 16));
  const halves = c.let(swapGroups(bytes, 16, 0x0000_ffff_0000_ffffn));
  return rotr(halves, like(halves, 32));
}
