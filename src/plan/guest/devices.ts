/**
 * Devices in the guest's tree: what is not passed is disabled, and references to it are cut, replaced by a fixed clock, or
 * left, as the dependency's kind allows. Nodes stay where they are, so that phandles, aliases and paths keep meaning.
 */
import {
  type Board,
  bigintAsCells,
  busWindows,
  cellsProperty,
  type DtNode,
  stringsProperty,
} from '../../devicetree/index.ts';
import { namesProperty } from '../dependencies.ts';
import { cellsValue, stringsValue, type TreeEdit } from '../edits.ts';
import { outcomeOf, rateOf } from '../outcome.ts';
import type { DependencyPlan } from '../plan.ts';
import type { LooseReference, Reference } from '../references.ts';
import { mappableWindows } from '../regions.ts';
import type { Scope } from '../scope.ts';
import { touchedUnconditionally } from '../unconditional-access.ts';
import type { Unit } from '../units.ts';
import type { World } from '../world.ts';
import { addNode, dropNode, dropProperty, setEdit } from './nodes.ts';

/** Units that hold tables rather than stand for hardware. */
const TABLES = ['operating-points-v2', 'cache', 'fixed-partitions', 'fixed-clock', 'fixed-factor-clock'];
/** Units that the guest's tree needs though nothing is passed for them. */
const KEPT = ['arm,armv8-timer', 'arm,armv7-timer', 'arm,psci', 'arm,psci-0.2', 'arm,psci-1.0'];

/**
 * `status = "disabled"` for the topmost nodes of everything enabled that is not given, and for what would be found below.
 * What the kernel touches without looking at `status` is deleted.
 */
export function disableEdits(
  world: World,
  scope: Scope,
  reasonOf: (unit: Unit) => string,
): readonly TreeEdit[] {
  const out = new Set<Unit>();
  const edits: TreeEdit[] = [];
  for (const unit of world.units.all) {
    if (!unit.enabled || scope.given.has(unit) || isKept(world, unit)) continue;
    const above = unit.parent;
    const toucher = touchedUnconditionally(unit.compatible);
    if (toucher !== undefined && !holdsGiven(world, scope, unit)) {
      out.add(unit);
      edits.push(dropNode(unit.path, `${toucher} of the kernel would touch it, whatever its status`));
    } else if (above !== undefined && out.has(above)) {
      out.add(unit);
      if (isFoundEarly(unit)) edits.push(disabled(unit.path, `${above.path} is not passed`));
    } else if (!holdsGiven(world, scope, unit)) {
      out.add(unit);
      edits.push(disabled(unit.path, reasonOf(unit)));
    }
  }
  return edits;
}

function disabled(path: string, why: string): TreeEdit {
  return setEdit(path, 'status', stringsValue('disabled'), why);
}

/**
 * What Linux finds by a node's own status alone, whatever stands above it: `of_clk_init`, `of_irq_init` and `timer_probe`
 * before there are buses, and system controllers that drivers look up.
 */
function isFoundEarly({ node, compatible, ranges }: Unit): boolean {
  const provides = ['#clock-cells', 'interrupt-controller'].some((name) => node.properties.has(name));
  return ranges.length > 0 && (provides || node.baseName === 'timer' || compatible.includes('syscon'));
}

function isKept(world: World, unit: Unit): boolean {
  // The controller's message frames are deleted with the edits of the controller.
  if (unit.node === world.board.gic?.node || unit.node.parent === world.board.gic?.node) return true;
  const has = (names: readonly string[]) => unit.compatible.some((name) => names.includes(name));
  if (has(KEPT)) return true;
  if (unit.ranges.length === 0 && unit.lines.length === 0 && has(TABLES)) return true;
  const top = unit.path.split('/')[1] ?? '';
  return top === 'cpus' || top === 'reserved-memory' || /^memory(@|$)/.test(top);
}

