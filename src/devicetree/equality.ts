/** Whether two trees are the same, and where they first differ: what tests and round trips ask. */
import type { DeviceTree, DtNode, MemoryReservation } from './tree.ts';

/** What is overlooked when two trees are compared. */
export interface TreeComparison {
  /** Whether the order of properties and of children counts. */
  readonly ordered: boolean;
}

/** The first difference of two trees as a sentence, or `undefined` where there is none. Labels and markers don't count. */
export function firstTreeDifference(
  a: DeviceTree,
  b: DeviceTree,
  options: TreeComparison = { ordered: true },
): string | undefined {
  for (const difference of treeDifferences(a, b, options)) return difference;
  return undefined;
}

/** All differences of two trees as sentences; nodes that only one has are not looked into. */
export function* treeDifferences(
  a: DeviceTree,
  b: DeviceTree,
  options: TreeComparison = { ordered: true },
): Generator<string> {
  if (a.bootCpuidPhys !== b.bootCpuidPhys) {
    yield `boot_cpuid_phys is ${a.bootCpuidPhys} in one and ${b.bootCpuidPhys} in the other`;
  }
  const reservations = firstReservationDifference(a.memoryReservations, b.memoryReservations);
  if (reservations !== undefined) yield reservations;
  yield* nodeDifferences(a.root, b.root, options);
}

function firstReservationDifference(
  a: readonly MemoryReservation[],
  b: readonly MemoryReservation[],
): string | undefined {
  if (a.length !== b.length) return `${a.length} memory reservations in one, ${b.length} in the other`;
  const index = a.findIndex(
    (entry, at) => entry.address !== b[at]?.address || entry.sizeBytes !== b[at]?.sizeBytes,
  );
  return index < 0 ? undefined : `memory reservation ${index} differs`;
}

/** The differences of two nodes and all below them; their own names don't count. */
export function* nodeDifferences(
  a: DtNode,
  b: DtNode,
  options: TreeComparison = { ordered: true },
): Generator<string> {
  const pending: [DtNode, DtNode][] = [[a, b]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [one, other] = pair;
    yield* nameDifferences('property', one, one.properties, other.properties, options);
    yield* nameDifferences('node', one, one.children, other.children, options);
    for (const { name, value } of one.properties.values()) {
      const otherValue = other.properties.get(name)?.value;
      if (otherValue !== undefined && !bytesEqual(value, otherValue)) {
        yield `the property ${name} of ${one.path} differs`;
      }
    }
    for (const child of one.children.values()) {
      const counterpart = other.children.get(child.name);
      if (counterpart !== undefined) pending.push([child, counterpart]);
    }
  }
}

function* nameDifferences(
  what: string,
  node: DtNode,
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
  { ordered }: TreeComparison,
): Generator<string> {
  const missing = [...one.keys()].filter((name) => !other.has(name));
  const extra = [...other.keys()].filter((name) => !one.has(name));
  for (const name of missing) yield `only one has the ${what} ${name} in ${node.path}`;
  for (const name of extra) yield `only the other has the ${what} ${name} in ${node.path}`;
  if (!ordered || missing.length + extra.length > 0) return;
  const otherNames = [...other.keys()];
  const index = [...one.keys()].findIndex((name, at) => otherNames[at] !== name);
  if (index >= 0) yield `the ${what} ${otherNames[index]} stands in another place in ${node.path}`;
}

/** Whether two byte strings are the same. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
