/**
 * Where a vCPU's state lies in the cluster's memory: byte offsets from the vCPU's base, one declaration for the
 * interpreter's code, the TypeScript around it, snapshots and the reference evaluator.
 *
 * Register slots are 64 bits. Number 31 of an instruction's register field is either the zero register, read from a
 * slot that is always zero and written to one that nobody reads, or the stack pointer; the decoder picks the slot, so
 * that no handler has to ask.
 */

const X_SLOT_BYTES = 8;
const V_SLOT_BYTES = 16;

/** X0–X30 at their numbers; then the slots that register 31 stands for. */
export const X_SLOT = { zero: 31, discard: 32, sp: 33 } as const;

export const STATE = {
  X: 0,
  V: 512,
  /** Condition flags, each as the last result that set it left it: N and V are sign bits, Z means that all is zero. */
  N: 1024,
  Z: 1032,
  OVERFLOW: 1040,
  /** 0 or 1. */
  CARRY: 1048,
  FPCR: 1052,
  FPSR: 1056,
  /** PSTATE.{D,A,I,F} as in DAIF, bits 9–6. */
  DAIF: 1060,
  /** 0 or 1: the exception level. */
  EL: 1064,
  SPSEL: 1068,
  PAN: 1072,
  /** PSTATE.{SS,IL} in SPSR's places, bits 21 and 20. */
  SS_IL: 1076,
  /** Not zero: Advanced SIMD and floating-point instructions trap at this exception level (CPACR_EL1.FPEN). */
  FP_TRAPPED: 1080,
  /** The local exclusive monitor: 0 or 1, and the address that it marks. */
  MONITOR: 1084,
  MONITOR_VA: 1088,

  /** The program counter; true only outside the run loop and in what the run loop calls to leave it. */
  PC: 1096,
  /** The address of the page being executed, and of the records that were decoded from it. */
  PAGE_VA: 1104,
  PAGE_RECORDS: 1112,
  /** Sixteen times the instructions left, plus the address of the current record: see `core/interpreter.ts`. */
  LIMIT: 1116,
  /** Instructions left, times sixteen, while `LIMIT` doesn't hold. */
  REMAINING: 1120,
  /** The record being executed, for what the run loop calls. */
  RECORD: 1124,
  /** Not zero: the run loop returns this reason at the next chance. */
  EXIT: 1128,
  /** Interrupt lines that are high, at the places of their masks in DAIF. */
  PENDING: 1132,
  /** 0 or 1: the PC is within a block, where the run loop would not look for interrupts (`core/stepper.ts`). */
  MID_BLOCK: 1136,
  /** What was taken from `LIMIT` to make the run loop stop early. */
  WITHHELD: 1140,
  /** The address of an access on its slow path, and data that passes between the run loop and what it calls. */
  ACCESS_VA: 1144,
  DATA: 1152,
  /** SCTLR_EL1.DZE: EL0 may use DC ZVA. */
  EL0_MAY_ZERO: 1168,
  /** The stack pointer of EL1 while another one is in use. SP_EL0's is its register's cell. */
  SP_EL1: 1176,
  /** 0 or 1: the event register (WFE). */
  EVENT: 1184,
  /** Not zero: somebody else could use a turn, so that YIELD leaves. */
  TURN_WANTED: 1188,
  /** Not zero: YIELD was executed and nobody wanted the turn. */
  YIELDED: 1192,
  /** 0 or 1: the run loop takes no interrupts. */
  INTERRUPTS_HELD: 1196,
  /** Exceptions taken to EL1, 64 bits. */
  EXCEPTIONS: 1200,
  // From here to the system registers what is of this cluster's memory, and in no snapshot.

  /** Where stage 2's tables begin, or 0 (`translation/stage2.ts`), and those of pages of memory (`core/page-table.ts`). */
  STAGE2: 1208,
  PAGE_TABLE: 1212,
  /** What a walk of stage 1 found: an IPA, 64 bits. */
  WALK_IPA: 1216,
  /** Misses of TLBs, 64 bits. */
  TLB_MISSES: 1224,
  /** The TLB set of EL0 in the address space in use: an address. */
  USER_TLB: 1232,
  /** Not zero: the TLB set of EL1 holds pages of the lower half, which belongs to the address space. */
  LOW_PAGES_IN_EL1: 1236,
  /** All vCPUs of the cluster: where the first one lies, and the end of the last. */
  FIRST_VCPU: 1240,
  VCPUS_END: 1244,
  /** The TLB set in use: an address. */
  TLB: 1248,
  /** Software step: bits of {@link STEP}. */
  STEP: 1252,
  /** A bit for each page, by the lowest six bits of its number: whether it may hold a watchpoint, or a hardware breakpoint. 64 bits each. */
  WATCH_PAGES: 1256,
  BREAK_PAGES: 1264,
  /** How many calls of regions are under way that a return may come back to. */
  CALL_DEPTH: 1272,
  /** System registers, 64 bits each, in the order of `system/registers.ts`. */
  SYSTEM: 1280,
} as const;

