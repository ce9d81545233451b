/** A virtual machine and the tree that its guest is given: what every rule on the two looks at. */
import { type AddrRange, rangesOverlap, rangeWithout, type SourcePosition } from '../../../base/index.ts';
import type { Board, Device, DtNode } from '../../../devicetree/index.ts';
import type { MemoryMap, MemoryRegion } from '../../description.ts';
import type { CheckContext, GuestTree, Monitor } from '../context.ts';
import { Inventory } from '../tree/inventory.ts';

/** A map of the virtual machine with the addresses that it takes there. */
export interface GuestMap {
  readonly map: MemoryMap;
  readonly region: MemoryRegion;
  /** Guest physical. */
  readonly range: AddrRange;
}

export class GuestView {
  readonly context: CheckContext;
  readonly monitor: Monitor;
  readonly tree: Board;
  readonly inventory: Inventory;
  readonly maps: readonly GuestMap[];
  readonly #file: string;

  constructor(context: CheckContext, monitor: Monitor, guest: GuestTree) {
    this.context = context;
    this.monitor = monitor;
    this.tree = guest.tree;
    this.inventory = new Inventory(guest.tree);
    this.#file = guest.file;
    this.maps = monitor.vm.maps.flatMap((map) => {
      const region = context.regions.get(map.mr);
      const range = context.rangeOf(map, map.vaddr);
      return region === undefined || range === undefined ? [] : [{ map, region, range }];
    });
  }

  get vm(): string {
    return this.monitor.vm.name;
  }

  /** Where the tree has a node; the tree's file where it does not know. */
  positionOf(node: DtNode, property?: string): SourcePosition {
    const written = property === undefined ? undefined : node.properties.get(property)?.position;
    return written ?? node.position ?? { file: this.#file };
  }

  /** The parts of a range that none of these maps covers. */
  missingOf(range: AddrRange, maps: readonly GuestMap[] = this.maps): readonly AddrRange[] {
    let missing: readonly AddrRange[] = [range];
    for (const map of maps) missing = missing.flatMap((part) => rangeWithout(part, map.range));
    return missing;
  }

  mapsOver(range: AddrRange): readonly GuestMap[] {
    return this.maps.filter((map) => rangesOverlap(map.range, range));
  }

  /** Enabled devices with registers that the monitor does not emulate. */
  realDevices(): readonly Device[] {
    const devices = [...new Set(this.inventory.tenants.map(({ device }) => device))];
    return devices.filter((device) => !this.isEmulated(device) && !this.inventory.isGic(device));
  }

  /** Maps of RAM: cached, or over a memory node. */
  ramMaps(): readonly GuestMap[] {
    return this.maps.filter((map) => this.tree.ram.some((bank) => rangesOverlap(bank, map.range)));
  }

  /**
   * virtio devices are the monitor's, but for those that the board itself has (simulators do): its tree says so, and where that is not
   * given, that the monitor receives their interrupts.
   */
  isEmulated(device: Device): boolean {
    if (!device.compatible.includes(VIRTIO)) return false;
    const { tree } = this.context.options;
    if (tree === undefined) return !this.#isReceived(device);
    return !tree.devices.some((other) => other.compatible.includes(VIRTIO) && sameRegisters(other, device));
  }

  /**
   * Of a device that the guest serves to others: the page whose writes are to fault, the first of its registers. The others are queues, which
   * it has, and its interrupt is the monitor's.
   */
  servedPage(device: Device): AddrRange | undefined {
    const isServed =
      device.node.baseName === SERVED.baseName && device.compatible.includes(SERVED.compatible);
    const page = isServed ? device.regs[0]?.cpu : undefined;
    return page === undefined ? undefined : { base: page.base, size: page.size };
  }

  #isReceived(device: Device): boolean {
    const intids = new Set(this.monitor.pd.irqs.flatMap((irq) => (irq.kind === 'platform' ? [irq.irq] : [])));
    return device.interrupts.some(
      (interrupt) => interrupt.reach !== 'none' && interrupt.gic.some(({ intid }) => intids.has(intid)),
    );
  }
}

const VIRTIO = 'virtio,mmio';
/** The node that the program of a guest that serves disks looks for. */
const SERVED = { baseName: 'disk-server', compatible: 'generic-uio' } as const;

function sameRegisters(a: Device, b: Device): boolean {
  return a.regs[0]?.cpu !== undefined && a.regs[0].cpu.base === b.regs[0]?.cpu?.base;
}
