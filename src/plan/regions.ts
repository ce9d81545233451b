/** Regions: the memory regions of one owner, named, with the devices in them and those that their pages drag in. */
import {
  type AddrRange,
  type DiagnosticSink,
  GIB,
  hex,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../base/index.ts';
import type { PciWindow } from '../devicetree/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import { type Grant, type PageRun, pagesFor } from './pages.ts';
import type { CoTenant, GicPlan, RegionPlan } from './plan.ts';
import { whyUnmappable } from './platform.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

export interface RegionRequest {
  readonly owner: string;
  readonly given: ReadonlySet<Unit>;
  /** Whether whole buses may be given, as `pass: all` allows. */
  readonly mergeAllowed: boolean;
  /** What no page may cover beyond what was given: others' registers and what the request keeps out. */
  readonly forbidden: readonly AddrRange[];
  /** Why a unit is not given. */
  readonly reasonOf: (unit: Unit) => string;
  /** Whether a unit was kept out by name, so that its being dragged in is worth a warning. */
  readonly keptOut: (unit: Unit) => boolean;
  /** Puts an owner's name before every region's, where there are several owners. */
  readonly prefix: string;
}

/** A window larger than this is not mapped: its pages would fill seL4's tables for registers nobody has. */
const PCI_WINDOW_LIMIT = GIB;

/** The PCI windows of a unit that can be mapped. */
export function mappableWindows(world: World, unit: Unit): readonly PciWindow[] {
  return unit.pciWindows.filter(
    (window) =>
      window.size <= PCI_WINDOW_LIMIT &&
      whyUnmappable(world.platform, [window]) === undefined &&
      !world.platform.ram.some((ram) => rangesOverlap(ram, window)),
  );
}

export function planRegions(
  world: World,
  request: RegionRequest,
  sink: DiagnosticSink,
): readonly RegionPlan[] {
  const grants: Grant[] = [...request.given].flatMap((unit) =>
    [...unit.ranges, ...mappableWindows(world, unit)].map((range) => ({ device: unit.path, range })),
  );
  const runs = pagesFor(grants, {
    mergeAllowed: request.mergeAllowed,
    buses: world.units.all.filter((unit) => request.given.has(unit)).flatMap(({ busWindow }) => busWindow),
    forbidden: [...request.forbidden, ...world.platform.ram, ...world.platform.reserved],
    windows: world.platform.deviceWindows,
  });
  const taken = new Set<string>();
  return runs.map((run) => {
    const devices = [
      ...new Set(grants.filter(({ range }) => rangesOverlap(range, run)).map(({ device }) => device)),
    ];
    const coTenants = coTenantsOf(world, request, run, sink);
    const alone = devices.length === 1 && !coTenants.some(({ reason }) => reason !== NOT_ENABLED);
    return {
      name: uniqueName(request.prefix + regionName(run, alone ? devices[0] : undefined), taken),
      base: run.base,
      size: run.size,
      guestAddr: run.base,
      pageSizeBytes: run.pageSizeBytes,
      devices,
      coTenants,
    };
  });
}

/** The hardware's virtual CPU interface, where the guest's tree says its CPU interface is. */
export function gicRegion(gic: GicPlan): readonly RegionPlan[] {
  const frame = gic.virtualCpuInterface;
  if (frame === undefined) return [];
  return [
    {
      name: 'gic_vcpu',
      base: frame.physAddr,
      size: SMALL_PAGE_BYTES,
      guestAddr: frame.guestAddr,
      pageSizeBytes: SMALL_PAGE_BYTES,
      devices: [gic.path],
      coTenants: [],
    },
  ];
}

function coTenantsOf(
  world: World,
  request: RegionRequest,
  run: PageRun,
  sink: DiagnosticSink,
): readonly CoTenant[] {
  const tenants: CoTenant[] = [];
  for (const unit of world.units.all) {
    if (request.given.has(unit) || !unit.ranges.some((range) => rangesOverlap(range, run))) continue;
    tenants.push({ path: unit.path, reason: request.reasonOf(unit) });
    if (request.keptOut(unit)) {
      sink.report(
        codes['page-tenant'].at(undefined, { owner: request.owner, path: unit.path, region: run.base }),
      );
    }
  }
  return tenants;
}

/** `ethernet_ff3f0000` for a device alone in its pages, `bus_ff600000` for several. */
function regionName(run: PageRun, only: string | undefined): string {
  const kind = only === undefined ? 'bus' : baseNameOf(only);
  return `${kind}_${hex(run.base).slice(2)}`;
}

/** The reason for co-tenants that the board does not wire up. */
export const NOT_ENABLED = 'not enabled on this board';

const OWN_NAME_LIMIT = 24;

function baseNameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/@.*$/, '');
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, OWN_NAME_LIMIT);
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let count = 2; taken.has(unique); count += 1) unique = `${name}_${count}`;
  taken.add(unique);
  return unique;
}
