/**
 * Stage 1 of EL1&0 translation: VMSAv8-64 with the 4 KiB granule and 48-bit addresses (Arm ARM DDI 0487 D8). Hierarchical
 * permissions, access flag, PAN, WXN and top-byte-ignore are here; hardware updates of access flag and dirty
 * state are not, and ID_AA64MMFR1_EL1 says so.
 *
 * Addresses come as two u32 halves, for `bigint` arithmetic is an order of magnitude slower.
 */
import type { AccessKind } from '../contract.ts';
import type { VcpuState } from '../core/vcpu-state.ts';
import { systemRegister } from '../system/registers.ts';

/** A virtual address. */
export interface Va {
  readonly hi: number;
  readonly lo: number;
}

export interface Mapping {
  readonly kind: 'mapping';
  /** Of the page, 4 KiB. */
  readonly ipa: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** The entry's level: 3 for a page; 0 where the MMU is off. */
  readonly level: number;
}

/** A fault of stage 1, with the fault status code of ESR_EL1. */
export interface Stage1Fault {
  readonly kind: 'fault';
  readonly status: number;
}

/** A table lies where stage 2 has no RAM. */
export interface TableFault {
  readonly kind: 'table-fault';
  readonly ipa: number;
}

export type Stage1Result = Mapping | Stage1Fault | TableFault;

/** Fault status codes; the level goes into the two low bits (D17.2.37). */
export const FAULT_STATUS = {
  addressSize: 0x00,
  translation: 0x04,
  accessFlag: 0x08,
  permission: 0x0c,
  externalAbort: 0x10,
  externalAbortOnWalk: 0x14,
  alignment: 0x21,
} as const;

const CELL = {
  SCTLR: systemRegister('SCTLR_EL1').cell,
  TCR: systemRegister('TCR_EL1').cell,
  TTBR0: systemRegister('TTBR0_EL1').cell,
  TTBR1: systemRegister('TTBR1_EL1').cell,
} as const;

const TWO_32 = 2 ** 32;
const SCTLR_M = 1;
const SCTLR_WXN = 1 << 19;
const PAGE_BITS = 12;
const INDEX_BITS = 9;
const PAGE_BYTES = 0x1000;
/** The translation granules that ID_AA64MMFR0_EL1 offers (TGran4, TGran16, TGran64). */
export const GRANULES_BYTES: readonly number[] = [4096];
/** ID_AA64MMFR0_EL1.PARange: 40 bits. */
const PHYSICAL_LIMIT = 2 ** 40;
/** By TCR_EL1.IPS: 32, 36, 40, 42, 44 and 48 bits. */
const LIMIT_BY_IPS = [2 ** 32, 2 ** 36, 2 ** 40, 2 ** 42, 2 ** 44, 2 ** 48] as const;
/** What an entry covers, by level, as a power of two. */
const ENTRY_BITS_BY_LEVEL = [39, 30, 21, 12] as const;
const ENTRIES = 512;
const DESCRIPTOR_SHIFT = 3;

/** How stage 1 reads its tables. */
export interface TableReader {
  /** Where the RAM behind an IPA is; `undefined` where there is none. */
  hostOffset(ipa: number): number | undefined;
  /** The word there. */
  word(host: number): number;
}

/** Who asks: the level whose rights count, and whether PAN applies. */
export interface Requester {
  readonly el: number;
  readonly pan: boolean;
}

