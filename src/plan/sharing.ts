/**
 * Sharing: the components that stand between native drivers and guests' virtio devices, and the links between protection
 * domains, as the table of classes has them (`sharing`): a channel and queues, which the description tells each end by
 * `SYMBOL_ch` and `SYMBOL_PART`.
 */
import { MIB } from '../base/index.ts';
import {
  type Component,
  type Connection,
  type ConnectionEnd,
  classOfKind,
  connectionsOf,
  type DeviceClass,
  regionSymbol,
  runQueueBytes,
  sharedClass,
  symbolOf,
} from '../sharing/index.ts';
import { passedConsoles } from './guest/passed-consoles.ts';
import type {
  DriverPlan,
  GuestPlan,
  LinkEnd,
  LinkPlan,
  Plan,
  ServedPlan,
  SharingPlan,
  VirtioPlan,
  VirtualiserPlan,
} from './plan.ts';

/** Regions are mapped from here on, far above programs, registers and guests' RAM, with room for the largest between them. */
const QUEUE_VADDR = 2 ** 37;
const QUEUE_ALIGNMENT = 2 * MIB;
const PRIORITY_LIMIT = 254;

/** Links what the guests' virtio devices need. A device that lacks its native driver gets no link. */
export function planSharing(guests: readonly GuestPlan[], drivers: readonly DriverPlan[]): SharingPlan {
  const wiring = new Wiring(Math.max(0, ...guests.map(({ monitor }) => monitor.priority)));
  const devices = guests.flatMap((guest) => guest.virtio.map((device) => ({ guest, device })));
  const servers = guests.flatMap((guest) => (guest.serves ?? []).map((served) => ({ guest, served })));
  const isServed = ({ kind, driver }: VirtioPlan) =>
    servers.some(({ served }) => served.name === driver && served.class === classOfKind(kind));
  const servedBy = ({ kind, driver }: VirtioPlan) =>
    drivers.find(({ name, class: driven }) => name === driver && driven === classOfKind(kind))?.name;
  for (const { name, class: driven } of drivers) {
    if (driven === 'other' || !devices.some(({ device }) => servedBy(device) === name)) continue;
    for (const { connection, own, other } of connectionsOf(driven, 'driver')) {
      const component = wiring.component(driven, other, { driver: name });
      wiring.link(driven, connection, { pd: name, end: own, owner: name }, { pd: component, end: other });
    }
  }
  for (const { guest, served } of servers) {
    for (const { connection, own, other } of connectionsOf(served.class, 'server')) {
      const component = wiring.component(served.class, other, { driver: served.name, served: true });
      const server = { pd: guest.monitor.pd, end: own, owner: guest.name, served };
      wiring.link(served.class, connection, server, { pd: component, end: other });
    }
  }
  for (const { guest, device } of devices) {
    const name = classOfKind(device.kind);
    const served = isServed(device);
    const driver = served ? device.driver : servedBy(device);
    if (sharedClass(name).behind === 'driver' && driver === undefined) continue;
    const { pd } = guest.monitor;
    for (const { connection, own, other } of connectionsOf(name, 'client')) {
      const component = wiring.component(name, other, { driver, device: `${pd} ${device.path}`, served });
      const client = { ...clientEnd(guest, device), end: own };
      wiring.link(name, connection, client, { pd: component, end: other });
    }
  }
  const between = sharedClass(CONSOLES).between;
  if (between !== undefined) {
    for (const { client, other } of passedConsoles(guests)) {
      const ends = [client, other].map(({ guest, device }) => clientEnd(guest, device));
      for (const [from, to] of [ends, ends.toReversed()]) {
        if (from === undefined || to === undefined) continue;
        const [sends, receives] = between.ends;
        wiring.link(CONSOLES, between, { ...from, end: sends }, { ...to, end: receives });
      }
    }
  }
  return { virtualisers: wiring.virtualisers, links: wiring.links };
}

/** The class of consoles. */
const CONSOLES = classOfKind('console');

/** A monitor's end for a device of its guest's; consoles are numbered as the guest's tree has them. */
function clientEnd(
  { name: owner, monitor: { pd }, virtio }: GuestPlan,
  device: VirtioPlan,
): Omit<UnplacedEnd, 'end'> & { readonly owner: string } {
  const number = virtio.filter(({ kind }) => kind === 'console').indexOf(device);
  const { kind, buffers } = device;
  return {
    pd,
    owner,
    device: device.path,
    ...(number < 0 ? {} : { number }),
    ...(buffers !== undefined && (kind === 'block' || kind === 'net')
      ? { queueBytes: runQueueBytes(kind, buffers) }
      : {}),
  };
}

/** A guest's virtio device, and a link by which it is served. */
export interface ServedDevice {
  readonly guest: GuestPlan;
  readonly device: VirtioPlan;
  readonly link: LinkPlan;
  /** The monitor's end. */
  readonly client: LinkEnd;
  /** The component's. */
  readonly server: LinkEnd;
}

