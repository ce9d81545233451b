/** Rules on regions, checked against the board's tree. */
import {
  type AddrRange,
  mergeRanges,
  rangeContains,
  rangeIntersection,
  rangesOverlap,
  rangeWithout,
} from '../../../base/index.ts';
import type { Device } from '../../../devicetree/index.ts';
import type { MemoryRegion } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { boardCodes as codes } from './diagnostics.ts';
import { deviceName } from './inventory.ts';
import { deviceRegions, ownerName } from './ownership.ts';

function isSomething(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined) return;
  for (const { region, range } of deviceRegions(context)) {
    if (inventory.devicesIn(range).length > 0) continue;
    // A bus or a block of shared registers alone is something, too.
    if (inventory.board.devicesAt(range).length > 0) continue;
    if (inventory.pciWindows.some((window) => rangesOverlap(window, range))) continue;
    // Where nobody says where RAM is, what is mapped as RAM may be.
    const cached = context.mapsOf(region).some(({ map }) => map.cached !== false);
    if (cached && ramOf(context).length === 0) continue;
    const disabled = inventory.devicesIn(range, inventory.disabled).map(deviceName);
    const params = { region: region.name, range, disabled };
    context.sink.report(codes['region-of-nothing'].at(context.value(region, 'phys_addr'), params));
  }
}

/** RAM is what the tree says, or the board's table where the tree leaves it to the firmware. */
function ramOf(context: CheckContext): readonly AddrRange[] {
  const fromTree = context.options.tree?.ram ?? [];
  return fromTree.length > 0 ? fromTree : (context.options.board?.ram ?? []);
}

function devicesAreNotRam(context: CheckContext): void {
  if (context.inventory === undefined) return;
  const ram = ramOf(context);
  for (const region of context.description.memoryRegions) {
    const range = context.physicalRangeOf(region);
    const bank = range === undefined ? undefined : ram.find((candidate) => rangesOverlap(candidate, range));
    const maps = context.mapsOf(region);
    if (range === undefined || bank === undefined || maps.length === 0) continue;
    if (maps.some(({ map }) => map.cached !== false)) continue;
    const part = rangeIntersection(range, bank) ?? range;
    const space = maps[0] === undefined ? '' : ownerName(maps[0].space);
    const params = { region: region.name, part, space };
    context.sink.report(codes['region-over-ram'].at(context.value(region, 'phys_addr'), params));
  }
}

function gicStaysOut(context: CheckContext): void {
  const gic = context.inventory?.board.gic;
  // With a board, seL4's own frames have been reported.
  if (gic === undefined || context.options.board?.gic !== undefined) return;
  const frames: readonly (readonly [string, AddrRange | undefined])[] = [
    ["the GIC's distributor", gic.gicd],
    ["the GIC's CPU interface", gic.version === 2 ? gic.gicc : undefined],
    ["the GIC's list registers", gic.version === 2 ? gic.gich : undefined],
    ...gic.gicr.map((range) => ["the GIC's redistributors", range] as const),
  ];
  for (const { region, range } of deviceRegions(context)) {
    for (const [what, frame] of frames) {
      const part = frame === undefined ? undefined : rangeIntersection(range, frame);
      if (part === undefined) continue;
      const params = { region: region.name, part, what };
      context.sink.report(codes['region-over-gic'].at(context.value(region, 'phys_addr'), params));
    }
  }
}

/** A region that is called after a device, and gives away others. One called after a bus means to. */
function nameTellsAll(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined) return;
  for (const { region, range } of deviceRegions(context)) {
    const devices = inventory.devicesIn(range).filter((device) => !inventory.isGic(device));
    const own = devices.filter((device) => isCalledAfter(region.name, device));
    const others = devices.filter(
      (device) => !own.includes(device) && !own.some((it) => isWithin(device, it)),
    );
    const first = own[0];
    if (first === undefined || others.length === 0) continue;
    const params = { region: region.name, own: deviceName(first), others: others.map(deviceName) };
    context.sink.report(codes['co-tenants'].at(context.value(region, 'phys_addr'), params));
  }
}

/** Shorter pieces of names say too little: `ao`, `a53`. */
const TELLING_LENGTH = 3;