/** Why the run loop is to be left, in `STATE.EXIT`: somebody asked, or debug has to look at what comes next. */
export const EXIT = { requested: 1, debug: 2 } as const;

/** What `STATE.STEP` says: MDSCR_EL1.SS with the OS lock open, and MDSCR_EL1.KDE. */
export const STEP = { on: 1, kernel: 2 } as const;

/** What snapshots hold: everything before the TLBs but what is of one cluster's memory. */
export const STATE_BYTES = 4096;
export const NOT_IN_SNAPSHOTS = { from: STATE.STAGE2, to: STATE.SYSTEM } as const;

/** The offset of general register slot `slot` (see {@link X_SLOT}). */
export function xOffset(slot: number): number {
  return STATE.X + slot * X_SLOT_BYTES;
}

export function vOffset(register: number): number {
  return STATE.V + register * V_SLOT_BYTES;
}

/** Entries in each direct-mapped TLB. */
export const TLB_ENTRIES = 2048;
export const TLB_ENTRY_BYTES = 16;
const TLB_BYTES = TLB_ENTRIES * TLB_ENTRY_BYTES;

/**
 * A TLB set holds one table for each kind of access. An entry is a tag, the page's virtual address or −1, and an addend:
 * for data what has to be added to a virtual address to get a place in memory, for code the page's records.
 */
export const TLB_TABLE = { read: 0, write: TLB_BYTES, execute: 2 * TLB_BYTES } as const;
export const TLB_ADDEND = 8;
/** Behind a set's tables, 32 bits: which stretches of each table, of as many entries, hold anything. */
export const TLB_STRETCH_ENTRIES = TLB_ENTRIES / 32;
export const TLB_SET_USED = 3 * TLB_BYTES;
export const TLB_SET_BYTES = TLB_SET_USED + 64;
/**
 * Sets by what the present state may touch: EL1 kept from user pages (PAN), EL1 with access to them, and from the third on
 * EL0, with a set for each of the address spaces that were in use last.
 */
export const TLB_SET = { el1: 0, el1WithUser: 1, el0: 2 } as const;
export const ADDRESS_SPACES = 8;
export const TLB_SETS = TLB_SET.el0 + ADDRESS_SPACES;

/** Where a set lies, from the vCPU's base. */
export function tlbSetOffset(set: number): number {
  return STATE_BYTES + set * TLB_SET_BYTES;
}

/**
 * Behind the sets, a byte for each of the 2 MiB stretches of VA, as far as they can be told apart: not zero where a page in a TLB came
 * from a block entry, so that invalidating one page of it must find them all.
 */
export const TLB_BLOCKS = tlbSetOffset(TLB_SETS);
export const TLB_BLOCK_BYTES = 1024;

const VCPU_ALIGNMENT = 0x1000;
export const VCPU_BYTES = Math.ceil((TLB_BLOCKS + TLB_BLOCK_BYTES) / VCPU_ALIGNMENT) * VCPU_ALIGNMENT;

/** Decoded instructions: sixteen bytes each, a page of them ends in one that leads to the next page. */
export const RECORD_BYTES = 16;
export const RECORDS_PER_PAGE = 1024;
/** After a page's last record, which leads to the next page: how often execution entered the page by a jump. */
export const PAGE_ENTRIES = (RECORDS_PER_PAGE + 1) * RECORD_BYTES;
/**
 * Then, as far from each record, what the translator has of it: how often it was arrived at (32 bits); where a region begins, the
 * handler that was there (16 bits), the number of the entry in the region (16), the region's place in the table (32), and where it is
 * told which records its pages have (32): those of the page before its first one, its own, and those of the next ({@link REGION_PAGES}).
 */
export const RECORD_SIDE = (RECORDS_PER_PAGE + 4) * RECORD_BYTES;
export const SIDE = { visits: 0, handler: 4, entry: 6, place: 8, pages: 12 } as const;
/** Of a region's pages the least, from the first one on, and how many there is room for. */
export const REGION_PAGES = { first: -1, count: 4 } as const;
export const REGION_PAGE_CELL = 4;
export const RECORD_PAGE_BYTES = RECORD_SIDE + RECORDS_PER_PAGE * RECORD_BYTES;

/**
 * The table of the memory's pages: for each, its records' address, in the lowest bit whether stores to it must be seen, and beside it
 * whether anything may have been stored in it since the memory was made.
 */
export const PAGE_TRACKED = 1;
export const PAGE_WRITTEN = 2;
export const PAGE_RECORDS_MASK = ~0xf;
