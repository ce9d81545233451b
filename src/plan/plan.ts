/**
 * The Plan: everything that was decided for a request, as one plain value that survives `JSON.stringify`. Every file of a
 * project is derived from it, so nothing is written twice. Its shape is declared here once: the types, the check of a
 * `plan.json` and `docs/plan.schema.json` follow. Addresses and sizes are bytes; nodes are named by their paths.
 */
import type { ChannelId, Intid, Ipa, Paddr } from '../base/index.ts';
import { DEVICE_CLASSES, ROLES, VIRTIO_KINDS } from '../sharing/index.ts';
import { DEPENDENCY_OUTCOMES } from './dependencies.ts';
import { treeEdit } from './edits.ts';
import {
  flag,
  type JsonShape,
  type JsonValueOf,
  listOf,
  object,
  oneOf,
  pairOf,
  text,
  textLike,
  whole,
} from './json-shape.ts';
import { DISK_MODES } from './request/index.ts';
import { sddfShape } from './sddf/shape.ts';

/** Counts up when a `plan.json` of before can no longer be read. */
export const PLAN_FORMAT = 2;

/** Numbers by their kinds: the schema has whole numbers for all of them. */
const intid: JsonShape<Intid> = whole;
const channel: JsonShape<ChannelId> = whole;
const paddr: JsonShape<Paddr> = whole;
const guestAddress: JsonShape<Ipa> = whole;

const macAddress = textLike('a MAC address of one station', /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/);

/** The interrupt controller as the guests see it. */
const gic = object(
  {
    version: oneOf(2, 3),
    path: text,
    /** Emulated by the monitor: 4 KiB of a GICv2, 64 KiB of a GICv3. */
    distributor: object({ base: guestAddress, size: whole }),
  },
  {
    /** GICv3: the first redistributor's base; each is 128 KiB, emulated. */
    redistributors: guestAddress,
    /** GICv2: the hardware's virtual CPU interface, and where guests expect their CPU interface. */
    virtualCpuInterface: object({ physAddr: paddr, guestAddr: guestAddress }),
  },
);

const board = object(
  {
    /** The tree's `model`. */
    model: text,
    compatible: listOf(text),
    /** The name of the file that the tree was read from, without its directory. */
    dtb: text,
    /** Whether libvmm 0.2 has this board's interrupt controller compiled in. */
    libvmm: flag,
    gic,
  },
  {
    /** Where the tree is, as the project's directory sees it; absent where that is not known. */
    dtbPath: text,
    /** Microkit's name of the board, where it has one. */
    microkit: text,
  },
);

const ram = object(
  {
    base: guestAddress,
    size: whole,
    /** Physical = guest address, as DMA needs; else Microkit chooses the physical place. */
    oneToOne: flag,
    /** Where the monitor sees it. */
    monitorVaddr: whole,
    pageSizeBytes: whole,
    why: text,
  },
  {
    /** Further banks, at higher addresses, where no place on the board is large enough for all of it. The images lie in the first. */
    more: listOf(object({ base: guestAddress, size: whole, monitorVaddr: whole })),
  },
);

/** A file that is put into guest RAM. */
const image = object(
  {
    base: guestAddress,
    size: whole,
    /** As the request gave it. */
    path: text,
    why: text,
  },
  {
    /** Of the file; absent where no file was measured and the window is an assumption. */
    fileBytes: whole,
    /** Of a kernel: the flat binary or ELF file that an Image was made of, which is the file of `path`. */
    madeFrom: text,
  },
);

/** Why a device is in: asked for, or needed by one that is. */
const provenance = object(
  {},
  {
    /** The selector that named it, or absent where a dependency brought it in. */
    selector: text,
    /** The consumer and the property that led here. */
    via: object({ device: text, property: text }),
  },
);

const device = object({
  path: text,
  compatible: listOf(text),
  why: provenance,
  ranges: listOf(object({ base: paddr, size: whole })),
  intids: listOf(intid),
});

const pathWithReason = object({ path: text, reason: text });

