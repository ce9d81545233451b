/** Loads and stores of vector registers as scalars of 8 to 128 bits (Arm ARM DDI 0487 C4.1.88, V = 1). */
import { immediate, signed, target, xsp } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { add, i64 } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { pairAddressText, registerOffset, registerOffsetText } from './loads-and-stores.ts';

/** SIZE and the high bit of OPC: 0 to 4 for B, H, S, D, Q; the low bit of OPC is 1 for a load. */
interface Kind {
  readonly SIZE: number;
  readonly OPC: number;
}
const QUAD = 4;
const scaleOf = (f: Kind): number => (f.OPC >= 2 ? QUAD : f.SIZE);
const isAccess = (f: Kind): boolean => f.OPC < 2 || f.SIZE === 0;

const PREFIX = ['b', 'h', 's', 'd', 'q'] as const;
const LOAD = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load'] as const;
const STORE = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store'] as const;

function load<V extends AnyFieldValues>(c: Meaning<V>, scale: number, address: Value<'i64'>): Value {
  return scale === QUAD ? c.load('v128.load', address) : c.load(LOAD[scale] ?? 'i64.load', address);
}

function setLoaded<V extends AnyFieldValues>(c: Meaning<V>, rt: OperandField, value: Value): void {
  if (value.type === 'v128') c.setV(rt, value as Value<'v128'>);
  else c.setVScalar(rt, value as Value<'i64'>);
}

function store<V extends AnyFieldValues>(
  c: Meaning<V>,
  scale: number,
  address: Value<'i64'>,
  rt: OperandField,
): void {
  if (scale === QUAD) c.store('v128.store', address, c.v(rt));
  else c.store(STORE[scale] ?? 'i64.store', address, c.vPart('i64.load', rt));
}

function transfer<V extends AnyFieldValues>(
  c: Meaning<V>,
  f: Kind & { readonly rt: OperandField },
  address: Value<'i64'>,
  afterwards: () => void = () => {},
): void {
  const scale = scaleOf(f);
  if ((f.OPC & 1) === 0) {
    store(c, scale, address, f.rt);
    afterwards();
  } else {
    const value = load(c, scale, address);
    setLoaded(c, f.rt, value);
    afterwards();
  }
}

const transferText = (f: Kind & { readonly rt: number }, unscaled: boolean): string =>
  `${(f.OPC & 1) === 1 ? 'ld' : 'st'}${unscaled ? 'ur' : 'r'}\t${PREFIX[scaleOf(f)]}${f.rt}`;
const offset9 = (f: { readonly imm9: number }): number => signed(f.imm9, 9);
const offset19 = (f: { readonly imm19: number }): number => signed(f.imm19, 19) * 4;
const scaled = (f: Kind & { readonly imm12: number }): number => f.imm12 << scaleOf(f);
const withOffset = (rn: number, offset: number): string =>
  offset === 0 ? `[${xsp(rn)}]` : `[${xsp(rn)}, ${immediate(offset)}]`;

const PAIR_POST = 1;
const PAIR_PRE = 3;

export const LOADS_AND_STORES_VECTOR: readonly Definition[] = [
  insn(
    'LDR, STR (vector, unsigned offset)',
    'SIZE:2 111 1 01 OPC:2 imm12:12 rn:5 rt:5',
    (f) => `${transferText(f, false)}, ${withOffset(f.rn, scaled(f))}`,
    // Sixteen times 4095 needs all of an unsigned sixteen-bit number.
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', scaled, 'u16'))),
    { when: isAccess, floatingPoint: true },
  ),
  insn(
    'LDUR, STUR (vector)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 00 rn:5 rt:5',
    (f) => `${transferText(f, true)}, ${withOffset(f.rn, offset9(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16'))),
    { when: isAccess, floatingPoint: true },
  ),
  insn(
    'LDR, STR (vector, post-indexed)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 01 rn:5 rt:5',
    (f) => `${transferText(f, false)}, [${xsp(f.rn)}], ${immediate(offset9(f))}`,
    (c, f) => {
      const base = c.let(c.xsp(f.rn));
      transfer(c, f, base, () => c.setRsp(f.rn, add(base, c.derived('i64', 'offset', offset9, 's16'))));
    },
    { when: isAccess, floatingPoint: true },
  ),
  insn(
    'LDR, STR (vector, pre-indexed)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 11 rn:5 rt:5',
    (f) => `${transferText(f, false)}, [${xsp(f.rn)}, ${immediate(offset9(f))}]!`,
    (c, f) => {
      const address = c.let(add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16')));
      transfer(c, f, address, () => c.setRsp(f.rn, address));
    },
    { when: isAccess, floatingPoint: true },
  ),
  insn(
    'LDR, STR (vector, register offset)',
    'SIZE:2 111 1 00 OPC:2 1 rm:5 OPTION:3 S 10 rn:5 rt:5',
    (f) => `${transferText(f, false)}, ${registerOffsetText(f, scaleOf(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), registerOffset(c, f, scaleOf(f)))),
    { when: (f) => isAccess(f) && (f.OPTION & 2) !== 0, floatingPoint: true },
  ),
  insn(
    'LDR (literal, vector)',
    'OPC:2 011 1 00 imm19:19 rt:5',
    (f, pc) => `ldr\t${PREFIX[f.OPC + 2]}${f.rt}, ${target(pc, offset19(f))}`,
    (c, f) => {
      const address = add(c.pc, c.derived('i64', 'offset', offset19, 'i32'));
      setLoaded(c, f.rt, load(c, f.OPC + 2, address));
    },
    { when: (f) => f.OPC < 3, floatingPoint: true },
  ),
  insn(
    'LDP, STP (vector)',
    'OPC:2 101 1 0 MODE:2 LOAD imm7:7 rt2:5 rn:5 rt:5',
    (f) => {
      const name = `${f.LOAD === 1 ? 'ld' : 'st'}${f.MODE === 0 ? 'n' : ''}p`;
      const prefix = PREFIX[f.OPC + 2];
      const offset = signed(f.imm7, 7) << (f.OPC + 2);
      return `${name}\t${prefix}${f.rt}, ${prefix}${f.rt2}, ${pairAddressText(f.MODE, f.rn, offset)}`;
    },
    (c, f) => {
      const scale = f.OPC + 2;
      const offset = c.derived('i64', 'offset', (v) => signed(v.imm7, 7) << scale, 's16');
      const base = c.let(c.xsp(f.rn));
      const first = f.MODE === PAIR_POST ? base : c.let(add(base, offset));
      const second = add(first, i64(1n << BigInt(scale)));
      if (f.LOAD === 1) {
        const values = [load(c, scale, first), load(c, scale, second)] as const;
        setLoaded(c, f.rt, values[0]);
        setLoaded(c, f.rt2, values[1]);
      } else {
        store(c, scale, first, f.rt);
        store(c, scale, second, f.rt2);
      }
      if (f.MODE === PAIR_POST) c.setRsp(f.rn, add(base, offset));
      if (f.MODE === PAIR_PRE) c.setRsp(f.rn, first);
    },
    { when: (f) => f.OPC < 3, floatingPoint: true },
  ),
];
