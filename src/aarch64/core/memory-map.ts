/** What lies where in a cluster's memory: vCPUs, decoded pages, the table of pages, stage 2's tables, RAM. */
import { RECORD_PAGE_BYTES, REGION_PAGE_CELL, REGION_PAGES, VCPU_BYTES } from '../state.ts';

const WASM_PAGE_BYTES = 0x1_0000;
export const GUEST_PAGE_BYTES = 0x1000;
/** Nothing lies below, so that address 0 can mean "none". */
const FIRST = 0x1_0000;
/** Addresses of records take part in signed sums with budgets. */
const RECORDS_LIMIT = 2 ** 30;
const MEMORY_LIMIT = 2 ** 32;
const PAGE_WORD_BYTES = 4;
/** As many as the table of functions could hold (`core/handlers.ts`). */
const REGIONS = 0xc000;
/** Enough for four thousand blocks of 2 MiB that are not of one kind; what isn't used is never touched. */
export const STAGE2_POOL_BYTES = 0x80_0000;

export interface MemoryMap {
  readonly vcpus: readonly number[];
  readonly records: number;
  readonly recordPages: number;
  /** One page more, for an instruction that is stepped. */
  readonly stepRecords: number;
  /** For each of so many regions where its pages' records are told ({@link REGION_PAGES}). */
  readonly regionPages: number;
  readonly regions: number;
  /** A word for each page of the memory (`core/decoded-pages.ts`). */
  readonly pageTable: number;
  readonly stage2: number;
  /** Where each RAM region begins. */
  readonly ram: readonly number[];
  readonly end: number;
  readonly wasmPages: number;
}

/**
 * `lentBytes`: so much at the start, and a page at the end, is somebody else's. Throws `RangeError` where it doesn't fit or a RAM size is no
 * multiple of a page.
 */
export function planMemory(
  vcpuCount: number,
  recordPages: number,
  ramSizes: readonly number[],
  lentBytes = 0,
): MemoryMap {
  const first = FIRST + roundUp(lentBytes, WASM_PAGE_BYTES);
  const vcpus = Array.from({ length: vcpuCount }, (_, index) => first + index * VCPU_BYTES);
  const records = first + vcpuCount * VCPU_BYTES;
  const stepRecords = records + recordPages * RECORD_PAGE_BYTES;
  const recordsEnd = stepRecords + RECORD_PAGE_BYTES;
  if (recordsEnd > RECORDS_LIMIT) throw new RangeError(`${recordPages} decoded pages are too many`);
  const regionPages = roundUp(recordsEnd, GUEST_PAGE_BYTES);
  const pageTable = roundUp(regionPages + REGIONS * REGION_PAGES.count * REGION_PAGE_CELL, GUEST_PAGE_BYTES);
  const ramBytes = ramSizes.reduce((sum, size) => sum + size, 0);
  // Every page has a word, those of this table too.
  const others = (pageTable + STAGE2_POOL_BYTES + ramBytes) / GUEST_PAGE_BYTES;
  const words =
    Math.ceil(others * (1 + PAGE_WORD_BYTES / GUEST_PAGE_BYTES)) + 2 * (WASM_PAGE_BYTES / GUEST_PAGE_BYTES);
  const stage2 = roundUp(pageTable + words * PAGE_WORD_BYTES, GUEST_PAGE_BYTES);
  let at = roundUp(stage2 + STAGE2_POOL_BYTES, WASM_PAGE_BYTES);
  const ram = ramSizes.map((size) => {
    if (size <= 0 || size % GUEST_PAGE_BYTES !== 0) throw new RangeError(`RAM of ${size} bytes`);
    const base = at;
    at += size;
    return base;
  });
  const wasmPages = Math.ceil(at / WASM_PAGE_BYTES) + (lentBytes > 0 ? 1 : 0);
  if (wasmPages * WASM_PAGE_BYTES > MEMORY_LIMIT) throw new RangeError('more RAM than fits in 4 GiB');
  return {
    vcpus,
    records,
    recordPages,
    stepRecords,
    regionPages,
    regions: REGIONS,
    pageTable,
    stage2,
    ram,
    end: at,
    wasmPages,
  };
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
