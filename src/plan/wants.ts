/** What devices of a guest want and are not given: each told with what comes of it, as far as that is known. */
import type { DiagnosticSink } from '../base/index.ts';
import { REFERENCE_KINDS } from '../devicetree/index.ts';
import { planCodes } from './diagnostics.ts';
import { needCodes as codes, type UnknownCut } from './needs/diagnostics.ts';
import {
  askedRateOf,
  bindingOf,
  insistedNeed,
  isCut,
  isDoubtful,
  missingOf,
  needOfCut,
  outcomeOf,
  ruleOf,
} from './outcome.ts';
import type { Holding } from './owners.ts';
import type { Reference } from './references.ts';
import type { GuestRequest } from './request/index.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import { wayToGive } from './ways-to-give.ts';
import type { World } from './world.ts';

/** Devices of which it is not known whether they can do without something; more are only named. */
const DOUBTS_SHOWN = 12;

/** Names each device that was asked for, or came in, and that waits, fails, or may fail for something that is not given. */
export function reportWants(
  world: World,
  scope: Scope,
  reasonOf: (unit: Unit) => string,
  others: readonly Holding[],
  sink: DiagnosticSink,
): void {
  const { request, given } = scope;
  /** What was left out because it would wait itself is not helped by being named. */
  const wayOf = (unit: Unit): string | undefined => {
    const way = wayToGive(world, request, others, unit);
    const missing = missingOf(world, request, given, unit);
    if (way !== 'pass it' || missing === undefined) return way;
    const provider = missing.to;
    const canBe = provider !== undefined && wayToGive(world, request, others, provider) !== undefined;
    return canBe ? 'give it what it needs itself' : undefined;
  };
  const cut = new Map<string, UnknownCut>();
  const doubtful = new Map<string, { readonly report: () => void; readonly isRequired: boolean }>();
  for (const unit of given.keys()) {
    const rankOf = (reference: Reference): number => {
      if (isCut(world, request, reference)) return needOfCut(world, reference)?.kind === 'required' ? 2 : 1;
      if (outcomeOf(world, request, given, reference) === 'missing') return 3;
      return insistedNeed(reference) !== undefined ? 2 : isDoubtful(world, reference) ? 1 : 0;
    };
    for (const reference of worstOfEach(world.references.from(unit), rankOf)) {
      const { to, property, target, kind } = reference;
      const want = { device: unit.path, property, provider: to?.path ?? target.path };
      const reason = to === undefined ? 'not there' : reasonOf(to);
      const insisted = insistedNeed(reference);
      if (isCut(world, request, reference)) {
        const need = needOfCut(world, reference);
        if (need?.kind === 'required')
          sink.report(codes['cut-insisted'].at(undefined, { ...want, insisted: need }));
        else if (need?.kind === 'unknown') {
          const key = `${unit.path} ${property}`;
          const providers = [...(cut.get(key)?.providers ?? []), want.provider];
          const { device } = want;
          cut.set(key, { device, property, providers, kind: REFERENCE_KINDS[kind], ...bound(need.binding) });
        }
        continue;
      }
      const way = to === undefined ? undefined : wayOf(to);
      const outcome = outcomeOf(world, request, given, reference);
      if (outcome === 'missing') {
        const clock = kind === 'clock';
        const { because } = ruleOf(world, reference);
        const facts = { ...want, reason, clock, insisted, because, way };
        sink.report(codes['keeps-from-probing'].at(undefined, facts));
      } else if (outcome === 'cut' && isDoubtful(world, reference)) {
        const binding = bindingOf(reference);
        const facts = { ...want, reason, way, kind: REFERENCE_KINDS[kind], ...bound(binding) };
        const key = `${unit.path} ${property}`;
        if (!doubtful.has(key)) {
          const report = () => sink.report(codes['may-insist'].at(undefined, facts));
          doubtful.set(key, { report, isRequired: binding !== undefined });
        }
      }
    }
  }
  for (const facts of cut.values()) sink.report(codes['cut-unknown'].at(undefined, facts));
  // What a binding requires is told before the rest.
  const doubts = [...doubtful].sort(([, a], [, b]) => Number(b.isRequired) - Number(a.isRequired));
  for (const [, { report }] of doubts.slice(0, DOUBTS_SHOWN)) report();
  const devices = [...new Set(doubts.slice(DOUBTS_SHOWN).map(([key]) => key))];
  if (devices.length > 0)
    sink.report(codes['more-may-insist'].at(undefined, { owner: request.name, devices }));
}

const bound = (binding: string | undefined) => (binding === undefined ? {} : { binding });

/** One reference of each property to each provider, the worst: a device that has four resets of one controller has one want. */
function worstOfEach(
  references: readonly Reference[],
  rankOf: (reference: Reference) => number,
): readonly Reference[] {
  const worst = new Map<string, Reference>();
  for (const reference of references) {
    const key = `${reference.property} ${reference.to?.path ?? reference.target.path}`;
    const known = worst.get(key);
    if (known === undefined || rankOf(reference) > rankOf(known)) worst.set(key, reference);
  }
  return [...worst.values()];
}

/** Rates of the request that replace no clock. */
export function reportUnusedClocks(
  world: World,
  request: GuestRequest,
  clocked: ReadonlySet<Unit>,
  sink: DiagnosticSink,
): void {
  for (const selector of request.clocks.keys()) {
    const used = [...clocked].some((unit) =>
      world.references.from(unit).some((reference) => {
        const only = { ...request, clocks: new Map([[selector, 1]]) };
        return askedRateOf(world, only, reference) !== undefined;
      }),
    );
    if (!used) sink.report(planCodes['unused-clock'].at(undefined, { owner: request.name, selector }));
  }
}