/** Who serves which virtio device, in the order of the guests, their devices and the class's connections. */
export function servedDevices({
  guests,
  sharing,
}: Pick<Plan, 'guests' | 'sharing'>): readonly ServedDevice[] {
  return guests.flatMap((guest) =>
    guest.virtio.flatMap((device) =>
      sharing.links
        .flatMap((link): readonly ServedDevice[] => {
          const [first, second] = link.ends;
          const isIts = (end: LinkEnd) => end.pd === guest.monitor.pd && end.device === device.path;
          if (isIts(first)) return [{ guest, device, link, client: first, server: second }];
          return isIts(second) ? [{ guest, device, link, client: second, server: first }] : [];
        })
        .sort((one, another) => connectionIndex(one) - connectionIndex(another)),
    ),
  );
}

/** How far in its class's connections a client's end is. */
function connectionIndex({ link, client }: Pick<ServedDevice, 'link' | 'client'>): number {
  return connectionsOf(link.class, 'client').findIndex(({ own }) => client.symbol.startsWith(own.symbol));
}

interface UnplacedEnd {
  readonly pd: string;
  readonly end: ConnectionEnd;
  readonly device?: string;
  /** Which of its symbols of this kind it is, where that is not how many there were before. */
  readonly number?: number;
  /** Of a client: how large its queue is, where the request says how much may wait. */
  readonly queueBytes?: number;
  /** Of a server: what it serves, whose queues its guest sees. */
  readonly served?: ServedPlan;
}

/** Makes components, and hands out channels, numbers and places for queues, domain by domain. */
class Wiring {
  readonly links: LinkPlan[] = [];
  readonly virtualisers: VirtualiserPlan[] = [];
  readonly #monitorPriority: number;
  readonly #vaddrs = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  /** Components by what they are there for. */
  readonly #components = new Map<string, string>();

  /** `monitorPriority`: the highest of them. */
  constructor(monitorPriority: number) {
    this.#monitorPriority = monitorPriority;
  }

  /** The domain of the component at this end; made where it is not there yet. */
  component(
    name: DeviceClass,
    { role }: ConnectionEnd,
    what: { readonly driver?: string | undefined; readonly device?: string; readonly served?: boolean },
  ): string {
    const served = what.served === true;
    const row = sharedClass(name).components.find(
      (each) => each.role === role && (each.served === true) === served,
    );
    if (row === undefined) throw new Error(`the class ${name} has no component in the role ${role}`);
    const key = `${row.image} ${row.per === 'system' ? '' : (what[row.per] ?? '')}`;
    const known = this.#components.get(key);
    if (known !== undefined) return known;
    const domain = this.#named(row);
    this.#components.set(key, domain);
    const priority = Math.min(PRIORITY_LIMIT, this.#monitorPriority + row.aboveMonitors);
    this.virtualisers.push({ name: domain, class: name, role, program: row.image, priority });
    return domain;
  }

  link(
    name: DeviceClass,
    connection: Connection,
    first: UnplacedEnd & { readonly owner: string },
    second: UnplacedEnd,
  ): void {
    const windows = first.served?.windows ?? [];
    const parts = connection.regions.map(({ part, sizeBytes }) => ({
      part,
      sizeBytes: windows.find((window) => window.part === part)?.sizeBytes ?? first.queueBytes ?? sizeBytes,
    }));
    const ends = [this.#place(first, parts), this.#place(second, parts)] as const;
    const regions = parts.map(({ part, sizeBytes }) => ({
      name: regionSymbol(`${first.owner}_${ends[0].symbol}`, part),
      part,
      sizeBytes,
    }));
    this.links.push({ class: name, regions, ends });
  }

  #named({ domain }: Component): string {
    const number = this.#next(`domain ${domain}`);
    return number === 0 ? domain : `${domain}_${number}`;
  }

  #place(
    { pd, end, device, served, number: given = 0 }: UnplacedEnd,
    regions: Connection['regions'],
  ): LinkEnd {
    const channel = end.channel ?? this.#next(`channel ${pd}`);
    const number = end.numbered ? this.#next(`symbol ${pd} ${end.symbol}`) : undefined;
    let vaddr = this.#vaddrs.get(pd) ?? QUEUE_VADDR;
    const vaddrs = regions.map(({ part, sizeBytes }) => {
      const window = served?.windows.find((each) => each.part === part);
      if (window !== undefined) return window.guestAddr;
      const at = vaddr;
      vaddr += Math.ceil(sizeBytes / QUEUE_ALIGNMENT) * QUEUE_ALIGNMENT;
      return at;
    });
    this.#vaddrs.set(pd, vaddr);
    return {
      pd,
      role: end.role,
      ...(device === undefined ? {} : { device }),
      ...(served === undefined ? {} : { served: served.path }),
      channel,
      symbol: symbolOf(end, number ?? given),
      ...(number === undefined ? {} : { number }),
      vaddrs,
    };
  }

  /** 0, then 1 and so on, of one kind of things. */
  #next(what: string): number {
    const next = this.#numbers.get(what) ?? 0;
    this.#numbers.set(what, next + 1);
    return next;
  }
}
