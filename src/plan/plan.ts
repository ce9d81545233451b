/**
 * The Plan: everything that was decided for a request, as one plain value that survives `JSON.stringify`. Every file of a
 * project is derived from it, so nothing is written twice. Addresses and sizes are bytes; nodes are named by their paths.
 */
import type { AddrRange } from '../base/index.ts';
import type { DependencyOutcome } from './dependencies.ts';
import type { TreeEdit } from './edits.ts';
import type { VirtioKind } from './request/index.ts';
import type { SharingPlan } from './sharing.ts';

export const PLAN_FORMAT = 1;

export interface Plan {
  readonly format: typeof PLAN_FORMAT;
  readonly name: string;
  readonly board: BoardPlan;
  readonly guests: readonly GuestPlan[];
  readonly drivers: readonly DriverPlan[];
  /** Virtualisers and queues between drivers and guests' virtio devices. */
  readonly sharing: SharingPlan;
  /** What `drivervm run` puts into the board's storage devices; of no concern to the project on hardware. */
  readonly disks: readonly DiskPlan[];
  /** What the tree alone does not tell, and what was assumed instead. */
  readonly unknown: readonly string[];
}

export interface BoardPlan {
  /** The tree's `model`. */
  readonly model: string;
  readonly compatible: readonly string[];
  /** The name of the file that the tree was read from, without its directory. */
  readonly dtb: string;
  /** Where it is, as the project's directory sees it; absent where that is not known. */
  readonly dtbPath?: string;
  /** Microkit's name of the board, where it has one. */
  readonly microkit?: string;
  /** Whether libvmm 0.2 has this board's interrupt controller compiled in. */
  readonly libvmm: boolean;
  readonly gic: GicPlan;
}

/** The interrupt controller as the guests see it. */
export interface GicPlan {
  readonly version: 2 | 3;
  readonly path: string;
  /** Emulated by the monitor: 4 KiB of a GICv2, 64 KiB of a GICv3. */
  readonly distributor: AddrRange;
  /** GICv3: the first redistributor's base; each is 128 KiB, emulated. */
  readonly redistributors?: number;
  /** GICv2: the hardware's virtual CPU interface, and where guests expect their CPU interface. */
  readonly virtualCpuInterface?: { readonly physAddr: number; readonly guestAddr: number };
}

export interface GuestPlan {
  readonly name: string;
  /** The monitor's protection domain. */
  readonly monitor: {
    readonly pd: string;
    readonly priority: number;
    /** The program's base name: `vmm` for `vmm.c`, `vmm.ts` and `vmm.elf`. */
    readonly program: string;
    /** Whether it may make, and does forward, secure monitor calls. */
    readonly forwardsSmc: boolean;
  };
  readonly vm: { readonly name: string; readonly priority: number; readonly vcpus: number };
  readonly ram: RamPlan;
  readonly kernel: KernelPlan;
  readonly initrd?: InitrdPlan;
  /** Where the device tree is put; the window that it may grow into. */
  readonly dtb: AddrRange;
  readonly bootargs: string;
  /** The console's node, or `undefined` where the guest has none of its own. */
  readonly stdout?: string;
  readonly devices: readonly DevicePlan[];
  readonly leftOut: readonly LeftOut[];
  readonly regions: readonly RegionPlan[];
  readonly interrupts: readonly InterruptPlan[];
  readonly dependencies: readonly DependencyPlan[];
  readonly virtio: readonly VirtioPlan[];
  /** What turns the board's tree into the guest's. */
  readonly edits: readonly TreeEdit[];
}

export interface RamPlan extends AddrRange {
  /** Physical = guest address, as DMA needs; else Microkit chooses the physical place. */
  readonly oneToOne: boolean;
  /** Where the monitor sees it. */
  readonly monitorVaddr: number;
  readonly pageSizeBytes: number;
  readonly why: string;
}

export interface KernelPlan extends AddrRange {
  /** As the request gave it. */
  readonly path: string;
  /** Of the file; `undefined` where no file was measured and the window is an assumption. */
  readonly fileBytes?: number;
  readonly why: string;
}

export interface InitrdPlan extends AddrRange {
  readonly path: string;
  readonly fileBytes?: number;
  readonly why: string;
}

/** Why a device is in: asked for, or needed by one that is. */
export interface Provenance {
  /** The selector that named it, or `undefined` where a dependency brought it in. */
  readonly selector?: string;
  /** The consumer and the property that led here. */
  readonly via?: { readonly device: string; readonly property: string };
}

export interface DevicePlan {
  readonly path: string;
  readonly compatible: readonly string[];
  readonly why: Provenance;
  readonly ranges: readonly AddrRange[];
  readonly intids: readonly number[];
}

export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

export interface RegionPlan extends AddrRange {
  readonly name: string;
  readonly pageSizeBytes: number;
  /** Where the guest sees it; the physical address for all but the GIC's CPU interface. */
  readonly guestAddr: number;
  /** Passed devices with registers in it. */
  readonly devices: readonly string[];
  /** Nodes that come with its pages and were not asked for. */
  readonly coTenants: readonly CoTenant[];
}

export interface CoTenant {
  readonly path: string;
  readonly reason: string;
}

export interface InterruptPlan {
  readonly intid: number;
  readonly channel: number;
  readonly trigger: 'edge' | 'level';
  readonly devices: readonly string[];
}

export interface DependencyPlan {
  readonly consumer: string;
  readonly property: string;
  readonly provider: string;
  readonly outcome: DependencyOutcome;
  readonly reason: string;
}

export interface VirtioPlan {
  readonly kind: VirtioKind;
  readonly guestAddr: number;
  readonly sizeBytes: number;
  readonly intid: number;
  readonly driver?: string;
  readonly image?: string;
  readonly mode?: string;
  /** Of a network device, where the request gives it. */
  readonly mac?: string;
}

export interface DiskPlan {
  /** The device's path. */
  readonly device: string;
  readonly image: string;
  readonly mode?: string;
}

export interface DriverPlan {
  readonly name: string;
  readonly program: string;
  readonly priority: number;
  readonly class: 'serial' | 'block' | 'net' | 'other';
  readonly devices: readonly DevicePlan[];
  readonly regions: readonly (RegionPlan & { readonly vaddr: number })[];
  readonly interrupts: readonly InterruptPlan[];
}
