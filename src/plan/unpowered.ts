/**
 * Devices whose power domain is not given: Linux takes them for powered (drivers/base/power/domain.c), and whether they are is the
 * firmware's matter. What is off reads as nothing, or stops the bus.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { needCodes as codes } from './needs/diagnostics.ts';
import { isCut, isDoubtful, outcomeOf } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

export function reportUnpowered(
  world: World,
  { request, given }: Scope,
  reasonOf: (unit: Unit) => string,
  sink: DiagnosticSink,
): void {
  const byProvider = new Map<Unit, Set<string>>();
  const stdout = world.board.stdout?.node;
  for (const unit of given.keys()) {
    // The firmware has just written to it.
    if (stdout !== undefined && world.units.of(stdout) === unit) continue;
    for (const reference of world.references.from(unit)) {
      const { kind, to } = reference;
      if (kind !== 'power-domain' || to === undefined || isCut(world, request, reference)) continue;
      // What a driver asks for by itself is told with its other wants.
      if (outcomeOf(world, request, given, reference) !== 'cut' || isDoubtful(world, reference)) continue;
      byProvider.set(to, (byProvider.get(to) ?? new Set()).add(unit.path));
    }
  }
  for (const [provider, devices] of byProvider) {
    const facts = { devices: [...devices], provider: provider.path, reason: reasonOf(provider) };
    sink.report(codes['may-be-unpowered'].at(undefined, facts));
  }
}
