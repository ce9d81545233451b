/**
 * The authority that a description gives: who may touch which physical memory and with which rights, who receives which
 * interrupt, who may call or notify whom. Derived from the description, and named by a board's tree where one is given.
 */
import {
  type AddrRange,
  type Intid,
  rangeAligned,
  rangeIntersection,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import type { Device } from '../../devicetree/index.ts';
import { allRamOf } from '../boards/index.ts';
import { type AddressSpace, CheckContext, type CheckOptions } from '../check/context.ts';
import { deviceName, type Inventory } from '../check/tree/inventory.ts';
import { type IrqTrigger, type MemoryRegion, type Permissions, SDF_DEFAULTS } from '../description.ts';
import type { ReadDescription } from '../read/index.ts';

/** A protection domain, or a virtual machine together with the name of its monitor. */
export interface Owner {
  readonly name: string;
  readonly monitor?: string;
}

/** A region in somebody's address space. */
export interface Right {
  readonly owner: Owner;
  readonly perms: Permissions;
  readonly cached: boolean;
  readonly vaddr: number;
}

/** Registers of one device that lie in a region. */
export interface DeviceShare {
  readonly device: string;
  readonly path: string;
  readonly enabled: boolean;
  /** The part of its registers that lies in the region. */
  readonly range: AddrRange;
  /** Whether other registers of the device lie outside of the region. */
  readonly partial: boolean;
  /** The other enabled devices on these 4 KiB pages: nobody can have the one without the others. */
  readonly sharesPagesWith: readonly string[];
}

/** Who has which rights to one memory region, and at which addresses. */
export interface RegionAuthority {
  readonly region: string;
  /** Where it lies; absent for a region that lies in any RAM. */
  readonly range?: AddrRange;
  readonly sizeBytes?: number;
  readonly pageBytes: number;
  readonly isRam: boolean;
  readonly rights: readonly Right[];
  readonly devices: readonly DeviceShare[];
}

/** Who is told of an interrupt. */
export interface IrqAuthority {
  readonly irq: Intid;
  readonly trigger: IrqTrigger;
  readonly pd: string;
  readonly id: number;
  /** Who raises it, by the tree. */
  readonly devices: readonly string[];
}

/** Two domains that can notify or call each other. */
export interface ChannelAuthority {
  readonly from: string;
  readonly to: string;
  readonly notify: boolean;
  readonly call: boolean;
  readonly fromId: number;
  readonly toId: number;
}

/** What a description gives to whom. */
export interface Authority {
  readonly regions: readonly RegionAuthority[];
  readonly irqs: readonly IrqAuthority[];
  readonly channels: readonly ChannelAuthority[];
  /** Everything else that a protection domain is given: `smc`, capabilities, I/O ports, children. */
  readonly others: readonly { readonly pd: string; readonly what: string }[];
}

/** Reads the authority out of a description: nothing is checked, what is not there gives nothing. */
export function authorityOf(read: ReadDescription, options: CheckOptions = {}): Authority {
  const context = new CheckContext(read, options);
  return {
    regions: context.description.memoryRegions.map((region) => regionAuthority(region, context)),
    irqs: irqsOf(context),
    channels: channelsOf(context),
    others: othersOf(context),
  };
}

function ownerOf(space: AddressSpace): Owner {
  return space.kind === 'virtual machine'
    ? { name: space.name, monitor: space.pd.name }
    : { name: space.name };
}

function regionAuthority(region: MemoryRegion, context: CheckContext): RegionAuthority {
  const range = context.physicalRangeOf(region);
  const sizeBytes = context.sizeOf(region);
  const { inventory } = context;
  const ram = [...allRamOf(context.options.board), ...(context.options.tree?.ram ?? [])];
  return {
    region: region.name,
    ...(range === undefined ? {} : { range }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    pageBytes: context.pageBytesOf(region),
    isRam: range === undefined || ram.some((bank) => rangeIntersection(bank, range) !== undefined),
    rights: context.mapsOf(region).map(({ map, space }) => ({
      owner: ownerOf(space),
      perms: map.perms ?? SDF_DEFAULTS.perms,
      cached: map.cached ?? SDF_DEFAULTS.cached,
      vaddr: map.vaddr,
    })),
    devices: range === undefined || inventory === undefined ? [] : sharesOf(range, inventory),
  };
}

function sharesOf(region: AddrRange, inventory: Inventory): readonly DeviceShare[] {
  return [...inventory.tenants, ...inventory.disabled]
    .flatMap(({ device, range }) => {
      const part = rangeIntersection(range, region);
      if (part === undefined) return [];
      const share: DeviceShare = {
        device: deviceName(device),
        path: device.path,
        enabled: device.status.enabled,
        range: part,
        partial: !device.regs.every(({ cpu }) => cpu === undefined || covers(region, cpu)),
        sharesPagesWith: neighboursOf(device, part, inventory),
      };
      return [share];
    })
    .sort((a, b) => a.range.base - b.range.base || a.range.size - b.range.size);
}

const covers = (outer: AddrRange, inner: AddrRange): boolean =>
  rangeIntersection(outer, inner)?.size === inner.size;

/** The other devices on the pages of a part of somebody's registers. */
function neighboursOf(device: Device, part: AddrRange, inventory: Inventory): readonly string[] {
  const page = rangeAligned(part, SMALL_PAGE_BYTES);
  return inventory
    .devicesIn(page)
    .filter((other) => other !== device)
    .map(deviceName);
}

function irqsOf(context: CheckContext): readonly IrqAuthority[] {
  return context.pds.flatMap((pd) =>
    pd.irqs.flatMap((irq) => {
      if (irq.kind !== 'platform') return [];
      const sources = context.inventory?.irqs.get(irq.irq) ?? [];
      const devices = [...new Set(sources.map(({ device }) => deviceName(device)))];
      const trigger = irq.trigger ?? SDF_DEFAULTS.trigger;
      return [{ irq: irq.irq, trigger, pd: pd.name, id: irq.id, devices }];
    }),
  );
}

function channelsOf(context: CheckContext): readonly ChannelAuthority[] {
  return context.description.channels.flatMap(({ ends: [a, b] }) =>
    [
      { from: a, to: b },
      { from: b, to: a },
    ].map(({ from, to }) => ({
      from: from.pd,
      to: to.pd,
      notify: from.notify ?? SDF_DEFAULTS.notify,
      call: from.pp ?? SDF_DEFAULTS.pp,
      fromId: from.id,
      toId: to.id,
    })),
  );
}

function othersOf(context: CheckContext): Authority['others'] {
  return context.pds.flatMap((pd) =>
    [
      ...(pd.smc === true ? ['may make secure monitor calls'] : []),
      ...pd.children.map((child) => `may stop and restart its child ${child.name}`),
      ...(pd.virtualMachine === undefined ? [] : [`manages the virtual machine ${pd.virtualMachine.name}`]),
      ...pd.capMaps.map(
        ({ kind, pd: other }) => `has the ${kind.slice('cap_'.length).toUpperCase()} of ${other}`,
      ),
      ...pd.ioports.map(
        ({ addr, sizeBytes }) => `may use the I/O ports 0x${addr.toString(16)} and ${sizeBytes - 1} more`,
      ),
      ...pd.irqs.flatMap((irq) =>
        irq.kind === 'platform' ? [] : [`receives the interrupt of vector ${irq.vector}`],
      ),
    ].map((what) => ({ pd: pd.name, what })),
  );
}
