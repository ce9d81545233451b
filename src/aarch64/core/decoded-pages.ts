/**
 * Decoded code: pages of records, found by the page of RAM that they were decoded from. A page of RAM whose records are
 * in use is *tracked*: no vCPU's TLB lets it be written directly, so that every store to it comes here and makes the
 * records that it hits undecoded again. A page that is written often is let go of until it is executed again.
 *
 * Which page has which records, and whether it is tracked, is told by the table of pages in the memory, where WebAssembly reads it.
 */
import {
  PAGE_ENTRIES,
  PAGE_RECORDS_MASK,
  PAGE_TRACKED,
  PAGE_WRITTEN,
  RECORD_BYTES,
  RECORD_PAGE_BYTES,
  RECORD_SIDE,
  RECORDS_PER_PAGE,
  SIDE,
} from '../state.ts';
import { HANDLER } from './interpreter.ts';
import { GUEST_PAGE_BYTES, type MemoryMap } from './memory-map.ts';

const UNDECODED_WRITES_LIMIT = 32;

interface DecodedPage {
  /** The page of RAM. */
  readonly host: number;
  readonly records: number;
  writes: number;
}

export interface PageWatcher {
  /** A page became tracked: stores to it must be seen from now on. */
  protect(host: number): void;
  /** Records from `from` to `to` are about to be cleared. */
  overwritten(records: number, from: number, to: number): void;
  /** All pages of records are about to be reused. */
  forgetAll(): void;
}

export class DecodedPages {
  readonly #words: Int32Array;
  readonly #map: MemoryMap;
  readonly #watcher: PageWatcher;
  #byRecords: DecodedPage[] = [];
  #stepHost = 0;
  /** Up to where records have been used. */
  #usedEnd = 0;
  /** Pages decoded so far, those that were thrown away too. */
  count = 0;

  constructor(memory: ArrayBuffer, map: MemoryMap, watcher: PageWatcher) {
    this.#words = new Int32Array(memory);
    this.#map = map;
    this.#watcher = watcher;
  }

  /** The records of a page of RAM. Whoever calls this must have no record in hand: all may be thrown away. */
  recordsOf(host: number): number {
    const known = this.#pageOf(host);
    if (known !== undefined) {
      this.#track(known);
      return known.records;
    }
    if (this.#byRecords.length === this.#map.recordPages) this.forgetAll();
    const records = this.#map.records + this.#byRecords.length * RECORD_PAGE_BYTES;
    this.count++;
    // A page's first use finds zeros: what isn't touched takes no memory of the host's.
    if (records < this.#usedEnd) this.#words.fill(0, records >> 2, (records + RECORD_PAGE_BYTES) >> 2);
    else this.#usedEnd = records + RECORD_PAGE_BYTES;
    const page: DecodedPage = { host, records, writes: 0 };
    this.#words[(records + RECORDS_PER_PAGE * RECORD_BYTES) >> 2] = HANDLER.pageEnd;
    this.#setRecords(host, records);
    this.#byRecords.push(page);
    this.#track(page);
    return records;
  }

  /** Makes the page for steps hold one instruction of a page of RAM, yet undecoded, and after it this handler or the page's end. */
  prepareStep(
    host: number,
    index: number,
    after: number,
  ): { readonly records: number; readonly record: number } {
    const records = this.#map.stepRecords;
    const record = records + index * RECORD_BYTES;
    this.#stepHost = host;
    this.#words[record >> 2] = HANDLER.undecoded;
    this.#words[(record + RECORD_BYTES) >> 2] = index + 1 === RECORDS_PER_PAGE ? HANDLER.pageEnd : after;
    this.#words[(record + RECORD_SIDE + SIDE.visits) >> 2] = 0;
    return { records, record };
  }

  /** Whether a record is of the page for steps. */
  isStep(record: number): boolean {
    return record >= this.#map.stepRecords;
  }

  /** The page of RAM behind a record, which is tracked from now on. */
  hostOf(record: number): number {
    if (this.isStep(record)) return this.#stepHost;
    const page = this.#byRecord(record);
    if (page === undefined) throw new Error(`no page was decoded to 0x${record.toString(16)}`);
    this.#track(page);
    return page.host;
  }

  isTracked(host: number): boolean {
    return ((this.#words[this.#wordOf(host)] ?? 0) & PAGE_TRACKED) !== 0;
  }

  /** Whether anything may have been stored in a page since the memory was made. */
  mayHoldAnything(host: number): boolean {
    return ((this.#words[this.#wordOf(host)] ?? 0) & PAGE_WRITTEN) !== 0;
  }

  /** Bytes of a page were written. */
  written(host: number, offset: number, sizeBytes: number): void {
    const word = this.#wordOf(host);
    this.#words[word] = (this.#words[word] ?? 0) | PAGE_WRITTEN;
    if (!this.isTracked(host)) return;
    const page = this.#pageOf(host);
    if (page === undefined) return;
    if (++page.writes > UNDECODED_WRITES_LIMIT) {
      this.#watcher.overwritten(page.records, page.records, page.records + RECORDS_PER_PAGE * RECORD_BYTES);
      this.#words.fill(0, page.records >> 2, (page.records + RECORDS_PER_PAGE * RECORD_BYTES) >> 2);
      this.#setRecords(host, page.records);
      return;
    }
    const end = Math.min(offset + sizeBytes, GUEST_PAGE_BYTES);
    const first = page.records + (offset >> 2) * RECORD_BYTES;
    this.#watcher.overwritten(page.records, first, page.records + ((end + 3) >> 2) * RECORD_BYTES);
    for (let at = offset & ~3; at < end; at += 4) {
      const record = page.records + (at >> 2) * RECORD_BYTES;
      this.#words.fill(0, record >> 2, (record + RECORD_BYTES) >> 2);
    }
  }

  /** Pages of RAM that code was executed from, with how often it was entered by a jump: the most entered first. */
  heat(): readonly { readonly host: number; readonly entries: number }[] {
    return this.#byRecords
      .map(({ host, records }) => ({
        host,
        entries: (this.#words[(records + PAGE_ENTRIES) >> 2] ?? 0) >>> 0,
      }))
      .sort((a, b) => b.entries - a.entries);
  }

  forgetAll(): void {
    this.#watcher.forgetAll();
    for (const { host } of this.#byRecords) this.#setRecords(host, 0);
    this.#byRecords = [];
  }

  #track(page: DecodedPage): void {
    if (this.isTracked(page.host)) return;
    this.#setRecords(page.host, page.records | PAGE_TRACKED);
    page.writes = 0;
    this.#watcher.protect(page.host);
  }

  #setRecords(host: number, recordsAndTracked: number): void {
    const word = this.#wordOf(host);
    this.#words[word] = recordsAndTracked | ((this.#words[word] ?? 0) & PAGE_WRITTEN);
  }

  /** Where in the table of pages a page's word is. */
  #wordOf(host: number): number {
    return (this.#map.pageTable >> 2) + host / GUEST_PAGE_BYTES;
  }

  #pageOf(host: number): DecodedPage | undefined {
    const records = (this.#words[this.#wordOf(host)] ?? 0) & PAGE_RECORDS_MASK;
    return records === 0 ? undefined : this.#byRecord(records);
  }

  #byRecord(record: number): DecodedPage | undefined {
    return this.#byRecords[Math.floor((record - this.#map.records) / RECORD_PAGE_BYTES)];
  }
}
