/**
 * The request: what a person asks for. Every key is declared here once, with its meaning and its default; the reader,
 * the types and `docs/request.schema.json` follow from the declaration. What a request comes to is the plan's business.
 */
import type { SourcePosition } from '../../base/index.ts';
import { DEVICE_CLASSES, type DeviceClass, VIRTIO_KINDS, type VirtioKind } from '../../sharing/index.ts';
import {
  address,
  choice,
  controlKey,
  count,
  deviceSelector,
  either,
  field,
  flag,
  type JsonSchema,
  listOf,
  macAddress,
  mapOf,
  microkitBoardName,
  name,
  object,
  path,
  requiredField,
  size,
  text,
  type ValueOf,
} from './shape.ts';

/**
 * seL4 traps a guest's WFI, and libvmm resumes it at once: a guest never sleeps, and nothing of a lower priority runs. So guests
 * lie below every domain (tried with seL4 16 and libvmm 0.2: with the guest at 99, a virtualiser at 99 and copiers at 98 never ran).
 */
export const GUEST_PRIORITY = 0;

/** Microkit's limits: priorities 0–254 (manual 2.3, "protection_domain"), of which guests have 0. */
const priority = count(GUEST_PRIORITY + 1, 254);
/** As many as affinity level 0 tells apart (Arm ARM, MPIDR_EL1; ICC_SGI1R_EL1's target list, IHI 0069H §12.2.20). */
const VCPU_LIMIT = 16;

const selectors = either(choice('all', 'none'), listOf(deviceSelector));

const ram = either(
  size,
  object({
    size: requiredField(size, 'how much RAM the guest has; a multiple of 2 MiB'),
    base: field(
      address,
      "where the guest sees it, a multiple of 2 MiB; default: the first place that fits in the board's RAM, and banks, three at most, where none is large enough",
    ),
    'one-to-one': field(
      flag,
      'whether guest addresses are physical ones, as devices with DMA need; default: true where a device is passed',
    ),
  }),
);

const loadAt = object({
  kernel: field(
    address,
    "the first byte of a kernel that is no Image; default: an ELF file's own address, and 512 KiB above the start of RAM for a flat binary",
  ),
  initrd: field(address, 'the ramdisk; default: after the kernel'),
  dtb: field(address, 'the device tree; default: after the others'),
});

/** What becomes of a guest's writes to a disk: refused, kept beside the file, or written to it. */
export const DISK_MODES = ['read-only', 'copy-on-write', 'write-through'] as const;

/** Leaves the file as it is. */
export const DEFAULT_DISK_MODE: DiskMode = 'copy-on-write';
const diskMode = choice(...DISK_MODES);

/** What `reaches` calls everything that is no guest of the request. */
export const OUTSIDE = 'outside';
/** A GPT has as many (UEFI 2.10 §5.3), and sDDF's virtualiser looks at as many. */
const PARTITIONS_MAX = 128;
/** sDDF counts a network's buffers in 16 bits, those of all guests at once. */
const [BUFFERS_MIN, BUFFERS_MAX] = [16, 1024] as const;

const virtioDevice = either(
  choice(...VIRTIO_KINDS),
  object({
    kind: requiredField(choice(...VIRTIO_KINDS), 'the virtio device'),
    driver: field(
      name,
      'for console, block and net: the driver of this request whose device it shares, or, for block, what a guest of this request serves, for console, the guest that passes it on; default: the first driver of its class',
    ),
    image: field(path, 'for block: the file that "drivervm run" backs it with'),
    mode: field(
      diskMode,
      'for block: what happens to writes under "drivervm run"; read-only holds on hardware, too, and for what a guest serves; default: copy-on-write',
    ),
    partition: field(
      count(1, PARTITIONS_MAX),
      "for block: which partition of the disk it is, from 1; of a driver's, on hardware, by default the first for the first guest, and so on; of a guest's it must be said",
    ),
    mac: field(macAddress, 'for net: its MAC address; default: 02:00:00:00:00:01 for the first, and so on'),
    reaches: field(
      listOf(name),
      `for net: the guests that it may send to, and "${OUTSIDE}" for what is beyond them, from where it hears nothing otherwise; default: everybody`,
    ),
    buffers: field(
      count(BUFFERS_MIN, BUFFERS_MAX),
      'for net and block: how many frames or requests may wait, rounded up to a power of two, at most 64 requests under "drivervm run"; default on hardware: 512 frames, 128 requests',
    ),
  }),
);

