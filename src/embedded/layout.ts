/** What a program's build knows of its protection domains from the system description: their regions and vCPUs. Symbols' values come from Microkit. */
import { LARGE_PAGE_BYTES } from '../base/index.ts';
import {
  type ProtectionDomain,
  protectionDomainsOf,
  SDF_DEFAULTS,
  type SystemDescription,
} from '../microkit/index.ts';

/** A region as a domain has it mapped. */
export interface EmbeddedRegion {
  readonly name: string;
  readonly vaddr: number;
  readonly sizeBytes: number;
  /** 0 where Microkit chooses it. */
  readonly physAddr: number;
  /** Registers, which are read and written a word at a time. */
  readonly isDevice: boolean;
}

/** One protection domain. */
export interface EmbeddedLayout {
  readonly name: string;
  readonly vcpuIds: readonly number[];
  readonly regions: readonly EmbeddedRegion[];
  /** The symbols that Microkit sets in the program. */
  readonly symbols: readonly string[];
}

/** The layouts of the domains that run a program, as the description names its image. */
export function embeddedLayouts(description: SystemDescription, image: string): readonly EmbeddedLayout[] {
  return [...protectionDomainsOf(description)].flatMap((pd) =>
    pd.programImage?.path === image ? [layoutOf(description, pd)] : [],
  );
}

function layoutOf(description: SystemDescription, pd: ProtectionDomain): EmbeddedLayout {
  const regions = new Map(description.memoryRegions.map((region) => [region.name, region]));
  return {
    name: pd.name,
    vcpuIds: pd.virtualMachine?.vcpus.map(({ id }) => id) ?? [],
    regions: pd.maps.flatMap(({ mr, vaddr, cached = SDF_DEFAULTS.cached }) => {
      const region = regions.get(mr);
      if (region === undefined) return [];
      const { sizeBytes = LARGE_PAGE_BYTES, physAddr = 0 } = region;
      return [{ name: mr, vaddr, sizeBytes, physAddr, isDevice: !cached }];
    }),
    symbols: symbolsIn(description, pd),
  };
}

function symbolsIn(description: SystemDescription, pd: ProtectionDomain): readonly string[] {
  const ends = description.channels.flatMap(({ ends }) => ends).filter((end) => end.pd === pd.name);
  const set = [
    ...pd.maps.map(({ setvarVaddr }) => setvarVaddr),
    ...pd.irqs.map(({ setvarId }) => setvarId),
    ...ends.map(({ setvarId }) => setvarId),
    ...pd.setvars.map(({ symbol }) => symbol),
  ];
  return [...new Set(set.filter((symbol) => symbol !== undefined))];
}
