/**
 * What is left of RAM for what has no address of its own (Microkit 2.3, `capdl/allocation.rs`): the tool and its initialiser go through
 * each block of RAM upwards and make at each address the largest object that fits there. Numbers of objects are rounded down: what is too
 * much by this is too much there.
 */
import {
  type AddrRange,
  alignUp,
  LARGE_PAGE_BYTES,
  mergeRanges,
  rangeEnd,
  rangeIntersection,
  rangeWithout,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import { type MicrokitBoard, rootObjectsIn } from './board.ts';
import { initialTaskBytes, initialTaskIn, keptKernel } from './initial-task.ts';

/** What is made without an address: pages of 2 MiB, and everything smaller. */
export interface UntypedDemand {
  readonly largePages: number;
  readonly smallBytes: number;
}

/** What the initial task carries: all programs as files, and in pages. */
export interface CarriedImages {
  readonly bytes: number;
  readonly pages: number;
  readonly rowBytes?: number;
}

/** RAM that seL4 with its initial task does not have. */
export function untypedRam(
  board: Pick<MicrokitBoard, 'ram' | 'arch'>,
  carried: CarriedImages,
): readonly AddrRange[] {
  const ram = board.ram ?? [];
  const task = initialTaskIn(board, initialTaskBytes(carried.pages, carried.rowBytes));
  const own = board.arch === 'aarch64' ? [keptKernel(board), task, rootObjectsIn(ram, carried.bytes)] : [];
  let left: readonly AddrRange[] = mergeRanges(ram);
  for (const taken of own) {
    if (taken !== undefined) left = left.flatMap((part) => rangeWithout(part, taken));
  }
  return left;
}

/** A power of two of bytes at a multiple of itself: seL4 hands out memory so. */
function* blocksOf(ranges: readonly AddrRange[]): Generator<AddrRange> {
  for (const range of ranges) {
    const end = rangeEnd(range);
    for (let base = range.base; base < end; ) {
      let size = 2 ** Math.floor(Math.log2(end - base));
      while (base % size !== 0) size /= 2;
      yield { base, size };
      base += size;
    }
  }
}

/** What is too few by our count to reach the next large page may be enough by the tool's. */
const UNCOUNTED_BYTES = 0x4_0000;

/**
 * How many bytes find no place: what the tool's own walk leaves. Where nothing that is left to be made fits the next address of a block,
 * it skips up to the next fixed page, and without one it gives up the rest of the block.
 */
export function untypedShortage(
  ram: readonly AddrRange[],
  fixed: readonly AddrRange[],
  { largePages, smallBytes }: UntypedDemand,
): number {
  let [large, small] = [largePages, Math.ceil(smallBytes / SMALL_PAGE_BYTES)];
  const pages = mergeRanges(fixed);
  for (const block of blocksOf(ram)) {
    const within = pages.flatMap((range) => rangeIntersection(range, block) ?? []);
    let addr = block.base;
    for (const next of [...within, undefined]) {
      const target = next?.base ?? rangeEnd(block);
      while (addr < target) {
        const aligned = alignUp(addr, LARGE_PAGE_BYTES);
        const places = Math.floor((target - addr) / LARGE_PAGE_BYTES);
        if (aligned === addr && large > 0 && places > 0) {
          const made = Math.min(large, places);
          large -= made;
          addr += made * LARGE_PAGE_BYTES;
        } else if (small > 0) {
          // Up to where a large page fits, if one is to be made.
          const end = large > 0 && aligned > addr ? Math.min(aligned, target) : target;
          const made = Math.min(small, Math.ceil((end - addr) / SMALL_PAGE_BYTES));
          small -= made;
          addr += made * SMALL_PAGE_BYTES;
        } else if (
          large > 0 &&
          aligned > addr &&
          aligned - addr <= (next ? LARGE_PAGE_BYTES : UNCOUNTED_BYTES)
        ) {
          addr = aligned;
        } else {
          addr = target;
        }
      }
      if (next !== undefined) addr = rangeEnd(next);
    }
  }
  return large * LARGE_PAGE_BYTES + small * SMALL_PAGE_BYTES;
}

/** Of a domain: its CNode of 512 slots, its thread, message buffer, root page table, and a table for the stack at the other end. */
const DOMAIN_BYTES = 0x4000 + 4 * SMALL_PAGE_BYTES;
/** Of a vCPU: itself, and its thread's message buffer. */
const VCPU_BYTES = 2 * SMALL_PAGE_BYTES;
const PAGES_A_TABLE = LARGE_PAGE_BYTES / SMALL_PAGE_BYTES;

/** The tables that map so many bytes of a region's pages. */
export const tableBytes = (sizeBytes: number, pageBytes: number): number =>
  pageBytes === SMALL_PAGE_BYTES ? Math.floor(sizeBytes / LARGE_PAGE_BYTES) * SMALL_PAGE_BYTES : 0;

/** What domains take besides the regions: each has its program a second time, in pages of its own, and a stack. */
export function domainBytes(domains: {
  readonly count: number;
  readonly vcpus: number;
  readonly programPages: number;
  readonly stackBytes: number;
}): number {
  const { count, vcpus, programPages, stackBytes } = domains;
  const pages = programPages + Math.floor(programPages / PAGES_A_TABLE);
  return pages * SMALL_PAGE_BYTES + stackBytes + count * DOMAIN_BYTES + vcpus * VCPU_BYTES;
}
