/**
 * RAM as the board's bus masters see it: by physical address, past every stage 2. A device's driver in a guest hands it
 * the addresses that it knows; where guest RAM is not mapped 1:1 those lead elsewhere, as on the board. No IOMMU is
 * modelled: a master reaches all RAM that the description has regions for.
 */
import { type AddrRange, type Paddr, rangeContains, rangeEnd } from '../base/index.ts';
import type { BusMaster } from '../device/index.ts';

/** A stretch of RAM at its physical address. */
export interface PhysicalRam {
  readonly range: AddrRange<Paddr>;
  /** A live view of its bytes. */
  readonly bytes: Uint8Array;
  /** To be called after writing: code that was decoded from there is stale. */
  written(offset: number, sizeBytes: number): void;
}

/** An access of a bus master where not all is RAM. */
export interface MissedDma {
  /** The path of the device's node. */
  readonly path: string;
  readonly kind: 'read' | 'write';
  readonly physAddr: Paddr;
  readonly sizeBytes: number;
}

/** RAM by physical address, as bus masters see it: past every stage 2. */
export class PhysicalMemory {
  onMissed: ((missed: MissedDma) => void) | undefined;
  #regions: readonly PhysicalRam[] = [];

  /** The RAM that is there from now on. */
  place(regions: readonly PhysicalRam[]): void {
    this.#regions = regions;
  }

  /** The bus as a device reaches it. */
  masterFor(path: string): BusMaster {
    return {
      read: (physAddr, target) =>
        this.#move({ path, kind: 'read', physAddr, sizeBytes: target.length }, ({ ram, offset, at, count }) =>
          target.set(ram.bytes.subarray(offset, offset + count), at),
        ),
      write: (physAddr, content) =>
        this.#move(
          { path, kind: 'write', physAddr, sizeBytes: content.length },
          ({ ram, offset, at, count }) => {
            ram.bytes.set(content.subarray(at, at + count), offset);
            ram.written(offset, count);
          },
        ),
    };
  }

  /** All of it or nothing; it may go on from one region into the next. */
  #move(access: MissedDma, part: (part: Part) => void): boolean {
    const parts: Part[] = [];
    for (let at = 0; at < access.sizeBytes; ) {
      const addr = access.physAddr + at;
      const ram = this.#regions.find(({ range }) => rangeContains(range, addr));
      if (ram === undefined) {
        this.onMissed?.(access);
        return false;
      }
      const count = Math.min(access.sizeBytes - at, rangeEnd(ram.range) - addr);
      parts.push({ ram, offset: addr - ram.range.base, at, count });
      at += count;
    }
    for (const each of parts) part(each);
    return true;
  }
}

/** What one region holds of an access: `count` bytes at `offset` in it, at `at` in the access. */
interface Part {
  readonly ram: PhysicalRam;
  readonly offset: number;
  readonly at: number;
  readonly count: number;
}