const serve = object({
  device: requiredField(
    deviceSelector,
    'the storage device, a selector as in "pass" that names one of the guest\'s own',
  ),
  name: field(name, "what others' virtio devices call it as their driver; default: the guest's name"),
});

const guestFields = {
  kernel: field(
    path,
    'the kernel, a path relative to the request: an arm64 Image, or a flat binary or ELF file, of which one is made; default: Image',
  ),
  'load-at': field(
    loadAt,
    'where in its RAM what the guest starts with lies, for kernels that look for it at places of their own; default: one after the other from the start of RAM',
  ),
  initrd: field(path, 'the initial ramdisk; default: none'),
  pass: field(
    selectors,
    'devices to pass through: all, none, or a list of paths, &labels, aliases, names, compatibles and globs; default: all',
  ),
  except: field(
    listOf(deviceSelector),
    'devices that stay out, selected as in "pass"; what shares a page with one is named',
  ),
  cut: field(
    listOf(text),
    "dependencies to leave out of the guest's tree: a property (pinctrl-*), or DEVICE PROPERTY; default: none",
  ),
  clocks: field(
    mapOf(count(1, 4_294_967_295)),
    'fixed rates in Hz for clocks that the guest may not control, by the device that uses them',
  ),
  mac: field(
    mapOf(macAddress),
    "MAC addresses of passed Ethernet controllers, by device; default: the board's tree's, or what their driver makes up",
  ),
  ram: field(ram, "the guest's RAM; default: 512 MiB"),
  vcpus: field(count(1, VCPU_LIMIT), 'virtual CPUs; default: 1'),
  bootargs: field(text, "the kernel's command line; default: earlycon on the console"),
  stdout: field(
    deviceSelector,
    "the console device (selector), virtio or none; default: what the board's tree says",
  ),
  firmware: field(
    choice('auto', 'forward', 'none'),
    "whether the guest may ask firmware: its SMC calls are forwarded, co-processors' mailboxes come along; auto: only where a passed device can't do without",
  ),
  virtio: field(listOf(virtioDevice), 'virtio devices that drivers of this request serve; default: none'),
  serves: field(
    listOf(serve),
    'disks that the guest\'s Linux has and lends to other guests, as whole partitions; its ramdisk needs "payload debian --server"; default: none',
  ),
  priority: field(priority, "the monitor's priority; guests run below every domain; default: 100"),
} as const;

const guest = object({
  name: requiredField(name, "the guest's name, unique in the request"),
  ...guestFields,
});

const driver = object({
  name: requiredField(name, "the driver's name: its protection domain and program"),
  pass: requiredField(
    listOf(deviceSelector),
    "its devices, selected as a guest's; no dependency is followed",
  ),
  program: field(
    text,
    'the program image; default: the one that comes with drivervm for the device, else NAME.elf',
  ),
  class: field(choice(...DEVICE_CLASSES, 'other'), 'what it drives; default: from its devices'),
  priority: field(priority, "default: above every guest's monitor"),
  colours: field(flag, 'for serial: whether each guest has a colour; default: true where there are several'),
  'switch-key': field(
    controlKey,
    'for serial: after it a number and Enter choose who is typed to; default: ctrl-\\',
  ),
  baud: field(count(1, 4_000_000), 'for serial, on hardware; default: 115200'),
});

const disk = object({
  device: requiredField(
    deviceSelector,
    'the storage device of the board, a selector as in "pass" that names one',
  ),
  image: requiredField(path, 'the file with what is in it'),
  mode: field(diskMode, 'what happens to writes; default: copy-on-write'),
});

const board = either(
  path,
  object({
    dtb: requiredField(
      path,
      "the board's device tree: a .dtb, a .dts, or a directory such as /proc/device-tree",
    ),
    microkit: field(microkitBoardName, "Microkit's name of the board; default: by the tree's compatible"),
  }),
);

