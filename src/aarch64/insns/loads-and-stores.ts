/** Loads and stores of general registers, one or two at a time (Arm ARM DDI 0487 C4.1.88). */
import { extension, immediate, r, signed, target, w, x, xsp } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { add, and, i64, low32, shl, signExtend } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { GuestAccess, Value } from '../meaning/value.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';

interface Kind {
  readonly SIZE: number;
  readonly OPC: number;
}

const LOAD_UNSIGNED = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load'] as const;
const LOAD_SIGNED = ['i64.load8_s', 'i64.load16_s', 'i64.load32_s'] as const;
const LOAD_SIGNED_TO_32 = ['i32.load8_s', 'i32.load16_s'] as const;
const STORE = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store'] as const;

/** SIZE and OPC of an access to memory; the others are PRFM and unallocated. */
const isAccess = (f: Kind): boolean => f.OPC < 2 || f.SIZE + f.OPC < 5;

/** Loads without sign, stores, and LDRSW. */
const isPlain = (f: Kind): boolean => f.OPC < 2 || (f.SIZE === 2 && f.OPC === 2);

interface RegisterOffsetKind extends Kind {
  readonly OPTION: number;
  readonly S: number;
}

/** The register offsets that a boot runs often, by what is accessed and how the offset is extended. */
function isFrequentOffset(f: RegisterOffsetKind): boolean {
  if (f.OPC >= 2 || f.SIZE === 1) return false;
  if (f.OPTION === 3) return f.SIZE !== 0 || f.S === 0;
  const indexed = f.SIZE === 3 && f.S === 1 && (f.OPTION === 2 || f.OPTION === 6);
  return indexed || (f.SIZE === 0 && f.S === 0 && f.OPTION === 6);
}

/** The register offsets that compilers make. */
function isUsualOffset(f: RegisterOffsetKind): boolean {
  if (f.OPC < 2) return f.OPTION === 2 || f.OPTION === 3 || (f.OPTION === 6 && f.SIZE >= 1);
  return f.OPC === 2 && (f.OPTION === 3 || f.OPTION === 6) && (f.SIZE === 0 || f.SIZE === 2);
}

/** Transfers between a register and memory: OPC 0 stores, 1 loads, 2 and 3 load with sign. */
function transfer<V extends AnyFieldValues>(
  c: Meaning<V>,
  f: Kind & { readonly rt: OperandField },
  address: Value<'i64'>,
  afterwards: () => void = () => {},
  access: Partial<GuestAccess> = {},
): void {
  if (f.OPC === 0) {
    c.store(STORE[f.SIZE] ?? 'i64.store', address, c.x(f.rt), access);
    afterwards();
    return;
  }
  const name =
    f.OPC === 1 ? LOAD_UNSIGNED[f.SIZE] : f.OPC === 2 ? LOAD_SIGNED[f.SIZE] : LOAD_SIGNED_TO_32[f.SIZE];
  const value = c.load(name ?? 'i64.load', address, access);
  // The base first: where base and target are one register the loaded value stays.
  afterwards();
  c.setR(f.rt, value);
}

const SUFFIX = ['b', 'h', '', ''] as const;

/** `ldrsb w1`, `str x2`; `stem` is `` for the usual forms, `u` for unscaled, `t` for unprivileged. */
function transferText(f: Kind & { readonly rt: number }, infix: '' | 'u' | 't'): string {
  const verb = f.OPC === 0 ? 'st' : 'ld';
  const sign = f.OPC >= 2 ? 's' : '';
  const size = f.SIZE === 2 && f.OPC === 2 ? 'w' : SUFFIX[f.SIZE];
  const wide = f.OPC === 2 || (f.OPC < 2 && f.SIZE === 3);
  const stem = infix === '' ? 'r' : infix === 'u' ? 'ur' : 'tr';
  return `${verb}${stem}${sign}${size}\t${r(wide ? 1 : 0, f.rt)}`;
}

const scaled = (f: { readonly SIZE: number; readonly imm12: number }): number => f.imm12 << f.SIZE;
const offset9 = (f: { readonly imm9: number }): number => signed(f.imm9, 9);
const offset19 = (f: { readonly imm19: number }): number => signed(f.imm19, 19) * 4;
const withOffset = (rn: number, offset: number): string =>
  offset === 0 ? `[${xsp(rn)}]` : `[${xsp(rn)}, ${immediate(offset)}]`;

/** The offset of a register-offset access: Rm extended, times the size if asked. */
export function registerOffset<V extends AnyFieldValues>(
  c: Meaning<V>,
  f: { readonly OPTION: number; readonly S: number; readonly rm: OperandField },
  scale: number,
): Value<'i64'> {
  const whole = c.x(f.rm);
  const extended =
    f.OPTION === 2 ? and(whole, i64(0xffff_ffffn)) : f.OPTION === 6 ? signExtend(low32(whole)) : whole;
  return f.S === 1 && scale > 0 ? shl(extended, i64(BigInt(scale))) : extended;
}