export function translateStage1(state: VcpuState, tables: TableReader, va: Va, who: Requester): Stage1Result {
  const sctlr = state.get32(CELL.SCTLR);
  if ((sctlr & SCTLR_M) === 0) return flat(va);
  const upper = (va.hi & (1 << 23)) !== 0;
  const tcr = state.get32(CELL.TCR);
  const tcrHigh = state.get32(CELL.TCR + 4);
  const topByteIgnored = ((tcrHigh >> (upper ? 6 : 5)) & 1) !== 0;
  const sizeField = upper ? (tcr >>> 16) & 0x3f : tcr & 0x3f;
  const bits = 64 - Math.min(Math.max(sizeField, 16), 39);
  const walkDisabled = (upper ? tcr >>> 23 : tcr >>> 7) & 1;
  // The bits above the region must all be equal, to bit 55 where the top byte is ignored.
  const high = topByteIgnored ? (va.hi << 8) >> 8 : va.hi | 0;
  const above = bits >= 32 ? high >> (bits - 32) : high;
  const outside =
    above !== (upper ? -1 : 0) || (bits < 32 && va.lo >>> bits !== (upper ? 2 ** (32 - bits) - 1 : 0));
  const granule = upper ? (tcr >>> 30) & 3 : (tcr >>> 14) & 3;
  const is4K = granule === (upper ? 2 : 0);
  if (outside || walkDisabled !== 0 || !is4K) return fault(FAULT_STATUS.translation, 0);

  const cell = upper ? CELL.TTBR1 : CELL.TTBR0;
  let table = (state.get32(cell + 4) & 0xffff) * TWO_32 + ((state.get32(cell) & ~0xffe) >>> 0);
  table -= table % 2;
  const limit = Math.min(PHYSICAL_LIMIT, LIMIT_BY_IPS[tcrHigh & 7] ?? PHYSICAL_LIMIT);
  if (table >= limit) return fault(FAULT_STATUS.addressSize, 0);

  let level = 4 - Math.ceil((bits - PAGE_BITS) / INDEX_BITS);
  let tableNoEl0 = false;
  let tableReadOnly = false;
  let tableUxn = false;
  let tablePxn = false;
  for (;;) {
    const entryBits = ENTRY_BITS_BY_LEVEL[level] ?? PAGE_BITS;
    // The first table may have fewer entries than the others: the bits above the region are no part of its index.
    const indexMask = bits - entryBits < INDEX_BITS ? (1 << (bits - entryBits)) - 1 : ENTRIES - 1;
    const at = table + ((bitsFrom(va, entryBits) & indexMask) << DESCRIPTOR_SHIFT);
    const host = tables.hostOffset(at);
    if (host === undefined) return { kind: 'table-fault', ipa: at };
    const lo = tables.word(host);
    const hi = tables.word(host + 4);
    const type = lo & 3;
    const isTable = type === 3 && level < 3;
    const isLeaf = level === 3 ? type === 3 : type === 1 && level > 0;
    if (!isTable && !isLeaf) return fault(FAULT_STATUS.translation, level);
    const output = (hi & 0xffff) * TWO_32 + ((lo & ~0xfff) >>> 0);
    if (output >= limit) return fault(FAULT_STATUS.addressSize, level);
    if (isTable) {
      tableNoEl0 ||= (hi & (1 << 29)) !== 0;
      tableReadOnly ||= (hi & (1 << 30)) !== 0;
      tableUxn ||= (hi & (1 << 28)) !== 0;
      tablePxn ||= (hi & (1 << 27)) !== 0;
      table = output;
      level++;
      continue;
    }
    if ((lo & (1 << 10)) === 0) return fault(FAULT_STATUS.accessFlag, level);
    const el0Access = (lo & (1 << 6)) !== 0 && !tableNoEl0;
    const writable = (lo & (1 << 7)) === 0 && !tableReadOnly;
    const uxn = (hi & (1 << 22)) !== 0 || tableUxn;
    const pxn = (hi & (1 << 21)) !== 0 || tablePxn;
    const wxn = (sctlr & SCTLR_WXN) !== 0 && writable;
    const ipa = level === 3 ? output : blockPage(output, va, entryBits);
    if (who.el === 0) {
      return {
        kind: 'mapping',
        ipa,
        readable: el0Access,
        writable: el0Access && writable,
        executable: !uxn && !(wxn && el0Access),
        level,
      };
    }
    const denied = who.pan && el0Access;
    return {
      kind: 'mapping',
      ipa,
      readable: !denied,
      writable: writable && !denied,
      // What EL0 may write EL1 may not execute (D8.4.4).
      executable: !pxn && !(el0Access && writable) && !wxn,
      level,
    };
  }
}

/** The low bits of a VA from bit `shift` on, at least an index of them. */
function bitsFrom(va: Va, shift: number): number {
  return shift < 32 ? (va.lo >>> shift) | (va.hi << (32 - shift)) : va.hi >>> (shift - 32);
}

/** The page that a VA is in, of a block that a descriptor gives. */
function blockPage(output: number, va: Va, entryBits: number): number {
  const size = 2 ** entryBits;
  // A block is of level 1 or 2, so that its size is no more than 2^30.
  return output - (output % size) + ((va.lo & (size - 1) & ~(PAGE_BYTES - 1)) >>> 0);
}

function flat(va: Va): Stage1Result {
  const address = (va.hi >>> 0) * TWO_32 + va.lo;
  if (va.hi >>> 0 >= PHYSICAL_LIMIT / TWO_32) return fault(FAULT_STATUS.addressSize, 0);
  return {
    kind: 'mapping',
    ipa: address - (address % PAGE_BYTES),
    readable: true,
    writable: true,
    executable: true,
    level: 0,
  };
}

function fault(status: number, level: number): Stage1Fault {
  return { kind: 'fault', status: status | level };
}

/** Whether a mapping allows an access. */
export function allows(mapping: Mapping, access: AccessKind): boolean {
  return access === 'read' ? mapping.readable : access === 'write' ? mapping.writable : mapping.executable;
}
