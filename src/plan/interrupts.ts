/**
 * Interrupts: which of them an owner is given, each once, with the channel it arrives on. Only SPIs are passed through:
 * SGIs and PPIs belong to a CPU. A tree may name a line twice (ZynqMP's Ethernet does); it is registered once.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import type { InterruptPlan } from './plan.ts';
import type { World } from './scope.ts';
import type { Unit } from './units.ts';

/** One id space for interrupts and channels of a protection domain (Microkit manual 2.3: 0–61). */
export const CHANNEL_LIMIT = 62;

/** A device with more lines than this is rarely what one gives up first. */
interface Weight {
  readonly path: string;
  readonly lines: number;
}

export interface InterruptWish {
  readonly owner: string;
  readonly given: ReadonlySet<Unit>;
  /** Ids that channels to other protection domains take; interrupts come after them. */
  readonly reservedChannels: number;
}

export function planInterrupts(
  world: World,
  wish: InterruptWish,
  sink: DiagnosticSink,
): readonly InterruptPlan[] {
  const lines = new Map<number, { trigger: 'edge' | 'level'; devices: string[] }>();
  const highest = world.grounds.highestIrq ?? Number.POSITIVE_INFINITY;
  for (const unit of wish.given) {
    for (const { intid, trigger } of unit.lines) {
      const line = lines.get(intid);
      if (intid > highest) {
        const { path } = unit;
        sink.report(codes['interrupt-too-high'].at(undefined, { owner: wish.owner, path, intid, highest }));
      } else if (line === undefined) {
        lines.set(intid, { trigger, devices: [unit.path] });
      } else {
        line.devices.push(unit.path);
      }
    }
  }
  const limit = CHANNEL_LIMIT - wish.reservedChannels;
  if (lines.size > limit) {
    const heaviest = whatToDrop(world, wish.given, lines.size - limit);
    sink.report(
      codes['too-many-interrupts'].at(undefined, {
        owner: wish.owner,
        count: lines.size + wish.reservedChannels,
        limit: CHANNEL_LIMIT,
        heaviest,
      }),
    );
    return [];
  }
  return [...lines]
    .sort(([a], [b]) => a - b)
    .map(([intid, { trigger, devices }], index) => ({
      intid,
      channel: wish.reservedChannels + index,
      trigger,
      devices,
    }));
}

/**
 * Devices whose leaving saves enough lines: those with most lines of their own first, and never one that others that
 * stay depend on.
 */
function whatToDrop(world: World, given: ReadonlySet<Unit>, excess: number): readonly string[] {
  const needed = new Set<Unit>();
  for (const unit of given) {
    for (const { to } of world.references.from(unit)) if (to !== undefined && to !== unit) needed.add(to);
    for (let at = unit.parent; at !== undefined; at = at.parent) needed.add(at);
  }
  const weights: Weight[] = [...given]
    .filter((unit) => unit.lines.length > 0 && !needed.has(unit))
    .map((unit) => ({ path: unit.path, lines: unit.lines.length }))
    .sort((a, b) => b.lines - a.lines || (a.path < b.path ? -1 : 1));
  const dropped: string[] = [];
  let saved = 0;
  for (const { path, lines } of weights) {
    if (saved >= excess) break;
    dropped.push(path);
    saved += lines;
  }
  return dropped;
}