/** A node that is not passed and yet holds one that is: the emulated GIC, or a bus whose own registers stay out. */
function holdsGiven(world: World, scope: Scope, unit: Unit): boolean {
  return world.units
    .below(unit)
    .some((below) => scope.given.has(below) || below.node === world.board.gic?.node);
}

export interface DependencyEdits {
  readonly edits: readonly TreeEdit[];
  readonly dependencies: readonly DependencyPlan[];
  /** Selectors of `clocks` that were used, by unit. */
  readonly clocked: ReadonlySet<Unit>;
}

/** What becomes of every reference of what is given. `freePhandle` is the first number that no node has. */
export function dependencyEdits(
  world: World,
  scope: Scope,
  freePhandle: number,
  explain: (reference: Reference) => string,
): DependencyEdits {
  const edits: TreeEdit[] = [];
  const dependencies: DependencyPlan[] = [];
  const clocked = new Set<Unit>();
  const fixed = new FixedClocks(freePhandle);
  for (const unit of scope.given.keys()) {
    const byProperty = new Map<string, { node: DtNode; references: Reference[] }>();
    for (const reference of world.references.from(unit)) {
      const key = `${reference.node.path}:${reference.property}`;
      const entry = byProperty.get(key) ?? { node: reference.node, references: [] };
      entry.references.push(reference);
      byProperty.set(key, entry);
    }
    for (const { node, references } of byProperty.values()) {
      const outcomes = references.map((reference) => outcomeOf(world, scope.request, scope.given, reference));
      for (const [index, reference] of references.entries()) {
        const outcome = outcomes[index] ?? 'left';
        if (outcome === 'fixed-clock') clocked.add(unit);
        dependencies.push({
          consumer: unit.path,
          property: reference.property,
          provider: reference.to?.path ?? reference.target.path,
          outcome,
          reason: outcome === 'given' ? 'passed' : explain(reference),
        });
      }
      if (!outcomes.some((outcome) => outcome === 'cut' || outcome === 'fixed-clock')) continue;
      const entries = references.map((reference, index) => ({
        reference,
        outcome: outcomes[index] ?? 'left',
        rateHz: rateOf(world, scope.request, reference)?.rateHz,
      }));
      edits.push(...rewriteEdits(node, entries, fixed, explain));
    }
  }
  return { edits: [...fixed.edits(), ...edits], dependencies, clocked };
}

interface RewrittenEntry {
  readonly reference: Reference;
  readonly outcome: string;
  readonly rateHz: number | undefined;
}

/** The property without the cut entries and with fixed clocks in place of others; nothing left means it goes. */
function rewriteEdits(
  node: DtNode,
  entries: readonly RewrittenEntry[],
  fixed: FixedClocks,
  explain: (reference: Reference) => string,
): readonly TreeEdit[] {
  const first = entries[0]?.reference;
  if (first === undefined) return [];
  const { path } = node;
  const { property } = first;
  const changed = entries.filter(({ outcome }) => outcome !== 'given');
  const why = [...new Set(changed.map(({ reference }) => explain(reference)))].join('; ');
  const kept = entries.filter(({ outcome }) => outcome !== 'cut');
  const names = namesProperty(property);
  if (kept.length === 0) {
    const edits = [dropProperty(path, property, why)];
    if (names !== undefined && node.properties.has(names)) edits.push(dropProperty(path, names, why));
    if (property === 'assigned-clocks') {
      for (const extra of ['assigned-clock-parents', 'assigned-clock-rates']) {
        if (node.properties.has(extra)) edits.push(dropProperty(path, extra, why));
      }
    }
    return edits;
  }
  // Entries of assigned-clocks, its parents and its rates belong together by place: they go together.
  if (property.startsWith('assigned-clock')) {
    return ['assigned-clocks', 'assigned-clock-parents', 'assigned-clock-rates']
      .filter((each) => node.properties.has(each))
      .map((each) => dropProperty(path, each, why));
  }
  const cells = kept.flatMap(({ reference, outcome, rateHz }) =>
    outcome === 'fixed-clock' && rateHz !== undefined
      ? [fixed.phandleFor(rateHz)]
      : [reference.phandle, ...reference.args],
  );
  const edits = [setEdit(path, property, cellsValue(...cells), why)];
  const named = names === undefined ? undefined : stringsProperty(node, names);
  if (names !== undefined && named !== undefined && kept.length < entries.length) {
    const keptNames = kept.flatMap(({ reference }) => named[reference.index] ?? []);
    edits.push(setEdit(path, names, stringsValue(...keptNames), why));
  }
  return edits;
}

