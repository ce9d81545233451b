/**
 * Regions as bytes, for later runs of the same build, and those of an earlier run in a later one. A region's bytes fit wherever all of
 * its opcodes are again, so nothing else is asked; what differs from run to run is only when it is entered.
 *
 * All numbers are words of 32 bits, little-endian: how many words, helpers' opcodes with their number before them, the number of regions;
 * of each the length of its body, the number of its blocks, each block's place, length and whether it is an entry, and the
 * opcodes of all of them. The bodies follow.
 */
import { RECORDS_PER_PAGE, REGION_PAGES } from '../state.ts';
import type { LiveRegion, RegionBlock } from './live-regions.ts';
import { indexOf, pageOf } from './region.ts';

/** A region as it is kept. */
export interface KeptRegion {
  readonly blocks: readonly RegionBlock[];
  /** Of all blocks, one after the other. */
  readonly opcodes: Uint32Array;
  readonly body: Uint8Array;
}

export interface KeptContent {
  readonly helperOpcodes: readonly number[];
  readonly regions: readonly KeptRegion[];
}

/** More is not kept: a boot has a thousand regions and three megabytes of them. */
export const KEPT_LIMIT = { regions: 8192, bytes: 0x100_0000 } as const;

const WORD_BYTES = 4;

export function encodeKept({ helperOpcodes, regions }: KeptContent): Uint8Array {
  const words: number[] = [helperOpcodes.length, ...helperOpcodes, regions.length];
  let bodiesBytes = 0;
  for (const { blocks, opcodes, body } of regions) {
    words.push(body.length, blocks.length);
    for (const { place, length, entry } of blocks) words.push(place, length, entry ? 1 : 0);
    for (const opcode of opcodes) words.push(opcode);
    bodiesBytes += body.length;
  }
  let at = (words.length + 1) * WORD_BYTES;
  const bytes = new Uint8Array(at + bodiesBytes);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of [words.length, ...words].entries())
    view.setUint32(index * WORD_BYTES, word, true);
  for (const { body } of regions) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

/** Throws `RangeError` for what {@link encodeKept} never wrote. */
export function decodeKept(bytes: Uint8Array): KeptContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = (view.getUint32(0, true) + 1) * WORD_BYTES;
  let at = WORD_BYTES;
  const word = (limit = 2 ** 32): number => {
    const value = view.getUint32(at, true);
    at += WORD_BYTES;
    if (at > end || value >= limit) throw new RangeError(`${value} at ${at - WORD_BYTES}`);
    return value;
  };
  const words = (count: number): readonly number[] => Array.from({ length: count }, () => word());
  const helperOpcodes = words(word(KEPT_LIMIT.regions));
  const regions: KeptRegion[] = [];
  let bodyAt = end;
  for (let left = word(KEPT_LIMIT.regions + 1); left > 0; left--) {
    const bodyEnd = bodyAt + word(bytes.length);
    if (bodyEnd > bytes.length) throw new RangeError(`a body of ${bodyEnd - bodyAt} bytes`);
    const blocks = Array.from({ length: word(RECORDS_PER_PAGE) }, () => {
      const block = { place: word() | 0, length: word(RECORDS_PER_PAGE + 1), entry: word(2) === 1 };
      const page = pageOf(block.place) - REGION_PAGES.first;
      const fits = page >= 0 && page < REGION_PAGES.count && block.length > 0;
      if (!fits || indexOf(block.place) + block.length > RECORDS_PER_PAGE)
        throw new RangeError(`a block of ${block.length} at ${block.place}`);
      return block;
    });
    const size = blocks.reduce((sum, { length }) => sum + length, 0);
    regions.push({ blocks, opcodes: Uint32Array.from(words(size)), body: bytes.subarray(bodyAt, bodyEnd) });
    bodyAt = bodyEnd;
  }
  if (bodyAt !== bytes.length || at !== end) throw new RangeError('it is longer than it says');
  return { helperOpcodes, regions };
}

/** A region of an earlier run, whose function is in the table. */
export interface StoredRegion extends KeptRegion {
  readonly place: number;
  /** Where it may be entered now. */
  readonly lives: Set<LiveRegion>;
  wasUsed: boolean;
}

/** Regions of an earlier run by what stands at their entries. */
export class StoredRegions {
  readonly #byEntry = new Map<number, { readonly region: StoredRegion; readonly position: number }[]>();
  readonly all: readonly StoredRegion[];

  /** Their functions lie in the table one after the other. */
  constructor(regions: readonly KeptRegion[], first: number) {
    this.all = regions.map((region, index) => ({
      ...region,
      place: first + index,
      lives: new Set<LiveRegion>(),
      wasUsed: false,
    }));
    for (const region of this.all) {
      let at = 0;
      for (const [position, { place, length, entry }] of region.blocks.entries()) {
        const key = keyOf(indexOf(place), region.opcodes[at] ?? 0);
        at += length;
        if (!entry) continue;
        const known = this.#byEntry.get(key);
        if (known === undefined) this.#byEntry.set(key, [{ region, position }]);
        else known.push({ region, position });
      }
    }
  }

  /** Those that may have an entry at such a place of a page, with such an opcode. */
  at(index: number, opcode: number) {
    return this.#byEntry.get(keyOf(index, opcode)) ?? [];
  }
}

function keyOf(index: number, opcode: number): number {
  return opcode * RECORDS_PER_PAGE + index;
}
