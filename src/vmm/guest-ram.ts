/** Guest RAM as the monitor reaches it: regions of guest physical addresses over the memory that it has mapped itself. */
import { type AddrRange, hex, type Ipa } from '../base/index.ts';
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

  has(gpa: Ipa, sizeBytes: number): boolean {
    return this.#regionOf(gpa, sizeBytes) !== undefined;
  }

  /** The bytes at a guest physical range, if one region holds all of it. A live view. */
  at(range: AddrRange<Ipa>): Uint8Array | undefined {
    const region = this.#regionOf(range.base, range.size);
    if (region === undefined) return undefined;
    const offset = range.base - region.gpaStart;
    return region.memory.bytes.subarray(offset, offset + range.size);
  }

  /** Copies into guest RAM and lets the processor know; `false` where it doesn't fit. */
  copyIn(gpa: Ipa, content: Uint8Array): boolean {
    const region = this.#regionOf(gpa, content.length);
    if (region === undefined) return false;
    const offset = gpa - region.gpaStart;
    region.memory.bytes.set(content, offset);
    region.memory.written(offset, content.length);
    return true;
  }

  /** Lets the processor know that what {@link at} gave was written to. */
  written(gpa: Ipa, sizeBytes: number): void {
    const region = this.#regionOf(gpa, sizeBytes);
    region?.memory.written(gpa - region.gpaStart, sizeBytes);
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

  #regionOf(base: Ipa, sizeBytes: number): GuestRamRegion | undefined {
    // A plain loop, as wherever a guest's requests pass: it runs in an interpreter on seL4.
    for (let index = 0; index < this.regions.length; index += 1) {
      const region = this.regions[index];
      if (region === undefined || base < region.gpaStart) continue;
      if (base - region.gpaStart + sizeBytes <= region.sizeBytes) return region;
    }
    return undefined;
  }
}
