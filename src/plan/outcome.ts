/**
 * What becomes of a reference of a given unit: its provider is given, or the reference is cut, has a fixed clock in its
 * place, or leaves its user waiting. The rules by kind are in `dependencies.ts`; here they meet the request and the board.
 */
import { matchesGlob } from '../base/index.ts';
import type { ReferenceKind } from '../devicetree/index.ts';
import { type DependencyOutcome, type DependencyRule, dependencyRule } from './dependencies.ts';
import { isEthernetPhy, type Need, needOf, type RequiredNeed } from './needs/index.ts';
import { type KnownRate, knownRateOf } from './rates.ts';
import type { Reference } from './references.ts';
import type { GuestRequest } from './request/index.ts';
import { select } from './selectors.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

/**
 * The rule of a reference. A clock controller that lists an output of a device which it clocks itself, such as a PHY's,
 * can do without that input while the device is not there, and waits for none. What the frameworks go on without is cut
 * where the driver can do without it too, or where nobody knows ({@link isDoubtful}).
 */
export function ruleOf(world: World, reference: Reference): DependencyRule {
  if (isFeedback(world, reference)) return FEEDBACK;
  if (reference.kind === 'msi' && reference.node.properties.has('interrupt-controller')) return MESSAGES;
  if (reference.kind === 'interrupt' && isEthernetPhy(reference.node)) return POLLED;
  const rule = dependencyRule(reference);
  if (rule.without !== 'cut' || !JUDGED.has(reference.kind)) return rule;
  const need = needOf(reference);
  switch (need.kind) {
    case 'required':
      return { follow: rule.follow, without: 'missing', because: insistence(need) };
    case 'optional':
      return { ...rule, because: `${rule.because} (${need.source})` };
    case 'unknown':
      return {
        ...rule,
        because: `${rule.because}, if its driver can do without${need.binding === undefined ? '' : `, which its binding requires (${need.binding})`}`,
      };
  }
}

/** The kinds of reference whose absence is the framework's or the driver's matter, so that what is not given is cut. */
const JUDGED: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'power-domain',
  'interconnect',
  'clock-setup',
  'regulator',
  'gpio',
  'nvmem',
  'pinctrl',
  'reset',
  'dma',
  'msi',
  'memory',
  'led',
  'extcon',
  'gpio-range',
  'power',
  'phy',
]);

function insistence({ consequence, source }: RequiredNeed): string {
  return `without it the driver ${consequence ?? 'fails to probe'} (${source})`;
}

/** What a driver insists on; `undefined` where it does not, or where that is not known. */
export function insistedNeed(reference: Reference): RequiredNeed | undefined {
  const need = JUDGED.has(reference.kind) ? needOf(reference) : undefined;
  return need?.kind === 'required' ? need : undefined;
}

/** What a driver makes of a reference that the request cuts: as far as known, whatever its kind. */
export function needOfCut(world: World, reference: Reference): Need | undefined {
  if (reference.to?.enabled !== true) return undefined;
  // Of these the request says that the driver can do without, where nobody knows better.
  const isCutAnyway =
    ruleOf(world, reference).without === 'cut' || dependencyRule(reference).without === 'left';
  const need = needOf(reference);
  return need.kind === 'unknown' && isCutAnyway ? undefined : need;
}

/** Whether a reference that goes is one of which nobody knows whether the driver can do without. */
export function isDoubtful(world: World, reference: Reference): boolean {
  const { kind, to } = reference;
  if (!JUDGED.has(kind) || to?.enabled !== true) return false;
  return ruleOf(world, reference).without === 'cut' && needOf(reference).kind === 'unknown';
}

/** The binding that requires it, of a reference of which nobody knows whether the driver does. */
export function bindingOf(reference: Reference): string | undefined {
  const need = JUDGED.has(reference.kind) ? needOf(reference) : undefined;
  return need?.kind === 'unknown' ? need.binding : undefined;
}

