/** Cycles: devices that need each other without a way out. Tarjan's strongly connected components, without recursion. */
import type { DiagnosticSink } from '../base/index.ts';
import { dependencyRule } from './dependencies.ts';
import { planCodes as codes } from './diagnostics.ts';
import { outcomeOf } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

/** Reports every set of given devices that lead back to themselves over references that none can do without. */
export function reportCycles(world: World, scope: Scope, sink: DiagnosticSink): void {
  const edges = (unit: Unit): readonly Unit[] =>
    world.references.from(unit).flatMap((reference) => {
      const { to } = reference;
      if (to === undefined || to === unit || dependencyRule(reference).without !== 'missing') return [];
      return outcomeOf(world, scope.request, scope.given, reference) === 'given' && scope.given.has(to)
        ? [to]
        : [];
    });
  for (const component of componentsOf([...scope.given.keys()], edges)) {
    if (component.length < 2) continue;
    sink.report(codes['dependency-cycle'].at(undefined, { paths: component.map(({ path }) => path).sort() }));
  }
}

interface Visit {
  readonly unit: Unit;
  readonly next: readonly Unit[];
  at: number;
}

function componentsOf(
  units: readonly Unit[],
  edges: (unit: Unit) => readonly Unit[],
): readonly (readonly Unit[])[] {
  const order = new Map<Unit, number>();
  const lowest = new Map<Unit, number>();
  const open: Unit[] = [];
  const isOpen = new Set<Unit>();
  const components: Unit[][] = [];
  const enter = (unit: Unit): Visit => {
    order.set(unit, order.size);
    lowest.set(unit, order.size - 1);
    open.push(unit);
    isOpen.add(unit);
    return { unit, next: edges(unit), at: 0 };
  };
  const lower = (unit: Unit, value: number) => lowest.set(unit, Math.min(lowest.get(unit) ?? value, value));
  for (const start of units) {
    if (order.has(start)) continue;
    const visits = [enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const next = visit.next[visit.at];
      visit.at += 1;
      if (next === undefined) {
        visits.pop();
        const { unit } = visit;
        const above = visits.at(-1);
        if (above !== undefined) lower(above.unit, lowest.get(unit) ?? 0);
        if (lowest.get(unit) !== order.get(unit)) continue;
        const component: Unit[] = [];
        for (let member = open.pop(); member !== undefined; member = open.pop()) {
          isOpen.delete(member);
          component.push(member);
          if (member === unit) break;
        }
        components.push(component);
      } else if (!order.has(next)) visits.push(enter(next));
      else if (isOpen.has(next)) lower(visit.unit, order.get(next) ?? 0);
    }
  }
  return components;
}
