/** Loads and stores of vector registers, one or two at a time (Arm ARM DDI 0487 C4.1.88). */
import { immediate, signed, target, xsp } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { add, i64 } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { pairAddressText, registerOffset, registerOffsetText } from './loads-and-stores.ts';

/** By size: 8 to 128 bits, and how each is moved. */
const LETTERS = 'bhsdq';
const LOADS = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load', 'v128.load'] as const;
const STORES = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store', 'v128.store'] as const;

const vectorName = (size: number, register: number): string => `${LETTERS[size]}${register}`;

/** Loads a register of this size; the rest of it becomes zero. */
function loadRegister<V extends AnyFieldValues>(
  c: Meaning<V>,
  size: number,
  address: Value<'i64'>,
): (register: OperandField) => void {
  const value = c.load(LOADS[size] ?? 'v128.load', address) as Value;
  return (register) => {
    if (value.type === 'v128') c.setV(register, value as Value<'v128'>);
    else c.setVScalar(register, value as Value<'i64'>);
  };
}

function storeRegister<V extends AnyFieldValues>(
  c: Meaning<V>,
  size: number,
  address: Value<'i64'>,
  register: OperandField,
): void {
  c.store(STORES[size] ?? 'v128.store', address, c.vPart(LOADS[size] ?? 'v128.load', register) as Value);
}

interface Kind {
  readonly SIZE: number;
  readonly OPC: number;
}
/** The upper bit of OPC makes 128 bits of what would be 8; the lower says "load". */
const sizeOf = (f: Kind): number => ((f.OPC >> 1) << 2) | f.SIZE;
const isAllocated = (f: Kind): boolean => sizeOf(f) <= 4;

function transfer<V extends AnyFieldValues>(
  c: Meaning<V>,
  f: Kind & { readonly rt: OperandField },
  address: Value<'i64'>,
  afterwards: () => void = () => {},
): void {
  if ((f.OPC & 1) === 1) {
    const write = loadRegister(c, sizeOf(f), address);
    afterwards();
    write(f.rt);
  } else {
    storeRegister(c, sizeOf(f), address, f.rt);
    afterwards();
  }
}

const text = (f: Kind & { readonly rt: number }, stem: 'r' | 'ur'): string =>
  `${(f.OPC & 1) === 1 ? 'ld' : 'st'}${stem}\t${vectorName(sizeOf(f), f.rt)}`;

const scaled = (f: Kind & { readonly imm12: number }): number => f.imm12 << sizeOf(f);
const offset9 = (f: { readonly imm9: number }): number => signed(f.imm9, 9);
const offset19 = (f: { readonly imm19: number }): number => signed(f.imm19, 19) * 4;
const withOffset = (rn: number, offset: number): string =>
  offset === 0 ? `[${xsp(rn)}]` : `[${xsp(rn)}, ${immediate(offset)}]`;

const OPTIONS = { floatingPoint: true, when: isAllocated };
const PAIR_SIZES = [2, 3, 4] as const;
const POST_INDEXED = 1;
const PRE_INDEXED = 3;

export const VECTOR_LOADS_AND_STORES: readonly Definition[] = [
  insn(
    'LDR, STR (SIMD, unsigned offset)',
    'SIZE:2 111 1 01 OPC:2 imm12:12 rn:5 rt:5',
    (f) => `${text(f, 'r')}, ${withOffset(f.rn, scaled(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', scaled, 'i32'))),
    { ...OPTIONS, hot: (f) => f.SIZE === 0 && f.OPC >= 2 },
  ),
  insn(
    'LDUR, STUR (SIMD)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 00 rn:5 rt:5',
    (f) => `${text(f, 'ur')}, ${withOffset(f.rn, offset9(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16'))),
    OPTIONS,
  ),
  insn(
    'LDR, STR (SIMD, post-indexed)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 01 rn:5 rt:5',
    (f) => `${text(f, 'r')}, [${xsp(f.rn)}], ${immediate(offset9(f))}`,
    (c, f) => {
      const base = c.let(c.xsp(f.rn));
      transfer(c, f, base, () => c.setRsp(f.rn, add(base, c.derived('i64', 'offset', offset9, 's16'))));
    },
    OPTIONS,
  ),
  insn(
    'LDR, STR (SIMD, pre-indexed)',
    'SIZE:2 111 1 00 OPC:2 0 imm9:9 11 rn:5 rt:5',
    (f) => `${text(f, 'r')}, [${xsp(f.rn)}, ${immediate(offset9(f))}]!`,
    (c, f) => {
      const address = c.let(add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16')));
      transfer(c, f, address, () => c.setRsp(f.rn, address));
    },
    OPTIONS,
  ),
  insn(
    'LDR, STR (SIMD, register offset)',
    'SIZE:2 111 1 00 OPC:2 1 rm:5 OPTION:3 S 10 rn:5 rt:5',
    (f) => `${text(f, 'r')}, ${registerOffsetText(f, sizeOf(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), registerOffset(c, f, sizeOf(f)))),
    { floatingPoint: true, when: (f) => isAllocated(f) && (f.OPTION & 2) !== 0 },
  ),
  insn(
    'LDR (SIMD, literal)',
    'OPC:2 011 1 00 imm19:19 rt:5',
    (f, pc) => `ldr\t${vectorName(f.OPC + 2, f.rt)}, ${target(pc, offset19(f))}`,
    (c, f) => {
      const address = add(c.pc, c.derived('i64', 'offset', offset19, 'i32'));
      loadRegister(c, f.OPC + 2, address)(f.rt);
    },
    { floatingPoint: true, when: (f) => f.OPC < 3 },
  ),
  insn(
    'LDP, STP, LDNP, STNP (SIMD)',
    'OPC:2 101 1 0 MODE:2 LOAD imm7:7 rt2:5 rn:5 rt:5',
    (f) => {
      const size = PAIR_SIZES[f.OPC] ?? 4;
      const name = `${f.LOAD === 1 ? 'ld' : 'st'}${f.MODE === 0 ? 'n' : ''}p`;
      const registers = `${vectorName(size, f.rt)}, ${vectorName(size, f.rt2)}`;
      return `${name}\t${registers}, ${pairAddressText(f.MODE, f.rn, signed(f.imm7, 7) << size)}`;
    },
    (c, f) => {
      const size = PAIR_SIZES[f.OPC] ?? 4;
      const offset = c.derived('i64', 'offset', (v) => signed(v.imm7, 7) << size, 's16');
      const base = c.let(c.xsp(f.rn));
      const first = f.MODE === POST_INDEXED ? base : c.let(add(base, offset));
      const second = add(first, i64(BigInt(1 << size)));
      const writeBack = (): void => {
        if (f.MODE === POST_INDEXED) c.setRsp(f.rn, add(base, offset));
        if (f.MODE === PRE_INDEXED) c.setRsp(f.rn, first);
      };
      if (f.LOAD === 1) {
        const writes = [loadRegister(c, size, first), loadRegister(c, size, second)] as const;
        writeBack();
        writes[0](f.rt);
        writes[1](f.rt2);
      } else {
        storeRegister(c, size, first, f.rt);
        storeRegister(c, size, second, f.rt2);
        writeBack();
      }
    },
    { floatingPoint: true, when: (f) => f.OPC < 3, hot: (f) => f.OPC === 2 && f.MODE === 2 },
  ),
];
