/**
 * The device behind everything that no model knows: registers that remember what was last written, seeded with what
 * firmware left (a collector's archive, or the tables in `control/`), and status bits that follow their controls.
 * Reads give 0 where nothing was ever written. First uses are reported once for each word; the rest is silent.
 */
import { keptMap, keptSet, type Saved, savedParts, shape } from '../base/index.ts';
import type { AccessSize, Device } from './contract.ts';
import { widthMask } from './registers.ts';

/** Some bits of one word: `set` must all be one, `clear` must all be zero. */
export interface WordCondition {
  readonly offset: number;
  readonly set?: number;
  readonly clear?: number;
}

/** Status bits that the device itself drives: they read as one while every condition holds, else as zero. */
export interface StatusRule {
  readonly offset: number;
  readonly mask: number;
  /** No conditions: always one. */
  readonly when?: readonly WordCondition[];
  /** Turns the sense round: the bits read as zero while the conditions hold. */
  readonly inverted?: boolean;
}

/** Control bits that start something and clear themselves when it is done, which here is at once. */
export interface SelfClearing {
  readonly offset: number;
  readonly mask: number;
}

/** What words begin with, and which status bits follow which control bits. */
export interface RememberedOptions {
  readonly name: string;
  readonly sizeBytes: number;
  /** Word offsets and what they hold after power-on. */
  readonly seeds?: ReadonlyMap<number, number>;
  readonly statusRules?: readonly StatusRule[];
  readonly selfClearing?: readonly SelfClearing[];
  /**
   * The upper half of a written word says which bits of the lower half it changes, and reads as zero: Rockchip's way of
   * writing without reading. Words for which this returns `false` are plain.
   */
  readonly upperHalfMasks?: (offset: number) => boolean;
  /** Told once for each word. */
  readonly onFirstUse?: (kind: 'read' | 'write', offset: number) => void;
}

/** How many words one device remembers: a guest that writes to all of a large window doesn't fill the host's memory. */
const REMEMBERED_WORDS_LIMIT = 1 << 18;

/** A device that nobody has modelled: reads give what was last written. */
export class RememberedRegisters implements Device {
  readonly model: string;
  readonly sizeBytes: number;
  readonly #options: RememberedOptions;
  readonly #words = new Map<number, number>();
  readonly #used = new Set<number>();
  readonly #rulesAt = new Map<number, StatusRule[]>();

  constructor(options: RememberedOptions) {
    this.model = options.name;
    this.sizeBytes = options.sizeBytes;
    this.#options = options;
    for (const rule of options.statusRules ?? []) {
      this.#rulesAt.set(rule.offset, [...(this.#rulesAt.get(rule.offset) ?? []), rule]);
    }
    this.reset();
  }

  read(offset: number, sizeBytes: AccessSize): number {
    const word = offset & ~3;
    this.#firstUse('read', word);
    let value = this.#words.get(word) ?? 0;
    for (const rule of this.#rulesAt.get(word) ?? []) {
      const holds = (rule.when ?? []).every((condition) => this.#holds(condition));
      value = holds !== (rule.inverted ?? false) ? value | rule.mask : value & ~rule.mask;
    }
    return ((value >>> (8 * (offset - word))) & widthMask(sizeBytes)) >>> 0;
  }

  write(offset: number, value: number, sizeBytes: AccessSize): void {
    const word = offset & ~3;
    this.#firstUse('write', word);
    const shift = 8 * (offset - word);
    const lanes = (widthMask(sizeBytes) << shift) >>> 0;
    const previous = this.#words.get(word) ?? 0;
    let next = (previous & ~lanes) | ((value << shift) & lanes);
    if (this.#options.upperHalfMasks?.(word) === true) {
      const mask = next >>> 16;
      next = (previous & ~mask) | (next & mask);
    }
    for (const { offset: at, mask } of this.#options.selfClearing ?? []) if (at === word) next &= ~mask;
    if (this.#words.has(word) || this.#words.size < REMEMBERED_WORDS_LIMIT) this.#words.set(word, next >>> 0);
  }

  registerAt(offset: number): string {
    return `+0x${(offset & ~3).toString(16)}`;
  }

  reset(): void {
    this.#words.clear();
    this.#used.clear();
    for (const [offset, value] of this.#options.seeds ?? []) this.#words.set(offset, value >>> 0);
  }

  get saved(): Saved {
    const offset = shape.upTo(Math.max(0, this.sizeBytes - 1));
    return savedParts({
      words: keptMap(this.#words, offset, shape.u32, REMEMBERED_WORDS_LIMIT),
      used: keptSet(this.#used, offset, REMEMBERED_WORDS_LIMIT),
    });
  }

  #firstUse(kind: 'read' | 'write', word: number): void {
    if (this.#used.has(word) || this.#used.size >= REMEMBERED_WORDS_LIMIT) return;
    this.#used.add(word);
    this.#options.onFirstUse?.(kind, word);
  }

  #holds({ offset, set = 0, clear = 0 }: WordCondition): boolean {
    const word = this.#words.get(offset) ?? 0;
    return (word & set) >>> 0 === set >>> 0 && (word & clear) === 0;
  }
}
