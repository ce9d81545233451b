/**
 * What is left of RAM for what has no address of its own (Microkit 2.3, `capdl/allocation.rs`): the tool and its initialiser go through
 * RAM upwards and make at each place the largest object that fits there. So large pages get every aligned place of 2 MiB that nothing
 * fixed is in, and what is smaller gets the rest. Numbers of objects are rounded down: what is too much by this is too much there.
 */
import {
  type AddrRange,
  alignDown,
  alignUp,
  LARGE_PAGE_BYTES,
  mergeRanges,
  rangeEnd,
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

/** What is fixed beside the regions with an address: the programs in the initial task, all of them as files and in pages. */
export interface CarriedImages {
  readonly bytes: number;
  readonly pages: number;
  readonly rowBytes?: number;
}

/** RAM that neither seL4 with its initial task nor one of these has. */
export function untypedRam(
  board: Pick<MicrokitBoard, 'ram' | 'arch'>,
  carried: CarriedImages,
  fixed: readonly AddrRange[],
): readonly AddrRange[] {
  const ram = board.ram ?? [];
  const task = initialTaskIn(board, initialTaskBytes(carried.pages, carried.rowBytes));
  const own = board.arch === 'aarch64' ? [keptKernel(board), task, rootObjectsIn(ram, carried.bytes)] : [];
  let left: readonly AddrRange[] = mergeRanges(ram);
  for (const taken of [...own, ...fixed]) {
    if (taken !== undefined) left = left.flatMap((part) => rangeWithout(part, taken));
  }
  return left;
}

/** How many bytes of it have no place there; 0 where all is made. */
export function untypedShortage(
  left: readonly AddrRange[],
  { largePages, smallBytes }: UntypedDemand,
): number {
  const leftBytes = left.reduce((sum, { size }) => sum + size, 0);
  const places = left.reduce((sum, part) => {
    const size = alignDown(rangeEnd(part), LARGE_PAGE_BYTES) - alignUp(part.base, LARGE_PAGE_BYTES);
    return sum + Math.max(0, size / LARGE_PAGE_BYTES);
  }, 0);
  const made = Math.min(largePages, places) * LARGE_PAGE_BYTES;
  return Math.max(0, largePages - places) * LARGE_PAGE_BYTES + Math.max(0, smallBytes - (leftBytes - made));
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
