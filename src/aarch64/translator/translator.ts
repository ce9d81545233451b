/**
 * The translator: what is arrived at often becomes a region, a function of its own, which the records at its entries then lead to. Records
 * keep their operands, so that the handlers that were there come back when a region is dropped: when the code under it changes.
 */
import type { TranslationOptions } from '../contract.ts';
import type { ColdCode } from '../core/cold.ts';
import type { DecodedPages } from '../core/decoded-pages.ts';
import type { Handlers } from '../core/handlers.ts';
import { HANDLER } from '../core/interpreter.ts';
import type { MemoryMap } from '../core/memory-map.ts';
import type { VcpuState } from '../core/vcpu-state.ts';
import type { Decoder } from '../decoder.ts';
import type { Shape } from '../definition.ts';
import {
  RECORD_BYTES,
  RECORD_SIDE,
  SIDE,
  STATE,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_TABLE,
} from '../state.ts';
import { KeptTranslations } from './kept-translations.ts';
import { LiveRegions } from './live-regions.ts';
import { type DecodedInstruction, findRegion, type Region, type RegionPage } from './region.ts';
import { RegionModules } from './region-modules.ts';
import { type Traits, traitsOf } from './traits.ts';

export interface TranslatorParts {
  readonly pages: DecodedPages;
  readonly decoder: Decoder;
  readonly handlers: Handlers;
  readonly cold: ColdCode;
}

/** A record from which a region is to be made, and the pages around it. */
interface Wanted {
  readonly record: number;
  readonly records: number;
  readonly around: ReadonlyMap<number, number>;
  /** How often it was found hot. */
  readonly times: number;
}

/** With a lower threshold short runs compile more than they save. */
export const DEFAULT_TRANSLATION: TranslationOptions = { threshold: 2048, batch: 24, limit: 200 };

/** How often a record is found hot before its region is made without waiting for others. */
const PATIENCE = 3;
/** Regions in a module at most. */
const MODULE_LIMIT = 64;
const NEIGHBOURS = [-1, 1];
const PAGE_BYTES = 0x1000;
const TWO_32 = 2 ** 32;

export class Translator {
  readonly #words: Int32Array;
  readonly #parts: TranslatorParts;
  readonly #options: TranslationOptions;
  readonly #traits = new Map<Shape, Traits>();
  readonly #instructions = new Map<number, DecodedInstruction | undefined>();
  readonly #live: LiveRegions;
  readonly #modules: RegionModules;
  readonly #kept: KeptTranslations | undefined;
  readonly #wanted = new Map<number, Wanted>();

