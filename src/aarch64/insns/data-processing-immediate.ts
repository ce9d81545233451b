/** Data processing with an immediate (Arm ARM DDI 0487 C4.1.86). */
import { hexImmediate, immediate, r, rsp, target, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import {
  add,
  and,
  type Int,
  i32,
  i64,
  like,
  low32,
  not,
  or,
  rotr,
  sar,
  shl,
  shr,
  sub,
  xor,
} from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { addSettingFlags, setLogicalFlags, subtractSettingFlags } from './flags.ts';
import { bitMask } from './immediates.ts';

/** An immediate in the width of an instruction. */
function wide<V extends AnyFieldValues>(
  c: Meaning<V>,
  sf: number,
  name: string,
  derive: (fields: V) => number | bigint,
): Value<Int> {
  return sf === 1
    ? c.derived('i64', name, derive)
    : c.derived('i32', name, (fields) => Number(BigInt.asIntN(32, BigInt(derive(fields)))));
}

/** imm12, shifted left by 12 if sh: at most 24 bits, kept in 32. */
const imm24 = (fields: { readonly imm12: number; readonly sh: number }): number =>
  fields.imm12 << (fields.sh * 12);
const imm24Text = (fields: { readonly imm12: number; readonly sh: number }): string =>
  `${hexImmediate(fields.imm12)}${fields.sh === 1 ? ', lsl #12' : ''}`;

/** A shift amount or bit position, kept in two bytes. */
function small<V extends AnyFieldValues>(
  c: Meaning<V>,
  sf: number,
  name: string,
  derive: (fields: V) => number,
): Value<Int> {
  return sf === 1 ? c.derived('i64', name, derive, 'u16') : c.derived('i32', name, derive, 'u16');
}

const LOGICAL = ['and', 'orr', 'eor', 'ands'] as const;
const logicalMask = (fields: { readonly n: number; readonly imms: number; readonly immr: number }) =>
  bitMask(fields.n, fields.imms, fields.immr);

export const DATA_PROCESSING_IMMEDIATE: readonly Definition[] = [
  insn(
    'ADR',
    '0 immlo:2 10000 immhi:19 rd:5',
    (f, pc) => `adr\t${x(f.rd)}, ${target(pc, ((f.immhi << 13) >> 11) | f.immlo)}`,
    (c, f) => {
      c.setR(
        f.rd,
        add(
          c.pc,
          c.derived('i64', 'offset', (v) => ((v.immhi << 13) >> 11) | v.immlo, 'i32'),
        ),
      );
    },
    { hot: true },
  ),
  insn(
    'ADRP',
    '1 immlo:2 10000 immhi:19 rd:5',
    (f, pc) => `adrp\t${x(f.rd)}, ${target((pc >> 12n) << 12n, (((f.immhi << 13) >> 11) | f.immlo) * 4096)}`,
    (c, f) => {
      const offset = c.derived('i64', 'offset', (v) => BigInt(((v.immhi << 13) >> 11) | v.immlo) << 12n);
      c.setR(f.rd, add(c.pageAddress, offset));
    },
    { hot: true },
  ),
  insn(
    'ADD (immediate)',
    'SF 0 0 100010 sh imm12:12 rn:5 rd:5',
    (f) => `add\t${rsp(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${imm24Text(f)}`,
    (c, f) => {
      const value = add(c.xsp(f.rn), c.derived('i64', 'imm', imm24, 'i32'));
      c.setRsp(f.rd, f.SF === 1 ? value : low32(value));
    },
    { hot: true },
  ),
  insn(
    'ADDS (immediate)',
    'SF 0 1 100010 sh imm12:12 rn:5 rd:5',
    (f) => `adds\t${r(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${imm24Text(f)}`,
    (c, f) => {
      const a = c.let(c.rsp(f.SF, f.rn));
      const b: Value<Int> = c.let<Int>(
        f.SF === 1 ? c.derived('i64', 'imm', imm24, 'i32') : c.derived('i32', 'imm', imm24),
      );
      c.setR(f.rd, addSettingFlags(c, a, b));
    },
    { hot: true },
  ),
  insn(
    'SUB (immediate)',
    'SF 1 0 100010 sh imm12:12 rn:5 rd:5',
    (f) => `sub\t${rsp(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${imm24Text(f)}`,
    (c, f) => {
      const value = sub(c.xsp(f.rn), c.derived('i64', 'imm', imm24, 'i32'));
      c.setRsp(f.rd, f.SF === 1 ? value : low32(value));
    },
    { hot: true },
  ),
  insn(
    'SUBS (immediate)',
    'SF 1 1 100010 sh imm12:12 rn:5 rd:5',
    (f) => `subs\t${r(f.SF, f.rd)}, ${rsp(f.SF, f.rn)}, ${imm24Text(f)}`,
    (c, f) => {
      const a = c.let(c.rsp(f.SF, f.rn));
      const b: Value<Int> = c.let<Int>(
        f.SF === 1 ? c.derived('i64', 'imm', imm24, 'i32') : c.derived('i32', 'imm', imm24),
      );
      c.setR(f.rd, subtractSettingFlags(c, a, b));
    },
    { hot: true },
  ),
  insn(
    'Logical (immediate)',
    'SF OPC:2 100100 n immr:6 imms:6 rn:5 rd:5',
    (f) =>
      `${LOGICAL[f.OPC]}\t${f.OPC === 3 ? r(f.SF, f.rd) : rsp(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${hexImmediate(
        BigInt.asUintN(f.SF === 1 ? 64 : 32, logicalMask(f) ?? 0n),
      )}`,
    (c, f) => {
      const mask = wide(c, f.SF, 'mask', (v) => logicalMask(v) ?? 0n);
      const value = c.let([and, or, xor, and][f.OPC]?.(c.r(f.SF, f.rn), mask) ?? mask);
      if (f.OPC === 3) {
        setLogicalFlags(c, value);
        c.setR(f.rd, value);
      } else {
        c.setRsp(f.rd, value);
      }
    },
    { when: (f) => (f.SF === 1 || f.n === 0) && logicalMask(f) !== undefined, hot: true },
  ),
  insn(
    'MOVN',
    'SF 00 100101 hw:2 imm16:16 rd:5',
    (f) => `movn\t${r(f.SF, f.rd)}, ${hexImmediate(f.imm16)}${f.hw === 0 ? '' : `, lsl #${f.hw * 16}`}`,
    (c, f) =>
      c.setR(
        f.rd,
        wide(c, f.SF, 'imm', (v) => ~(BigInt(v.imm16) << BigInt(v.hw * 16))),
      ),
    { when: (f) => f.SF === 1 || f.hw < 2, hot: true },
  ),
  insn(
    'MOVZ',
    'SF 10 100101 hw:2 imm16:16 rd:5',
    (f) => `movz\t${r(f.SF, f.rd)}, ${hexImmediate(f.imm16)}${f.hw === 0 ? '' : `, lsl #${f.hw * 16}`}`,
    (c, f) =>
      c.setR(
        f.rd,
        wide(c, f.SF, 'imm', (v) => BigInt(v.imm16) << BigInt(v.hw * 16)),
      ),
    { when: (f) => f.SF === 1 || f.hw < 2, hot: true },
  ),
  insn(
    'MOVK',
    'SF 11 100101 hw:2 imm16:16 rd:5',
    (f) => `movk\t${r(f.SF, f.rd)}, ${hexImmediate(f.imm16)}${f.hw === 0 ? '' : `, lsl #${f.hw * 16}`}`,
    (c, f) => {
      const at = small(c, f.SF, 'shift', (v) => v.hw * 16);
      const imm = shl(
        small(c, f.SF, 'imm16', (v) => v.imm16),
        at,
      );
      const kept = and(c.r(f.SF, f.rd), not(shl(like(at, 0xffff), at)));
      c.setR(f.rd, or(kept, imm));
    },
    { when: (f) => f.SF === 1 || f.hw < 2, hot: true },
  ),
  insn(
    'SBFM',
    'SF 00 100110 n immr:6 imms:6 rn:5 rd:5',
    (f) => `sbfm\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${immediate(f.immr)}, ${immediate(f.imms)}`,
    (c, f) => {
      // The field's top bit to the top, then arithmetic shift down to where it belongs: to bit 0, or to the left.
      const width = f.SF === 1 ? 64 : 32;
      const up = small(c, f.SF, 'up', (v) => width - 1 - v.imms);
      const down = small(c, f.SF, 'down', (v) =>
        v.imms >= v.immr ? width - 1 - v.imms + v.immr : width - 1 - v.imms,
      );
      const left = small(c, f.SF, 'left', (v) => (v.imms >= v.immr ? 0 : width - v.immr));
      c.setR(f.rd, shl(sar(shl(c.r(f.SF, f.rn), up), down), left));
    },
    { when: bitfieldAllocated, hot: true },
  ),
  insn(
    'BFM',
    'SF 01 100110 n immr:6 imms:6 rn:5 rd:5',
    (f) => `bfm\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${immediate(f.immr)}, ${immediate(f.imms)}`,
    (c, f) => {
      const width = f.SF === 1 ? 64 : 32;
      // The bits of Rd that are replaced: a run of ones from `left`.
      const ones = small(c, f.SF, 'ones', (v) => width - 1 - (v.imms >= v.immr ? v.imms - v.immr : v.imms));
      const left = small(c, f.SF, 'left', (v) => (v.imms >= v.immr ? 0 : width - v.immr));
      const mask = c.let(shl(shr(like(ones, -1), ones), left));
      const rotated = rotr(
        c.r(f.SF, f.rn),
        small(c, f.SF, 'immr', (v) => v.immr),
      );
      c.setR(f.rd, or(and(c.r(f.SF, f.rd), not(mask)), and(rotated, mask)));
    },
    { when: bitfieldAllocated, hot: true },
  ),
  insn(
    'UBFM',
    'SF 10 100110 n immr:6 imms:6 rn:5 rd:5',
    (f) => `ubfm\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${immediate(f.immr)}, ${immediate(f.imms)}`,
    (c, f) => {
      const width = f.SF === 1 ? 64 : 32;
      const up = small(c, f.SF, 'up', (v) => width - 1 - v.imms);
      const down = small(c, f.SF, 'down', (v) =>
        v.imms >= v.immr ? width - 1 - v.imms + v.immr : width - 1 - v.imms,
      );
      const left = small(c, f.SF, 'left', (v) => (v.imms >= v.immr ? 0 : width - v.immr));
      c.setR(f.rd, shl(shr(shl(c.r(f.SF, f.rn), up), down), left));
    },
    { when: bitfieldAllocated, hot: true },
  ),
  insn(
    'EXTR',
    'SF 00 100111 n 0 rm:5 imms:6 rn:5 rd:5',
    (f) => `extr\t${r(f.SF, f.rd)}, ${r(f.SF, f.rn)}, ${r(f.SF, f.rm)}, ${immediate(f.imms)}`,
    (c, f) => {
      const width = f.SF === 1 ? 64 : 32;
      const low = shr(
        c.r(f.SF, f.rm),
        small(c, f.SF, 'lsb', (v) => v.imms),
      );
      // Twice, for a shift by the whole width is none.
      const one = small(c, f.SF, 'rest', (v) => width - 1 - v.imms);
      const high = shl(shl(c.r(f.SF, f.rn), one), f.SF === 1 ? i64(1n) : i32(1));
      c.setR(f.rd, or(low, high));
    },
    { when: (f) => f.SF === f.n && (f.SF === 1 || f.imms < 32), hot: true },
  ),
];

function bitfieldAllocated(f: {
  readonly SF: number;
  readonly n: number;
  readonly immr: number;
  readonly imms: number;
}): boolean {
  return f.SF === f.n && (f.SF === 1 || (f.immr < 32 && f.imms < 32));
}
