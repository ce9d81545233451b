/** Branches and exception generation (Arm ARM DDI 0487 C4.1.87). */
import { condition, hexImmediate, immediate, r, signed, target, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { add, and, i32, i64, isZero, shr, to32 } from '../meaning/integer.ts';
import { SYSTEM_OPERATION } from '../system/operation.ts';
import { holds } from './flags.ts';

const LINK = 30;
const INSTRUCTION_BYTES = 4;
/** Branch offsets in the interpreter's records count sixteen bytes an instruction. */
const RECORD_SCALE = 16;

const offset26 = (f: { readonly imm26: number }): number => signed(f.imm26, 26);
const offset19 = (f: { readonly imm19: number }): number => signed(f.imm19, 19);
const offset14 = (f: { readonly imm14: number }): number => signed(f.imm14, 14);

export const BRANCHES: readonly Definition[] = [
  insn(
    'B',
    '0 00101 imm26:26',
    (f, pc) => `b\t${target(pc, offset26(f) * INSTRUCTION_BYTES)}`,
    (c) => c.branch((v) => offset26(v) * RECORD_SCALE),
    { hot: true },
  ),
  insn(
    'BL',
    '1 00101 imm26:26',
    (f, pc) => `bl\t${target(pc, offset26(f) * INSTRUCTION_BYTES)}`,
    (c) => {
      c.setXNumber(LINK, add(c.pc, i64(4n)));
      c.branch((v) => offset26(v) * RECORD_SCALE);
    },
    { hot: true },
  ),
  insn(
    'B.cond',
    '0101010 0 imm19:19 0 COND:4',
    (f, pc) => `b.${condition(f.COND)}\t${target(pc, offset19(f) * INSTRUCTION_BYTES)}`,
    (c, f) => c.if(holds(c, f.COND), () => c.branch((v) => offset19(v) * RECORD_SCALE)),
    { hot: (f) => f.COND < 14 },
  ),
  insn(
    'CBZ, CBNZ',
    'SF 011010 OP imm19:19 rt:5',
    (f, pc) =>
      `cb${f.OP === 1 ? 'nz' : 'z'}\t${r(f.SF, f.rt)}, ${target(pc, offset19(f) * INSTRUCTION_BYTES)}`,
    (c, f) => {
      const zero = isZero(c.r(f.SF, f.rt));
      c.if(f.OP === 1 ? isZero(zero) : zero, () => c.branch((v) => offset19(v) * RECORD_SCALE));
    },
    { hot: true },
  ),
  insn(
    'TBZ, TBNZ',
    'b5 011011 OP b40:5 imm14:14 rt:5',
    (f, pc) =>
      `tb${f.OP === 1 ? 'nz' : 'z'}\t${r(f.b5, f.rt)}, ${immediate((f.b5 << 5) | f.b40)}, ${target(pc, offset14(f) * INSTRUCTION_BYTES)}`,
    (c, f) => {
      const position = c.derived('i64', 'bit', (v) => (v.b5 << 5) | v.b40, 'u16');
      const bit = and(to32(shr(c.x(f.rt), position)), i32(1));
      c.if(f.OP === 1 ? bit : isZero(bit), () => c.branch((v) => offset14(v) * RECORD_SCALE));
    },
    { hot: true },
  ),
  insn(
    'BR',
    '1101011 0 0 00 11111 000000 rn:5 00000',
    (f) => `br\t${x(f.rn)}`,
    (c, f) => c.jump(c.x(f.rn)),
    { hot: true },
  ),
  insn(
    'BLR',
    '1101011 0 0 01 11111 000000 rn:5 00000',
    (f) => `blr\t${x(f.rn)}`,
    (c, f) => {
      const to = c.let(c.x(f.rn));
      c.setXNumber(LINK, add(c.pc, i64(4n)));
      c.jump(to);
    },
    { hot: true },
  ),
  insn(
    'RET',
    '1101011 0 0 10 11111 000000 rn:5 00000',
    (f) => (f.rn === LINK ? 'ret' : `ret\t${x(f.rn)}`),
    (c, f) => c.jump(c.x(f.rn)),
    { hot: true },
  ),
  insn(
    'ERET',
    '1101011 0100 11111 000000 11111 00000',
    () => 'eret',
    (c) => c.system(SYSTEM_OPERATION.eret, i32(0)),
    { warm: true },
  ),
  insn(
    'SVC',
    '11010100 000 imm16:16 000 01',
    (f) => `svc\t${hexImmediate(f.imm16)}`,
    (c, f) => c.system(SYSTEM_OPERATION.svc, c.field('i32', f.imm16)),
    { warm: true },
  ),
  insn(
    'HVC',
    '11010100 000 imm16:16 000 10',
    (f) => `hvc\t${hexImmediate(f.imm16)}`,
    (c, f) => c.system(SYSTEM_OPERATION.hvc, c.field('i32', f.imm16)),
  ),
  insn(
    'SMC',
    '11010100 000 imm16:16 000 11',
    (f) => `smc\t${hexImmediate(f.imm16)}`,
    (c, f) => c.system(SYSTEM_OPERATION.smc, c.field('i32', f.imm16)),
    { warm: true },
  ),
  insn(
    'BRK',
    '11010100 001 imm16:16 000 00',
    (f) => `brk\t${hexImmediate(f.imm16)}`,
    (c, f) => c.system(SYSTEM_OPERATION.brk, c.field('i32', f.imm16)),
    { warm: true },
  ),
  insn(
    'HLT',
    '11010100 010 imm16:16 000 00',
    (f) => `hlt\t${hexImmediate(f.imm16)}`,
    (c, f) => c.system(SYSTEM_OPERATION.hlt, c.field('i32', f.imm16)),
  ),
  insn(
    'UDF',
    '0000000000000000 imm16:16',
    (f) => `udf\t#${f.imm16}`,
    (c, f) => c.system(SYSTEM_OPERATION.undefined, c.field('i32', f.imm16)),
    { warm: true },
  ),
];
