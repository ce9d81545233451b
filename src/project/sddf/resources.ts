/**
 * What sDDF's configurations say of memory and channels (`include/sddf/resources/*.h`, `config.h` of each class): a region is where a
 * domain sees it and how large it is, a device's also where the device sees it; a connection is its regions and a channel.
 */
import { hex } from '../../base/index.ts';
import type { SddfLink, SddfPlan } from '../../plan/index.ts';
import { type CMember, type CValue, member } from './c-value.ts';

/** The kinds of sDDF's configurations, which the last byte of their magic tells apart. */
export const MAGIC = { device: 1, block: 2, serial: 3, net: 5, timer: 6 } as const;

/** The first member of every configuration. */
export function magic(kind: keyof typeof MAGIC): CMember {
  return member('magic', `{ 's', 'D', 'D', 'F', ${MAGIC[kind]} }`);
}

/** Looks up what a domain has. */
export class SddfResources {
  readonly plan: SddfPlan;

  constructor(plan: SddfPlan) {
    this.plan = plan;
  }

  link(name: string): SddfLink {
    const found = this.plan.links.find((link) => link.name === name);
    if (found === undefined) throw new Error(`no link ${name}`);
    return found;
  }

  /** `{ .vaddr = …, .size = … }` of a region in a domain. */
  region(pd: string, name: string): string {
    const { region, vaddr } = this.#mapped(pd, name);
    return `{ .vaddr = (void *)${hex(vaddr)}, .size = ${hex(region.sizeBytes)} }`;
  }

  /** The same with the address by which a device, or the guest that serves it, knows it; one that nobody so reaches has none. */
  deviceRegion(pd: string, name: string): string {
    const { region } = this.#mapped(pd, name);
    return `{ .region = ${this.region(pd, name)}, .io_addr = ${hex(region.physAddr ?? region.servedOffset ?? 0)} }`;
  }

  vaddr(pd: string, name: string): number {
    return this.#mapped(pd, name).vaddr;
  }

  sizeBytes(name: string): number {
    const found = this.plan.regions.find((region) => region.name === name);
    if (found === undefined) throw new Error(`no region ${name}`);
    return found.sizeBytes;
  }

  /** A domain's end of a link. */
  end(pd: string, linkName: string): { readonly channel: number; readonly peer: string } {
    const { ends } = this.link(linkName);
    const [first, second] = ends;
    if (first.pd === pd) return { channel: first.channel, peer: second.pd };
    if (second.pd === pd) return { channel: second.channel, peer: first.pd };
    throw new Error(`${pd} has no end of ${linkName}`);
  }

  /** A connection as the members of sDDF's struct: its regions by what they are called there, how many entries, the channel. */
  connection(pd: string, linkName: string): CValue {
    const { parts, entries } = this.link(linkName);
    const { channel, peer } = this.end(pd, linkName);
    return [
      ...parts.map(({ part, region }) => member(part, this.region(pd, region), region)),
      ...(entries === undefined ? [] : [member('num_buffers', String(entries))]),
      member('id', String(channel), `the channel to ${peer}`),
    ];
  }

  #mapped(pd: string, name: string) {
    const region = this.plan.regions.find((each) => each.name === name);
    const map = region?.maps.find((each) => each.pd === pd);
    if (region === undefined || map === undefined) throw new Error(`${pd} does not have ${name}`);
    return { region, vaddr: map.vaddr };
  }
}
