/** What a run takes up of an earlier one's regions, and what it leaves to the next. */
import type { DecodedPages } from '../core/decoded-pages.ts';
import type { Handlers } from '../core/handlers.ts';
import { RECORD_BYTES } from '../state.ts';
import {
  decodeKept,
  encodeKept,
  KEPT_LIMIT,
  type KeptContent,
  type KeptRegion,
  type StoredRegion,
  StoredRegions,
} from './kept-regions.ts';
import type { LiveRegion, LiveRegions, RegionBlock } from './live-regions.ts';
import { indexOf, pageOf, type Region } from './region.ts';
import type { RegionModules } from './region-modules.ts';

export interface KeptParts {
  readonly live: LiveRegions;
  readonly modules: RegionModules;
  readonly pages: DecodedPages;
  readonly handlers: Handlers;
  /** Has an opcode's helpers known to `modules`. */
  know(opcode: number): void;
}

/** So many times what there was before makes it worth to write all again. */
const WORTH_WRITING = 0.05;

export class KeptTranslations {
  readonly #words: Int32Array;
  readonly #parts: KeptParts;
  readonly #stored: StoredRegions;
  readonly #made: KeptRegion[] = [];
  #madeBytes = 0;

  /** `bytes`: what {@link written} gave; what never was any is ignored. */
  constructor(memory: ArrayBuffer, parts: KeptParts, bytes: Uint8Array) {
    this.#words = new Int32Array(memory);
    this.#parts = parts;
    this.#stored = this.#store(contentOf(bytes));
  }

  #store({ helperOpcodes, regions }: KeptContent): StoredRegions {
    const { handlers, modules } = this.#parts;
    for (const opcode of helperOpcodes) this.#parts.know(opcode);
    const first = regions.length === 0 ? undefined : handlers.reserveRow(regions.length);
    if (first === undefined) return new StoredRegions([], 0);
    try {
      modules.put(
        regions.map(({ body }) => body),
        first,
      );
    } catch {
      // What the engine refuses was written by nobody here.
      return new StoredRegions([], 0);
    }
    return new StoredRegions(regions, first);
  }

  /**
   * Makes an entry of a kept region of a record, if there is one in which all opcodes are as they were. `neighbour` gives the records of a
   * page so many behind the record's, 0 where they aren't known.
   */
  claim(record: number, records: number, neighbour: (delta: number) => number): boolean {
    const index = (record - records) / RECORD_BYTES;
    const host = this.#parts.pages.hostOf(record);
    for (const { region, position } of this.#stored.at(index, this.#opcode(host, index))) {
      const own = pageOf((region.blocks[position] as RegionBlock).place);
      const recordsOf = (delta: number): number => (delta === own ? records : neighbour(delta - own));
      const isThere = ({ pages }: LiveRegion): boolean =>
        [...pages].every(([delta, page]) => page.records === recordsOf(delta));
      const known = [...region.lives].find(isThere);
      if (known !== undefined) this.#parts.live.enterAt(known, position);
      else this.#add(region, recordsOf);
      if (this.#parts.live.isRegion(record)) return true;
    }
    return false;
  }

  #add(region: StoredRegion, recordsOf: (delta: number) => number): void {
    const records = new Map<number, number>();
    let at = 0;
    for (const { place, length } of region.blocks) {
      const delta = pageOf(place);
      const known = records.get(delta) ?? recordsOf(delta);
      records.set(delta, known);
      if (known === 0 || this.#parts.pages.isStep(known)) return;
      const host = this.#parts.pages.hostOf(known);
      for (let index = indexOf(place), left = length; left > 0; left--) {
        if (this.#opcode(host, index++) !== region.opcodes[at++]) return;
      }
    }
    const live = this.#parts.live.add(region.blocks, records, region.place, () => region.lives.delete(added));
    if (live === undefined) return;
    const added: LiveRegion = live;
    region.lives.add(added);
    region.wasUsed = true;
  }

  #opcode(host: number, index: number): number {
    return (this.#words[(host >>> 2) + index] ?? 0) >>> 0;
  }

  /** A region was made. */
  note({ blocks }: Region, body: Uint8Array): void {
    if (this.#made.length >= KEPT_LIMIT.regions || this.#madeBytes + body.length > KEPT_LIMIT.bytes) return;
    this.#madeBytes += body.length;
    const opcodes = blocks.flatMap(({ instructions }) => instructions.map(({ decoded }) => decoded.opcode));
    const places = blocks.map(({ place, entry, instructions }) => ({
      place,
      entry,
      length: instructions.length,
    }));
    this.#made.push({ blocks: places, opcodes: Uint32Array.from(opcodes), body });
  }

  /** What a later run is given; `undefined` where it would gain little over what this one had. */
  written(): Uint8Array | undefined {
    const { all } = this.#stored;
    const size = (regions: readonly KeptRegion[]) =>
      regions.reduce((sum, { opcodes }) => sum + opcodes.length, 0);
    if (size(this.#made) <= size(all) * WORTH_WRITING) return undefined;
    const { helperOpcodes } = this.#parts.modules;
    const used = all.filter(({ wasUsed }) => wasUsed);
    const unused = all.filter(({ wasUsed }) => !wasUsed);
    return encodeKept({ helperOpcodes, regions: asManyAsFit([...used, ...this.#made, ...unused]) });
  }
}

/** Without those that are there twice. */
function asManyAsFit(regions: readonly KeptRegion[]): readonly KeptRegion[] {
  const fitting = new Map<string, KeptRegion>();
  let bytes = 0;
  for (const region of regions) {
    const entries = region.blocks.map(({ place, entry }) => (entry ? place : ''));
    const key = `${entries.join()};${region.blocks.map(({ place }) => place).join()};${region.opcodes.join()}`;
    if (fitting.has(key) || fitting.size === KEPT_LIMIT.regions) continue;
    if (bytes + region.body.length > KEPT_LIMIT.bytes) continue;
    bytes += region.body.length;
    fitting.set(key, region);
  }
  return [...fitting.values()];
}

function contentOf(bytes: Uint8Array): KeptContent {
  try {
    return decodeKept(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { helperOpcodes: [], regions: [] };
  }
}
