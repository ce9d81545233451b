/**
 * Scope: which units a guest is given, from its request: what is kept out and why, and whether it needs a way to firmware.
 * Ownership among guests and drivers is settled from the outside.
 */
import { DiagnosticSink } from '../base/index.ts';
import type { ReferenceKind } from '../devicetree/index.ts';
import { type Given, takeSelected, type WhyOut } from './closure.ts';
import { FIRMWARE_WAYS, type FirmwareWay, firmwareCallerOf, whyNoFirmware } from './firmware.ts';
import { insistedNeed, isCut, rateOf, waitsFor } from './outcome.ts';
import type { Provenance } from './plan.ts';
import { whyUnmappable } from './platform.ts';
import type { Reference } from './references.ts';
import type { GuestRequest } from './request/index.ts';
import type { Unit } from './units.ts';
import { type Owned, selectUnits, type World } from './world.ts';

export interface Scope {
  readonly request: GuestRequest;
  /** Parents before children. */
  readonly given: ReadonlyMap<Unit, Provenance>;
  /** Units that were asked for, or that something given needs, and that are not given. */
  readonly leftOut: ReadonlyMap<Unit, string>;
  readonly forwardsSmc: boolean;
}

/** What a guest's scope depends on besides its request. */
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
      const isEssential = ESSENTIAL_KINDS.has(reference.kind) || insistedNeed(reference) !== undefined;
      if (!isEssential || !isCaller(reference.to)) continue;
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
  return noFirmware ?? whyUnmappable(world.platform, unit.ranges);
}

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

function inTreeOrder(world: World, given: Given): Given {
  return new Map(
    world.units.all.flatMap((unit) => {
      const provenance = given.get(unit);
      return provenance === undefined ? [] : [[unit, provenance] as const];
    }),
  );
}