const regionMembers = {
  base: paddr,
  size: whole,
  name: text,
  pageSizeBytes: whole,
  /** Where the guest sees it; the physical address for all but the GIC's CPU interface. */
  guestAddr: guestAddress,
  /** Passed devices with registers in it. */
  devices: listOf(text),
  /** Nodes that come with its pages and were not asked for. */
  coTenants: listOf(pathWithReason),
};

const interrupt = object({
  intid,
  channel,
  trigger: oneOf('edge', 'level'),
  devices: listOf(text),
});

const dependency = object({
  consumer: text,
  property: text,
  provider: text,
  outcome: oneOf(...DEPENDENCY_OUTCOMES),
  reason: text,
});

const virtio = object(
  {
    kind: oneOf(...VIRTIO_KINDS),
    /** Its node in the guest's tree. */
    path: text,
    guestAddr: guestAddress,
    sizeBytes: whole,
    intid,
  },
  {
    /** The native driver whose device it shares; of a console also the guest that passes it on. */
    driver: text,
    /** Of a console: the guest whose console it is the other end of. */
    consoleOf: text,
    /** Of a block device: the host's file behind it under `drivervm run`, and what happens to writes. */
    image: text,
    mode: oneOf(...DISK_MODES),
    /** Of a block device on hardware: which partition of its driver's disk, from 1. */
    partition: whole,
    /** Of a network device, where the request gives it. */
    mac: macAddress,
    /** Guests that it may send to, and "outside"; absent: everybody. */
    reaches: listOf(text),
    /** On hardware: how many frames or requests may wait. */
    buffers: whole,
  },
);

/** A device that the guest's Linux has and serves to others, by a program of user space (`runtime/linux`). */
const served = object({
  /** By which others' virtio devices name it as their driver. */
  name: text,
  class: oneOf('block'),
  /** The device, by its path in the board's tree. */
  device: text,
  /** The node in the guest's tree that says where the queues are. */
  path: text,
  intid,
  /** Of each queue. */
  entries: whole,
  /** A page whose writes fault to the monitor, and what is shared with the virtualiser: one behind the other. */
  windows: listOf(object({ part: text, guestAddr: guestAddress, sizeBytes: whole })),
});

const guest = object(
  {
    name: text,
    /** The monitor's protection domain. */
    monitor: object({
      pd: text,
      priority: whole,
      /** The program's base name: `vmm` for `vmm.c`, `vmm.ts` and `vmm.elf`. */
      program: text,
      /** Whether it may make, and does forward, secure monitor calls. */
      forwardsSmc: flag,
    }),
    vm: object({ name: text, priority: whole, vcpus: whole }),
    ram,
    kernel: image,
    /** Where the device tree is put; the window that it may grow into. */
    dtb: object({ base: guestAddress, size: whole }),
    bootargs: text,
    devices: listOf(device),
    leftOut: listOf(pathWithReason),
    regions: listOf(object(regionMembers)),
    interrupts: listOf(interrupt),
    dependencies: listOf(dependency),
    virtio: listOf(virtio),
    /** What turns the board's tree into the guest's. */
    edits: listOf(treeEdit),
  },
  {
    initrd: image,
    /** What it serves to others. */
    serves: listOf(served),
    /** The console's node; absent where the guest has none of its own. */
    stdout: text,
  },
);

const driver = object(
  {
    name: text,
    program: text,
    priority: whole,
    class: oneOf(...DEVICE_CLASSES, 'other'),
    devices: listOf(device),
    regions: listOf(object({ ...regionMembers, vaddr: whole })),
    interrupts: listOf(interrupt),
  },
  {
    /** Of a UART on hardware, where the request says: colours, the switch key's byte, baud. */
    colours: flag,
    switchByte: whole,
    baud: whole,
  },
);

const virtualiser = object({
  /** The protection domain. */
  name: text,
  /** What it shares, and what it is to it. */
  class: oneOf(...DEVICE_CLASSES),
  role: oneOf(...ROLES),
  program: text,
  priority: whole,
});

