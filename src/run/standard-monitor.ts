/**
 * The monitor for a virtual machine that comes without a program of its own: what a person would write in `vmm.ts`, done
 * from the system description and the guest's device tree.
 */
import { type AddrRange, alignDown, LARGE_PAGE_BYTES, oneToOne } from '../base/index.ts';
import { type Board, cellsAsBigint, cellsProperty } from '../devicetree/index.ts';
import type { MemoryMap, ProtectionDomain } from '../microkit/index.ts';
import type { Microkit, Program, ProgramFactory } from '../sel4/index.ts';
import {
  type GuestImages,
  type GuestMonitor,
  Monitor,
  type MonitorOptions,
  type VgicFrames,
} from '../vmm/index.ts';
import { StandardServed } from './standard-served.ts';
import { StandardVirtio } from './standard-virtio.ts';

/** Where the guest's RAM is, and where its images go. */
export interface GuestPlacement {
  readonly ram: AddrRange;
  readonly dtb: number;
  readonly initrd?: number;
}

/** What `vmm.ts` is handed: the images that a real one has linked in. */
export interface GuestPayload {
  readonly images: GuestImages;
  /** The guest's device tree, resolved. */
  readonly tree: Board;
  /** Where a plan puts its images; found out from the guest's tree where there is no plan. */
  readonly placement?: { readonly dtb: number; readonly initrd?: number };
}

/** The frames of the interrupt controller as the guest's own tree has them. */
export function vgicFramesOf(tree: Board): VgicFrames | undefined {
  const { gic } = tree;
  if (gic?.gicd === undefined) return undefined;
  return gic.version === 2
    ? {
        version: 2,
        distributor: gic.gicd.base,
        ...(gic.gicc === undefined ? {} : { cpuInterface: oneToOne(gic.gicc.base) }),
      }
    : {
        version: 3,
        distributor: gic.gicd.base,
        redistributors: gic.gicr.map(({ base, size }) => ({ base: oneToOne(base), size })),
      };
}

/** RAM is the largest region that both the monitor and its guest have mapped, the guest executable. */
export function guestRamMaps(
  pd: ProtectionDomain,
  sizeOf: (region: string) => number,
): { readonly guest: MemoryMap; readonly monitor: MemoryMap } | undefined {
  const candidates = (pd.virtualMachine?.maps ?? []).flatMap((guest) => {
    const monitor = pd.maps.find(({ mr }) => mr === guest.mr);
    return monitor === undefined ? [] : [{ guest, monitor }];
  });
  return candidates.sort((a, b) => sizeOf(b.guest.mr) - sizeOf(a.guest.mr))[0];
}

/** The initrd goes where the tree's `chosen` says; the device tree as high as it fits, out of everyone's way. */
export function placeGuest(ram: AddrRange, { images, tree, placement }: GuestPayload): GuestPlacement {
  if (placement !== undefined) return { ram, ...placement };
  const initrd = chosenAddress(tree, 'linux,initrd-start');
  const end = ram.base + ram.size;
  const dtb = alignDown(end - images.dtb.length, LARGE_PAGE_BYTES);
  return { ram, dtb, ...(initrd === undefined ? {} : { initrd }) };
}

/** Where a guest's tree tells the kernel that its ramdisk is. */
export function initrdWindow(tree: Board): AddrRange | undefined {
  const [base, end] = [chosenAddress(tree, 'linux,initrd-start'), chosenAddress(tree, 'linux,initrd-end')];
  return base === undefined || end === undefined || end < base ? undefined : { base, size: end - base };
}

function chosenAddress(tree: Board, name: string): number | undefined {
  const chosen = tree.tree.root.children.get('chosen');
  const cells = chosen === undefined ? undefined : cellsProperty(chosen, name);
  const value = cells === undefined ? undefined : cellsAsBigint(cells, 0, cells.length);
  return value === undefined ? undefined : Number(value);
}

/** Makes a monitor of one library or the other. */
export type MonitorClass = new (microkit: Microkit, options: MonitorOptions) => GuestMonitor;

/** A monitor for a virtual machine that has no program: what a person would write in `vmm.ts`. */
export function standardMonitor(
  pd: ProtectionDomain,
  payload: GuestPayload,
  sizeOf: (region: string) => number,
  MonitorLibrary: MonitorClass = Monitor,
): ProgramFactory {
  return (microkit: Microkit): Program => {
    const gic = vgicFramesOf(payload.tree);
    const maps = guestRamMaps(pd, sizeOf);
    if (gic === undefined || maps === undefined) {
      const missing = gic === undefined ? "the guest's tree has no GIC" : 'no region is mapped as guest RAM';
      return { init: () => microkit.dbgPuts(`${missing}: there is nothing to start\n`), notified: () => {} };
    }
    const ram = { base: maps.guest.vaddr, size: sizeOf(maps.guest.mr) };
    const monitor = new MonitorLibrary(microkit, {
      gic,
      ram: [{ gpaStart: ram.base, sizeBytes: ram.size, vmmVaddr: maps.monitor.vaddr }],
    });
    const placement = placeGuest(ram, payload);
    let virtio: StandardVirtio | undefined;
    let served: StandardServed | undefined;
    return {
      init() {
        const entryPoint = monitor.linuxSetupImages(payload.images, { ramStart: ram.base, ...placement });
        if (entryPoint === undefined) return;
        monitor.virqControllerInit();
        for (const irq of pd.irqs) {
          if (irq.kind === 'platform') monitor.virqRegisterPassthrough(0, irq.irq, irq.id);
        }
        virtio = new StandardVirtio(microkit, monitor, payload.tree);
        served = new StandardServed(microkit, monitor, payload.tree);
        monitor.guestStartWhenServed(virtio.devices, 0, entryPoint, placement.dtb, placement.initrd);
      },
      notified(channel) {
        if (virtio?.notified(channel) === true) {
          monitor.guestStartIfServed();
          return;
        }
        if (served?.notified(channel) === true) return;
        if (!monitor.virqHandlePassthrough(channel)) monitor.log(`unexpected channel ${channel}`);
      },
      fault: (child, fault) => monitor.faultHandle(child, fault),
      get saved() {
        return monitor.saved;
      },
    };
  };
}

/** For a protection domain whose program is not here: it does nothing, and says so once it is asked to do something. */
export function idleProgram(microkit: Microkit): Program {
  return {
    init() {},
    notified: (channel) => microkit.dbgPuts(`has no program here; channel ${channel} goes unanswered\n`),
  };
}
