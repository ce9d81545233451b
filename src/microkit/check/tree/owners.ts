/** Rules on owners: one for each page, and the interrupt where the registers are. */
import { type AddrRange, rangeCovers, rangesOverlap } from '../../../base/index.ts';
import type { Device } from '../../../devicetree/index.ts';
import type { ProtectionDomain } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { formatRange } from '../text.ts';
import { boardCodes as codes } from './diagnostics.ts';
import { deviceName, type Inventory } from './inventory.ts';
import { deviceRegions, type OwnedRegion, ownerName } from './ownership.ts';

/** A monitor and its guest are one owner: the monitor may look at what it has given away. */
function pageHasOneOwner(context: CheckContext): void {
  for (const { region, range, spaces } of deviceRegions(context)) {
    if (isGicv(context, range)) continue;
    const [first, ...others] = spaces;
    const second = others.find((space) => space.pd !== first?.pd);
    if (first === undefined || second === undefined) continue;
    const maps = context.mapsOf(region);
    const firstMap = maps.find(({ space }) => space === first)?.map;
    const map = maps.find(({ space }) => space === second)?.map;
    if (firstMap === undefined || map === undefined) continue;
    const what = whatIsIn(context.inventory, { region, range, spaces });
    const params = {
      what,
      first: ownerName(first),
      second: ownerName(second),
      where: context.onLine(firstMap),
    };
    context.sink.report(codes['two-owners'].at(context.element(map), params));
  }
}

/** Every guest has the GICV frame: the hardware keeps one of it for each CPU, and seL4 switches it with the vCPU. */
function isGicv({ options, inventory }: CheckContext, range: AddrRange): boolean {
  const gic = options.board?.gic;
  const frames = [gic?.version === 2 ? gic.virtualCpuInterface : undefined, inventory?.board.gic?.gicv];
  return frames.some((frame) => frame !== undefined && rangeCovers(frame, range));
}

function whatIsIn(inventory: Inventory | undefined, { region, range }: OwnedRegion): string {
  const devices = inventory?.devicesIn(range).map(deviceName) ?? [];
  const [first, ...others] = devices;
  if (first === undefined) return `${region.name} (${formatRange(range)})`;
  return others.length === 0 ? first : `${first} and ${others.length} more in ${region.name}`;
}

/** The protection domains that have a device's registers, their own or their guest's. */
function ownersOf(
  device: Device,
  inventory: Inventory,
  regions: readonly OwnedRegion[],
): ReadonlySet<ProtectionDomain> {
  const owners = new Set<ProtectionDomain>();
  for (const { device: tenant, range } of inventory.tenants) {
    if (tenant !== device) continue;
    for (const region of regions) {
      if (rangesOverlap(region.range, range)) for (const { pd } of region.spaces) owners.add(pd);
    }
  }
  return owners;
}

function irqFollowsRegisters(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined || !context.isComplete('memory_region', 'map')) return;
  const regions = deviceRegions(context);
  const known = new Map<Device, ReadonlySet<ProtectionDomain>>();
  for (const pd of context.pds) {
    for (const irq of pd.irqs) {
      if (irq.kind !== 'platform') continue;
      const told = inventory.sourceOf(irq.irq);
      // Several devices may have one line, such as a router that could hand it out and the device behind: any will do.
      const alike = (inventory.irqs.get(irq.irq) ?? []).filter(
        ({ device, interrupt }) => device.status.enabled && interrupt.reach === 'direct',
      );
      for (const { device } of alike) {
        if (!known.has(device)) known.set(device, ownersOf(device, inventory, regions));
      }
      const source = alike.find(({ device }) => known.get(device)?.has(pd)) ?? told;
      if (source?.interrupt.reach !== 'direct') continue;
      const owners = known.get(source.device) ?? ownersOf(source.device, inventory, regions);
      const owner = [...owners][0];
      const registers = inventory.tenants.find(({ device }) => device === source.device);
      // A controller's lines serve the devices behind it, and firmware may be all that touches its registers (TI SCI).
      const isController = source.device.node.properties.has('interrupt-controller');
      if (owner === undefined && registers !== undefined && !isController) {
        const { device, range } = registers;
        const facts = { irq: irq.irq, device: deviceName(device), pd: pd.name, range };
        context.sink.report(codes['irq-without-registers'].at(context.value(irq, 'irq'), facts));
      }
      if (owner === undefined || owners.has(pd)) continue;
      const params = {
        irq: irq.irq,
        device: deviceName(source.device),
        pd: pd.name,
        owner: owner.name,
      };
      context.sink.report(codes['irq-elsewhere'].at(context.value(irq, 'irq'), params));
    }
  }
}

export const OWNER_RULES: readonly Rule[] = [pageHasOneOwner, irqFollowsRegisters];