  constructor(memory: ArrayBuffer, map: MemoryMap, parts: TranslatorParts, options: TranslationOptions) {
    this.#words = new Int32Array(memory);
    this.#parts = parts;
    this.#live = new LiveRegions(memory, map);
    this.#modules = new RegionModules(parts.cold);
    this.#options = options;
    const { pages, handlers } = parts;
    const know = (opcode: number): void => void this.#decode(opcode);
    const keeping = { live: this.#live, modules: this.#modules, pages, handlers, know };
    this.#kept = options.kept === undefined ? undefined : new KeptTranslations(memory, keeping, options.kept);
  }

  /** A record was arrived at so and so often. Its region comes with others; what is hot again and again is waited for no longer. */
  hot(state: VcpuState, record: number): void {
    if (!this.#live.isPlain(record) || this.#parts.pages.isStep(record)) return;
    const records = state.get32(STATE.PAGE_RECORDS);
    if (this.#kept?.claim(record, records, (delta) => this.#neighbour(state, delta)) === true) return;
    const visits = this.#words[(record + RECORD_SIDE + SIDE.visits) >>> 2] ?? 0;
    if ((visits & (this.#options.threshold - 1)) !== 0) return;
    const times = (this.#wanted.get(record)?.times ?? 0) + 1;
    const around = new Map(NEIGHBOURS.map((delta) => [delta, this.#neighbour(state, delta)]));
    this.#wanted.set(record, { record, records, around, times });
    if (times > PATIENCE || this.#wanted.size >= this.#options.batch) this.#translate();
  }

  /** The records of the page before or behind the one being executed, 0 if they aren't in the TLB. */
  #neighbour(state: VcpuState, delta: number): number {
    const sum = (state.get32(STATE.PAGE_VA) >>> 0) + delta * PAGE_BYTES;
    const carry = sum < 0 ? -1 : sum >= TWO_32 ? 1 : 0;
    const index = (sum >>> 12) & (TLB_ENTRIES - 1);
    const at = (state.get32(STATE.TLB) + TLB_TABLE.execute + index * TLB_ENTRY_BYTES) >>> 2;
    const hits =
      this.#words[at] === (sum | 0) && this.#words[at + 1] === ((state.get32(STATE.PAGE_VA + 4) + carry) | 0);
    return hits ? (this.#words[at + (TLB_ADDEND >> 2)] ?? 0) : 0;
  }

  #translate(): void {
    const made: { readonly region: Region; readonly place: number }[] = [];
    // What is found may leave more to be found: the rest of a long straight line.
    for (const [record, want] of this.#wanted) {
      this.#wanted.delete(record);
      const region = this.#live.isPlain(record) ? this.#find(want) : undefined;
      const place = region === undefined ? undefined : this.#parts.handlers.reserve();
      if (region === undefined || place === undefined) continue;
      if (!this.#add(region, place)) continue;
      made.push({ region, place });
      if (made.length === MODULE_LIMIT) break;
    }
    if (made.length === 0) return;
    const bodies = this.#modules.compile(made);
    for (const [index, { region }] of made.entries()) this.#kept?.note(region, bodies[index] as Uint8Array);
  }

  #add({ blocks, pages }: Region, place: number): boolean {
    const places = blocks.map((block) => ({
      place: block.place,
      length: block.instructions.length,
      entry: block.entry,
    }));
    const release = (): void => this.#parts.handlers.release(place);
    const records = new Map(pages.map((page) => [page.delta, page.records]));
    if (this.#live.add(places, records, place, release) !== undefined) return true;
    release();
    return false;
  }

  #find({ record, records, around }: Wanted): Region | undefined {
    const pages = new Map<number, RegionPage | undefined>();
    const page = (delta: number): RegionPage | undefined => {
      if (pages.has(delta)) return pages.get(delta);
      const itsRecords = delta === 0 ? records : (around.get(delta) ?? 0);
      const host = itsRecords === 0 ? undefined : this.#parts.pages.hostOf(itsRecords);
      const made = host === undefined ? undefined : { delta, records: itsRecords, host };
      pages.set(delta, made);
      return made;
    };
    const source = {
      page,
      instruction: (of: RegionPage, index: number) => this.#instruction(of, index),
      isTaken: (at: number) => this.#live.isRegion(at),
    };
    const region = findRegion((record - records) / RECORD_BYTES, source, this.#options.limit);
    for (const cut of region?.cuts ?? []) {
      // A long straight line has no branch to count at.
      if (cut.page.delta === 0)
        this.#wanted.set(cut.record, { record: cut.record, records, around, times: 1 });
    }
    return region;
  }

  #instruction({ records, host }: RegionPage, index: number): DecodedInstruction | undefined {
    if (this.#live.handlerOf(records + index * RECORD_BYTES) === HANDLER.undecoded) return undefined;
    return this.#decode((this.#words[(host >>> 2) + index] ?? 0) >>> 0);
  }

  #decode(opcode: number): DecodedInstruction | undefined {
    if (this.#instructions.has(opcode)) return this.#instructions.get(opcode);
    const decoded = this.#parts.decoder.decode(opcode);
    const made = decoded === undefined ? undefined : this.#decoded(decoded, opcode);
    this.#instructions.set(opcode, made);
    return made;
  }

  #decoded(decoded: NonNullable<ReturnType<Decoder['decode']>>, opcode: number): DecodedInstruction {
    const { fields } = decoded;
    const shape = this.#parts.handlers.shape(decoded, opcode);
    const traits = this.#traits.get(shape) ?? traitsOf(shape);
    this.#traits.set(shape, traits);
    const { delta } = traits.flow;
    const distance = delta === undefined ? 0 : Number(delta.derive(fields)) / RECORD_BYTES;
    const instruction = { opcode, shape, fields, traits, distance };
    this.#modules.know(instruction);
    return instruction;
  }

  /** The records from `from` to `to` will hold other instructions: regions over them go. */
  drop(records: number, from: number, to: number): void {
    for (const [record] of this.#wanted) if (record >= from && record < to) this.#wanted.delete(record);
    this.#live.drop(records, from, to);
  }

  /** What a later run may be given; `undefined` where that would gain little. */
  kept(): Uint8Array | undefined {
    return this.#kept?.written();
  }

  dropAll(): void {
    this.#wanted.clear();
    this.#live.dropAll();
  }
}
