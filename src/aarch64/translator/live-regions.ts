/**
 * Regions that may be entered: the records at their entries lead to them. Those keep their operands, and beside them lies the handler
 * that was there, so that all is as before when a region is dropped.
 */
import { HANDLER } from '../core/interpreter.ts';
import type { MemoryMap } from '../core/memory-map.ts';
import { RECORD_BYTES, RECORD_SIDE, REGION_PAGE_CELL, REGION_PAGES, SIDE } from '../state.ts';
import { indexOf, pageCell, pageOf } from './region.ts';

/** A block as far as its place is concerned; in a region its position is the number of the entry that it may be. */
export interface RegionBlock {
  readonly place: number;
  readonly length: number;
  readonly entry: boolean;
}

interface Extent {
  readonly records: number;
  /** The first record under the region, and the one after the last. */
  from: number;
  to: number;
}

export interface LiveRegion {
  /** Of its function in the table. */
  readonly place: number;
  readonly blocks: readonly RegionBlock[];
  /** By how many pages behind the first one. */
  readonly pages: ReadonlyMap<number, Extent>;
  readonly cells: number;
  readonly claims: { readonly record: number; readonly handler: number }[];
  readonly onDrop: () => void;
}

const CELLS_BYTES = REGION_PAGES.count * REGION_PAGE_CELL;

export class LiveRegions {
  readonly #words: Int32Array;
  readonly #halves: Uint16Array;
  readonly #byPage = new Map<number, Set<LiveRegion>>();
  readonly #map: MemoryMap;
  readonly #free: number[] = [];
  #used = 0;

  constructor(memory: ArrayBuffer, map: MemoryMap) {
    this.#words = new Int32Array(memory);
    this.#halves = new Uint16Array(memory);
    this.#map = map;
  }

  handlerOf(record: number): number {
    return this.#halves[record >>> 1] ?? 0;
  }

  isRegion(record: number): boolean {
    return this.handlerOf(record) === HANDLER.region;
  }

  /** Whether a record holds an instruction, and no region begins there. */
  isPlain(record: number): boolean {
    const handler = this.handlerOf(record);
    return handler !== HANDLER.undecoded && handler !== HANDLER.pageEnd && handler !== HANDLER.region;
  }

  /** Makes the records at a region's entries lead to it; `undefined` where there is no room for it. */
  add(
    blocks: readonly RegionBlock[],
    recordsAt: ReadonlyMap<number, number>,
    place: number,
    onDrop: () => void,
  ): LiveRegion | undefined {
    const cells = this.#reserveCells();
    if (cells === undefined) return undefined;
    const pages = new Map<number, Extent>();
    for (const { place: first, length } of blocks) {
      const delta = pageOf(first);
      const records = recordsAt.get(delta) ?? 0;
      const extent = pages.get(delta) ?? { records, from: Number.POSITIVE_INFINITY, to: 0 };
      pages.set(delta, extent);
      const record = records + indexOf(first) * RECORD_BYTES;
      extent.from = Math.min(extent.from, record);
      extent.to = Math.max(extent.to, record + length * RECORD_BYTES);
    }
    const live: LiveRegion = { place, blocks, pages, cells, claims: [], onDrop };
    for (const [delta, { records }] of pages) {
      this.#words[(cells + pageCell(delta)) >>> 2] = records;
      const known = this.#byPage.get(records);
      if (known === undefined) this.#byPage.set(records, new Set([live]));
      else known.add(live);
    }
    for (const [position, { entry }] of blocks.entries()) if (entry) this.enterAt(live, position);
    return live;
  }

  /** Makes the record at a block lead to its region, if it holds an instruction. */
  enterAt(live: LiveRegion, position: number): void {
    const { place } = live.blocks[position] as RegionBlock;
    const record = (live.pages.get(pageOf(place))?.records ?? 0) + indexOf(place) * RECORD_BYTES;
    if (!this.isPlain(record)) return;
    const handler = this.handlerOf(record);
    live.claims.push({ record, handler });
    const side = record + RECORD_SIDE;
    this.#halves[(side + SIDE.handler) >>> 1] = handler;
    this.#halves[(side + SIDE.entry) >>> 1] = position;
    this.#words[(side + SIDE.place) >>> 2] = live.place;
    this.#words[(side + SIDE.pages) >>> 2] = live.cells;
    this.#halves[record >>> 1] = HANDLER.region;
  }

  /** The records from `from` to `to` will hold other instructions: regions over them go. */
  drop(records: number, from: number, to: number): void {
    for (const live of [...(this.#byPage.get(records) ?? [])]) {
      const isHit = [...live.pages.values()].some(
        (page) => page.records === records && page.from < to && page.to > from,
      );
      if (isHit) this.#dropOne(live);
    }
  }

  dropAll(): void {
    for (const lives of [...this.#byPage.values()]) for (const live of [...lives]) this.#dropOne(live);
    this.#byPage.clear();
  }

  #dropOne(live: LiveRegion): void {
    for (const { record, handler } of live.claims) this.#halves[record >>> 1] = handler;
    for (const { records } of live.pages.values()) this.#byPage.get(records)?.delete(live);
    this.#free.push(live.cells);
    live.onDrop();
  }

  #reserveCells(): number | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#used === this.#map.regions) return free;
    return this.#map.regionPages + this.#used++ * CELLS_BYTES;
  }
}
