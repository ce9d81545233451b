/**
 * A miss of a TLB that is no more than that: both stages of translation give RAM in one page, which nobody watches. The TLB is filled,
 * and the access goes on. Everything else is `core/mmu.ts`'s.
 */
import { ACCESS_FLAG, SIZE_MASK } from '../core/access.ts';
import {
  add,
  and,
  eq,
  gtSigned,
  i32,
  i64,
  isZero,
  low32,
  ltSigned,
  or,
  select,
  shl,
  shr,
  sub,
  xor,
} from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import {
  PAGE_RECORDS_MASK,
  PAGE_TRACKED,
  PAGE_WRITTEN,
  STATE,
  TLB_ADDEND,
  TLB_BLOCK_BYTES,
  TLB_BLOCKS,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_SET,
  TLB_SET_USED,
  TLB_STRETCH_ENTRIES,
  TLB_TABLE,
  tlbSetOffset,
} from '../state.ts';
import { REQUESTER, WALK, walk } from './stage1.ts';
import { STAGE2_ENTRY, stage2Entry } from './stage2.ts';

const PAGE_BYTES = 0x1000;
const PAGE_SHIFT = 12n;
const STRETCH_SHIFT = PAGE_SHIFT + BigInt(Math.log2(TLB_STRETCH_ENTRIES));
const PAGE_OFFSET = PAGE_BYTES - 1;
const PAGE_MASK = ~0xfff;
const TAG_MASK = ~0xfffn;
const UPPER_BIT = 55n;
const BLOCK_SHIFT = 21n;
/** From an address to the byte offset of its entry. */
const INDEX_SHIFT = 8n;
const INDEX_MASK = (TLB_ENTRIES - 1) * TLB_ENTRY_BYTES;
const NONE = i32(0);

/** Where in a table an address's entry is. */
export function entryOffset(va: Value<'i64'>): Value<'i32'> {
  return and(low32(shr(va, i64(INDEX_SHIFT))), i32(INDEX_MASK));
}

/** The byte that says whether pages around an address came from a block entry. */
export function blockByte(c: Meaning, cpu: Value<'i32'>, va: Value<'i64'>): Value<'i32'> {
  const stretch = c.let(low32(shr(va, i64(BLOCK_SHIFT))));
  const mixed = xor(stretch, shr(stretch, i32(10)));
  return add(add(cpu, i32(TLB_BLOCKS)), and(mixed, i32(TLB_BLOCK_BYTES - 1)));
}

function setEntry(c: Meaning, at: Value<'i32'>, tag: Value<'i64'>, addend: Value<'i32'>): void {
  c.setMemory('i64.store', at, tag);
  c.setMemory('i32.store', c.let(add(at, i32(TLB_ADDEND))), addend);
}

/** Where the table of pages has the word for a page of the memory. */
function pageWordAt(c: Meaning, host: Value<'i32'>): Value<'i32'> {
  return add(c.state32(STATE.PAGE_TABLE), shl(shr(host, i32(12)), i32(2)));
}

/** What every fill of a set notes. */
function noteFill(c: Meaning, set: Value<'i32'>, va: Value<'i64'>, rights: Value<'i32'>): void {
  const used = c.let(add(set, i32(TLB_SET_USED)));
  const stretch = and(low32(shr(va, i64(STRETCH_SHIFT))), i32(31));
  c.setMemory('i32.store', used, or(c.memory('i32.load', used), shl(i32(1), stretch)));
  c.setState64(STATE.TLB_MISSES, add(c.state64(STATE.TLB_MISSES), i64(1n)));
  const ofEl1 = eq(set, add(c.cpu, i32(tlbSetOffset(TLB_SET.el1))));
  const low = isZero(and(low32(shr(va, i64(UPPER_BIT))), i32(1)));
  c.if(and(ofEl1, low), () => c.setState32(STATE.LOW_PAGES_IN_EL1, i32(1)));
  c.if(ltSigned(shr(rights, i32(WALK.levelShift)), i32(3)), () =>
    c.setMemory('i32.store8', c.let(blockByte(c, c.cpu, va)), i32(1)),
  );
}

/** Whether an address's page may hold a watchpoint or a hardware breakpoint: then the TLB must not know it. */
function isDebugged(c: Meaning, pages: number, va: Value<'i64'>): Value<'i32'> {
  return and(low32(shr(c.state64(pages), shr(va, i64(PAGE_SHIFT)))), i32(1));
}

