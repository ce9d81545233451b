/** Native drivers beside the guests: protection domains that own devices of their own. */
import type { DiagnosticSink } from '../base/index.ts';
import {
  classOfNodeName,
  DRIVER_CONNECTIONS_MAX,
  type NativeDriver,
  nativeDriverFor,
} from '../sharing/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import { planInterrupts } from './interrupts.ts';
import type { Holding } from './owners.ts';
import type { DevicePlan, DriverPlan, Provenance } from './plan.ts';
import { whyUnmappable } from './platform.ts';
import { planRegions } from './regions.ts';
import type { DriverRequest } from './request/index.ts';
import type { Unit } from './units.ts';
import { type Owned, selectUnits, type World } from './world.ts';

export interface SettledDriver extends Holding {
  readonly request: DriverRequest;
}

export interface SettledDrivers {
  readonly holdings: readonly SettledDriver[];
  /** What guests can't have because a driver has it. */
  readonly owned: Owned;
}

export function settleDrivers(
  world: World,
  requests: readonly DriverRequest[],
  sink: DiagnosticSink,
): SettledDrivers {
  const owned = new Map<Unit, string>();
  const holdings = requests.map((request): SettledDriver => {
    const given = new Map<Unit, Provenance>();
    const { name: owner } = request;
    for (const [unit, selector] of selectUnits(world, request.pass, request, sink)) {
      const { path } = unit;
      const at = request.places?.get(selector);
      const reason = unit.never ?? whyUnmappable(world.platform, unit.ranges);
      if (!unit.enabled) {
        sink.report(codes['device-disabled'].at(at, { selector, owner, path }));
      } else if (reason !== undefined) {
        sink.report(codes['cannot-pass'].at(at, { selector, owner, path, reason }));
      } else {
        given.set(unit, { selector });
        if (!owned.has(unit)) owned.set(unit, `the driver ${owner}`);
      }
    }
    return { owner, given, request };
  });
  return { holdings, owned };
}

/** Where a driver sees its first region; regions follow each other with room between. */
const FIRST_VADDR = 0x2000_0000;
const VADDR_ALIGNMENT = 0x20_0000;

export function planDrivers(
  world: World,
  drivers: SettledDrivers,
  sink: DiagnosticSink,
): readonly DriverPlan[] {
  return drivers.holdings.map(({ owner, given, request }) => {
    const units = new Set(given.keys());
    const others = drivers.holdings.filter((holding) => holding.owner !== owner);
    const regions = planRegions(
      world,
      {
        owner,
        given: units,
        mergeAllowed: false,
        forbidden: others.flatMap((other) => [...other.given.keys()].flatMap(({ ranges }) => ranges)),
        reasonOf: (unit) => ownerOf(others, unit) ?? 'it shares the page',
        keptOut: () => false,
        prefix: `${owner}_`,
      },
      sink,
    );
    let vaddr = FIRST_VADDR;
    const native = nativeDriverOf(given);
    return {
      name: owner,
      program: request.program ?? native?.image ?? `${owner}.elf`,
      priority: request.priority,
      ...(request.colours === undefined ? {} : { colours: request.colours }),
      ...(request.switchByte === undefined ? {} : { switchByte: request.switchByte }),
      ...(request.baud === undefined ? {} : { baud: request.baud }),
      class: request.class ?? native?.class ?? classOf(given),
      devices: devicePlans(given),
      regions: regions.map((region) => {
        const placed = { ...region, vaddr };
        vaddr += Math.ceil(region.size / VADDR_ALIGNMENT) * VADDR_ALIGNMENT;
        return placed;
      }),
      interrupts: planInterrupts(
        world,
        { owner, given: units, listed: true, reservedChannels: DRIVER_CONNECTIONS_MAX },
        sink,
      ),
    };
  });
}

function ownerOf(holdings: readonly Holding[], unit: Unit): string | undefined {
  const holding = holdings.find(({ given }) => given.has(unit));
  return holding === undefined ? undefined : `it belongs to the driver ${holding.owner}`;
}

export function devicePlans(given: ReadonlyMap<Unit, Provenance>): readonly DevicePlan[] {
  return [...given].map(([unit, why]) => ({
    path: unit.path,
    compatible: unit.compatible,
    why,
    ranges: unit.ranges,
    intids: unit.lines.map(({ intid }) => intid),
  }));
}

/** The driver that comes with drivervm for the first of the devices that there is one for. */
function nativeDriverOf(given: ReadonlyMap<Unit, Provenance>): NativeDriver | undefined {
  return [...given.keys()]
    .map(({ compatible }) => nativeDriverFor(compatible))
    .find((row) => row !== undefined);
}

function classOf(given: ReadonlyMap<Unit, Provenance>): DriverPlan['class'] {
  const classes = [...given.keys()].map(({ node }) => classOfNodeName(node.baseName));
  return classes.find((known) => known !== undefined) ?? 'other';
}
