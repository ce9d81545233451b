/** How large the queues of a served disk are: both sides, and whoever reads a description, know by it how many entries they have. */
import { alignUp, KIB, SMALL_PAGE_BYTES } from '../base/index.ts';

/** More than a request or an answer of sDDF's takes, as sdfgen has it. */
export const BLOCK_ENTRY_BYTES = 128;
/** Its counters, with room. */
const COUNTERS_BYTES = KIB;

/** A queue's region for a power of two of entries. */
export function blockQueueBytes(entries: number): number {
  return alignUp(COUNTERS_BYTES + entries * BLOCK_ENTRY_BYTES, SMALL_PAGE_BYTES);
}

/** The entries of a queue in a region of that size; 0 where it is too small for one. */
export function blockQueueEntries(sizeBytes: number): number {
  const room = (sizeBytes - COUNTERS_BYTES) / BLOCK_ENTRY_BYTES;
  return room < 1 ? 0 : 2 ** Math.floor(Math.log2(room));
}