/** (VA, descriptor of `core/access.ts`) → where in memory the bytes are, or 0 where there is more to it than filling the TLB. */
export const fillData = helper('fillData', ['i64', 'i32'], 'i32', (c, va, descriptor) => {
  const size = c.let(and(descriptor, i32(SIZE_MASK)));
  c.if(isDebugged(c, STATE.WATCH_PAGES, va), () => c.return(NONE));
  const within = c.let(and(low32(va), i32(PAGE_OFFSET)));
  c.if(gtSigned(add(within, size), i32(PAGE_BYTES)), () => c.return(NONE));
  c.if(and(descriptor, i32(ACCESS_FLAG.aligned)), () =>
    c.if(and(within, sub(size, i32(1))), () => c.return(NONE)),
  );
  const asUser = c.let(or(isZero(c.state32(STATE.EL)), and(descriptor, i32(ACCESS_FLAG.unprivileged))));
  const set = c.let(select(asUser, c.state32(STATE.USER_TLB), c.state32(STATE.TLB)));
  const ofEl1 = select(c.state32(STATE.PAN), i32(REQUESTER.el1Pan), i32(REQUESTER.el1));
  const rights = c.let(c.call(walk, va, select(asUser, i32(REQUESTER.el0), ofEl1)));
  c.if(ltSigned(rights, i32(0)), () => c.return(NONE));
  const entry = c.let(c.call(stage2Entry, c.state64(STATE.WALK_IPA)));
  c.if(isZero(and(entry, i32(STAGE2_ENTRY.ram))), () => c.return(NONE));
  const host = c.let(and(entry, i32(PAGE_MASK)));
  // Rights of both stages have the same places.
  const both = c.let(and(rights, entry));
  const wordAt = c.let(pageWordAt(c, host));
  const word = c.let(c.memory('i32.load', wordAt));
  const tracked = and(word, i32(PAGE_TRACKED));
  const directly = c.let(and(both, select(tracked, i32(WALK.read), i32(WALK.read | WALK.write))));
  const wanted = select(and(descriptor, i32(ACCESS_FLAG.write)), i32(WALK.write), i32(WALK.read));
  c.if(isZero(and(directly, wanted)), () => c.return(NONE));
  const at = c.let(add(set, entryOffset(va)));
  const tag = c.let(and(va, i64(TAG_MASK)));
  const addend = c.let(sub(host, low32(tag)));
  c.if(and(directly, i32(WALK.read)), () => setEntry(c, at, tag, addend));
  c.if(and(directly, i32(WALK.write)), () => {
    setEntry(c, c.let(add(at, i32(TLB_TABLE.write))), tag, addend);
    c.setMemory('i32.store', wordAt, or(word, i32(PAGE_WRITTEN)));
  });
  noteFill(c, set, va, rights);
  return or(host, within);
});

/** Fills the execute TLB for `STATE.PC`: 1 if that could be done, 0 where the page holds no decoded code or there is a fault. */
export const fillExecute = helper('fillExecute', [], 'i32', (c) => {
  const va = c.let(c.state64(STATE.PC));
  c.if(and(low32(va), i32(3)), () => c.return(NONE));
  c.if(isDebugged(c, STATE.BREAK_PAGES, va), () => c.return(NONE));
  const who = select(c.state32(STATE.EL), i32(REQUESTER.el1), i32(REQUESTER.el0));
  const rights = c.let(c.call(walk, va, who));
  c.if(ltSigned(rights, i32(0)), () => c.return(NONE));
  const entry = c.let(c.call(stage2Entry, c.state64(STATE.WALK_IPA)));
  const both = and(and(rights, entry), i32(WALK.execute));
  c.if(or(isZero(both), isZero(and(entry, i32(STAGE2_ENTRY.ram)))), () => c.return(NONE));
  const word = c.let(c.memory('i32.load', pageWordAt(c, c.let(and(entry, i32(PAGE_MASK))))));
  c.if(isZero(and(word, i32(PAGE_TRACKED))), () => c.return(NONE));
  const set = c.let(c.state32(STATE.TLB));
  const at = c.let(add(add(set, entryOffset(va)), i32(TLB_TABLE.execute)));
  setEntry(c, at, c.let(and(va, i64(TAG_MASK))), c.let(and(word, i32(PAGE_RECORDS_MASK))));
  noteFill(c, set, va, rights);
  return i32(1);
});

/** (host, bytes): stores what is at `STATE.DATA`. Sizes are powers of two up to sixteen. */
const storeData = helper('storeData', ['i32', 'i32'], 'i32', (c, host, size) => {
  const data = c.let(add(c.cpu, i32(STATE.DATA)));
  const of = (bytes: number, store: () => void): void => c.if(eq(size, i32(bytes)), store);
  of(8, () => c.setMemory('i64.store', host, c.memory('i64.load', data)));
  of(4, () => c.setMemory('i32.store', host, c.memory('i32.load', data)));
  of(1, () => c.setMemory('i32.store8', host, c.memory('i32.load8_u', data)));
  of(2, () => c.setMemory('i32.store16', host, c.memory('i32.load16_u', data)));
  of(16, () => c.setMemory('v128.store', host, c.memory('v128.load', data)));
  return i32(0);
});

/** {@link fillData} for a store, which is made: 0 if so, 1 where there is more to it. */
export const fillAndStore = helper('fillAndStore', ['i64', 'i32'], 'i32', (c, va, descriptor) => {
  const host = c.let(c.call(fillData, va, descriptor));
  c.if(isZero(host), () => c.return(i32(1)));
  c.perform(storeData, host, and(descriptor, i32(SIZE_MASK)));
  return i32(0);
});
