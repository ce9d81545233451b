/**
 * Sharing: the virtualisers that stand between native drivers and guests' virtio devices, after sDDF's shape, and the
 * links between protection domains: a queue in a memory region and a channel. A link's end is named by a symbol: the
 * description sets `SYMBOL_queue` to where the queue is mapped and `SYMBOL_ch` to the channel's id.
 */
import { KIB, MIB } from '../base/index.ts';
import type { DriverPlan, GuestPlan, LinkEnd, LinkPlan, SharingPlan, VirtualiserPlan } from './plan.ts';

/** Ids that a native serial driver's channels take: to the virtualisers for sending and for receiving. */
export const DRIVER_CHANNELS = { tx: 0, rx: 1 } as const;

const SERIAL_QUEUE_BYTES = 4 * KIB;
const BULK_QUEUE_BYTES = 2 * MIB;
/** Queues are mapped from here on, far above programs, registers and guests' RAM. */
const QUEUE_VADDR = 2 ** 37;
const PRIORITY_LIMIT = 254;

/** Links what the guests' virtio devices need. A console without a native serial driver gets no link. */
export function planSharing(guests: readonly GuestPlan[], drivers: readonly DriverPlan[]): SharingPlan {
  const wiring = new Wiring();
  const highest = Math.max(0, ...guests.map(({ monitor }) => monitor.priority));
  const priority = Math.min(PRIORITY_LIMIT, highest + 1);
  const virtualisers: VirtualiserPlan[] = [];
  const add = (name: string, more: Partial<VirtualiserPlan> = {}): void => {
    if (virtualisers.some((other) => other.name === name)) return;
    virtualisers.push({ name, program: `${name.replace(/_\d+$/, '')}.elf`, priority, ...more });
  };
  /** By driver: what the names of its virtualisers end in. */
  const serial = new Map<string, string>();
  for (const driver of drivers) {
    const used = guests.some(({ virtio }) =>
      virtio.some((device) => device.kind === 'console' && device.driver === driver.name),
    );
    if (driver.class !== 'serial' || !used) continue;
    const ending = serial.size === 0 ? '' : `_${serial.size}`;
    serial.set(driver.name, ending);
    for (const way of ['tx', 'rx'] as const) {
      const virtualiser = `serial_virt_${way}${ending}`;
      add(virtualiser);
      const driverEnd = { pd: driver.name, symbol: way, channel: DRIVER_CHANNELS[way] };
      wiring.link(`${driver.name}_${way}`, SERIAL_QUEUE_BYTES, driverEnd, {
        pd: virtualiser,
        symbol: 'driver',
      });
    }
  }
  const macs = guests
    .flatMap(({ virtio }) => virtio.filter(({ kind }) => kind === 'net'))
    .flatMap(({ mac }, client) => (mac === undefined ? [] : [{ client, mac }]));
  for (const guest of guests) {
    const { pd } = guest.monitor;
    let disks = 0;
    let nets = 0;
    for (const device of guest.virtio) {
      if (device.kind === 'console') {
        const ending = serial.get(device.driver ?? '');
        if (ending === undefined) continue;
        for (const way of ['tx', 'rx'] as const) {
          const name = `${guest.name}_console_${way}`;
          const virtualiser = `serial_virt_${way}${ending}`;
          const client = { pd: virtualiser, symbol: wiring.clientOf(virtualiser) };
          wiring.link(name, SERIAL_QUEUE_BYTES, { pd, symbol: `console_${way}` }, client);
        }
      } else if (device.kind === 'block') {
        const name = `blk_virt_${virtualisers.length}`;
        const { image, mode } = device;
        add(name, { ...(image === undefined ? {} : { image }), ...(mode === undefined ? {} : { mode }) });
        const ends = [
          { pd, symbol: `block${disks}` },
          { pd: name, symbol: 'client0' },
        ] as const;
        wiring.link(`${guest.name}_block${disks}`, BULK_QUEUE_BYTES, ...ends);
        disks += 1;
      } else {
        add('net_virt', macs.length === 0 ? {} : { macs });
        const virtualiser = { pd: 'net_virt', symbol: wiring.clientOf('net_virt') };
        wiring.link(`${guest.name}_net${nets}`, BULK_QUEUE_BYTES, { pd, symbol: `net${nets}` }, virtualiser);
        nets += 1;
      }
    }
  }
  return { virtualisers, links: wiring.links };
}

interface UnplacedEnd {
  readonly pd: string;
  readonly symbol: string;
  readonly channel?: number;
}

/** Hands out channels, clients' numbers and places for queues, domain by domain. */
class Wiring {
  readonly links: LinkPlan[] = [];
  readonly #channels = new Map<string, number>();
  readonly #vaddrs = new Map<string, number>();
  readonly #clients = new Map<string, number>();

  /** `client0`, then `client1` and so on, of one virtualiser. */
  clientOf(virtualiser: string): string {
    const index = this.#clients.get(virtualiser) ?? 0;
    this.#clients.set(virtualiser, index + 1);
    return `client${index}`;
  }

  link(name: string, sizeBytes: number, first: UnplacedEnd, second: UnplacedEnd): void {
    const region = `${name}_queue`;
    this.links.push({ region, sizeBytes, ends: [this.#place(first), this.#place(second)] });
  }

  #place({ pd, symbol, channel }: UnplacedEnd): LinkEnd {
    const next = this.#channels.get(pd) ?? 0;
    if (channel === undefined) this.#channels.set(pd, next + 1);
    const vaddr = this.#vaddrs.get(pd) ?? QUEUE_VADDR;
    this.#vaddrs.set(pd, vaddr + BULK_QUEUE_BYTES);
    return { pd, symbol, channel: channel ?? next, vaddr };
  }
}