export function registerOffsetText(
  f: { readonly OPTION: number; readonly S: number; readonly rm: number; readonly rn: number },
  scale: number,
): string {
  const register = (f.OPTION & 1) === 1 ? x(f.rm) : w(f.rm);
  const word = f.OPTION === 3 ? 'lsl' : extension(f.OPTION);
  const amount = f.S === 1 ? ` #${scale}` : '';
  const tail = f.OPTION === 3 && f.S === 0 ? '' : `, ${word}${amount}`;
  return `[${xsp(f.rn)}, ${register}${tail}]`;
}

const PREFETCHES = ['pld', 'pli', 'pst'] as const;
function prefetchText(operation: number): string {
  const kind = PREFETCHES[operation >> 3];
  const level = (operation >> 1) & 3;
  if (kind === undefined || level === 3) return `#0x${operation.toString(16).padStart(2, '0')}`;
  return `${kind}l${level + 1}${(operation & 1) === 1 ? 'strm' : 'keep'}`;
}

const PAIR_MODES = { post: 1, offset: 2, pre: 3 } as const;

/** The offset of a pair, kept in two bytes. */
const pairOffset = (scale: number) => (f: { readonly imm7: number }) => signed(f.imm7, 7) << scale;

export function pairAddressText(mode: number, rn: number, offset: number): string {
  if (mode === PAIR_MODES.post) return `[${xsp(rn)}], ${immediate(offset)}`;
  if (mode === PAIR_MODES.pre) return `[${xsp(rn)}, ${immediate(offset)}]!`;
  return withOffset(rn, offset);
}