/** Of a controller that makes messages of lines, such as HiSilicon's MBIGEN. */
const MESSAGES: DependencyRule = {
  follow: false,
  without: 'missing',
  because: 'it has no other way to hand on an interrupt',
};

/** Of an Ethernet PHY (drivers/net/mdio/fwnode_mdio.c, fwnode_mdiobus_phy_device_register). */
const POLLED: DependencyRule = {
  follow: true,
  without: 'left',
  because: 'Linux waits ten seconds for it (deferred_probe_timeout) and then polls the PHY',
};

const FEEDBACK: DependencyRule = {
  follow: false,
  without: 'cut',
  because: 'nothing runs from it while that device is not passed',
};

function isFeedback(world: World, { kind, from, to }: Reference): boolean {
  if (kind !== 'clock' || to === undefined) return false;
  return world.references.from(to).some((back) => back.kind === 'clock' && back.to === from);
}

/** Whether the request cuts a reference: a property pattern, or `DEVICE PROPERTY`. */
export function isCut(world: World, request: GuestRequest, reference: Reference): boolean {
  return request.cut.some((entry) => {
    const space = entry.lastIndexOf(' ');
    if (!matchesGlob(entry.slice(space + 1), reference.property)) return false;
    return space < 0 || names(world, entry.slice(0, space), reference.from);
  });
}

function names(world: World, selector: string, unit: Unit): boolean {
  return select(world.board, selector).devices.some(({ node }) => world.units.of(node) === unit);
}

export function outcomeOf(
  world: World,
  request: GuestRequest,
  given: ReadonlyMap<Unit, unknown>,
  reference: Reference,
): DependencyOutcome {
  if (isCut(world, request, reference)) return 'cut';
  const { to } = reference;
  const rule = ruleOf(world, reference);
  if (to === undefined || isOwnPool(world, reference)) return 'left';
  if (given.has(to)) return 'given';
  if (to.node === world.board.gic?.node && rule.without === 'missing') return 'given';
  if (!to.enabled) return 'left';
  if (rule.without !== 'fixed-clock') return rule.without;
  return rateOf(world, request, reference) === undefined ? 'missing' : 'fixed-clock';
}

/** A pool without a place of its own is the guest's kernel's to make, in the guest's RAM. */
function isOwnPool({ board }: World, { kind, target }: Reference): boolean {
  return (
    kind === 'memory' && board.reserved.some(({ node, dynamic }) => node === target && dynamic !== undefined)
  );
}

/** The rate of a clock, as the request gives it, or as it is known. */
export function rateOf(world: World, request: GuestRequest, reference: Reference): KnownRate | undefined {
  const asked = askedRateOf(world, request, reference);
  if (asked !== undefined) return { rateHz: asked, source: 'the request says' };
  return knownRateOf(world.board, reference);
}

/** The rate that the request gives for a clock: by `DEVICE` or `DEVICE CLOCK-NAME`. */
export function askedRateOf(world: World, request: GuestRequest, reference: Reference): number | undefined {
  for (const [key, rateHz] of request.clocks) {
    const space = key.lastIndexOf(' ');
    const [device, clock] = space < 0 ? [key, undefined] : [key.slice(0, space), key.slice(space + 1)];
    if (clock !== undefined && clock !== reference.name) continue;
    if (names(world, device, reference.from)) return rateHz;
  }
  return undefined;
}

/** What a unit would wait for without end among what is given. */
export function missingOf(
  world: World,
  request: GuestRequest,
  given: ReadonlyMap<Unit, unknown>,
  unit: Unit,
): Reference | undefined {
  return world.references
    .from(unit)
    .find((reference) => outcomeOf(world, request, given, reference) === 'missing');
}

/** The same in words. */
export function waitsFor(
  world: World,
  request: GuestRequest,
  given: ReadonlyMap<Unit, unknown>,
  unit: Unit,
): string | undefined {
  const missing = missingOf(world, request, given, unit);
  return missing === undefined
    ? undefined
    : `it needs ${missing.to?.path ?? missing.target.path} (${missing.property}), which is not passed`;
}
