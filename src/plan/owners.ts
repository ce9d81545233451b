/** One owner for each device, page and interrupt: who claims what, and the conflicts by name. */
import { alignDown, type DiagnosticSink, oneToOne, rangesOverlap, SMALL_PAGE_BYTES } from '../base/index.ts';
import { type Claim, planCodes as codes } from './diagnostics.ts';
import type { InterruptPlan, Provenance, RegionPlan } from './plan.ts';
import type { Unit } from './units.ts';

/** Everything that one guest or driver was given. */
export interface Holding {
  readonly owner: string;
  readonly given: ReadonlyMap<Unit, Provenance>;
}

/** Why a device is in, in words. */
export function reasonOf(provenance: Provenance): string {
  const { selector, via } = provenance;
  if (selector !== undefined) return selector === 'all' ? 'by "all"' : `asked for as "${selector}"`;
  if (via === undefined) return 'asked for';
  if (via.property === 'parent') return `above ${via.device}`;
  if (via.property === 'child') return `below ${via.device}`;
  return `needed by ${via.device} (${via.property})`;
}

/**
 * Reports devices with registers, interrupts or a driver of their own that two owners hold. Buses and other nodes that
 * only hold the tree together belong to everybody.
 */
export function reportSharedDevices(holdings: readonly Holding[], sink: DiagnosticSink): void {
  const claims = new Map<Unit, Claim[]>();
  for (const { owner, given } of holdings) {
    for (const [unit, provenance] of given) {
      if (unit.ranges.length === 0 && unit.lines.length === 0) continue;
      claims.set(unit, [...(claims.get(unit) ?? []), { owner, because: reasonOf(provenance) }]);
    }
  }
  for (const [unit, wanted] of claims) {
    if (wanted.length > 1)
      sink.report(codes['shared-device'].at(undefined, { path: unit.path, claims: wanted }));
  }
}

interface HeldRegions {
  readonly owner: string;
  readonly regions: readonly RegionPlan[];
}

/** Reports pages that two owners map. Devices that are shared already are reported as such, once. */
export function reportSharedPages(held: readonly HeldRegions[], sink: DiagnosticSink): void {
  for (const [index, first] of held.entries()) {
    for (const second of held.slice(index + 1)) {
      for (const a of first.regions) {
        for (const b of second.regions) {
          if (a.guestAddr !== oneToOne(a.base) || b.guestAddr !== oneToOne(b.base) || !rangesOverlap(a, b))
            continue;
          const page = alignDown(Math.max(a.base, b.base), SMALL_PAGE_BYTES);
          const claim = (owner: string, region: RegionPlan): Claim => ({
            owner,
            because: `for ${region.devices.join(', ')}`,
          });
          sink.report(
            codes['shared-page'].at(undefined, {
              page,
              claims: [claim(first.owner, a), claim(second.owner, b)],
            }),
          );
        }
      }
    }
  }
}

interface HeldInterrupts {
  readonly owner: string;
  readonly interrupts: readonly InterruptPlan[];
}

export function reportSharedInterrupts(held: readonly HeldInterrupts[], sink: DiagnosticSink): void {
  const claims = new Map<number, Claim[]>();
  for (const { owner, interrupts } of held) {
    for (const { intid, devices } of interrupts) {
      claims.set(intid, [...(claims.get(intid) ?? []), { owner, because: `for ${devices.join(', ')}` }]);
    }
  }
  for (const [intid, wanted] of claims) {
    if (wanted.length > 1) sink.report(codes['shared-interrupt'].at(undefined, { intid, claims: wanted }));
  }
}
