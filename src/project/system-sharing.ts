/**
 * What serves guests' virtio devices in a system description: on hardware sDDF's programs, each with its configuration; under
 * `drivervm run` programs of its own, which learn by symbols where everything is.
 */
import type { Channel, ChannelEnd, MemoryMap, MemoryRegion, ProtectionDomain } from '../microkit/index.ts';
import {
  type LinkEnd,
  type Plan,
  type SddfPlan,
  servedDevices,
  type VirtualiserPlan,
} from '../plan/index.ts';
import { channelSymbol, regionSymbol } from '../sharing/index.ts';
import { monitorStack, sddfChannels, sddfDomain, sddfMaps, sddfRegions } from './sddf/description.ts';
import { NOTHING, type Note, wrap } from './system-notes.ts';

/** What serves virtio devices: its own domains, and what drivers and monitors have for its sake. */
export interface Sharing {
  readonly regions: readonly MemoryRegion[];
  readonly domains: readonly ProtectionDomain[];
  readonly channels: readonly Channel[];
  readonly mapsOf: (pd: string) => readonly MemoryMap[];
  /** What the guest of a monitor that serves a device has of its queues. */
  readonly guestMapsOf: (pd: string) => readonly MemoryMap[];
  /** Whether a driver's program is told by symbols what it has of its device. */
  readonly setsSymbols: (driver: string) => boolean;
  /** What is otherwise with a domain that is a driver or a monitor. */
  readonly change: (pd: string) => Partial<ProtectionDomain>;
}

/** By the programs of `drivervm run`. */
export function sharingForRun(plan: Plan, note: Note): Sharing {
  const { links, virtualisers } = plan.sharing;
  return {
    regions: links.flatMap((link) => link.regions.map(({ name, sizeBytes }) => ({ name, sizeBytes }))),
    domains: virtualisers.map((virtualiser) => virtualiserDomain(plan, virtualiser, note)),
    channels: links.map((link) =>
      note(
        { ends: [channelEnd(link.ends[0]), channelEnd(link.ends[1])] },
        ...wrap(link.regions.map(({ name }) => name).join(', ')),
      ),
    ),
    mapsOf: (pd) => queueMaps(plan, pd, (end) => end.served === undefined),
    guestMapsOf: (pd) =>
      queueMaps(plan, pd, (end) => end.served !== undefined).map(({ mr, vaddr, perms }) => ({
        mr,
        vaddr,
        ...(perms === undefined ? {} : { perms }),
        cached: false,
      })),
    setsSymbols: (driver) => links.some(({ ends }) => ends.some(({ pd }) => pd === driver)),
    change: () => ({}),
  };
}

/** By sDDF's programs. */
export function sharingBySddf(plan: Plan, sddf: SddfPlan, note: Note): Sharing {
  const isDriver = (pd: string) => plan.drivers.some(({ name }) => name === pd);
  const own = new Map(sddf.domains.map((domain) => [domain.name, sddfDomain(domain)]));
  return {
    regions: sddfRegions(sddf).map(({ region, why }) => note(region, why)),
    domains: sddf.domains
      .filter(({ name }) => !isDriver(name))
      .map((domain) =>
        note(
          { ...NOTHING, ...sddfDomain(domain), maps: sddfMaps(sddf, domain.name), irqs: [] },
          `sDDF's ${domain.program}`,
        ),
      ),
    channels: sddfChannels(sddf).map(({ channel, name }) => note(channel, name)),
    mapsOf: (pd) => sddfMaps(sddf, pd),
    guestMapsOf: (pd) =>
      sddf.regions.flatMap(({ name, guest }): readonly MemoryMap[] =>
        guest?.pd === pd ? [{ mr: name, vaddr: guest.guestAddr, perms: 'rw', cached: false }] : [],
      ),
    setsSymbols: () => false,
    change: (pd) => own.get(pd) ?? monitorStack(sddf, pd),
  };
}

/** The queues of a domain, each at the address that its symbol is set to. */
function queueMaps(
  plan: Plan,
  pd: string,
  which: (end: LinkEnd) => boolean = () => true,
): readonly MemoryMap[] {
  return plan.sharing.links.flatMap(({ regions, ends }) =>
    ends
      .filter((end) => end.pd === pd && which(end))
      .flatMap(({ vaddrs, symbol }) =>
        regions.map(
          ({ name, part }, index): MemoryMap => ({
            mr: name,
            vaddr: vaddrs[index] ?? 0,
            perms: 'rw',
            setvarVaddr: regionSymbol(symbol, part),
          }),
        ),
      ),
  );
}

function channelEnd({ pd, channel, symbol }: LinkEnd): ChannelEnd {
  return { pd, id: channel, setvarId: channelSymbol(symbol) };
}

function virtualiserDomain(plan: Plan, virtualiser: VirtualiserPlan, note: Note): ProtectionDomain {
  const { name, program, priority } = virtualiser;
  const images = servedDevices(plan).flatMap(({ server, device }) =>
    server.pd === name && device.image !== undefined ? [device.image] : [],
  );
  const domain: ProtectionDomain = {
    name,
    priority,
    programImage: { path: program },
    maps: queueMaps(plan, name),
    irqs: [],
    ...NOTHING,
  };
  return note(
    domain,
    images.length === 0 ? 'shares a device among its clients' : `serves ${images.join(', ')}`,
  );
}
