/**
 * Exclusives, acquire and release, and the LSE atomics (Arm ARM DDI 0487 B2.9, C6.2). vCPUs take turns on one host thread, so
 * an instruction is atomic by itself, and order is program order. A vCPU's monitor is cleared when its turn begins: an
 * exclusive store that succeeds had no other vCPU between it and its load.
 */
import { r, w, xsp } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import {
  add,
  and,
  eq,
  gtSigned,
  gtUnsigned,
  i32,
  i64,
  ltSigned,
  ltUnsigned,
  not,
  or,
  select,
  xor,
} from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { pure, type Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { STATE } from '../state.ts';

const LOAD = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load'] as const;
const STORE = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store'] as const;
const SUFFIX = ['b', 'h', '', ''] as const;
const ALIGNED = { aligned: true } as const;

const loadName = (size: number) => LOAD[size] ?? 'i64.load';
const storeName = (size: number) => STORE[size] ?? 'i64.store';
const sizeOf = (size: number): Value<'i64'> => i64((1n << BigInt(8 << size)) - 1n);
const register = (size: number, number: number): string => r(size === 3 ? 1 : 0, number);

function mark<V extends AnyFieldValues>(c: Meaning<V>, address: Value<'i64'>): void {
  c.setState64(STATE.MONITOR_VA, address);
  c.setState32(STATE.MONITOR, i32(1));
}

/** Runs a store if the monitor marks this address; gives 0 for success in Rs. The monitor is cleared either way. */
function storeIfMarked<V extends AnyFieldValues>(
  c: Meaning<V>,
  rs: OperandField,
  address: Value<'i64'>,
  write: () => void,
): void {
  const failed = c.temporary(i32(1));
  c.if(and(c.state32(STATE.MONITOR), eq(c.state64(STATE.MONITOR_VA), address)), () => {
    write();
    c.assign(failed, i32(0));
  });
  c.setState32(STATE.MONITOR, i32(0));
  c.setR(rs, failed);
}

/** What an atomic operation leaves in memory; the values are zero-extended from the size. */
function combine(operation: number, size: number, memory: Value<'i64'>, operand: Value<'i64'>): Value<'i64'> {
  const pick = (compare: (a: Value<'i64'>, b: Value<'i64'>) => Value<'i32'>, sign: boolean): Value<'i64'> => {
    const extend = sign
      ? (value: Value<'i64'>) => signExtendFrom(size, value)
      : (value: Value<'i64'>) => and(value, sizeOf(size));
    return select(compare(extend(memory), extend(operand)), memory, operand);
  };
  switch (operation) {
    case 0:
      return add(memory, operand);
    case 1:
      return and(memory, not(operand));
    case 2:
      return xor(memory, operand);
    case 3:
      return or(memory, operand);
    case 4:
      return pick(gtSigned, true);
    case 5:
      return pick(ltSigned, true);
    case 6:
      return pick(gtUnsigned, false);
    default:
      return pick(ltUnsigned, false);
  }
}

function signExtendFrom(size: number, value: Value<'i64'>): Value<'i64'> {
  if (size === 0) return pure('i64.extend8_s', value);
  if (size === 1) return pure('i64.extend16_s', value);
  return size === 2 ? pure('i64.extend32_s', value) : value;
}

const ORDER = ['', 'l', 'a', 'al'] as const;
const OPERATIONS = ['ldadd', 'ldclr', 'ldeor', 'ldset', 'ldsmax', 'ldsmin', 'ldumax', 'ldumin'] as const;

export const SYNCHRONISATION: readonly Definition[] = [
  insn(
    'LDXR, LDAXR',
    'SIZE:2 001000 0 1 0 rs:5 ACQUIRE rt2:5 rn:5 rt:5',
    (f) => `ld${f.ACQUIRE === 1 ? 'a' : ''}xr${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      const value = c.load(loadName(f.SIZE), address, ALIGNED);
      mark(c, address);
      c.setR(f.rt, value);
    },
    { hot: (f) => f.SIZE >= 2, warm: true },
  ),
  insn(
    'STXR, STLXR',
    'SIZE:2 001000 0 0 0 rs:5 RELEASE rt2:5 rn:5 rt:5',
    (f) =>
      `st${f.RELEASE === 1 ? 'l' : ''}xr${SUFFIX[f.SIZE]}\t${w(f.rs)}, ${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      storeIfMarked(c, f.rs, address, () => c.store(storeName(f.SIZE), address, c.x(f.rt), ALIGNED));
    },
    { hot: (f) => f.RELEASE === 0 && f.SIZE >= 2, warm: true },
  ),
  insn(
    'LDXP, LDAXP',
    '1 WIDE 001000 0 1 1 rs:5 ACQUIRE rt2:5 rn:5 rt:5',
    (f) => `ld${f.ACQUIRE === 1 ? 'a' : ''}xp\t${r(f.WIDE, f.rt)}, ${r(f.WIDE, f.rt2)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      if (f.WIDE === 1) {
        const pair = c.load('v128.load', address, ALIGNED);
        mark(c, address);
        c.setR(f.rt, half(pair, 0));
        c.setR(f.rt2, half(pair, 1));
      } else {
        const pair = c.load('i64.load', address, ALIGNED);
        mark(c, address);
        c.setR(f.rt, and(pair, i64(0xffff_ffffn)));
        c.setR(f.rt2, pure('i64.shr_u', pair, i64(32n)));
      }
    },
    { warm: true },
  ),
  insn(
    'STXP, STLXP',
    '1 WIDE 001000 0 0 1 rs:5 RELEASE rt2:5 rn:5 rt:5',
    (f) =>
      `st${f.RELEASE === 1 ? 'l' : ''}xp\t${w(f.rs)}, ${r(f.WIDE, f.rt)}, ${r(f.WIDE, f.rt2)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      storeIfMarked(c, f.rs, address, () => {
        if (f.WIDE === 1) c.store('v128.store', address, pairOf(c.x(f.rt), c.x(f.rt2)), ALIGNED);
        else {
          const low = and(c.x(f.rt), i64(0xffff_ffffn));
          c.store('i64.store', address, or(low, pure('i64.shl', c.x(f.rt2), i64(32n))), ALIGNED);
        }
      });
    },
    { warm: true },
  ),
  insn(
    'LDAR, LDLAR',
    'SIZE:2 001000 1 1 0 11111 O0 11111 rn:5 rt:5',
    (f) => `ld${f.O0 === 1 ? 'a' : 'la'}r${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => c.setR(f.rt, c.load(loadName(f.SIZE), c.xsp(f.rn), ALIGNED)),
    { hot: (f) => f.O0 === 1 && f.SIZE >= 2, warm: (f) => f.O0 === 1 },
  ),
  insn(
    'STLR, STLLR',
    'SIZE:2 001000 1 0 0 rs:5 O0 rt2:5 rn:5 rt:5',
    (f) => `stl${f.O0 === 1 ? '' : 'l'}r${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => c.store(storeName(f.SIZE), c.xsp(f.rn), c.x(f.rt), ALIGNED),
    { hot: (f) => f.O0 === 1 && f.SIZE !== 1, warm: (f) => f.O0 === 1 },
  ),
  insn(
    'CAS',
    'SIZE:2 001000 1 A 1 rs:5 R 11111 rn:5 rt:5',
    (f) =>
      `cas${ORDER[f.A * 2 + f.R]}${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rs)}, ${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      const old = c.load(loadName(f.SIZE), address, ALIGNED);
      c.if(eq(old, and(c.x(f.rs), sizeOf(f.SIZE))), () =>
        c.store(storeName(f.SIZE), address, c.x(f.rt), ALIGNED),
      );
      c.setR(f.rs, old);
    },
    { hot: (f) => f.R === 0 && f.A === 1 && f.SIZE >= 2, warm: (f) => f.SIZE >= 2 },
  ),
  insn(
    'CASP',
    '0 WIDE 001000 0 A 1 rs:5 R 11111 rn:5 rt:5',
    (f) => {
      const pair = (first: number): string => `${r(f.WIDE, first)}, ${r(f.WIDE, first + 1)}`;
      return `casp${ORDER[f.A * 2 + f.R]}\t${pair(f.rs)}, ${pair(f.rt)}, [${xsp(f.rn)}]`;
    },
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      if (f.WIDE === 1) {
        const old = c.load('v128.load', address, ALIGNED);
        const [low, high] = [c.let(half(old, 0)), c.let(half(old, 1))];
        c.if(and(eq(low, c.xPlus(f.rs, 0)), eq(high, c.xPlus(f.rs, 1))), () =>
          c.store('v128.store', address, pairOf(c.xPlus(f.rt, 0), c.xPlus(f.rt, 1)), ALIGNED),
        );
        c.setXPlus(f.rs, 0, low);
        c.setXPlus(f.rs, 1, high);
      } else {
        const old = c.load('i64.load', address, ALIGNED);
        const joined = (field: OperandField): Value<'i64'> =>
          or(and(c.xPlus(field, 0), i64(0xffff_ffffn)), pure('i64.shl', c.xPlus(field, 1), i64(32n)));
        c.if(eq(old, joined(f.rs)), () => c.store('i64.store', address, joined(f.rt), ALIGNED));
        c.setXPlus(f.rs, 0, and(old, i64(0xffff_ffffn)));
        c.setXPlus(f.rs, 1, pure('i64.shr_u', old, i64(32n)));
      }
    },
    { when: (f) => f.rs % 2 === 0 && f.rt % 2 === 0, warm: true },
  ),
  insn(
    'LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN',
    'SIZE:2 111 0 00 A R 1 rs:5 0 OPC:3 00 rn:5 rt:5',
    (f) =>
      `${OPERATIONS[f.OPC]}${ORDER[f.A * 2 + f.R]}${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rs)}, ${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      const old = c.load(loadName(f.SIZE), address, ALIGNED);
      c.store(storeName(f.SIZE), address, combine(f.OPC, f.SIZE, old, c.x(f.rs)), ALIGNED);
      c.setR(f.rt, old);
    },
    { warm: (f) => f.SIZE >= 2 && (f.OPC < 2 || f.OPC === 3) },
  ),
  insn(
    'SWP',
    'SIZE:2 111 0 00 A R 1 rs:5 1 000 00 rn:5 rt:5',
    (f) =>
      `swp${ORDER[f.A * 2 + f.R]}${SUFFIX[f.SIZE]}\t${register(f.SIZE, f.rs)}, ${register(f.SIZE, f.rt)}, [${xsp(f.rn)}]`,
    (c, f) => {
      const address = c.let(c.xsp(f.rn));
      const old = c.load(loadName(f.SIZE), address, ALIGNED);
      c.store(storeName(f.SIZE), address, c.x(f.rs), ALIGNED);
      c.setR(f.rt, old);
    },
    { warm: (f) => f.SIZE >= 2 },
  ),
];

function half(pair: Value<'v128'>, lane: 0 | 1): Value<'i64'> {
  return { kind: 'op', type: 'i64', name: 'i64x2.extract_lane', args: [pair], immediate: [lane] };
}

function pairOf(low: Value<'i64'>, high: Value<'i64'>): Value<'v128'> {
  const splat = pure('i64x2.splat', low);
  return { kind: 'op', type: 'v128', name: 'i64x2.replace_lane', args: [splat, high], immediate: [1] };
}
