/**
 * The part of a plan that serves virtio devices on seL4 by sDDF's own programs: domains, regions and channels as the system description
 * has them, and what is connected to what, from which each program's configuration is written. Regions are named, links too; a name
 * that begins with a driver's or a guest's is about that.
 */
import type { ChannelId, Paddr } from '../../base/index.ts';
import { DEVICE_CLASSES, SDDF_ROLES } from '../../sharing/index.ts';
import {
  flag,
  type JsonShape,
  type JsonValueOf,
  listOf,
  object,
  oneOf,
  pairOf,
  text,
  whole,
} from '../json-shape.ts';

const channel: JsonShape<ChannelId> = whole;
const paddr: JsonShape<Paddr> = whole;

const domain = object(
  {
    name: text,
    class: oneOf(...DEVICE_CLASSES, 'timer'),
    role: oneOf(...SDDF_ROLES),
    /** What sDDF's Makefiles call the program, before it has its configuration. */
    program: text,
    priority: whole,
    stackBytes: whole,
  },
  { budgetUs: whole, periodUs: whole, /** Runs only when it is called. */ passive: flag },
);

const region = object(
  {
    name: text,
    sizeBytes: whole,
    why: text,
    maps: listOf(object({ pd: text, vaddr: whole, perms: oneOf('r', 'rw'), cached: flag })),
  },
  {
    /** Where a device reaches it by DMA. */
    physAddr: paddr,
    /** Where a guest that serves the device has it, by its monitor's domain. */
    guest: object({ pd: text, guestAddr: whole }),
    /** Where that guest's program finds it: from the beginning of its data. */
    servedOffset: whole,
  },
);

/** A channel between two domains and the memory that they share; the end nearer to the device is first. */
const link = object(
  {
    name: text,
    ends: pairOf(object({ pd: text, channel })),
    parts: listOf(object({ part: text, region: text })),
  },
  {
    /** How many entries its queues have. */
    entries: whole,
    /** Whether the second end may call the first. */
    calls: flag,
  },
);

/** Of a driver: where it finds its device. */
const driver = object(
  {
    pd: text,
    /** Below sDDF's `drivers/`. */
    directory: text,
    registers: object({ vaddr: whole, sizeBytes: whole, physAddr: paddr }),
    /** Regions that it shares with the device, in its order. */
    dma: listOf(text),
    /** Of its interrupt. */
    channel,
  },
  {
    /** The link to the timer's driver, where it asks for the time. */
    timer: text,
  },
);

/** A client: a monitor, for a virtio device of its guest's. */
const client = { pd: text, device: text };

const serial = object({
  driver: text,
  virtTx: text,
  virtRx: text,
  driverTx: text,
  driverRx: text,
  baud: whole,
  colours: flag,
  /** The byte after which a number chooses who is typed to. */
  switchByte: whole,
  clients: listOf(object({ ...client, tx: text, rx: text })),
});

/** Of consoles that a guest passes on: whose it is first, and the same in the guest that passes it on. */
const passedConsole = object({ ends: pairOf(object({ ...client, tx: text, rx: text })) });

const block = object(
  {
    /** A driver's name, or that of what a guest serves. */
    driver: text,
    virt: text,
    link: text,
    /** The virtualiser's own, for partition tables. */
    data: text,
    clients: listOf(
      object({ ...client, link: text, data: text, /** From 0, as sDDF counts. */ partition: whole }),
    ),
  },
  {
    /** Where a guest serves it: its monitor, and the board's device. */
    server: object({ pd: text, device: text }),
  },
);

const outside = object({
  driver: text,
  virtTx: text,
  virtRx: text,
  driverTx: text,
  driverRx: text,
  switchTx: text,
  switchRx: text,
  rxData: text,
  rxMetadata: text,
});

const net = object(
  {
    vswitch: text,
    metadata: text,
    ports: listOf(
      object({
        ...client,
        copy: text,
        mac: text,
        /** Switch to copier, copier to monitor, switch to monitor. */
        rx: text,
        copied: text,
        tx: text,
        rxData: text,
        txData: text,
        /** Ports that it may send to, by number; one beyond the last client's is the outside. */
        reaches: listOf(whole),
      }),
    ),
  },
  {
    /** The Ethernet device behind the switch; without one there is nothing beyond the guests but what is behind a bridge. */
    outside,
    /** The monitor of the guest that is a bridge to elsewhere: the last port, which gets what is for nobody that the switch knows. */
    bridge: text,
  },
);

/** The shape of `sddf` in a plan. */
export const sddfShape = object(
  {
    domains: listOf(domain),
    regions: listOf(region),
    links: listOf(link),
    drivers: listOf(driver),
    serial: listOf(serial),
    block: listOf(block),
    net: listOf(net),
    /** Virtio devices that nobody serves on hardware, and why. */
    unserved: listOf(object({ ...client, reason: text })),
  },
  {
    /** Consoles that have nothing between their two guests but queues. */
    consoles: listOf(passedConsole),
  },
);

/** What sDDF's programs do in a system. */
export type SddfPlan = JsonValueOf<typeof sddfShape>;
/** A protection domain that runs one of sDDF's programs. */
export type SddfDomain = SddfPlan['domains'][number];
/** A memory region of theirs, and who has it where. */
export type SddfRegion = SddfPlan['regions'][number];
/** A channel and what is shared along it. */
export type SddfLink = SddfPlan['links'][number];
/** A driver's device. */
export type SddfDriverPlan = SddfPlan['drivers'][number];
/** A shared UART. */
export type SddfSerial = SddfPlan['serial'][number];
/** A console that another guest passes on. */
export type SddfConsole = NonNullable<SddfPlan['consoles']>[number];
/** A shared disk. */
export type SddfBlock = SddfPlan['block'][number];
/** A switch, and what is behind it. */
export type SddfNet = SddfPlan['net'][number];
