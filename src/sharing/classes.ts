/**
 * How the devices of a class are shared, after sDDF's shape: a native driver has the device, virtualisers share it, and a
 * guest's monitor is a client for each virtio device of its guest. One row a class says which programs stand between, how they
 * are connected and what each end calls the other; plans, descriptions, the programs (`sddf`) and monitors (`vmm`) go by it.
 */
import { KIB, MIB } from '../base/index.ts';

/** What a protection domain is to a shared device; a server is the monitor of a guest whose Linux has the device. */
export const ROLES = ['driver', 'server', 'virt', 'virt-tx', 'virt-rx', 'client'] as const;

/** What a domain is to a shared device. */
export type Role = (typeof ROLES)[number];

/** What the request may say of a virtio device, beside its kind. */
export type VirtioKey = 'driver' | 'image' | 'mode' | 'partition' | 'mac' | 'reaches' | 'buffers';

/** A program that stands between a device and its clients. */
export interface Component {
  readonly role: Role;
  /** The file name of its program. */
  readonly image: string;
  /** Its protection domain's name; that of a second one ends in `_1`. */
  readonly domain: string;
  /** What there is one of it for. */
  readonly per: 'driver' | 'device' | 'system';
  /** By how much its priority is above the highest monitor's. */
  readonly aboveMonitors: number;
  /** Whether a guest serves what is behind it; otherwise a driver or the host. */
  readonly served?: true;
}

/** One side of a connection. */
export interface ConnectionEnd {
  readonly role: Role;
  /**
   * What its program calls the connection: the description sets `SYMBOL_ch` to the channel's id, and `SYMBOL_PART` to where a
   * region is mapped.
   */
  readonly symbol: string;
  /** Whether it has several such, whose symbols are numbered from 0; otherwise only those after the first have a number. */
  readonly numbered: boolean;
  /** The channel's id, where the program's is always the same. */
  readonly channel?: number;
}

/** A channel and the memory that its two ends share. The regions are named after the first end's domain and symbol. */
export interface Connection {
  readonly ends: readonly [ConnectionEnd, ConnectionEnd];
  /** `part` tells them apart; their layout is at the head of the queue's file in `sddf`. */
  readonly regions: readonly { readonly part: string; readonly sizeBytes: number }[];
}

/** A row of the table: all that there is to know of a class but its programs. */
export interface SharedClass {
  readonly virtio: {
    readonly kind: string;
    /** What the request may say of one. */
    readonly keys: readonly VirtioKey[];
    /** What `vmm` exports for it: the device, and what stands behind it over the connections' queues. */
    readonly device: string;
    readonly backend: string;
  };
  /** What the components have behind them under `drivervm run`: a native driver of this system, or the host. */
  readonly behind: 'driver' | 'host';
  /** What nodes of such devices are called (DTSpec 0.4 §2.2.2 and habit). */
  readonly nodeNames: readonly string[];
  readonly components: readonly Component[];
  /** In the order in which clients have them. */
  readonly connections: readonly Connection[];
  /** Where a guest may pass on what another's device says: between those two devices, nothing but a queue each way. */
  readonly between?: Connection;
}

const SERIAL_QUEUE = [{ part: 'queue', sizeBytes: 4 * KIB }] as const;
/** With room for all that a kernel says before anybody listens. */
const CONSOLE_QUEUE = [{ part: 'queue', sizeBytes: 128 * KIB }] as const;
const BULK_QUEUE = [{ part: 'queue', sizeBytes: 2 * MIB }] as const;
/** sDDF's block queues, whose sizes go by how many clients there are. */
const SERVED_DISK = [
  { part: 'storage_info', sizeBytes: 4 * KIB },
  { part: 'req_queue', sizeBytes: 16 * KIB },
  { part: 'resp_queue', sizeBytes: 16 * KIB },
  { part: 'data', sizeBytes: MIB },
] as const;

/** What a component calls the driver, and its clients. */
export const DRIVER_SYMBOL = 'driver';

/** What a client's own program calls its link. */
export const CLIENT_SYMBOL = 'client';

const clientOf = (role: Role): ConnectionEnd => ({ role, symbol: CLIENT_SYMBOL, numbered: true });
const driverOf = (role: Role): ConnectionEnd => ({ role, symbol: DRIVER_SYMBOL, numbered: false });

