/**
 * Hands out what sDDF's programs share: regions with a place in each domain, channels with a number at each end, and, for what a
 * device reaches, a place in one stretch of physical memory.
 */
import { alignUp, MIB, rangeEnd, SMALL_PAGE_BYTES } from '../../base/index.ts';
import { CHANNEL_LIMIT } from '../../microkit/index.ts';
import type { DriverPlan, GuestPlan } from '../plan.ts';
import type { SddfDomain, SddfLink, SddfRegion } from './shape.ts';

/** Far above programs, registers and guests' RAM. */
const FIRST_VADDR = 2 ** 37;
const VADDR_ALIGNMENT = 2 * MIB;
/** What a device reads and writes begins where large pages do. */
const DMA_ALIGNMENT = 2 * MIB;

interface NewRegion {
  readonly name: string;
  readonly sizeBytes: number;
  readonly why: string;
  /** Whether a device reaches it. */
  readonly dma?: boolean;
  /** Where a guest that serves the device has it. */
  readonly guest?: { readonly pd: string; readonly guestAddr: number };
  readonly servedOffset?: number;
}

interface NewLink {
  readonly name: string;
  readonly ends: readonly [string, string];
  /** Both ends may write, unless `readers` says that one only looks. */
  readonly parts: readonly {
    readonly part: string;
    readonly sizeBytes: number;
    readonly reader?: string;
    /** Where a guest has it, in its monitor's place: then who is at the other end does not keep it in a cache, as the guest does not. */
    readonly guest?: NewRegion['guest'];
  }[];
  readonly entries?: number;
  readonly calls?: boolean;
}

interface OpenRegion {
  readonly region: NewRegion;
  readonly maps: SddfRegion['maps'][number][];
  readonly offset?: number;
}

/** Regions, channels and domains, as they come. */
export class SddfLayout {
  readonly domains: SddfDomain[] = [];
  readonly links: SddfLink[] = [];
  readonly #regions = new Map<string, OpenRegion>();
  readonly #vaddrs = new Map<string, number>();
  readonly #channels = new Map<string, Set<number>>();
  readonly #names = new Map<string, number>();
  #dmaBytes = 0;

  constructor(owners: { readonly drivers: readonly DriverPlan[]; readonly guests: readonly GuestPlan[] }) {
    for (const { name, interrupts } of owners.drivers) this.#take(name, interrupts);
    for (const { monitor, interrupts } of owners.guests) this.#take(monitor.pd, interrupts);
  }

  /** How much physical memory devices are to reach. */
  get dmaBytes(): number {
    return alignUp(this.#dmaBytes, DMA_ALIGNMENT);
  }

  /** The name, or the name and a number where somebody has it. */
  unique(name: string): string {
    const number = this.#names.get(name) ?? 0;
    this.#names.set(name, number + 1);
    return number === 0 ? name : `${name}_${number}`;
  }

  region(region: NewRegion): string {
    const sizeBytes = alignUp(region.sizeBytes, SMALL_PAGE_BYTES);
    const offset = region.dma === true ? this.#dmaBytes : undefined;
    if (offset !== undefined) this.#dmaBytes += sizeBytes;
    this.#regions.set(region.name, {
      region: { ...region, sizeBytes },
      maps: [],
      ...(offset === undefined ? {} : { offset }),
    });
    return region.name;
  }

  /** Maps a region into a domain. */
  map(name: string, pd: string, perms: 'r' | 'rw', cached = true): void {
    const open = this.#regions.get(name);
    if (open === undefined) throw new Error(`no region ${name}`);
    const vaddr = this.#vaddrs.get(pd) ?? FIRST_VADDR;
    this.#vaddrs.set(pd, alignUp(vaddr + open.region.sizeBytes, VADDR_ALIGNMENT));
    open.maps.push({ pd, vaddr, perms, cached });
  }

  /** A channel, and a region for each part, mapped at both ends. */
  link({ name, ends, parts, entries, calls }: NewLink): string {
    const regions = parts.map(({ part, sizeBytes, reader, guest }) => {
      const region = this.region({
        name: `${name}_${part}`,
        sizeBytes,
        why: `${ends[0]} and ${ends[1]}`,
        ...(guest === undefined ? {} : { guest }),
      });
      for (const pd of ends.filter((each) => each !== guest?.pd))
        this.map(region, pd, pd === reader ? 'r' : 'rw', guest === undefined);
      return { part, region };
    });
    const [first, second] = ends.map((pd) => ({ pd, channel: this.#channel(pd) }));
    if (first === undefined || second === undefined) throw new Error('a link has two ends');
    this.links.push({
      name,
      ends: [first, second],
      parts: regions,
      ...(entries === undefined ? {} : { entries }),
      ...(calls === true ? { calls } : {}),
    });
    return name;
  }

  /** Every region, those for devices from `dmaBase` on. */
  regions(dmaBase: number): readonly SddfRegion[] {
    return [...this.#regions.values()].map(({ region: { dma: _, ...region }, maps, offset }) => ({
      ...region,
      maps,
      ...(offset === undefined ? {} : { physAddr: dmaBase + offset }),
    }));
  }

  #take(pd: string, interrupts: readonly { readonly channel: number }[]): void {
    this.#channels.set(pd, new Set(interrupts.map(({ channel }) => channel)));
  }

  #channel(pd: string): number {
    const taken = this.#channels.get(pd) ?? new Set();
    this.#channels.set(pd, taken);
    for (let id = 0; id < CHANNEL_LIMIT; id += 1) {
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
    throw new Error(`${pd} has more than ${CHANNEL_LIMIT} channels`);
  }
}

/** A driver's registers, where its own program sees them. */
export function registersOf(
  driver: DriverPlan,
): { vaddr: number; sizeBytes: number; physAddr: number } | undefined {
  const range = driver.devices[0]?.ranges[0];
  if (range === undefined) return undefined;
  const region = driver.regions.find(
    ({ base, size }) => base <= range.base && range.base < rangeEnd({ base, size }),
  );
  if (region === undefined) return undefined;
  const offset = range.base - region.base;
  return { vaddr: region.vaddr + offset, sizeBytes: region.size - offset, physAddr: range.base };
}
