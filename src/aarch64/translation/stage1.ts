/**
 * Stage 1 of EL1&0 translation: VMSAv8-64 with the 4 KiB granule and 48-bit addresses (Arm ARM DDI 0487 D8). Hierarchical
 * permissions, access flag, PAN, WXN and top-byte-ignore are here; hardware updates of access flag and dirty
 * state are not, and ID_AA64MMFR1_EL1 says so.
 */
import {
  add,
  and,
  eq,
  geUnsigned,
  i32,
  i64,
  isZero,
  low32,
  ltSigned,
  ltUnsigned,
  ne,
  not,
  or,
  sar,
  select,
  shl,
  shr,
  sub,
  to64,
  xor,
} from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { systemRegister } from '../system/registers.ts';
import { STAGE2_ENTRY, stage2Entry } from './stage2.ts';

/** A virtual address in two halves: for `bigint` arithmetic is an order of magnitude slower. */
export interface Va {
  readonly hi: number;
  readonly lo: number;
}

/** Fault status codes; the level goes into the two low bits (D17.2.37). */
export const FAULT_STATUS = {
  addressSize: 0x00,
  translation: 0x04,
  accessFlag: 0x08,
  permission: 0x0c,
  externalAbort: 0x10,
  externalAbortOnWalk: 0x14,
  alignment: 0x21,
  debug: 0x22,
} as const;

/**
 * What a walk gives: rights in the low bits, the entry's level above them (0 where the MMU is off), and the page's IPA in
 * `STATE.WALK_IPA`. Or a number below zero: the complement of a fault status code; or {@link TABLE_FAULT}, where the IPA is
 * that of an entry for which stage 2 has no RAM.
 */
export const WALK = { read: 1, write: 2, execute: 4, levelShift: 4 } as const;
export const TABLE_FAULT = -0x1000;
/** Who asks: the level whose rights count, and whether PAN applies. */
export const REQUESTER = { el0: 0, el1: 1, el1Pan: 3 } as const;

const CELL = {
  SCTLR: systemRegister('SCTLR_EL1').cell,
  TCR: systemRegister('TCR_EL1').cell,
  TTBR0: systemRegister('TTBR0_EL1').cell,
  TTBR1: systemRegister('TTBR1_EL1').cell,
} as const;

const SCTLR_M = 1;
const SCTLR_WXN = 1 << 19;
const PAGE_MASK = ~0xfffn;
/** The translation granules that ID_AA64MMFR0_EL1 offers (TGran4, TGran16, TGran64). */
export const GRANULES_BYTES: readonly number[] = [4096];
const OUTPUT_MASK = 0xffff_ffff_f000n;
const UPPER_BIT = 55n;
const INDEX_BITS = 9n;
const INDEX_MASK = 511n;
const DESCRIPTOR_SHIFT = 3n;
const LAST_LEVEL = 3;
/** ID_AA64MMFR0_EL1.PARange: 40 bits; TCR_EL1.IPS may say 32 or 36. */
const IPS_SHIFT = 32n;
const PHYSICAL_BITS = 40n;

const fault = (status: number, level: Value<'i32'>): Value<'i32'> => not(or(i32(status), level));
const bit = (value: Value<'i64'>, position: Value<'i64'>): Value<'i32'> =>
  and(low32(shr(value, position)), i32(1));
const bitAt = (value: Value<'i64'>, position: bigint): Value<'i32'> => bit(value, i64(position));
const bool = (value: Value<'i32'>): Value<'i32'> => isZero(isZero(value));

/** Where a table's entries are attributes of what is below them (D8.3.1): bits 59 to 62. */
const TABLE_ATTRIBUTES = { shift: 59n, pxn: 1, uxn: 2, noEl0: 4, readOnly: 8 } as const;
const LEAF = { el0: 6n, readOnly: 7n, accessFlag: 10n, pxn: 53n, uxn: 54n } as const;

