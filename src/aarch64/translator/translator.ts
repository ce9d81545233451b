/**
 * The translator: what is arrived at often becomes a function of its own, which the record's handler then is. Records keep
 * their operands, so that the handler that was there comes back when a region is dropped: when the code under it changes.
 */
import type { TranslationOptions } from '../contract.ts';
import type { ColdCode } from '../core/cold.ts';
import type { DecodedPages } from '../core/decoded-pages.ts';
import type { Handlers } from '../core/handlers.ts';
import { HANDLER } from '../core/interpreter.ts';
import type { Decoder } from '../decoder.ts';
import { RECORD_BYTES } from '../state.ts';
import { findRegion, type Region, type RegionInstruction } from './region.ts';
import { emitRegion } from './region-emitter.ts';

export interface TranslatorParts {
  readonly pages: DecodedPages;
  readonly decoder: Decoder;
  readonly handlers: Handlers;
  readonly cold: ColdCode;
}

interface Live {
  readonly record: number;
  /** The first record under it, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly original: number;
  readonly place: number;
  readonly number: number;
}

interface Wanted {
  readonly record: number;
  readonly records: number;
}

/** A power of two that only loops of long runs reach: a lower one compiles more than it saves in a boot. */
export const DEFAULT_TRANSLATION: TranslationOptions = {
  threshold: 16384,
  batch: 16,
  limit: 200,
};

/** Handlers' numbers have sixteen bits. */
const MAX_HANDLER = 0xffff;

export class Translator {
  readonly #words: Uint32Array;
  readonly #handlers: Uint16Array;
  readonly #parts: TranslatorParts;
  readonly #options: TranslationOptions;
  readonly #byPage = new Map<number, Live[]>();
  readonly #regionNumbers = new Set<number>();
  readonly #wanted = new Map<number, Wanted>();
  #free: number[] = [];
  #full = false;

  constructor(memory: ArrayBuffer, parts: TranslatorParts, options: TranslationOptions) {
    this.#words = new Uint32Array(memory);
    this.#handlers = new Uint16Array(memory);
    this.#parts = parts;
    this.#options = options;
  }

  /** A record was arrived at so and so often. Its region comes with others; the second time it is waited for no longer. */
  hot(record: number, records: number): void {
    const handler = this.#handlers[record >>> 1] ?? 0;
    if (handler === HANDLER.undecoded || handler === HANDLER.pageEnd || this.#full) return;
    if (this.#regionNumbers.has(handler)) return;
    const again = this.#wanted.has(record);
    this.#wanted.set(record, { record, records });
    if (again || this.#wanted.size >= this.#options.batch) this.#translate();
  }

  #translate(): void {
    const regions = [...this.#wanted.values()].flatMap(({ record, records }) => {
      const host = this.#parts.pages.hostOf(record);
      const region = findRegion(
        (record - records) / RECORD_BYTES,
        (index) => this.#instruction(host, index),
        this.#options.limit,
      );
      return region === undefined ? [] : [{ region, record, records }];
    });
    this.#wanted.clear();
    if (regions.length === 0) return;
    const functions = this.#parts.cold.make((module, runtime) => {
      for (const [index, { region }] of regions.entries()) emitRegion(module, runtime, region, index);
      return regions.length;
    });
    for (const [index, { region, record, records }] of regions.entries()) {
      this.#install(region, record, records, functions[index]);
    }
  }

  #install(region: Region, record: number, records: number, func: unknown): void {
    const free = this.#free.pop();
    const { handlers } = this.#parts;
    const placed =
      free === undefined ? handlers.place(func) : { place: free, number: handlers.replace(free, func) };
    if (placed.number >= MAX_HANDLER) {
      this.#full = true;
      return;
    }
    const live: Live = {
      ...placed,
      record,
      from: records + region.first * RECORD_BYTES,
      to: records + (region.last + 1) * RECORD_BYTES,
      original: this.#handlers[record >>> 1] ?? 0,
    };
    const known = this.#byPage.get(records);
    if (known === undefined) this.#byPage.set(records, [live]);
    else known.push(live);
    this.#regionNumbers.add(live.number);
    this.#handlers[record >>> 1] = live.number;
  }

  /** The records from `from` to `to` will hold other instructions: regions over them go. */
  drop(records: number, from: number, to: number): void {
    for (const [record] of this.#wanted) if (record >= from && record < to) this.#wanted.delete(record);
    const known = this.#byPage.get(records);
    if (known === undefined) return;
    const kept: Live[] = [];
    for (const live of known) {
      if (live.from >= to || live.to <= from) kept.push(live);
      else this.#dropOne(live);
    }
    this.#byPage.set(records, kept);
  }

  dropAll(): void {
    this.#wanted.clear();
    for (const page of this.#byPage.values()) for (const live of page) this.#dropOne(live);
    this.#byPage.clear();
  }

  #dropOne(live: Live): void {
    this.#handlers[live.record >>> 1] = live.original;
    this.#regionNumbers.delete(live.number);
    this.#free.push(live.place);
  }

  #instruction(host: number, index: number): RegionInstruction | undefined {
    const opcode = this.#words[(host >>> 2) + index] ?? 0;
    const decoded = this.#parts.decoder.decode(opcode);
    if (decoded === undefined) return undefined;
    return { index, shape: this.#parts.handlers.shape(decoded, opcode), fields: decoded.fields };
  }
}