/** Fixed clocks that stand in for clocks of controllers that are not passed, one for each rate. */
class FixedClocks {
  readonly #phandles = new Map<number, number>();
  #next: number;

  constructor(firstPhandle: number) {
    this.#next = firstPhandle;
  }

  phandleFor(rateHz: number): number {
    let phandle = this.#phandles.get(rateHz);
    if (phandle === undefined) {
      phandle = this.#next;
      this.#next += 1;
      this.#phandles.set(rateHz, phandle);
    }
    return phandle;
  }

  edits(): readonly TreeEdit[] {
    return [...this.#phandles].flatMap(([rateHz, phandle]) =>
      addNode(
        `/clock-${rateHz}`,
        {
          compatible: stringsValue('fixed-clock'),
          '#clock-cells': cellsValue(0),
          'clock-frequency': cellsValue(...bigintAsCells(BigInt(rateHz), 1)),
          phandle: cellsValue(phandle),
        },
        'it stands in for clocks whose controller is not passed',
      ),
    );
  }
}

/** The first phandle above all that the tree uses. */
export function firstFreePhandle(board: Board): number {
  let highest = 0;
  for (const phandle of board.index.phandles.keys()) highest = Math.max(highest, phandle);
  return highest + 1;
}

/**
 * References from nodes that belong to no device to nodes that are deleted: a cooling map without its CPU goes as a whole,
 * as its binding allows no map without a cooling device.
 */
export function looseEdits(world: World, deleted: readonly string[]): readonly TreeEdit[] {
  const gone = (path: string) => deleted.some((top) => path === top || path.startsWith(`${top}/`));
  const edits = new Map<string, TreeEdit>();
  const consider = (reference: LooseReference) => {
    const { node, property, target } = reference;
    if (!gone(target.path) || gone(node.path)) return;
    const why = `${target.path} is not in the guest's tree`;
    if (reference.kind === 'cooling') edits.set(node.path, dropNode(node.path, why));
    else edits.set(`${node.path}:${property}`, dropProperty(node.path, property, why));
  };
  for (const reference of world.references.loose) consider(reference);
  return [...edits.values()];
}

/** Windows of PCI hosts that are not mapped go from `ranges`, so that no device's registers are put there. */
export function pciEdits(world: World, scope: Scope): readonly TreeEdit[] {
  const edits: TreeEdit[] = [];
  for (const unit of scope.given.keys()) {
    if (unit.pciWindows.length === 0) continue;
    const mapped = new Set(mappableWindows(world, unit).map(({ index }) => index));
    const dropped = unit.pciWindows.filter(({ index }) => !mapped.has(index));
    const cells = cellsProperty(unit.node, 'ranges');
    const rows = busWindows(unit.node, 'ranges')?.length ?? 0;
    if (dropped.length === 0 || cells === undefined || rows === 0) continue;
    const width = cells.length / rows;
    const kept = cells.filter((_, at) => !dropped.some(({ index }) => index === Math.floor(at / width)));
    edits.push(
      setEdit(
        unit.path,
        'ranges',
        cellsValue(...kept),
        'windows that are too large or out of reach are not mapped',
      ),
    );
  }
  return edits;
}
