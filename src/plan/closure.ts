/**
 * A guest that names its devices: what they depend on comes in, with the way each one came, and what would only wait is
 * left out again.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import { whyDriverless } from './driverless.ts';
import { isCut, outcomeOf, ruleOf, waitsFor } from './outcome.ts';
import type { Provenance } from './plan.ts';
import type { GuestRequest } from './request/index.ts';
import { foundByDriver } from './unconditional-access.ts';
import type { Unit } from './units.ts';
import { selectUnits, type World } from './world.ts';

export type Given = Map<Unit, Provenance>;
/** Why a unit can't be given, or `undefined` where it can. */
export type WhyOut = (unit: Unit) => string | undefined;

/**
 * What was named, with everything below it, everything above it, and everything that all of those depend on. What only
 * came in for something else, and would itself wait without end, is left out again: then its user does without it, or is
 * the one that waits.
 */
export function takeSelected(
  world: World,
  request: GuestRequest,
  compatibles: ReadonlySet<string> | undefined,
  whyOut: WhyOut,
  leftOut: Map<Unit, string>,
  sink: DiagnosticSink,
): Given {
  const roots = rootsOf(world, request, request.pass === 'all' ? [] : request.pass, whyOut, sink);
  const stuck = driverless(world, request, compatibles, roots, whyOut);
  const reason = (unit: Unit) => whyOut(unit) ?? stuck.get(unit);
  const above = unitsAbove(roots.keys());
  for (;;) {
    leftOut.clear();
    const given = closureOf(world, request, roots, reason, leftOut);
    const before = stuck.size;
    for (const unit of given.keys()) {
      if (roots.has(unit) || above.has(unit)) continue;
      const missing = waitsFor(world, request, given, unit);
      if (missing !== undefined) stuck.set(unit, missing);
    }
    if (stuck.size === before) return given;
  }
}

/**
 * What came in for the console alone and has no driver in the kernel or its ramdisk: nobody could load one before the
 * console speaks. For other devices a module may still come from elsewhere. What somebody could not do without stays.
 */
function driverless(
  world: World,
  request: GuestRequest,
  compatibles: ReadonlySet<string> | undefined,
  roots: ReadonlyMap<Unit, Provenance>,
  whyOut: WhyOut,
): Map<Unit, string> {
  const found = new Map<Unit, string>();
  const { stdout } = world.board;
  const console = stdout === undefined ? undefined : world.units.of(stdout.node);
  if (compatibles === undefined || console === undefined || !roots.has(console)) return found;
  const others = new Map([...roots].filter(([unit]) => unit !== console));
  const forOthers = closureOf(world, request, others, whyOut, new Map());
  const all = closureOf(world, request, roots, whyOut, new Map());
  const above = unitsAbove(all.keys());
  for (const unit of all.keys()) {
    if (roots.has(unit) || forOthers.has(unit) || above.has(unit)) continue;
    const why = whyDriverless(unit, compatibles);
    if (why !== undefined) found.set(unit, why);
  }
  const references = [...all.keys()].flatMap((unit) => world.references.from(unit));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const rest = new Map([...all].filter(([unit]) => !found.has(unit)));
    for (const reference of references) {
      const { from, to } = reference;
      if (to === undefined || found.has(from) || !found.has(to)) continue;
      if (outcomeOf(world, request, rest, reference) === 'missing') found.delete(to);
    }
  }
  return found;
}

/** Every unit that stands above one of these. */
function unitsAbove(units: Iterable<Unit>): ReadonlySet<Unit> {
  const above = new Set<Unit>();
  for (const unit of units) {
    for (let at = unit.parent; at !== undefined && !above.has(at); at = at.parent) above.add(at);
  }
  return above;
}

/** The units that selectors name, and those below them. */
function rootsOf(
  world: World,
  request: GuestRequest,
  selectors: readonly string[],
  whyOut: WhyOut,
  sink: DiagnosticSink,
): ReadonlyMap<Unit, Provenance> {
  const roots = new Map<Unit, Provenance>();
  for (const [unit, selector] of selectUnits(world, selectors, request, sink)) {
    const reason = unit.enabled ? whyOut(unit) : undefined;
    const at = request.places?.get(selector);
    if (!unit.enabled) {
      const { path } = unit;
      sink.report(codes['device-disabled'].at(at, { selector, owner: request.name, path }));
    } else if (reason !== undefined) {
      const { path } = unit;
      sink.report(codes['cannot-pass'].at(at, { selector, owner: request.name, path, reason }));
    } else {
      roots.set(unit, { selector });
      for (const below of world.units.below(unit)) {
        if (!below.enabled || whyOut(below) !== undefined || roots.has(below)) continue;
        roots.set(below, { via: { device: unit.path, property: 'child' } });
      }
    }
  }
  return roots;
}

function closureOf(
  world: World,
  request: GuestRequest,
  roots: ReadonlyMap<Unit, Provenance>,
  whyOut: WhyOut,
  leftOut: Map<Unit, string>,
): Given {
  const given: Given = new Map();
  const pending: (readonly [Unit, Provenance])[] = [...roots];
  for (let at = 0; at < pending.length; at += 1) {
    const [unit, provenance] = pending[at] as readonly [Unit, Provenance];
    if (given.has(unit)) continue;
    const reason = whyOut(unit);
    if (reason !== undefined) {
      leftOut.set(unit, reason);
      continue;
    }
    given.set(unit, provenance);
    if (unit.parent !== undefined) {
      pending.push([unit.parent, { via: { device: unit.path, property: 'parent' } }]);
    }
    for (const reference of world.references.from(unit)) {
      const { to, property } = reference;
      if (to === undefined || !to.enabled || !ruleOf(world, reference).follow) continue;
      if (isCut(world, request, reference)) continue;
      pending.push([to, { via: { device: unit.path, property } }]);
    }
    const sought = foundByDriver(unit.compatible);
    for (const found of sought === undefined ? [] : world.units.all) {
      if (!found.enabled || !found.compatible.includes(sought ?? '')) continue;
      pending.push([found, { via: { device: unit.path, property: 'its driver looks for it' } }]);
    }
  }
  return given;
}
