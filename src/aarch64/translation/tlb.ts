/** The direct-mapped TLBs in a vCPU's memory, as the TypeScript side empties them and chooses EL0's set by address space. */
import {
  ADDRESS_SPACES,
  STATE,
  STATE_BYTES,
  TLB_ADDEND,
  TLB_BLOCK_BYTES,
  TLB_BLOCKS,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_SET,
  TLB_SET_USED,
  TLB_SETS,
  TLB_STRETCH_ENTRIES,
  TLB_TABLE,
  tlbSetOffset,
} from '../state.ts';
import type { Va } from './stage1.ts';

const INVALID = -1;
const TABLE_WORDS = Object.values(TLB_TABLE).map((offset) => offset >> 2);
const STRETCH_WORDS = (TLB_STRETCH_ENTRIES * TLB_ENTRY_BYTES) >> 2;
const MOST_STRETCHES = 6;
const ALL_SETS = Array.from({ length: TLB_SETS }, (_, set) => set);

/** An address space that has a set: TTBR0_EL1 and the ASID, wherever that comes from. */
interface AddressSpace {
  tableBase: bigint;
  asid: bigint;
  /** When it was chosen last. */
  used: number;
}

export class Tlb {
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #spaces: AddressSpace[] = [];
  #choices = 0;

  constructor(memory: ArrayBuffer, base: number) {
    this.#words = new Int32Array(memory);
    this.#base = base;
    this.#words.fill(INVALID, (base + STATE_BYTES) >> 2, (base + tlbSetOffset(TLB_SETS)) >> 2);
    for (const set of ALL_SETS) this.#words[this.#usedWord(set)] = 0;
  }

  invalidateAll(): void {
    for (const set of ALL_SETS) this.invalidateSet(set);
    const blocks = (this.#base + TLB_BLOCKS) >> 2;
    this.#words.fill(0, blocks, blocks + (TLB_BLOCK_BYTES >> 2));
  }

  invalidateSet(set: number): void {
    const word = this.#usedWord(set);
    const used = this.#words[word] ?? 0;
    if (used === 0) return;
    this.#words[word] = 0;
    const start = (this.#base + tlbSetOffset(set)) >> 2;
    let left = used;
    for (let filled = 0; left !== 0; filled++) {
      // A few pages lie in a few stretches; of many, all at once is the fastest.
      if (filled === MOST_STRETCHES) {
        this.#words.fill(INVALID, start, start + (TLB_SET_USED >> 2));
        return;
      }
      const first = start + (31 - Math.clz32(left)) * STRETCH_WORDS;
      left &= ~(1 << (31 - Math.clz32(left)));
      for (const table of TABLE_WORDS) {
        const at = first + table;
        this.#words.fill(INVALID, at, at + STRETCH_WORDS);
      }
    }
  }

  /** What isn't global of an address space. */
  invalidateAsid(asid: bigint): void {
    for (const [index, space] of this.#spaces.entries()) {
      if (space.asid === asid) this.invalidateSet(TLB_SET.el0 + index);
    }
    this.invalidateLowerHalfOfEl1();
  }

  /** What EL1 has of the lower half, which belongs to the address space. */
  invalidateLowerHalfOfEl1(): void {
    this.invalidateSet(TLB_SET.el1WithUser);
    const low = (this.#base + STATE.LOW_PAGES_IN_EL1) >> 2;
    if (this.#words[low] !== 0) this.invalidateSet(TLB_SET.el1);
    this.#words[low] = 0;
  }

  /** Chooses EL0's set: that of the address space, if it still has one. */
  choose(tableBase: bigint, asid: bigint): void {
    const known = this.#spaces.findIndex((space) => space.tableBase === tableBase && space.asid === asid);
    const index = known < 0 ? this.#take() : known;
    this.#spaces[index] = { tableBase, asid, used: ++this.#choices };
    this.#words[(this.#base + STATE.USER_TLB) >> 2] = this.#base + tlbSetOffset(TLB_SET.el0 + index);
  }

  /** A set that is free, or that of the address space that wasn't in use for longest. */
  #take(): number {
    if (this.#spaces.length < ADDRESS_SPACES) return this.#spaces.length;
    let oldest = 0;
    for (const [index, { used }] of this.#spaces.entries()) {
      if (used < (this.#spaces[oldest]?.used ?? 0)) oldest = index;
    }
    this.invalidateSet(TLB_SET.el0 + oldest);
    return oldest;
  }

  /** Forgets all fetches. */
  invalidateExecution(): void {
    for (const set of ALL_SETS) {
      if (this.#words[this.#usedWord(set)] === 0) continue;
      const start = (this.#base + tlbSetOffset(set) + TLB_TABLE.execute) >> 2;
      this.#words.fill(INVALID, start, start + TLB_ENTRIES * (TLB_ENTRY_BYTES >> 2));
    }
  }

  /** Gives a page that is known for execution, in the set at an address, other records. */
  setFetch(setAddress: number, va: Va, records: number): void {
    this.#words[this.#fetchEntry(setAddress, va) + (TLB_ADDEND >> 2)] = records;
  }

  /** Forgets where a page is fetched from. */
  invalidateFetch(setAddress: number, va: Va): void {
    const at = this.#fetchEntry(setAddress, va);
    this.#words[at] = INVALID;
    this.#words[at + 1] = INVALID;
  }

  #fetchEntry(setAddress: number, va: Va): number {
    const index = (va.lo >>> 12) & (TLB_ENTRIES - 1);
    return (setAddress + TLB_TABLE.execute + index * TLB_ENTRY_BYTES) >> 2;
  }

  #usedWord(set: number): number {
    return (this.#base + tlbSetOffset(set) + TLB_SET_USED) >> 2;
  }
}
