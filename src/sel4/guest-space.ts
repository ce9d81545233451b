/**
 * A virtual machine's stage 2, built from its `map` elements: RAM straight into the cluster's memory, device regions
 * through the physical bus. It keeps account of which pages of device regions the guest has touched.
 */
import type { CpuCluster, MmioDevice, RamRegion, Stage2 } from '../aarch64/index.ts';
import { type Ipa, type Paddr, SMALL_PAGE_BYTES } from '../base/index.ts';
import type { PhysicalBus } from '../machine/index.ts';
import type { MapLayout, RegionLayout } from './layout.ts';

/** How much of one mapping the guest has used. */
export interface MappingUse {
  readonly region: string;
  readonly vaddr: number;
  readonly reads: number;
  readonly writes: number;
  /** The pages touched, by their offset in the region. RAM is not counted: its accesses never leave the processor. */
  readonly pages: readonly number[];
}

class DeviceWindow implements MmioDevice {
  reads = 0;
  writes = 0;
  readonly pages = new Set<number>();
  readonly map: MapLayout;
  readonly #physBase: Paddr;
  readonly #bus: PhysicalBus;
  readonly #beforeAccess: () => void;

  constructor(map: MapLayout, region: RegionLayout, bus: PhysicalBus, beforeAccess: () => void) {
    this.map = map;
    this.#physBase = region.physAddr;
    this.#bus = bus;
    this.#beforeAccess = beforeAccess;
  }

  read(ipa: Ipa, sizeBytes: 1 | 2 | 4): number {
    this.reads += 1;
    return this.#bus.read(this.#enter(ipa), sizeBytes);
  }

  write(ipa: Ipa, sizeBytes: 1 | 2 | 4, value: number): void {
    this.writes += 1;
    this.#bus.write(this.#enter(ipa), sizeBytes, value);
  }

  #enter(ipa: Ipa): Paddr {
    const offset = ipa - this.map.vaddr;
    this.pages.add(offset - (offset % SMALL_PAGE_BYTES));
    this.#beforeAccess();
    return this.#physBase + offset;
  }
}

/** What a guest sees at each guest physical address, and how much of it it has used. */
export class GuestSpace {
  readonly stage2: Stage2;
  readonly #windows: DeviceWindow[] = [];

  constructor(
    cluster: CpuCluster,
    maps: readonly MapLayout[],
    regionOf: (name: string) => { readonly region: RegionLayout; readonly ram: RamRegion | undefined },
    bus: PhysicalBus,
    beforeAccess: () => void,
  ) {
    this.stage2 = cluster.createStage2();
    for (const map of maps) {
      const { region, ram } = regionOf(map.region);
      const permissions = { read: map.read, write: map.write, execute: map.execute };
      if (ram !== undefined) {
        this.stage2.mapRam(map.vaddr, region.sizeBytes, ram.offset, permissions);
      } else {
        const window = new DeviceWindow(map, region, bus, beforeAccess);
        this.#windows.push(window);
        this.stage2.mapDevice(map.vaddr, region.sizeBytes, permissions, window);
      }
    }
  }

  use(): readonly MappingUse[] {
    return this.#windows.map(({ map, reads, writes, pages }) => ({
      region: map.region,
      vaddr: map.vaddr,
      reads,
      writes,
      pages: [...pages].sort((a, b) => a - b),
    }));
  }
}