const linkEnd = object(
  {
    pd: text,
    role: oneOf(...ROLES),
    channel,
    /** What the domain's program calls the link. */
    symbol: text,
    /** Where each of the link's regions is mapped: in this domain, or, of a server, in its guest. */
    vaddrs: listOf(whole),
  },
  {
    /** Of a client: the virtio device in the guest's tree. */
    device: text,
    /** Of a server: the node in the guest's tree. */
    served: text,
    /** Which of several links of this kind it is: a virtualiser's clients are numbered so. */
    number: whole,
  },
);

const link = object({
  class: oneOf(...DEVICE_CLASSES),
  regions: listOf(object({ name: text, part: text, sizeBytes: whole })),
  /** Of which the second is a virtualiser's. */
  ends: pairOf(linkEnd),
});

const sharing = object({ virtualisers: listOf(virtualiser), links: listOf(link) });

const disk = object(
  {
    /** The device's path. */
    device: text,
    image: text,
  },
  { mode: oneOf(...DISK_MODES) },
);

/** The shape from which types, check and schema of plans come. */
export const planShape = object(
  {
    format: oneOf(PLAN_FORMAT),
    name: text,
    board,
    guests: listOf(guest),
    drivers: listOf(driver),
    /** Virtualisers and queues between drivers and guests' virtio devices. */
    sharing,
    /** What `drivervm run` puts into the board's storage devices; of no concern to the project on hardware. */
    disks: listOf(disk),
    /** What the tree alone does not tell, and what was assumed instead. */
    unknown: listOf(text),
  },
  {
    /** Who serves the guests' virtio devices on hardware; absent where none has any. */
    sddf: sddfShape,
  },
);

/** A plan; addresses and sizes in bytes. */
export type Plan = JsonValueOf<typeof planShape>;

/** The board that was planned for. */
export type BoardPlan = JsonValueOf<typeof board>;

/** The interrupt controller as guests see it. */
export type GicPlan = JsonValueOf<typeof gic>;

/** One guest with its monitor. */
export type GuestPlan = JsonValueOf<typeof guest>;

/** A guest's RAM. */
export type RamPlan = JsonValueOf<typeof ram>;

/** Where the kernel goes. */
export type KernelPlan = JsonValueOf<typeof image>;

/** Where the ramdisk goes. */
export type InitrdPlan = KernelPlan;

/** Why a device is in. */
export type Provenance = JsonValueOf<typeof provenance>;

/** A device that a guest or a driver is given. */
export type DevicePlan = JsonValueOf<typeof device>;

/** A node that stays out, and why. */
export type LeftOut = JsonValueOf<typeof pathWithReason>;

/** A node whose page is given away with another's. */
export type CoTenant = LeftOut;

/** Registers that a guest is given, in pages. */
export type RegionPlan = GuestPlan['regions'][number];

/** An interrupt that a domain is given, on its channel. */
export type InterruptPlan = JsonValueOf<typeof interrupt>;

/** What became of one reference of a passed device's. */
export type DependencyPlan = JsonValueOf<typeof dependency>;

/** A virtio device of a guest's. */
export type VirtioPlan = JsonValueOf<typeof virtio>;

/** A device that a guest serves to others. */
export type ServedPlan = JsonValueOf<typeof served>;

/** A disk that a block virtualiser serves. */
export type DiskPlan = JsonValueOf<typeof disk>;

/** A native driver. */
export type DriverPlan = JsonValueOf<typeof driver>;

/** A virtualiser or copier. */
export type VirtualiserPlan = JsonValueOf<typeof virtualiser>;

/** One end of a link between domains. */
export type LinkEnd = JsonValueOf<typeof linkEnd>;

/** A link: two domains, the channel and the regions between them. */
export type LinkPlan = JsonValueOf<typeof link>;

/** All that is shared. */
export type SharingPlan = JsonValueOf<typeof sharing>;

/** JSON Schema of `plan.json`. */
export function planSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A plan of drivervm',
    description: 'What "drivervm plan" decided. Generated; the declaration is src/plan/plan.ts.',
    ...planShape.schema,
  };
}
