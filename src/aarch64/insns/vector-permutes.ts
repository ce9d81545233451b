/** Advanced SIMD moves: DUP, INS, UMOV, SMOV, immediates, EXT, ZIP, UZP, TRN, TBL and TBX (Arm ARM DDI 0487 C4.1.96). */
import { hexImmediate, r, w, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { DOUBLE, SINGLE } from '../float/format.ts';
import { low32 } from '../meaning/integer.ts';
import { pure, shuffle, type Value } from '../meaning/value.ts';
import {
  arranged,
  everywhere,
  firstBytes,
  scalarName,
  setVector,
  splat,
  VECTOR_BYTES,
  type Vector,
} from '../meaning/vectors.ts';
import { expandedImmediate, immediateText } from './scalar-floats.ts';

const FP = { floatingPoint: true } as const;
const bytesOf = (q: number): number => (q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2);

const LOADS = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load'] as const;
const SIGNED_LOADS = ['i64.load8_s', 'i64.load16_s', 'i64.load32_s'] as const;
const STORES = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store'] as const;

/** The size is shape, the index an operand: `imm5` is written in both parts, `xxxx1`, `xxx10`, `xx100`, `x1000`. */
const IMM5 = ['idx:4 1', 'idx:3 10', 'idx:2 100', 'idx:1 1000'] as const;

const bySize = <T>(make: (size: number, imm5: string) => T): readonly T[] =>
  IMM5.map((imm5, size) => make(size, imm5));

const duplicates = bySize((size, imm5) => [
  insn(
    `DUP (element, vector, ${8 << size})`,
    `0 Q 0 01110000 ${imm5} 0 0000 1 rn:5 rd:5` as '0 Q 0 idx:4 rn:5 rd:5',
    (f) => `dup\t${arranged(f.rd, size, f.Q)}, v${f.rn}.${'bhsd'[size]}[${f.idx}]`,
    (c, f) => {
      const value = c.vLane(LOADS[size] ?? 'i64.load', f.rn, 'element', (v) => v.idx << size);
      setVector(c, f.rd, splat(size, value as Value<'i64'>), bytesOf(f.Q));
    },
    { floatingPoint: true, when: (f) => f.Q === 1 || size < 3 },
  ),
  insn(
    `DUP (element, scalar, ${8 << size})`,
    `01 0 11110000 ${imm5} 0 0000 1 rn:5 rd:5` as '01 0 idx:4 rn:5 rd:5',
    (f) => `dup\t${scalarName(size, f.rd)}, v${f.rn}.${'bhsd'[size]}[${f.idx}]`,
    (c, f) => {
      const value = c.let(c.vLane(LOADS[size] ?? 'i64.load', f.rn, 'element', (v) => v.idx << size));
      c.setVScalar(f.rd, value as Value<'i64'>);
    },
    FP,
  ),
  insn(
    `DUP (general, ${8 << size})`,
    `0 Q 0 01110000 ${imm5} 0 0001 1 rn:5 rd:5` as '0 Q 0 idx:4 rn:5 rd:5',
    (f) => `dup\t${arranged(f.rd, size, f.Q)}, ${r(size === 3 ? 1 : 0, f.rn)}`,
    (c, f) => setVector(c, f.rd, splat(size, c.x(f.rn)), bytesOf(f.Q)),
    { floatingPoint: true, when: (f) => f.Q === 1 || size < 3 },
  ),
  insn(
    `INS (general, ${8 << size})`,
    `0 1 0 01110000 ${imm5} 0 0011 1 rn:5 rd:5` as '0 1 0 idx:4 rn:5 rd:5',
    (f) => `ins\tv${f.rd}.${'bhsd'[size]}[${f.idx}], ${r(size === 3 ? 1 : 0, f.rn)}`,
    (c, f) => c.setVLane(STORES[size] ?? 'i64.store', f.rd, 'element', (v) => v.idx << size, c.x(f.rn)),
    FP,
  ),
  insn(
    `INS (element, ${8 << size})`,
    `0 1 1 01110000 ${imm5} 0 imm4:4 1 rn:5 rd:5` as '0 1 1 idx:4 imm4:4 rn:5 rd:5',
    (f) => `ins\tv${f.rd}.${'bhsd'[size]}[${f.idx}], v${f.rn}.${'bhsd'[size]}[${f.imm4 >> size}]`,
    (c, f) => {
      const value = c.let(
        c.vLane(LOADS[size] ?? 'i64.load', f.rn, 'source', (v) => (v.imm4 >> size) << size),
      );
      c.setVLane(STORES[size] ?? 'i64.store', f.rd, 'element', (v) => v.idx << size, value);
    },
    FP,
  ),
  insn(
    `UMOV (${8 << size})`,
    `0 Q 0 01110000 ${imm5} 0 0111 1 rn:5 rd:5` as '0 Q 0 idx:4 rn:5 rd:5',
    (f) => `umov\t${r(f.Q, f.rd)}, v${f.rn}.${'bhsd'[size]}[${f.idx}]`,
    (c, f) => {
      const value = c.vLane(LOADS[size] ?? 'i64.load', f.rn, 'element', (v) => v.idx << size);
      c.setR(f.rd, value as Value<'i64'>);
    },
    { floatingPoint: true, when: (f) => f.Q === (size === 3 ? 1 : 0) },
  ),
]).flat();

const signedMoves = SIGNED_LOADS.map((load, size) =>
  insn(
    `SMOV (${8 << size})`,
    `0 Q 0 01110000 ${IMM5[size]} 0 0101 1 rn:5 rd:5` as '0 Q 0 idx:4 rn:5 rd:5',
    (f) => `smov\t${f.Q === 1 ? x(f.rd) : w(f.rd)}, v${f.rn}.${'bhsd'[size]}[${f.idx}]`,
    (c, f) => {
      const value = c.vLane(load, f.rn, 'element', (v) => v.idx << size) as Value<'i64'>;
      c.setR(f.rd, f.Q === 1 ? value : low32(value));
    },
    { floatingPoint: true, when: (f) => f.Q === 1 || size < 2 },
  ),
);

/** AdvSIMDExpandImm (Arm ARM J1.1), repeated to 64 bits; `undefined` where it is unallocated. */
function expandedVectorImmediate(op: number, cmode: number, imm8: number): bigint | undefined {
  const value = BigInt(imm8);
  const repeat = (bits: bigint, part: bigint): bigint => {
    let whole = 0n;
    for (let at = 0n; at < 64n; at += bits) whole |= part << at;
    return whole;
  };
  if (cmode < 8) return repeat(32n, value << BigInt(8 * (cmode >> 1)));
  if (cmode < 12) return repeat(16n, value << BigInt(8 * ((cmode >> 1) & 1)));
  if (cmode === 12) return repeat(32n, (value << 8n) | 0xffn);
  if (cmode === 13) return repeat(32n, (value << 16n) | 0xffffn);
  if (cmode === 14 && op === 0) return repeat(8n, value);
  if (cmode === 14) {
    let mask = 0n;
    for (let bit = 0; bit < 8; bit += 1) if ((imm8 >> bit) & 1) mask |= 0xffn << BigInt(8 * bit);
    return mask;
  }
  if (op === 0) return repeat(32n, expandedImmediate(SINGLE, imm8));
  return expandedImmediate(DOUBLE, imm8);
}

interface ImmediateFields {
  readonly Q: number;
  readonly OP: number;
  readonly CMODE: number;
  readonly abc: number;
  readonly defgh: number;
}
const imm8Of = (f: { readonly abc: number; readonly defgh: number }): number => (f.abc << 5) | f.defgh;

function vectorImmediateText(f: ImmediateFields & { readonly rd: number }): string {
  const { Q: q, OP: op, CMODE: cmode } = f;
  const imm8 = imm8Of(f);
  if (cmode === 15) return `fmov\t${arranged(f.rd, op === 1 ? 3 : 2, q)}, ${immediateText(imm8)}`;
  if (cmode === 14 && op === 1) {
    const value = expandedVectorImmediate(1, 14, imm8) ?? 0n;
    const register = q === 1 ? arranged(f.rd, 3, 1) : `d${f.rd}`;
    return `movi\t${register}, ${hexImmediate(value)}`;
  }
  if (cmode === 14) return `movi\t${arranged(f.rd, 0, q)}, ${hexImmediate(imm8)}`;
  const ones = cmode >= 12;
  const accumulates = !ones && (cmode & 1) === 1;
  const name = accumulates ? ['orr', 'bic'][op] : ['movi', 'mvni'][op];
  const size = cmode < 8 || ones ? 2 : 1;
  const amount = ones ? 8 << (cmode & 1) : 8 * ((cmode >> 1) & (cmode < 8 ? 3 : 1));
  const shift = ones ? `, msl #${amount}` : amount === 0 ? '' : `, lsl #${amount}`;
  return `${name}\t${arranged(f.rd, size, q)}, ${hexImmediate(imm8)}${shift}`;
}

const modifiedImmediate = insn(
  'MOVI, MVNI, ORR, BIC, FMOV (vector, immediate)',
  '0 Q OP 0111100000 abc:3 CMODE:4 01 defgh:5 rd:5',
  vectorImmediateText,
  (c, f) => {
    const value = c.derived('i64', 'value', (v) => {
      const expanded = expandedVectorImmediate(f.OP, f.CMODE, imm8Of(v)) ?? 0n;
      // MVNI and BIC use the complement; with CMODE 14 and 15 OP has another meaning.
      return f.OP === 1 && f.CMODE < 14 ? BigInt.asUintN(64, ~expanded) : expanded;
    });
    const vector = splat(3, value);
    const accumulates = f.CMODE < 12 && (f.CMODE & 1) === 1;
    const old = c.v(f.rd);
    const result = accumulates ? pure(f.OP === 1 ? 'v128.and' : 'v128.or', old, vector) : vector;
    c.setV(f.rd, firstBytes(result, bytesOf(f.Q)));
  },
  { floatingPoint: true, when: (f) => !(f.CMODE === 15 && f.OP === 1 && f.Q === 0) },
);

/** EXT: sixteen (or eight) bytes from the middle of two registers. Its position is shape: a shuffle is a constant. */
const extract = insn(
  'EXT',
  '0 Q 101110000 rm:5 0 IMM4:4 0 rn:5 rd:5',
  (f) => `ext\t${[f.rd, f.rn, f.rm].map((n) => arranged(n, 0, f.Q)).join(', ')}, #${f.IMM4}`,
  (c, f) => {
    const bytes = bytesOf(f.Q);
    const lanes = Array.from({ length: VECTOR_BYTES }, (_, index) => {
      const at = index + f.IMM4;
      return at < bytes ? at : VECTOR_BYTES + ((at - bytes) % VECTOR_BYTES);
    });
    setVector(c, f.rd, shuffle(lanes, c.v(f.rn), c.v(f.rm)), bytes);
  },
  { floatingPoint: true, when: (f) => f.Q === 1 || f.IMM4 < 8 },
);

/** By opcode: which element of the pair (first register, then second) stands at an index of the result. */
const PERMUTES: readonly (readonly [
  name: string,
  opcode: string,
  source: (index: number, count: number) => number,
])[] = [
  ['uzp1', '001', (index) => index * 2],
  ['uzp2', '101', (index) => index * 2 + 1],
  ['trn1', '010', (index, count) => (index & ~1) + (index & 1) * count],
  ['trn2', '110', (index, count) => (index & ~1) + 1 + (index & 1) * count],
  ['zip1', '011', (index, count) => (index >> 1) + (index & 1) * count],
  ['zip2', '111', (index, count) => (index >> 1) + count / 2 + (index & 1) * count],
];

const permutes = PERMUTES.map(([name, opcode, source]) =>
  insn(
    name.toUpperCase(),
    `0 Q 001110 SIZE:2 0 rm:5 0 ${opcode} 10 rn:5 rd:5` as '0 Q SIZE:2 rm:5 rn:5 rd:5',
    (f) => `${name}\t${[f.rd, f.rn, f.rm].map((n) => arranged(n, f.SIZE, f.Q)).join(', ')}`,
    (c, f) => {
      const bytes = bytesOf(f.Q);
      const count = bytes >> f.SIZE;
      const lanes = Array.from({ length: VECTOR_BYTES }, (_, byte) => {
        if (byte >= bytes) return 0;
        const from = source(byte >> f.SIZE, count);
        const register = from < count ? 0 : VECTOR_BYTES;
        return register + ((from % count) << f.SIZE) + (byte & ((1 << f.SIZE) - 1));
      });
      setVector(c, f.rd, shuffle(lanes, c.v(f.rn), c.v(f.rm)), bytes);
    },
    { floatingPoint: true, when: (f) => f.Q === 1 || f.SIZE < 3 },
  ),
);

/** TBL and TBX: a table of one to four registers, out of whose range a byte is zero or stays. */
const table = insn(
  'TBL, TBX',
  '0 Q 001110000 rm:5 0 LEN:2 OP 00 rn:5 rd:5',
  (f) => {
    const registers = Array.from({ length: f.LEN + 1 }, (_, index) => `v${(f.rn + index) % 32}.16b`);
    const list =
      f.LEN >= 1 && f.rn + f.LEN < 32
        ? f.LEN === 1
          ? registers.join(', ')
          : `${registers[0]}-${registers.at(-1)}`
        : registers.join(', ');
    return `${f.OP === 1 ? 'tbx' : 'tbl'}\t${arranged(f.rd, 0, f.Q)}, {${list}}, ${arranged(f.rm, 0, f.Q)}`;
  },
  (c, f) => {
    const index = c.let(c.v(f.rm));
    // `i8x16.swizzle` gives zero for any index of 16 and more, also for what wrapped round below zero.
    let result: Vector = pure('i8x16.swizzle', c.v(f.rn), index);
    for (let part = 1; part <= f.LEN; part += 1) {
      const moved = pure('i8x16.sub', index, everywhere(0, BigInt(16 * part)));
      result = pure('v128.or', result, pure('i8x16.swizzle', c.vPlus(f.rn, part), moved));
    }
    if (f.OP === 1) {
      const inRange = pure('i8x16.lt_u', index, everywhere(0, BigInt(16 * (f.LEN + 1))));
      result = pure('v128.bitselect', result, c.v(f.rd), inRange);
    }
    setVector(c, f.rd, result, bytesOf(f.Q));
  },
  FP,
);

export const VECTOR_PERMUTES: readonly Definition[] = [
  ...duplicates,
  ...signedMoves,
  modifiedImmediate,
  extract,
  ...permutes,
  table,
];
