/**
 * Scope: which units a guest is given, from its wish: selection, what is kept out and why, and the closure over
 * dependencies with the way each one came in. Ownership among guests and drivers is settled from the outside.
 */
import { DiagnosticSink } from '../base/index.ts';
import type { Board, ReferenceKind } from '../devicetree/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import { whyDriverless } from './driverless.ts';
import { FIRMWARE_WAYS, type FirmwareWay, firmwareCallerOf, whyNoFirmware } from './firmware.ts';
import { type Grounds, whyUnmappable } from './grounds.ts';
import { isCut, outcomeOf, rateOf, ruleOf } from './outcome.ts';
import type { Provenance } from './plan.ts';
import type { Reference, References } from './references.ts';
import type { GuestRequest } from './request/index.ts';
import { select } from './selectors.ts';
import { foundByDriver, touchedUnasked } from './unasked.ts';
import type { Unit, Units } from './units.ts';

/** The board in the forms that planning looks things up in. */
export interface World {
  readonly board: Board;
  readonly units: Units;
  readonly references: References;
  readonly grounds: Grounds;
}

export interface Scope {
  readonly request: GuestRequest;
  /** Parents before children. */
  readonly given: ReadonlyMap<Unit, Provenance>;
  /** Units that were asked for, or that something given needs, and that are not given. */
  readonly leftOut: ReadonlyMap<Unit, string>;
  readonly forwardsSmc: boolean;
}

/** Units that somebody else owns, by the owner's name. */
export type Owned = ReadonlyMap<Unit, string>;

/** Whom a selection is for, in diagnostics. */
export type Selecting = Pick<GuestRequest, 'name' | 'places'>;

export function selectUnits(
  world: World,
  selectors: readonly string[],
  { name: owner, places }: Selecting,
  sink: DiagnosticSink,
): ReadonlyMap<Unit, string> {
  const found = new Map<Unit, string>();
  for (const selector of selectors) {
    const { devices, meant } = select(world.board, selector);
    if (devices.length === 0) {
      sink.report(
        codes['no-such-device'].at(places?.get(selector), {
          selector,
          owner,
          meant,
          noLabels: selector.startsWith('&') && world.board.labels.size === 0,
        }),
      );
      continue;
    }
    const units = devices.flatMap(({ node }) => world.units.of(node) ?? []);
    for (const unit of units) if (!found.has(unit)) found.set(unit, selector);
  }
  return found;
}

/** What a guest's scope depends on besides its wish. */
export interface Circumstances {
  readonly owned: Owned;
  /** As in `PayloadFacts`. */
  readonly compatibles: ReadonlySet<string> | undefined;
}

/** Settles a guest's scope. With `firmware: auto`, it is given a way to firmware that something given can't do without. */
export function settleScope(
  world: World,
  request: GuestRequest,
  circumstances: Circumstances,
  sink: DiagnosticSink,
): Scope {
  if (request.firmware !== 'auto') {
    const ways = request.firmware === 'forward' ? FIRMWARE_WAYS : [];
    return {
      ...settle(world, request, circumstances, ways, sink),
      forwardsSmc: request.firmware === 'forward',
    };
  }
  const probe = settle(world, request, circumstances, FIRMWARE_WAYS, new DiagnosticSink());
  const ways = FIRMWARE_WAYS.filter((way) => needsFirmware(world, probe, way));
  return { ...settle(world, request, circumstances, ways, sink), forwardsSmc: ways.includes('sip') };
}

/** What a device can't do without where firmware provides it. */
const ESSENTIAL_KINDS: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'clock',
  'power-domain',
  'mailbox',
  'phy',
]);

/**
 * Whether something given takes its clocks, its power or the like from a unit whose driver needs the firmware, and can't
 * do without. A co-processor's mailbox is also given to whoever asks for it, by name or with everything.
 */
function needsFirmware(world: World, { request, given }: SettledScope, way: FirmwareWay): boolean {
  const isCaller = (unit: Unit | undefined) => {
    for (let at = unit; at !== undefined; at = at.parent) {
      if (given.has(at) && firmwareCallerOf(at.compatible)?.owner === way) return true;
    }
    return false;
  };
  for (const [unit, { selector }] of given) {
    if (isCaller(unit)) {
      if (way === 'mailbox' && selector !== undefined) return true;
      continue;
    }
    for (const reference of world.references.from(unit)) {
      if (!ESSENTIAL_KINDS.has(reference.kind) || !isCaller(reference.to)) continue;
      if (!isCut(world, request, reference) && !isDispensable(world, request, reference)) return true;
    }
  }
  return false;
}

/** A clock whose rate is known can be a fixed one; the board's console is on, since the firmware speaks on it. */
function isDispensable(world: World, request: GuestRequest, reference: Reference): boolean {
  const { kind, from } = reference;
  if (kind === 'clock') return rateOf(world, request, reference) !== undefined;
  return kind === 'power-domain' && from.node === world.board.stdout?.node;
}

type SettledScope = Omit<Scope, 'forwardsSmc'>;

