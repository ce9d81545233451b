/** The direct-mapped TLBs in a vCPU's memory, as the TypeScript side fills and empties them. */
import {
  STATE_BYTES,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_SET,
  TLB_SET_BYTES,
  TLB_TABLE,
  tlbSetOffset,
  VCPU_BYTES,
} from '../state.ts';
import type { Va } from './stage1.ts';

const INVALID = -1;
const PAGE_MASK = ~0xfff;
const SETS = Object.values(TLB_SET);
const TABLES = Object.values(TLB_TABLE);
const BLOCK_SHIFT = 21;
const ENTRIES_PER_BLOCK = 512;
const TWO_32 = 2 ** 32;

export class Tlb {
  readonly #words: Int32Array;
  readonly #base: number;
  /** The 2 MiB stretches of VA of which pages come from block entries, so that invalidating one page finds them all. */
  readonly #blocks = new Set<number>();

  constructor(memory: ArrayBuffer, base: number) {
    this.#words = new Int32Array(memory);
    this.#base = base;
    this.invalidateAll();
  }

  fill(set: number, table: number, va: Va, addend: number): void {
    const at = this.#entry(set, table, va.lo);
    this.#words[at] = va.lo & PAGE_MASK;
    this.#words[at + 1] = va.hi;
    this.#words[at + (TLB_ADDEND >> 2)] = addend;
  }

  /** Notes that a page came from a block entry of level 1 or 2. */
  noteBlock(va: Va): void {
    this.#blocks.add(blockOf(va));
  }

  invalidateAll(): void {
    this.#words.fill(INVALID, (this.#base + STATE_BYTES) >> 2, (this.#base + VCPU_BYTES) >> 2);
    this.#blocks.clear();
  }

  invalidateSet(set: number): void {
    const start = (this.#base + tlbSetOffset(set)) >> 2;
    this.#words.fill(INVALID, start, start + (TLB_SET_BYTES >> 2));
  }

  /** Forgets a page in all sets, whatever its tag (an ignored top byte may differ). */
  invalidatePage(va: Va): void {
    if (this.#blocks.has(blockOf(va))) {
      for (let page = 0; page < ENTRIES_PER_BLOCK; page++)
        this.#invalidateIndex(((va.lo >>> BLOCK_SHIFT) << BLOCK_SHIFT) + page * 0x1000);
    } else {
      this.#invalidateIndex(va.lo);
    }
  }

  #invalidateIndex(lo: number): void {
    for (const set of SETS) {
      for (const table of TABLES) {
        const at = this.#entry(set, table, lo);
        this.#words[at] = INVALID;
        this.#words[at + 1] = INVALID;
      }
    }
  }

  /** Makes stores to a page of the cluster's memory miss. */
  protectHostPage(host: number): void {
    for (const set of SETS) {
      const start = (this.#base + tlbSetOffset(set) + TLB_TABLE.write) >> 2;
      for (let entry = 0; entry < TLB_ENTRIES; entry++) {
        const at = start + entry * (TLB_ENTRY_BYTES >> 2);
        const lo = this.#words[at] ?? 0;
        const addend = this.#words[at + (TLB_ADDEND >> 2)] ?? 0;
        if (((lo + addend) | 0) === (host | 0)) {
          this.#words[at] = INVALID;
          this.#words[at + 1] = INVALID;
        }
      }
    }
  }

  /** Forgets all fetches. */
  invalidateExecution(): void {
    for (const set of SETS) {
      const start = (this.#base + tlbSetOffset(set) + TLB_TABLE.execute) >> 2;
      this.#words.fill(INVALID, start, start + TLB_ENTRIES * (TLB_ENTRY_BYTES >> 2));
    }
  }

  #entry(set: number, table: number, lo: number): number {
    const index = (lo >>> 12) & (TLB_ENTRIES - 1);
    return (this.#base + tlbSetOffset(set) + table + index * TLB_ENTRY_BYTES) >> 2;
  }
}

function blockOf(va: Va): number {
  return (
    ((va.hi & 0xffff) * TWO_32 + va.lo) / 2 ** BLOCK_SHIFT - (va.lo % 2 ** BLOCK_SHIFT) / 2 ** BLOCK_SHIFT
  );
}
