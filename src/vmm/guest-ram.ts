/** Guest RAM as the monitor reaches it: regions of guest physical addresses over the memory that it has mapped itself. */
import { type AddrRange, hex, type Ipa, rangeCovers } from '../base/index.ts';
import type { MappedRegion } from '../sel4/index.ts';

/** A stretch of guest RAM, and the monitor's own mapping of it. */
export interface GuestRamRegion {
  readonly gpaStart: Ipa;
  readonly sizeBytes: number;
  /** The monitor's own mapping; its first byte is at `gpaStart`. */
  readonly memory: MappedRegion;
}

/** Guest RAM by guest physical address. */
export class GuestRam {
  readonly regions: readonly GuestRamRegion[];

  constructor(regions: readonly GuestRamRegion[]) {
    this.regions = regions;
  }

  /** The bytes at a guest physical range, if one region holds all of it. A live view. */
  at(range: AddrRange<Ipa>): Uint8Array | undefined {
    const region = this.#regionOf(range);
    if (region === undefined) return undefined;
    const offset = range.base - region.gpaStart;
    return region.memory.bytes.subarray(offset, offset + range.size);
  }

  /** Copies into guest RAM and lets the processor know; `false` where it doesn't fit. */
  copyIn(gpa: Ipa, content: Uint8Array): boolean {
    const range = { base: gpa, size: content.length };
    const target = this.at(range);
    const region = this.#regionOf(range);
    if (target === undefined || region === undefined) return false;
    target.set(content);
    region.memory.written(gpa - region.gpaStart, content.length);
    return true;
  }

  /** Zeroes all of it, as before a restart. */
  clear(): void {
    for (const { memory, sizeBytes } of this.regions) memory.clear(0, sizeBytes);
  }

  describe(): string {
    return this.regions
      .map(({ gpaStart, sizeBytes }) => `${hex(gpaStart)}..${hex(gpaStart + sizeBytes)}`)
      .join(', ');
  }

  #regionOf(range: AddrRange<Ipa>): GuestRamRegion | undefined {
    return this.regions.find(({ gpaStart, sizeBytes }) =>
      rangeCovers({ base: gpaStart, size: sizeBytes }, range),
    );
  }
}
