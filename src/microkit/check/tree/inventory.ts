/** The board's tree as descriptions see it: who has registers where, and who raises which interrupt. */
import { type AddrRange, type Intid, rangeCovers, rangesOverlap } from '../../../base/index.ts';
import {
  type Board,
  type Device,
  type DtNode,
  type GicInterrupt,
  type Interrupt,
  pciWindowsOf,
} from '../../../devicetree/index.ts';

/** Registers of a device. A device with several ranges is there several times. */
export interface Tenant {
  readonly device: Device;
  readonly range: AddrRange;
}

export interface IrqSource {
  readonly device: Device;
  readonly interrupt: Interrupt;
  readonly gic: GicInterrupt;
}

/** Nodes with `reg` that are no devices: RAM, and what is reserved of it. */
function isMemory(node: DtNode): boolean {
  return node.baseName === 'memory' || node.parent?.name === 'reserved-memory';
}

export class Inventory {
  readonly board: Board;
  /** Enabled devices by address, without the buses that only contain them. */
  readonly tenants: readonly Tenant[];
  readonly disabled: readonly Tenant[];
  readonly irqs: ReadonlyMap<Intid, readonly IrqSource[]>;
  /** Where the registers of PCI devices appear at run time. */
  readonly pciWindows: readonly AddrRange[];
  readonly #gicNode: DtNode | undefined;

  constructor(board: Board) {
    this.board = board;
    this.#gicNode = board.gic?.node;
    const all = board.devices.flatMap((device) =>
      isMemory(device.node)
        ? []
        : device.regs.flatMap(({ cpu }) =>
            cpu === undefined || cpu.size === 0 ? [] : [{ device, range: cpu }],
          ),
    );
    const containers = containersAmong(all);
    const tenants = all
      .filter(({ device }) => !containers.has(device))
      .sort((a, b) => a.range.base - b.range.base || a.range.size - b.range.size);
    this.tenants = tenants.filter(({ device }) => device.status.enabled);
    this.disabled = tenants.filter(({ device }) => !device.status.enabled);
    const irqs = new Map<Intid, IrqSource[]>();
    for (const device of board.devices) {
      for (const interrupt of device.interrupts) {
        if (interrupt.reach === 'none') continue;
        for (const gic of interrupt.gic) {
          const known = irqs.get(gic.intid);
          const source = { device, interrupt, gic };
          if (known === undefined) irqs.set(gic.intid, [source]);
          else known.push(source);
        }
      }
    }
    this.irqs = irqs;
    this.pciWindows = board.devices
      .filter(({ status }) => status.enabled)
      .flatMap(({ node }) => pciWindowsOf(board.addresses, node));
  }

  /** The devices with registers in a range, each once, in order of address. */
  devicesIn(range: AddrRange, tenants: readonly Tenant[] = this.tenants): readonly Device[] {
    const found = tenants.filter((tenant) => rangesOverlap(tenant.range, range));
    return [...new Set(found.map(({ device }) => device))];
  }

  isGic(device: Device): boolean {
    return device.node === this.#gicNode;
  }

  /**
   * The device that an interrupt is told by: the first enabled one whose own line it is, else whoever else has it.
   */
  sourceOf(intid: Intid): IrqSource | undefined {
    const sources = this.irqs.get(intid) ?? [];
    const enabled = sources.filter(({ device }) => device.status.enabled);
    return enabled.find(({ interrupt }) => interrupt.reach === 'direct') ?? enabled[0] ?? sources[0];
  }
}

/** Devices whose registers hold those of a node below them: buses and blocks of shared registers that are split up. */
function containersAmong(tenants: readonly Tenant[]): ReadonlySet<Device> {
  const byNode = new Map<DtNode, Tenant[]>();
  for (const tenant of tenants) {
    const known = byNode.get(tenant.device.node);
    if (known === undefined) byNode.set(tenant.device.node, [tenant]);
    else known.push(tenant);
  }
  const containers = new Set<Device>();
  for (const { device, range } of tenants) {
    for (let above = device.node.parent; above !== undefined; above = above.parent) {
      for (const outer of byNode.get(above) ?? []) {
        if (rangeCovers(outer.range, range)) containers.add(outer.device);
      }
    }
  }
  return containers;
}

/** The name by which people know a device: `serial@3000`. */
export function deviceName(device: Device): string {
  return device.node.name;
}