/** The classes of devices that guests can share. */
export const CLASSES = {
  serial: {
    virtio: { kind: 'console', keys: ['driver'], device: 'VirtioConsole', backend: 'serialBackend' },
    behind: 'driver',
    nodeNames: ['serial', 'uart', 'pl011', 'usart'],
    components: [
      {
        role: 'virt-tx',
        image: 'serial_virt_tx.elf',
        domain: 'serial_virt_tx',
        per: 'driver',
        aboveMonitors: 1,
      },
      {
        role: 'virt-rx',
        image: 'serial_virt_rx.elf',
        domain: 'serial_virt_rx',
        per: 'driver',
        aboveMonitors: 1,
      },
    ],
    connections: [
      {
        ends: [{ role: 'driver', symbol: 'tx', numbered: false, channel: 0 }, driverOf('virt-tx')],
        regions: SERIAL_QUEUE,
      },
      {
        ends: [{ role: 'driver', symbol: 'rx', numbered: false, channel: 1 }, driverOf('virt-rx')],
        regions: SERIAL_QUEUE,
      },
      {
        ends: [{ role: 'client', symbol: 'console_tx', numbered: false }, clientOf('virt-tx')],
        regions: SERIAL_QUEUE,
      },
      {
        ends: [{ role: 'client', symbol: 'console_rx', numbered: false }, clientOf('virt-rx')],
        regions: SERIAL_QUEUE,
      },
    ],
    between: {
      ends: [
        { role: 'client', symbol: 'console_tx', numbered: false },
        { role: 'client', symbol: 'console_rx', numbered: false },
      ],
      regions: CONSOLE_QUEUE,
    },
  },
  block: {
    virtio: {
      kind: 'block',
      keys: ['driver', 'image', 'mode', 'partition', 'buffers'],
      device: 'VirtioBlock',
      backend: 'blockBackend',
    },
    behind: 'host',
    nodeNames: ['mmc', 'mmci', 'sd', 'sdhci', 'sdmmc', 'sata', 'nvme', 'virtio_block'],
    components: [
      { role: 'virt', image: 'blk_virt.elf', domain: 'blk_virt', per: 'device', aboveMonitors: 1 },
      {
        role: 'virt',
        image: 'blk_virt_served.elf',
        domain: 'blk_virt',
        per: 'driver',
        aboveMonitors: 1,
        served: true,
      },
    ],
    connections: [
      { ends: [{ role: 'client', symbol: 'block', numbered: true }, clientOf('virt')], regions: BULK_QUEUE },
      {
        ends: [{ role: 'server', symbol: 'served', numbered: true }, driverOf('virt')],
        regions: SERVED_DISK,
      },
    ],
  },
  net: {
    virtio: {
      kind: 'net',
      keys: ['driver', 'mac', 'reaches', 'buffers'],
      device: 'VirtioNetwork',
      backend: 'networkBackend',
    },
    behind: 'host',
    nodeNames: ['ethernet'],
    components: [
      { role: 'virt', image: 'net_virt.elf', domain: 'net_virt', per: 'system', aboveMonitors: 1 },
    ],
    connections: [
      { ends: [{ role: 'client', symbol: 'net', numbered: true }, clientOf('virt')], regions: BULK_QUEUE },
    ],
  },
  entropy: {
    virtio: { kind: 'rng', keys: [], device: 'VirtioEntropy', backend: 'entropyBackend' },
    behind: 'host',
    nodeNames: ['rng', 'trng'],
    components: [
      { role: 'virt', image: 'entropy_virt.elf', domain: 'entropy_virt', per: 'system', aboveMonitors: 1 },
    ],
    connections: [
      { ends: [{ role: 'client', symbol: 'rng', numbered: true }, clientOf('virt')], regions: SERIAL_QUEUE },
    ],
  },
} as const satisfies Readonly<Record<string, SharedClass>>;

/** The name of a class. */
export type DeviceClass = keyof typeof CLASSES;

/** The virtio device that a client of a class sees. */
export type VirtioKind = (typeof CLASSES)[DeviceClass]['virtio']['kind'];
/** The images of the components of all classes. */
export type ComponentImage = (typeof CLASSES)[DeviceClass]['components'][number]['image'];

/** The names of all classes, in the table's order. */
export const DEVICE_CLASSES = Object.keys(CLASSES) as readonly DeviceClass[];

/** The virtio kinds, in the same order. */
export const VIRTIO_KINDS = DEVICE_CLASSES.map((name) => CLASSES[name].virtio.kind);

/** The row of a class. */
export function sharedClass(name: DeviceClass): SharedClass {
  return CLASSES[name];
}

/** The class whose devices a guest sees as virtio devices of this kind. */
export function classOfKind(kind: VirtioKind): DeviceClass {
  const found = DEVICE_CLASSES.find((name) => CLASSES[name].virtio.kind === kind);
  if (found === undefined) throw new Error(`no class of devices has the virtio kind ${kind}`);
  return found;
}

/** The connections of a class that have an end in this role, with that end and the other. */
export function connectionsOf(
  name: DeviceClass,
  role: Role,
): readonly {
  readonly connection: Connection;
  readonly own: ConnectionEnd;
  readonly other: ConnectionEnd;
}[] {
  return sharedClass(name).connections.flatMap((connection) => {
    const [first, second] = connection.ends;
    if (first.role === role) return [{ connection, own: first, other: second }];
    return second.role === role ? [{ connection, own: second, other: first }] : [];
  });
}

/** The symbol of one end of a link: numbered where there are several. */
export function symbolOf({ symbol, numbered }: ConnectionEnd, number: number): string {
  return numbered || number > 0 ? `${symbol}${number}` : symbol;
}

/** The symbols that a description sets for a connection's end: its channel, and one of its regions. */
export function channelSymbol(symbol: string): string {
  return `${symbol}_ch`;
}

/** The symbol that a region's address is given by, after the connection's. */
export function regionSymbol(symbol: string, part: string): string {
  return `${symbol}_${part}`;
}

/** The most connections that a native driver of any class has: as many ids are kept for them. */
export const DRIVER_CONNECTIONS_MAX = Math.max(
  ...DEVICE_CLASSES.map((name) => connectionsOf(name, 'driver').length),
);