const request = object({
  name: field(name, "the project's name; default: the board's"),
  board: requiredField(board, "the board's device tree, or a mapping with dtb and microkit"),
  ...guestFields,
  guests: field(listOf(guest), 'several guests, each with the keys above; default: one, named linux'),
  drivers: field(listOf(driver), 'native drivers that run beside the guests; default: none'),
  disks: field(
    listOf(disk),
    'what "drivervm run" puts into the storage devices of its simulated board; default: nothing',
  ),
});

export const requestShape = request;

/** A request as its file has it. */
export type RequestFile = ValueOf<typeof request>;
export type GuestFile = ValueOf<typeof guest>;
export type DriverFile = ValueOf<typeof driver>;

/** The JSON Schema of requests, which `docs/request.schema.json` has. */
export function requestSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'drivervm request',
    description:
      'What "drivervm plan" is asked for. Generated; the declaration is src/plan/request/request.ts.',
    ...requestShape.schema,
  };
}

/** Devices by selector; `all` is every device that is enabled and can be given. */
export type PassRequest = 'all' | readonly string[];
/** Where a kernel is looked for when the request names none. */
export const DEFAULT_KERNEL = 'Image';

/** Whether secure monitor calls are forwarded: as the plan finds best, always, never. */
export type FirmwareRequest = 'auto' | 'forward' | 'none';

/** One of {@link DISK_MODES}. */
export type DiskMode = (typeof DISK_MODES)[number];

/** A virtio device that a guest is to have. */
export interface VirtioRequest {
  readonly kind: VirtioKind;
  readonly driver?: string;
  readonly image?: string;
  readonly mode?: DiskMode;
  readonly partition?: number;
  readonly mac?: string;
  /** Guests by name, and {@link OUTSIDE}. */
  readonly reaches?: readonly string[];
  readonly buffers?: number;
}

/** A disk of a guest's that others are to have partitions of. */
export interface ServeRequest {
  readonly name: string;
  readonly device: string;
}

/** What is in a storage device of the simulated board. */
export interface DiskRequest {
  readonly device: string;
  readonly places?: ReadonlyMap<string, SourcePosition>;
  readonly image: string;
  readonly mode?: DiskMode;
}

/** Guest addresses that the request has chosen itself. */
export interface LoadPlaces {
  /** Of a kernel that is no Image. */
  readonly kernel?: number;
  readonly initrd?: number;
  readonly dtb?: number;
}

/** A guest's requests with the defaults filled in. What is `undefined` is the plan's to decide. */
export interface GuestRequest {
  readonly name: string;
  readonly kernel: string;
  readonly initrd?: string;
  readonly loadAt?: LoadPlaces;
  /** Where the request file names a device, by selector, for diagnostics; absent for requests that are no file. */
  readonly places?: ReadonlyMap<string, SourcePosition>;
  readonly pass: PassRequest;
  readonly except: readonly string[];
  readonly cut: readonly string[];
  readonly clocks: ReadonlyMap<string, number>;
  /** MAC addresses by selector. */
  readonly macs: ReadonlyMap<string, string>;
  /** Absent: {@link DEFAULT_RAM_BYTES}, or less where the board has not so much. */
  readonly ramSizeBytes?: number;
  readonly ramBase?: number;
  readonly oneToOne?: boolean;
  readonly vcpus: number;
  readonly bootargs?: string;
  readonly stdout?: string;
  readonly firmware: FirmwareRequest;
  readonly virtio: readonly VirtioRequest[];
  readonly serves: readonly ServeRequest[];
  readonly priority: number;
}

/** A native driver that is to be there. */
export interface DriverRequest {
  readonly name: string;
  readonly places?: ReadonlyMap<string, SourcePosition>;
  readonly pass: readonly string[];
  /** Absent: one that comes with drivervm for the device, else NAME.elf. */
  readonly program?: string;
  readonly class?: DeviceClass | 'other';
  readonly priority: number;
  readonly colours?: boolean;
  /** The byte that the switch key sends. */
  readonly switchByte?: number;
  readonly baud?: number;
}

/** A whole request, complete but for what only the board can tell. */
export interface PlanRequest {
  readonly name?: string;
  readonly dtb: string;
  readonly microkitBoard?: string;
  readonly guests: readonly GuestRequest[];
  readonly drivers: readonly DriverRequest[];
  readonly disks: readonly DiskRequest[];
}