/** Whether a name of a person's choosing means this device: `uart`, `eth0` and `eMMCB` do. */
function isCalledAfter(name: string, device: Device): boolean {
  const chosen = name.toLowerCase().replace(/[^a-z]/g, '');
  if (chosen.length < TELLING_LENGTH || chosen === 'bus') return false;
  const words = [
    device.node.baseName,
    ...device.node.labels,
    ...device.compatible.flatMap((compatible) => compatible.split(/[,-]/).slice(1)),
  ].map((word) => word.toLowerCase().replace(/[^a-z]/g, ''));
  return words.some(
    (word) => word.length >= TELLING_LENGTH && (word.startsWith(chosen) || chosen.includes(word)),
  );
}

/** Whether a device stands below another in the tree, or above it. */
function isWithin(a: Device, b: Device): boolean {
  for (let node: Device['node'] | undefined = a.node; node !== undefined; node = node.parent) {
    if (node === b.node) return true;
  }
  for (let node: Device['node'] | undefined = b.node; node !== undefined; node = node.parent) {
    if (node === a.node) return true;
  }
  return false;
}

/** Whether anyone who maps a region may drive a device: a guest whose own tree is known to have it disabled does not. */
function isDriven(context: CheckContext, region: MemoryRegion, device: Device): boolean {
  const guests = context.options.guests ?? [];
  return context.mapsOf(region).some(({ space }) => {
    if (space.kind !== 'virtual machine') return true;
    const guest = guests.find(({ vm }) => vm === undefined || vm === space.name);
    const own = guest?.tree.devices.find(({ path }) => path === device.path);
    return guest === undefined || own?.status.enabled === true;
  });
}

function devicesAreWhole(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined || !context.isComplete('memory_region')) return;
  const regions = deviceRegions(context);
  const covered = mergeRanges(regions.map(({ range }) => range));
  for (const { device, range } of inventory.tenants) {
    if (inventory.isGic(device)) continue;
    const holder = regions.find((region) => rangesOverlap(region.range, range));
    if (holder === undefined || !isDriven(context, holder.region, device)) continue;
    let missing: readonly AddrRange[] = [range];
    for (const part of covered) missing = missing.flatMap((rest) => rangeWithout(rest, part));
    for (const part of missing) {
      const params = { device: deviceName(device), range, missing: part, region: holder.region.name };
      context.sink.report(codes['device-cut'].at(context.value(holder.region, 'size'), params));
    }
  }
}

function reservedStaysOut(context: CheckContext): void {
  const tree = context.options.tree;
  if (tree === undefined) return;
  const reserved = [
    ...tree.reserved
      .filter(({ enabled }) => enabled)
      .flatMap(({ path, regs, noMap }) =>
        regs.flatMap(({ cpu }) => (cpu === undefined ? [] : [{ name: path, range: cpu, noMap }])),
      ),
    ...tree.memreserve.map((range) => ({ name: 'the firmware (/memreserve/)', range, noMap: false })),
  ];
  for (const region of context.description.memoryRegions) {
    const range = context.physicalRangeOf(region);
    if (range === undefined) continue;
    for (const { name, range: taken, noMap } of reserved) {
      const part = rangeIntersection(range, taken);
      if (part === undefined) continue;
      const params = { region: region.name, part, reserved: name, noMap };
      context.sink.report(codes['reserved-memory'].at(context.value(region, 'phys_addr'), params));
    }
  }
}

function ramIsThere(context: CheckContext): void {
  const ram = context.options.tree?.ram ?? [];
  // The board's own table is checked elsewhere, and firmware fills the memory node in.
  if (ram.length === 0 || context.options.board?.ram !== undefined) return;
  for (const region of context.description.memoryRegions) {
    const range = context.physicalRangeOf(region);
    if (range === undefined || !ram.some((bank) => rangeContains(bank, range.base))) continue;
    let missing: readonly AddrRange[] = [range];
    for (const bank of ram) missing = missing.flatMap((rest) => rangeWithout(rest, bank));
    for (const part of missing) {
      const params = { region: region.name, part };
      context.sink.report(codes['ram-beyond'].at(context.value(region, 'size'), params));
    }
  }
}

export const TREE_REGION_RULES: readonly Rule[] = [
  isSomething,
  devicesAreNotRam,
  gicStaysOut,
  nameTellsAll,
  devicesAreWhole,
  reservedStaysOut,
  ramIsThere,
];