function settle(
  world: World,
  request: GuestRequest,
  { owned, compatibles }: Circumstances,
  ways: readonly FirmwareWay[],
  sink: DiagnosticSink,
): SettledScope {
  const chosen = selectUnits(world, request.except, request, sink).keys();
  const excepted = new Set([...chosen].flatMap((unit) => [unit, ...world.units.below(unit)]));
  const leftOut = new Map<Unit, string>();
  // Parents come before children, so that what is above has been judged.
  const judged = new Map<Unit, string | undefined>();
  for (const unit of world.units.all) {
    const above = unit.parent === undefined ? undefined : judged.get(unit.parent);
    judged.set(
      unit,
      above === undefined || unit.parent === undefined
        ? whyOutItself(world, unit, excepted, owned, ways)
        : partOf(unit.parent.path, above),
    );
  }
  const whyOut = (unit: Unit): string | undefined => judged.get(unit);
  const given =
    request.pass === 'all'
      ? takeAll(world, request, whyOut, leftOut)
      : takeSelected(world, request, compatibles, whyOut, leftOut, sink);
  return { request, given: inTreeOrder(world, given), leftOut };
}

/** The reason of the topmost unit that is out, however far above it is. */
function partOf(path: string, reason: string): string {
  return reason.startsWith(PART) ? reason : `${PART}${path}: ${reason}`;
}

const PART = 'it is part of ';

function whyOutItself(
  world: World,
  unit: Unit,
  excepted: ReadonlySet<Unit>,
  owned: Owned,
  ways: readonly FirmwareWay[],
): string | undefined {
  if (unit.never !== undefined) return unit.never;
  if (excepted.has(unit)) return 'the request keeps it out';
  const owner = owned.get(unit);
  if (owner !== undefined) return `it belongs to ${owner}`;
  const caller = firmwareCallerOf(unit.compatible);
  const noFirmware = caller === undefined ? undefined : whyNoFirmware(caller, ways);
  return noFirmware ?? whyUnmappable(world.grounds, unit.ranges);
}

type Given = Map<Unit, Provenance>;
type WhyOut = (unit: Unit) => string | undefined;

/** Everything enabled; then, until nothing changes, less what would wait without end for something not given. */
function takeAll(world: World, request: GuestRequest, whyOut: WhyOut, leftOut: Map<Unit, string>): Given {
  const given: Given = new Map();
  for (const unit of world.units.all) {
    if (!unit.enabled) continue;
    const reason = whyOut(unit);
    if (reason === undefined) given.set(unit, { selector: 'all' });
    else leftOut.set(unit, reason);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const unit of [...given.keys()]) {
      const missing = waitsFor(world, request, given, unit);
      const above = unit.parent?.enabled === true && !given.has(unit.parent);
      if (missing === undefined && !above) continue;
      const reason = missing ?? `it is part of ${unit.parent?.path}, which is not passed`;
      given.delete(unit);
      leftOut.set(unit, reason);
      changed = true;
    }
  }
  return given;
}

function waitsFor(world: World, request: GuestRequest, given: Given, unit: Unit): string | undefined {
  const missing = world.references
    .from(unit)
    .find((reference) => outcomeOf(world, request, given, reference) === 'missing');
  return missing === undefined
    ? undefined
    : `it needs ${missing.to?.path ?? missing.target.path} (${missing.property}), which is not passed`;
}

/**
 * What was named, with everything below it, everything above it, and everything that all of those depend on. What only
 * came in for something else, and would itself wait without end, is left out again: then its user does without it, or is
 * the one that waits.
 */
function takeSelected(
  world: World,
  request: GuestRequest,
  compatibles: Circumstances['compatibles'],
  whyOut: WhyOut,
  leftOut: Map<Unit, string>,
  sink: DiagnosticSink,
): Given {
  const roots = rootsOf(world, request, request.pass === 'all' ? [] : request.pass, whyOut, sink);
  const stuck = driverless(world, request, compatibles, roots, whyOut);
  const reason = (unit: Unit) => whyOut(unit) ?? stuck.get(unit);
  for (;;) {
    leftOut.clear();
    const given = closureOf(world, request, roots, reason, leftOut);
    const before = stuck.size;
    for (const unit of given.keys()) {
      if (roots.has(unit) || isAbove(unit, roots)) continue;
      const missing = waitsFor(world, request, given, unit);
      if (missing !== undefined) stuck.set(unit, missing);
    }
    if (stuck.size === before) return given;
  }
}

/**
 * What came in for the console alone and has no driver in the kernel or its ramdisk: nobody could load one before the
 * console speaks. For other devices a module may still come from elsewhere.
 */
function driverless(
  world: World,
  request: GuestRequest,
  compatibles: Circumstances['compatibles'],
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
  for (const unit of all.keys()) {
    if (roots.has(unit) || forOthers.has(unit) || isAbove(unit, all)) continue;
    const why = whyDriverless(unit, compatibles);
    if (why !== undefined) found.set(unit, why);
  }
  return found;
}

function isAbove(unit: Unit, roots: ReadonlyMap<Unit, unknown>): boolean {
  for (const root of roots.keys()) {
    for (let at = root.parent; at !== undefined; at = at.parent) if (at === unit) return true;
  }
  return false;
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
  if (roots.size > 0) addTouchedUnasked(world, whyOut, roots);
  return roots;
}

/** What early code of the kernel touches on such a board, whoever is given the rest. */
function addTouchedUnasked(world: World, whyOut: WhyOut, roots: Map<Unit, Provenance>): void {
  for (const unit of world.units.all) {
    const toucher = touchedUnasked(unit.compatible);
    if (toucher === undefined || !unit.enabled || whyOut(unit) !== undefined || roots.has(unit)) continue;
    roots.set(unit, { via: { device: 'the kernel', property: `${toucher}, which does not ask the tree` } });
  }
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

function inTreeOrder(world: World, given: Given): Given {
  return new Map(
    world.units.all.flatMap((unit) => {
      const provenance = given.get(unit);
      return provenance === undefined ? [] : [[unit, provenance] as const];
    }),
  );
}