/** (VA, requester): see {@link WALK}. */
export const walk = helper('walk', ['i64', 'i32'], 'i32', (c, va, requester) => {
  const sctlr = c.let(c.state32(CELL.SCTLR));
  c.if(isZero(and(sctlr, i32(SCTLR_M))), () => {
    c.if(geUnsigned(va, i64(1n << PHYSICAL_BITS)), () => c.return(fault(FAULT_STATUS.addressSize, i32(0))));
    c.setState64(STATE.WALK_IPA, and(va, i64(PAGE_MASK)));
    c.return(i32(WALK.read | WALK.write | WALK.execute));
  });
  const upper = c.let(bitAt(va, UPPER_BIT));
  const tcr = c.let(c.state64(CELL.TCR));
  const ofTcr = (lowShift: bigint, highShift: bigint, mask: number): Value<'i32'> =>
    and(low32(shr(tcr, select(upper, i64(highShift), i64(lowShift)))), i32(mask));
  const bits = c.let(regionBits(c, ofTcr(0n, 16n, 0x3f)));
  // The bits above the region must all be equal, to bit 55 where the top byte is ignored.
  const canonical = select(ofTcr(37n, 38n, 1), sar(shl(va, i64(8n)), i64(8n)), va);
  const outside = ne(sar(canonical, bits), select(upper, i64(-1n), i64(0n)));
  const is4K = select(upper, eq(ofTcr(14n, 30n, 3), i32(2)), isZero(ofTcr(14n, 30n, 3)));
  const walkDisabled = ofTcr(7n, 23n, 1);
  c.if(or(or(outside, walkDisabled), isZero(is4K)), () => c.return(fault(FAULT_STATUS.translation, i32(0))));

  const ips = c.let(and(low32(shr(tcr, i64(IPS_SHIFT))), i32(7)));
  const size = select(isZero(ips), i64(32n), select(eq(ips, i32(1)), i64(36n), i64(PHYSICAL_BITS)));
  const limit = c.let(shl(i64(1n), size));
  const base = select(upper, c.state64(CELL.TTBR1), c.state64(CELL.TTBR0));
  const table = c.temporary(and(base, i64(OUTPUT_MASK)));
  c.if(geUnsigned(table, limit), () => c.return(fault(FAULT_STATUS.addressSize, i32(0))));

  // 25 to 30 bits begin at level 2, up to 39 at level 1, more at level 0.
  const level = c.temporary(
    sub(i32(2), add(isZero(ltUnsigned(bits, i64(31n))), isZero(ltUnsigned(bits, i64(40n))))),
  );
  const shift = c.temporary(sub(i64(39n), mulLevel(level)));
  const offset = c.let(and(va, sub(shl(i64(1n), bits), i64(1n))));
  const attributes = c.temporary(i32(0));
  const descriptor = c.temporary(i64(0n));
  const walking = c.temporary(i32(1));
  c.while(walking, () => {
    const index = and(shr(offset, shift), i64(INDEX_MASK));
    const at = c.let(or(table, shl(index, i64(DESCRIPTOR_SHIFT))));
    const entry = c.let(c.call(stage2Entry, at));
    c.if(isZero(and(entry, i32(STAGE2_ENTRY.ram))), () => {
      c.setState64(STATE.WALK_IPA, at);
      c.return(i32(TABLE_FAULT));
    });
    const host = or(and(entry, i32(~0xfff)), and(low32(at), i32(0xfff)));
    c.assign(descriptor, c.memory('i64.load', c.let(host)));
    const type = c.let(and(low32(descriptor), i32(3)));
    const isTable = c.let(and(eq(type, i32(3)), ltSigned(level, i32(LAST_LEVEL))));
    const leafType = select(eq(level, i32(LAST_LEVEL)), i32(3), select(level, i32(1), i32(-1)));
    c.if(and(isZero(isTable), ne(type, leafType)), () => c.return(fault(FAULT_STATUS.translation, level)));
    c.assign(table, and(descriptor, i64(OUTPUT_MASK)));
    c.if(geUnsigned(table, limit), () => c.return(fault(FAULT_STATUS.addressSize, level)));
    c.if(
      isTable,
      () => {
        const inherited = and(low32(shr(descriptor, i64(TABLE_ATTRIBUTES.shift))), i32(15));
        c.assign(attributes, or(attributes, inherited));
        c.assign(level, add(level, i32(1)));
        c.assign(shift, sub(shift, i64(INDEX_BITS)));
      },
      () => c.assign(walking, i32(0)),
    );
  });

  c.if(isZero(bitAt(descriptor, LEAF.accessFlag)), () => c.return(fault(FAULT_STATUS.accessFlag, level)));
  const within = c.let(sub(shl(i64(1n), shift), i64(1n)));
  const page = or(and(table, not(within)), and(and(va, within), i64(PAGE_MASK)));
  c.setState64(STATE.WALK_IPA, page);
  return or(rightsOf(c, descriptor, attributes, sctlr, requester), shl(level, i32(WALK.levelShift)));
});

/** 64 − TxSZ, which counts from 16 to 39. */
function regionBits(c: Meaning, sizeField: Value<'i32'>): Value<'i64'> {
  const size = c.let(sizeField);
  const least = c.let(select(ltSigned(size, i32(16)), i32(16), size));
  return sub(i64(64n), to64(select(ltSigned(least, i32(39)), least, i32(39))));
}

function mulLevel(level: Value<'i32'>): Value<'i64'> {
  return to64(add(shl(level, i32(3)), level));
}

function rightsOf(
  c: Meaning,
  descriptor: Value<'i64'>,
  attributes: Value<'i32'>,
  sctlr: Value<'i32'>,
  requester: Value<'i32'>,
): Value<'i32'> {
  const inherits = (attribute: number): Value<'i32'> => bool(and(attributes, i32(attribute)));
  const unless = (a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> => and(a, xor(b, i32(1)));
  const el0Access = c.let(unless(bitAt(descriptor, LEAF.el0), inherits(TABLE_ATTRIBUTES.noEl0)));
  const readOnly = or(bitAt(descriptor, LEAF.readOnly), inherits(TABLE_ATTRIBUTES.readOnly));
  const writable = c.let(xor(readOnly, i32(1)));
  const uxn = or(bitAt(descriptor, LEAF.uxn), inherits(TABLE_ATTRIBUTES.uxn));
  const pxn = or(bitAt(descriptor, LEAF.pxn), inherits(TABLE_ATTRIBUTES.pxn));
  const wxn = c.let(and(bool(and(sctlr, i32(SCTLR_WXN))), writable));
  const rights = (read: Value<'i32'>, write: Value<'i32'>, execute: Value<'i32'>): Value<'i32'> =>
    or(read, or(shl(write, i32(1)), shl(execute, i32(2))));
  const ofEl0 = rights(el0Access, and(el0Access, writable), unless(unless(i32(1), uxn), and(wxn, el0Access)));
  const allowed = c.let(unless(i32(1), and(shr(requester, i32(1)), el0Access)));
  // What EL0 may write EL1 may not execute (D8.4.4).
  const executable = unless(unless(i32(1), pxn), or(and(el0Access, writable), wxn));
  const ofEl1 = rights(allowed, and(writable, allowed), executable);
  return c.let(select(and(requester, i32(1)), ofEl1, ofEl0));
}

/** {@link walk} for TypeScript, with the address in halves. */
export const walkHalves = helper('walkHalves', ['i32', 'i32', 'i32'], 'i32', (c, lo, hi, requester) =>
  c.call(walk, or(to64(lo), shl(to64(hi), i64(32n))), requester),
);
