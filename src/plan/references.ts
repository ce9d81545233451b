/** References between units: who names whom, in which property. What they mean is `dependencies.ts`'s subject. */
import { type Board, type Dependency, type DtNode, nodesUnder } from '../devicetree/index.ts';
import { WAKEUP_PARENT } from './dependencies.ts';
import type { Unit, Units } from './units.ts';

/** One entry of a property that names another node. */
export interface Reference extends Dependency {
  readonly from: Unit;
  /** The node with the property: the unit's own, or one below it. */
  readonly node: DtNode;
  readonly target: DtNode;
  /** The provider's unit; `undefined` for nodes that belong to none, such as tables. */
  readonly to: Unit | undefined;
}

/** A reference from a node that belongs to no unit, such as a thermal zone. */
export type LooseReference = Omit<Reference, 'from'>;

export interface References {
  /** Those of a unit, in the order of its nodes and their properties. */
  from(unit: Unit): readonly Reference[];
  readonly loose: readonly LooseReference[];
}

export function referencesOf(board: Board, units: Units): References {
  const byUnit = new Map<Unit, Reference[]>();
  const loose: LooseReference[] = [];
  for (const node of nodesUnder(board.tree.root)) {
    const from = units.of(node);
    for (const found of [...plainReferences(board, units, node), ...controllers(board, units, node)]) {
      if (from === undefined) loose.push(found);
      else if (found.to !== from) {
        const known = byUnit.get(from) ?? [];
        known.push({ ...found, from });
        byUnit.set(from, known);
      }
    }
  }
  return { from: (unit) => byUnit.get(unit) ?? [], loose };
}

function plainReferences(board: Board, units: Units, node: DtNode): readonly LooseReference[] {
  return board.referencesOf(node).flatMap((dependency) => {
    const { target, kind, problem } = dependency;
    if (target === undefined || problem !== undefined) return [];
    // Interrupts are followed by the chain of controllers that they pass.
    if (kind === 'interrupt' && dependency.property !== WAKEUP_PARENT) return [];
    return [{ ...dependency, node, target, to: units.of(target) }];
  });
}

/** The controllers that a node's interrupts pass, as far as the GIC, which every guest has. */
function controllers(board: Board, units: Units, node: DtNode): readonly LooseReference[] {
  const found = new Map<DtNode, LooseReference>();
  for (const { chain, property, index } of board.deviceOf(node)?.interrupts ?? []) {
    for (const { controller } of chain) {
      if (controller === node || controller === board.gic?.node || found.has(controller)) continue;
      found.set(controller, {
        property,
        index,
        kind: 'interrupt',
        cell: 0,
        phandle: 0,
        args: [],
        node,
        target: controller,
        to: units.of(controller),
      });
    }
  }
  return [...found.values()];
}
