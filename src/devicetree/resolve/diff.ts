/**
 * What differs between two trees in meaning: nodes are matched by path whatever their order, and a phandle counts as the
 * path that it points to, whatever its number.
 */
import { bytesEqual } from '../equality.ts';
import { printValue } from '../source/print-value.ts';
import type { DeviceTree, DtNode, DtProperty, MemoryReservation } from '../tree.ts';
import { cellsOf } from '../value.ts';
import { ReferenceReader } from './references/references.ts';
import { indexTree, pathIn, type TreeIndex } from './tree-index.ts';

/** One difference; `before` is the first tree's, `after` the second's. Values are as DTS writes them. */
export type TreeChange =
  | { readonly kind: 'node-added' | 'node-removed'; readonly path: string; readonly nodeCount: number }
  | {
      readonly kind: 'property-added';
      readonly path: string;
      readonly property: string;
      readonly after: string;
    }
  | {
      readonly kind: 'property-removed';
      readonly path: string;
      readonly property: string;
      readonly before: string;
    }
  | {
      readonly kind: 'property-changed';
      readonly path: string;
      readonly property: string;
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: 'reservation-added' | 'reservation-removed';
      readonly address: bigint;
      readonly sizeBytes: bigint;
    }
  | { readonly kind: 'boot-cpu-changed'; readonly before: number; readonly after: number };

/** The names under which a node gives its phandle: numbers that mean nothing by themselves. */
const PHANDLE_PROPERTIES: ReadonlySet<string> = new Set(['phandle', 'linux,phandle']);

/** The differences in the order of the first tree, what only the second has after what it stands beside. */
export function diffTrees(before: DeviceTree, after: DeviceTree): readonly TreeChange[] {
  const sides = { before: new Side(before), after: new Side(after) };
  const changes: TreeChange[] = [];
  const pending: (readonly [DtNode, DtNode])[] = [[before.root, after.root]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [a, b] = pair;
    changes.push(...propertyChanges(sides, a, b));
    const common: (readonly [DtNode, DtNode])[] = [];
    for (const child of a.children.values()) {
      const other = b.children.get(child.name);
      if (other === undefined) changes.push(nodeChange('node-removed', sides.before, child));
      else common.push([child, other]);
    }
    for (const child of b.children.values()) {
      if (!a.children.has(child.name)) changes.push(nodeChange('node-added', sides.after, child));
    }
    pending.push(...common.reverse());
  }
  changes.push(...reservationChanges(before.memoryReservations, after.memoryReservations));
  if (before.bootCpuidPhys !== after.bootCpuidPhys) {
    changes.push({ kind: 'boot-cpu-changed', before: before.bootCpuidPhys, after: after.bootCpuidPhys });
  }
  return changes;
}

/** One tree and what its phandles mean. */
class Side {
  readonly index: TreeIndex;
  readonly #reader: ReferenceReader;

  constructor(tree: DeviceTree) {
    this.index = indexTree(tree);
    this.#reader = new ReferenceReader(this.index);
  }

  /** Which cells of a property are phandles, by the tables: cell to the path that it points to. */
  targets(node: DtNode, property: DtProperty): ReadonlyMap<number, string> {
    const found = new Map<number, string>();
    for (const { cell, target } of this.#reader.in(node, property)) {
      if (target !== undefined) found.set(cell, pathIn(this.index, target));
    }
    return found;
  }

  isUnknown(property: DtProperty): boolean {
    return this.#reader.meaningOf(property.name) === 'unknown';
  }

  pathOf(phandle: number | undefined): string | undefined {
    const node = phandle === undefined ? undefined : this.index.phandles.get(phandle);
    return node === undefined ? undefined : pathIn(this.index, node);
  }

  /** The value as DTS writes it, with paths for phandles. */
  text(node: DtNode, property: DtProperty): string {
    const targets = this.targets(node, property);
    const { name, value } = property;
    const printed = printValue(
      { name, value },
      {
        phandle: () => undefined,
        path: () => undefined,
        labelOfPhandle: (cell) => `&{${this.pathOf(cell) ?? ''}}`,
        nameOfPhandle: () => undefined,
      },
      [...targets.keys()].map((cell) => cell * 4),
    );
    return printed.text;
  }
}

interface Sides {
  readonly before: Side;
  readonly after: Side;
}

function propertyChanges(sides: Sides, a: DtNode, b: DtNode): readonly TreeChange[] {
  const changes: TreeChange[] = [];
  const path = pathIn(sides.before.index, a);
  for (const property of a.properties.values()) {
    if (PHANDLE_PROPERTIES.has(property.name)) continue;
    const other = b.properties.get(property.name);
    const before = () => sides.before.text(a, property);
    if (other === undefined) {
      changes.push({ kind: 'property-removed', path, property: property.name, before: before() });
    } else if (!sameMeaning(sides, a, property, b, other)) {
      const after = sides.after.text(b, other);
      changes.push({ kind: 'property-changed', path, property: property.name, before: before(), after });
    }
  }
  for (const property of b.properties.values()) {
    if (PHANDLE_PROPERTIES.has(property.name) || a.properties.has(property.name)) continue;
    const after = sides.after.text(b, property);
    changes.push({ kind: 'property-added', path, property: property.name, after });
  }
  return changes;
}

function sameMeaning(sides: Sides, a: DtNode, left: DtProperty, b: DtNode, right: DtProperty): boolean {
  if (left.value.length !== right.value.length) return false;
  const equal = bytesEqual(left.value, right.value);
  if (sides.before.isUnknown(left)) return equal || maybeSamePhandles(sides, left, right);
  const [before, after] = [sides.before.targets(a, left), sides.after.targets(b, right)];
  if (before.size === 0 && after.size === 0) return equal;
  const [ours, theirs] = [cellsOf(left.value), cellsOf(right.value)];
  if (ours === undefined || theirs === undefined || before.size !== after.size) return false;
  return ours.every((cell, at) => {
    const target = before.get(at);
    return target === undefined ? cell === theirs[at] && !after.has(at) : target === after.get(at);
  });
}

/** In a property that nobody knows, numbers that differ may be phandles of the same node. */
function maybeSamePhandles({ before, after }: Sides, left: DtProperty, right: DtProperty): boolean {
  const [ours, theirs] = [cellsOf(left.value), cellsOf(right.value)];
  if (ours === undefined || theirs === undefined) return false;
  return ours.every((cell, at) => {
    const path = before.pathOf(cell);
    return cell === theirs[at] || (path !== undefined && path === after.pathOf(theirs[at]));
  });
}

function nodeChange(kind: 'node-added' | 'node-removed', side: Side, node: DtNode): TreeChange {
  let nodeCount = 0;
  const pending = [node];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    nodeCount += 1;
    for (const child of at.children.values()) pending.push(child);
  }
  return { kind, path: pathIn(side.index, node), nodeCount };
}

function reservationChanges(
  before: readonly MemoryReservation[],
  after: readonly MemoryReservation[],
): readonly TreeChange[] {
  const key = ({ address, sizeBytes }: MemoryReservation) => `${address}+${sizeBytes}`;
  const missing = (from: readonly MemoryReservation[], than: readonly MemoryReservation[]) => {
    const known = new Set(than.map(key));
    return from.filter((entry) => !known.has(key(entry)));
  };
  const change = (kind: 'reservation-added' | 'reservation-removed') => (entry: MemoryReservation) => ({
    kind,
    address: entry.address,
    sizeBytes: entry.sizeBytes,
  });
  return [
    ...missing(before, after).map(change('reservation-removed')),
    ...missing(after, before).map(change('reservation-added')),
  ];
}
