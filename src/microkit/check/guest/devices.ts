/** Rules on the guest's devices: mapped, their interrupts received, their providers there. */
import { type AddrRange, FIRST_SPI, mergeRanges, rangeIntersection } from '../../../base/index.ts';
import { type Board, type Device, ownerIn, pathIn, statusIn } from '../../../devicetree/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import { deviceName } from '../tree/inventory.ts';
import { guestCodes as codes } from './diagnostics.ts';
import type { GuestView } from './view.ts';

export function devicesAreMapped(view: GuestView): void {
  for (const device of view.realDevices()) {
    const missing = mergeRanges(
      view.inventory.tenants
        .filter((tenant) => tenant.device === device && tenant.range.base !== view.servedPage(device)?.base)
        .flatMap(({ range }) => view.missingOf(range)),
    );
    for (const part of missing) {
      const params = { vm: view.vm, device: device.path, missing: part };
      view.context.sink.report(codes['device-unmapped'].at(view.positionOf(device.node, 'reg'), params));
    }
  }
}

/** Whether all of a device's registers are there: one that is missing has been reported, and its driver fails anyway. */
function isMapped(view: GuestView, device: Device): boolean {
  const own = view.inventory.tenants.filter((tenant) => tenant.device === device);
  return own.length > 0 && own.every(({ range }) => view.missingOf(range).length === 0);
}

export function irqsAreReceived(view: GuestView): void {
  const { pd } = view.monitor;
  const received = new Map(
    pd.irqs.flatMap((irq) => (irq.kind === 'platform' ? [[irq.irq, irq] as const] : [])),
  );
  for (const device of view.realDevices()) {
    if (!isMapped(view, device) || view.servedPage(device) !== undefined) continue;
    for (const interrupt of device.interrupts) {
      if (interrupt.reach === 'none' || interrupt.reach === 'cascaded') continue;
      const lines = interrupt.gic.filter(({ intid }) => intid >= FIRST_SPI);
      const position = view.positionOf(device.node, interrupt.property);
      const missing = lines.filter(({ intid }) => !received.has(intid));
      const trigger = missing[0]?.trigger;
      if (trigger !== undefined) {
        const intids = missing.map(({ intid }) => intid);
        const params = { vm: view.vm, device: device.path, intids, trigger };
        view.context.sink.report(codes['irq-unregistered'].at(position, params));
      }
      if (interrupt.reach !== 'direct') continue;
      for (const line of lines) {
        const irq = received.get(line.intid);
        const described = irq?.trigger ?? SDF_DEFAULTS.trigger;
        if (irq === undefined || line.sense === 'unspecified' || described === line.trigger) continue;
        const params = { irq: line.intid, device: deviceName(device), described, tree: line.trigger };
        const where = view.context.value(irq, 'trigger');
        const fix = view.context.fix(irq, 'trigger', line.trigger);
        view.context.sink.report(codes['irq-trigger'].at(where, params, undefined, fix));
      }
    }
  }
}

/** What the monitor emulates must fault. */
export function virtioIsUnmapped(view: GuestView): void {
  for (const { device, range } of view.inventory.tenants) {
    if (!view.isEmulated(device)) continue;
    for (const { map, region, range: mapped } of view.mapsOver(range)) {
      const part: AddrRange = rangeIntersection(mapped, range) ?? range;
      const params = { vm: view.vm, device: deviceName(device), region: region.name, part };
      view.context.sink.report(codes['virtio-mapped'].at(view.context.value(map, 'vaddr'), params));
    }
  }
}

/** A guest that serves a device speaks to the virtualiser by writes that its monitor sees. */
export function servedPagesFault(view: GuestView): void {
  for (const device of view.realDevices()) {
    const page = view.servedPage(device);
    for (const { map, region } of page === undefined ? [] : view.mapsOver(page)) {
      const params = { vm: view.vm, device: deviceName(device), region: region.name, base: page?.base ?? 0 };
      view.context.sink.report(codes['served-page-mapped'].at(view.context.value(map, 'vaddr'), params));
    }
  }
}

export function phandlesLead(view: GuestView): void {
  for (const { node, path, status } of view.tree.devices) {
    if (!status.enabled) continue;
    for (const { property, phandle, problem } of view.tree.referencesOf(node)) {
      if (problem !== 'no-such-node') continue;
      const params = { device: path, property, phandle };
      view.context.sink.report(codes['stale-phandle'].at(view.positionOf(node, property), params));
    }
  }
}

/**
 * Only of devices that are passed: the others have no registers to begin with. And only beside the board's own tree: a provider that the
 * board does not have enabled either is nothing that the guest lost.
 */
export function providersAreEnabled(view: GuestView): void {
  const { tree: board } = view.context.options;
  if (board === undefined) return;
  for (const device of view.realDevices()) {
    if (!isMapped(view, device)) continue;
    // A property can name several outputs of one provider.
    const reported = new Set<string>();
    for (const { property, target, waits } of device.dependencies) {
      if (target === undefined || waits !== 'required') continue;
      const owner = ownerIn(view.tree.index, target) ?? target;
      if (statusIn(view.tree.index, owner).enabled) continue;
      const provider = pathIn(view.tree.index, owner);
      if (!enabledOn(board, provider) || reported.has(`${property} ${provider}`)) continue;
      reported.add(`${property} ${provider}`);
      const position = view.positionOf(device.node, property);
      view.context.sink.report(
        codes['provider-disabled'].at(position, { device: device.path, property, provider }),
      );
    }
  }
}

function enabledOn(board: Board, path: string): boolean {
  const device = board.devices.find((candidate) => candidate.path === path);
  return device === undefined || device.status.enabled;
}