/** A guest's RAM where nothing is said: 512 MiB. */
export const DEFAULT_RAM_BYTES = 512 * 2 ** 20;

/** A monitor's priority where nothing is said; its virtual machine is below. */
export const DEFAULT_MONITOR_PRIORITY = 100;
const DEFAULT_DRIVER_PRIORITY = 200;

/** Fills the defaults in. */
export function completeRequest(file: RequestFile): PlanRequest {
  const guests = file.guests?.map((each) => completeGuest(each.name ?? 'linux', each)) ?? [
    completeGuest('linux', file),
  ];
  return {
    ...(file.name === undefined ? {} : { name: file.name }),
    ...boardOf(file.board),
    guests,
    drivers: (file.drivers ?? []).map(completeDriver),
    disks: (file.disks ?? []).map(({ device, image, mode }) => ({
      device: device ?? '',
      image: image ?? '',
      ...(mode === undefined ? {} : { mode }),
    })),
  };
}

function boardOf(given: RequestFile['board']): Pick<PlanRequest, 'dtb' | 'microkitBoard'> {
  if (given === undefined || typeof given === 'string') return { dtb: given ?? '' };
  return {
    dtb: given.dtb ?? '',
    ...(given.microkit === undefined ? {} : { microkitBoard: given.microkit }),
  };
}

function completeGuest(guestName: string, file: Omit<GuestFile, 'name'>): GuestRequest {
  const given = typeof file.ram === 'number' ? { size: file.ram } : file.ram;
  const { bootargs, stdout, initrd } = file;
  return {
    name: guestName,
    kernel: file.kernel ?? DEFAULT_KERNEL,
    ...(initrd === undefined ? {} : { initrd }),
    ...(file['load-at'] === undefined ? {} : { loadAt: file['load-at'] }),
    pass: file.pass === 'none' ? [] : (file.pass ?? 'all'),
    except: file.except ?? [],
    cut: file.cut ?? [],
    clocks: file.clocks ?? new Map(),
    macs: file.mac ?? new Map(),
    ...(given?.size === undefined ? {} : { ramSizeBytes: given.size }),
    ...(given !== undefined && 'base' in given && given.base !== undefined ? { ramBase: given.base } : {}),
    ...(given !== undefined && 'one-to-one' in given && given['one-to-one'] !== undefined
      ? { oneToOne: given['one-to-one'] }
      : {}),
    vcpus: file.vcpus ?? 1,
    ...(bootargs === undefined ? {} : { bootargs }),
    ...(stdout === undefined ? {} : { stdout }),
    firmware: file.firmware ?? 'auto',
    virtio: (file.virtio ?? []).map(completeVirtio),
    serves: (file.serves ?? []).map(({ device, name: served }) => ({
      device: device ?? '',
      name: served ?? guestName,
    })),
    priority: file.priority ?? DEFAULT_MONITOR_PRIORITY,
  };
}

function completeVirtio(given: ValueOf<typeof virtioDevice>): VirtioRequest {
  if (typeof given === 'string') return { kind: given };
  const { kind, driver: servedBy, image, mode, partition, mac, reaches, buffers } = given;
  return {
    kind: kind ?? 'console',
    ...(partition === undefined ? {} : { partition }),
    ...(reaches === undefined ? {} : { reaches }),
    ...(buffers === undefined ? {} : { buffers }),
    ...(servedBy === undefined ? {} : { driver: servedBy }),
    ...(image === undefined ? {} : { image }),
    ...(mode === undefined ? {} : { mode }),
    ...(mac === undefined ? {} : { mac }),
  };
}

function completeDriver(file: DriverFile): DriverRequest {
  const driverName = file.name ?? 'driver';
  return {
    name: driverName,
    pass: file.pass ?? [],
    ...(file.program === undefined ? {} : { program: file.program }),
    ...(file.class === undefined ? {} : { class: file.class }),
    priority: file.priority ?? DEFAULT_DRIVER_PRIORITY,
    ...(file.colours === undefined ? {} : { colours: file.colours }),
    ...(file['switch-key'] === undefined ? {} : { switchByte: file['switch-key'] }),
    ...(file.baud === undefined ? {} : { baud: file.baud }),
  };
}