export const LOADS_AND_STORES: readonly Definition[] = [
  insn(
    'LDR, STR (unsigned offset)',
    'SIZE:2 111 0 01 OPC:2 imm12:12 rn:5 rt:5',
    (f) => `${transferText(f, '')}, ${withOffset(f.rn, scaled(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', scaled, 's16'))),
    { when: isAccess, hot: isPlain, warm: true },
  ),
  insn(
    'LDUR, STUR',
    'SIZE:2 111 0 00 OPC:2 0 imm9:9 00 rn:5 rt:5',
    (f) => `${transferText(f, 'u')}, ${withOffset(f.rn, offset9(f))}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16'))),
    { when: isAccess, hot: (f) => f.OPC < 2 && f.SIZE >= 2, warm: true },
  ),
  insn(
    'LDR, STR (post-indexed)',
    'SIZE:2 111 0 00 OPC:2 0 imm9:9 01 rn:5 rt:5',
    (f) => `${transferText(f, '')}, [${xsp(f.rn)}], ${immediate(offset9(f))}`,
    (c, f) => {
      const base = c.let(c.xsp(f.rn));
      transfer(c, f, base, () => c.setRsp(f.rn, add(base, c.derived('i64', 'offset', offset9, 's16'))));
    },
    { when: isAccess, hot: (f) => f.OPC < 2 && f.SIZE !== 1, warm: true },
  ),
  insn(
    'LDR, STR (pre-indexed)',
    'SIZE:2 111 0 00 OPC:2 0 imm9:9 11 rn:5 rt:5',
    (f) => `${transferText(f, '')}, [${xsp(f.rn)}, ${immediate(offset9(f))}]!`,
    (c, f) => {
      const address = c.let(add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16')));
      transfer(c, f, address, () => c.setRsp(f.rn, address));
    },
    { when: isAccess, hot: (f) => f.OPC < 2 && (f.SIZE === 3 || f.SIZE === 0), warm: true },
  ),
  insn(
    'LDTR, STTR',
    'SIZE:2 111 0 00 OPC:2 0 imm9:9 10 rn:5 rt:5',
    (f) => `${transferText(f, 't')}, ${withOffset(f.rn, offset9(f))}`,
    (c, f) =>
      transfer(c, f, add(c.xsp(f.rn), c.derived('i64', 'offset', offset9, 's16')), undefined, {
        unprivileged: true,
      }),
    { when: isAccess, warm: true },
  ),
  insn(
    'LDR, STR (register offset)',
    'SIZE:2 111 0 00 OPC:2 1 rm:5 OPTION:3 S 10 rn:5 rt:5',
    (f) => `${transferText(f, '')}, ${registerOffsetText(f, f.SIZE)}`,
    (c, f) => transfer(c, f, add(c.xsp(f.rn), registerOffset(c, f, f.SIZE))),
    { when: (f) => isAccess(f) && (f.OPTION & 2) !== 0, hot: isFrequentOffset, warm: isUsualOffset },
  ),
  insn(
    'LDR (literal)',
    '0 WIDE 011 0 00 imm19:19 rt:5',
    (f, pc) => `ldr\t${r(f.WIDE, f.rt)}, ${target(pc, offset19(f))}`,
    (c, f) => {
      const address = add(c.pc, c.derived('i64', 'offset', offset19, 'i32'));
      c.setR(f.rt, c.load(f.WIDE === 1 ? 'i64.load' : 'i64.load32_u', address));
    },
    { warm: true },
  ),
  insn(
    'LDRSW (literal)',
    '10 011 0 00 imm19:19 rt:5',
    (f, pc) => `ldrsw\t${x(f.rt)}, ${target(pc, offset19(f))}`,
    (c, f) => c.setR(f.rt, c.load('i64.load32_s', add(c.pc, c.derived('i64', 'offset', offset19, 'i32')))),
  ),
  insn(
    'PRFM (literal)',
    '11 011 0 00 imm19:19 rt:5',
    (f, pc) => `prfm\t${prefetchText(f.rt)}, ${target(pc, offset19(f))}`,
    () => {},
  ),
  insn(
    'PRFM (unsigned offset)',
    '11 111 0 01 10 imm12:12 rn:5 rt:5',
    (f) => `prfm\t${prefetchText(f.rt)}, ${withOffset(f.rn, f.imm12 << 3)}`,
    () => {},
    { hot: true },
  ),
  insn(
    'PRFUM',
    '11 111 0 00 10 0 imm9:9 00 rn:5 rt:5',
    (f) => `prfum\t${prefetchText(f.rt)}, ${withOffset(f.rn, offset9(f))}`,
    () => {},
  ),
  insn(
    'PRFM (register)',
    '11 111 0 00 10 1 rm:5 OPTION:3 S 10 rn:5 rt:5',
    (f) => `prfm\t${prefetchText(f.rt)}, ${registerOffsetText(f, 3)}`,
    () => {},
    { when: (f) => (f.OPTION & 2) !== 0 },
  ),
  insn(
    'LDP, STP',
    'WIDE 0 101 0 0 MODE:2 LOAD imm7:7 rt2:5 rn:5 rt:5',
    (f) => {
      // Mode 0 is LDNP, STNP: the same with a hint.
      const name = `${f.LOAD === 1 ? 'ld' : 'st'}${f.MODE === 0 ? 'n' : ''}p`;
      const offset = pairOffset(f.WIDE === 1 ? 3 : 2)(f);
      return `${name}\t${r(f.WIDE, f.rt)}, ${r(f.WIDE, f.rt2)}, ${pairAddressText(f.MODE, f.rn, offset)}`;
    },
    (c, f) => {
      const bytes = f.WIDE === 1 ? 8n : 4n;
      const offset = c.derived('i64', 'offset', pairOffset(f.WIDE === 1 ? 3 : 2), 's16');
      const base = c.let(c.xsp(f.rn));
      const first = f.MODE === PAIR_MODES.post ? base : c.let(add(base, offset));
      const second = add(first, i64(bytes));
      const writeBack = (): void => {
        if (f.MODE === PAIR_MODES.post) c.setRsp(f.rn, add(base, offset));
        if (f.MODE === PAIR_MODES.pre) c.setRsp(f.rn, first);
      };
      if (f.LOAD === 1) {
        const name = f.WIDE === 1 ? 'i64.load' : 'i64.load32_u';
        const values = [c.load(name, first), c.load(name, second)] as const;
        writeBack();
        c.setR(f.rt, values[0]);
        c.setR(f.rt2, values[1]);
      } else {
        const name = f.WIDE === 1 ? 'i64.store' : 'i64.store32';
        c.store(name, first, c.x(f.rt));
        c.store(name, second, c.x(f.rt2));
        writeBack();
      }
    },
    { hot: (f) => f.MODE === 2 || (f.WIDE === 1 && f.MODE !== 0), warm: true },
  ),
  insn(
    'LDPSW',
    '01 101 0 0 MODE:2 1 imm7:7 rt2:5 rn:5 rt:5',
    (f) => `ldpsw\t${x(f.rt)}, ${x(f.rt2)}, ${pairAddressText(f.MODE, f.rn, pairOffset(2)(f))}`,
    (c, f) => {
      const offset = c.derived('i64', 'offset', pairOffset(2), 's16');
      const base = c.let(c.xsp(f.rn));
      const first = f.MODE === PAIR_MODES.post ? base : c.let(add(base, offset));
      const values = [c.load('i64.load32_s', first), c.load('i64.load32_s', add(first, i64(4n)))] as const;
      if (f.MODE === PAIR_MODES.post) c.setRsp(f.rn, add(base, offset));
      if (f.MODE === PAIR_MODES.pre) c.setRsp(f.rn, first);
      c.setR(f.rt, values[0]);
      c.setR(f.rt2, values[1]);
    },
    { when: (f) => f.MODE !== 0, warm: true },
  ),
];
