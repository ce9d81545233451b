/** Rules on what the monitor stands in for: the interrupt controller, PSCI, and the CPUs. */
import { type AddrRange, rangeIntersection } from '../../../base/index.ts';
import { type DtNode, isEnabledIn, stringProperty, stringsProperty } from '../../../devicetree/index.ts';
import { guestCodes as codes } from './diagnostics.ts';
import type { GuestView } from './view.ts';

function cpuNodes(view: GuestView): readonly DtNode[] {
  const cpus = view.tree.tree.root.children.get('cpus');
  if (cpus === undefined) return [];
  return [...cpus.children.values()].filter(
    (node) => stringProperty(node, 'device_type') === 'cpu' && isEnabledIn(view.tree.index, node),
  );
}

export function psciIsCalledRightly(view: GuestView): void {
  const psci = view.tree.index.nodes.find((node) =>
    (stringsProperty(node, 'compatible') ?? []).some((compatible) => compatible.startsWith('arm,psci')),
  );
  if (psci !== undefined) {
    const method = stringProperty(psci, 'method');
    if (method === 'smc') return;
    view.context.sink.report(
      codes['psci-method'].at(view.positionOf(psci, 'method'), { method: method ?? '' }),
    );
    return;
  }
  const cpu = cpuNodes(view).find((node) => stringProperty(node, 'enable-method') === 'psci');
  if (cpu === undefined) return;
  view.context.sink.report(
    codes['psci-method'].at(view.positionOf(cpu, 'enable-method'), { method: undefined }),
  );
}

export function cpusAreThere(view: GuestView): void {
  const cpus = cpuNodes(view);
  const vcpus = view.monitor.vm.vcpus.length;
  const extra = cpus[vcpus];
  if (extra === undefined || vcpus === 0) return;
  const params = { vm: view.vm, cpus: cpus.length, vcpus };
  view.context.sink.report(codes['too-many-cpus'].at(view.positionOf(extra), params));
}

/** The guest's interrupt controller is where the board has it: libvmm has the addresses compiled in. */
export function gicIsInPlace(view: GuestView): void {
  const { gic } = view.tree;
  const { sink, options } = view.context;
  if (view.context.arch !== 'aarch64') return;
  if (gic === undefined) {
    sink.report(codes['gic-missing'].at(view.positionOf(view.tree.tree.root), { vm: view.vm }));
    return;
  }
  const board: GicPlaces | undefined = options.board?.gic ?? boardGic(view);
  const where =
    options.board === undefined ? "the board's tree has it at" : `on ${options.board.name} it is at`;
  const pairs: readonly (readonly [string, number | undefined, number | undefined])[] = [
    ["the GIC's distributor", gic.gicd?.base, board?.distributor.base],
    ["the GIC's CPU interface", board?.version === 2 ? gic.gicc?.base : undefined, board?.cpuInterface?.base],
    ["the GIC's redistributors", gic.gicr[0]?.base, board?.redistributors?.base],
  ];
  for (const [what, found, expected] of pairs) {
    if (found === undefined || expected === undefined || found === expected) continue;
    sink.report(codes['gic-address'].at(view.positionOf(gic.node, 'reg'), { what, found, expected, where }));
  }
}

interface GicPlaces {
  readonly version: 2 | 3;
  readonly distributor: AddrRange;
  readonly cpuInterface?: AddrRange;
  readonly redistributors?: AddrRange;
}

function boardGic(view: GuestView): GicPlaces | undefined {
  const gic = view.context.options.tree?.gic;
  if (gic?.gicd === undefined) return undefined;
  const [redistributors] = gic.gicr;
  return {
    version: gic.version,
    distributor: gic.gicd,
    ...(gic.gicc === undefined ? {} : { cpuInterface: gic.gicc }),
    ...(redistributors === undefined ? {} : { redistributors }),
  };
}

/** The monitor sees an access to the distributor only where nothing is mapped. */
export function gicIsUnmapped(view: GuestView): void {
  const { gic } = view.tree;
  if (gic === undefined) return;
  const frames: readonly (readonly [string, AddrRange | undefined])[] = [
    ["the GIC's distributor", gic.gicd],
    ...gic.gicr.map((range) => ["the GIC's redistributors", range] as const),
  ];
  for (const [what, frame] of frames) {
    for (const { map, region, range } of frame === undefined ? [] : view.mapsOver(frame)) {
      const part = frame === undefined ? undefined : rangeIntersection(range, frame);
      if (part === undefined) continue;
      const params = { vm: view.vm, region: region.name, what, part };
      view.context.sink.report(codes['gic-mapped'].at(view.context.value(map, 'vaddr'), params));
    }
  }
}

/** On a GICv2 the guest's CPU interface is a frame that must lead to GICV; with a board this is checked without a tree. */
export function gicvIsMapped(view: GuestView): void {
  const [guest, board] = [view.tree.gic, view.context.options.tree?.gic];
  if (view.context.options.board !== undefined || guest?.version !== 2 || guest.gicc === undefined) return;
  const gicv = board?.gicv;
  if (gicv === undefined) return;
  const { base } = guest.gicc;
  const leadsThere = view.maps.some(
    ({ map, region }) => region.physAddr !== undefined && base - map.vaddr === gicv.base - region.physAddr,
  );
  if (leadsThere) return;
  const params = { vm: view.vm, physical: gicv.base, guest: base };
  view.context.sink.report(codes['gicv-unmapped'].at(view.context.element(view.monitor.vm), params));
}
