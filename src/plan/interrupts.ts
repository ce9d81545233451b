/**
 * Interrupts: which of them an owner is given, each once, with the channel it arrives on. Only SPIs are passed through:
 * SGIs and PPIs belong to a CPU. A tree may name a line twice (ZynqMP's Ethernet does); it is registered once.
 */

import type { DiagnosticSink } from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';
import { dependencyRule } from './dependencies.ts';
import { planCodes as codes, type InterruptHolder } from './diagnostics.ts';
import { insistedNeed } from './outcome.ts';
import type { InterruptPlan } from './plan.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

export interface InterruptRequest {
  readonly owner: string;
  readonly given: ReadonlySet<Unit>;
  /** Whether the request names its devices, and so can't be told to. */
  readonly listed: boolean;
  /** Ids that channels to other protection domains take; interrupts come after them. */
  readonly reservedChannels: number;
}

export function planInterrupts(
  world: World,
  request: InterruptRequest,
  sink: DiagnosticSink,
): readonly InterruptPlan[] {
  const lines = new Map<number, { trigger: 'edge' | 'level'; devices: string[] }>();
  const highest = world.platform.highestIrq ?? Number.POSITIVE_INFINITY;
  for (const unit of request.given) {
    for (const { intid, trigger } of unit.lines) {
      const line = lines.get(intid);
      if (intid > highest) {
        const { path } = unit;
        sink.report(
          codes['interrupt-too-high'].at(undefined, { owner: request.owner, path, intid, highest }),
        );
      } else if (line === undefined) {
        lines.set(intid, { trigger, devices: [unit.path] });
      } else {
        line.devices.push(unit.path);
      }
    }
  }
  const limit = CHANNEL_LIMIT - request.reservedChannels;
  if (lines.size > limit) {
    const console = consoleOf(world);
    const excess = lines.size - limit;
    const spared = whatToDrop(world, request.given, excess);
    const dropped = spared ?? (request.listed ? heaviest(request.given, excess) : undefined);
    const holder =
      spared === undefined && dropped !== undefined ? insistedOn(world, request.given, dropped) : undefined;
    sink.report(
      codes['too-many-interrupts'].at(undefined, {
        owner: request.owner,
        count: lines.size + request.reservedChannels,
        limit: CHANNEL_LIMIT,
        dropped,
        ...(holder === undefined ? {} : { holder }),
        console: console?.path,
      }),
    );
    return [];
  }
  return [...lines]
    .sort(([a], [b]) => a - b)
    .map(([intid, { trigger, devices }], index) => ({
      intid,
      channel: request.reservedChannels + index,
      trigger,
      devices,
    }));
}

/** Devices that a driver VM is mostly for: they go last. */
const WANTED = /^(ethernet|mmc|sd|sdhci|mmci|usb|pcie?|sata|serial|uart|nvme)/;

/**
 * Devices whose leaving saves enough lines, fewest first: those with most lines of their own, and never one that others
 * that stay can't do without. Where the last user of a provider goes, the provider may go too.
 */
function whatToDrop(world: World, given: ReadonlySet<Unit>, excess: number): readonly string[] | undefined {
  const staying = new Set(given);
  const users = usersOf(world, given);
  const owners = new LineOwners(given);
  const console = consoleOf(world);
  const dropped: string[] = [];
  const candidates = [...given].filter((unit) => unit.lines.length > 0 && unit !== console);
  candidates.sort(
    (a, b) =>
      Number(WANTED.test(a.node.baseName)) - Number(WANTED.test(b.node.baseName)) ||
      b.lines.length - a.lines.length ||
      (a.path < b.path ? -1 : 1),
  );
  let saved = 0;
  for (let progress = true; progress && saved < excess; ) {
    progress = false;
    for (const unit of candidates) {
      if (saved >= excess) break;
      if (!staying.has(unit) || [...(users.get(unit) ?? [])].some((user) => staying.has(user))) continue;
      staying.delete(unit);
      dropped.push(unit.path);
      saved += owners.release(unit);
      progress = true;
    }
    // What has neither lines nor users goes with them.
    for (const unit of [...staying].reverse()) {
      if (unit.lines.length > 0 || unit === console || (users.get(unit)?.size ?? 0) === 0) continue;
      if (![...(users.get(unit) ?? [])].some((user) => staying.has(user))) staying.delete(unit);
    }
  }
  return saved >= excess ? dropped : undefined;
}

/** Those with most lines, whoever needs them: what depends on them will be named as waiting. */
function heaviest(given: ReadonlySet<Unit>, excess: number): readonly string[] {
  const owners = new LineOwners(given);
  const dropped: string[] = [];
  let saved = 0;
  for (const unit of [...given].sort((a, b) => b.lines.length - a.lines.length)) {
    if (saved >= excess) break;
    dropped.push(unit.path);
    saved += owners.release(unit);
  }
  return dropped;
}

/** One of those that are left out which another's driver can't do without: leaving it out would be no way. */
function insistedOn(
  world: World,
  given: ReadonlySet<Unit>,
  dropped: readonly string[],
): InterruptHolder | undefined {
  for (const unit of given) {
    if (dropped.includes(unit.path)) continue;
    for (const reference of world.references.from(unit)) {
      const { to, property } = reference;
      const insisted = to === undefined || !dropped.includes(to.path) ? undefined : insistedNeed(reference);
      if (to !== undefined && insisted !== undefined)
        return { path: to.path, lines: to.lines.length, user: unit.path, property, source: insisted.source };
    }
  }
  return undefined;
}

/** How many have each line: one that several share is saved with the last of them. */
class LineOwners {
  readonly #counts = new Map<number, number>();

  constructor(given: ReadonlySet<Unit>) {
    for (const unit of given) {
      for (const { intid } of unit.lines) this.#counts.set(intid, (this.#counts.get(intid) ?? 0) + 1);
    }
  }

  /** The number of lines that nobody has any more without this unit. */
  release(unit: Unit): number {
    let saved = 0;
    for (const { intid } of unit.lines) {
      const left = (this.#counts.get(intid) ?? 1) - 1;
      this.#counts.set(intid, left);
      if (left === 0) saved += 1;
    }
    return saved;
  }
}

function consoleOf({ board, units }: World): Unit | undefined {
  return board.stdout === undefined ? undefined : units.of(board.stdout.node);
}

/** Who can't do without whom: by references that nothing replaces or that its driver insists on, and by standing below. */
function usersOf(world: World, given: ReadonlySet<Unit>): ReadonlyMap<Unit, ReadonlySet<Unit>> {
  const users = new Map<Unit, Set<Unit>>();
  const add = (provider: Unit, user: Unit) =>
    users.set(provider, (users.get(provider) ?? new Set()).add(user));
  for (const unit of given) {
    if (unit.parent !== undefined) add(unit.parent, unit);
    for (const reference of world.references.from(unit)) {
      const { to } = reference;
      const { without } = dependencyRule(reference);
      const isNeeded =
        without === 'missing' || without === 'fixed-clock' || insistedNeed(reference) !== undefined;
      if (to === undefined || to === unit || !isNeeded) continue;
      add(to, unit);
    }
  }
  return users;
}
