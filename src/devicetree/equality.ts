/** Whether two trees are the same, and where they first differ: what tests and round trips ask. */
import type { DeviceTree, DtNode, MemoryReservation } from './tree.ts';

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
  if (a.bootCpuidPhys !== b.bootCpuidPhys) {
    return `boot_cpuid_phys is ${a.bootCpuidPhys} in one and ${b.bootCpuidPhys} in the other`;
  }
  return (
    firstReservationDifference(a.memoryReservations, b.memoryReservations) ??
    firstNodeDifference(a.root, b.root, options)
  );
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

/** The first difference of two nodes and all below them; their own names don't count. */
export function firstNodeDifference(
  a: DtNode,
  b: DtNode,
  options: TreeComparison = { ordered: true },
): string | undefined {
  const pending: [DtNode, DtNode][] = [[a, b]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [one, other] = pair;
    const difference =
      firstNameDifference('properties', one, one.properties, other.properties, options) ??
      firstNameDifference('children', one, one.children, other.children, options) ??
      firstValueDifference(one, other);
    if (difference !== undefined) return difference;
    for (const child of one.children.values()) {
      pending.push([child, other.children.get(child.name) as DtNode]);
    }
  }
  return undefined;
}

function firstNameDifference(
  what: string,
  node: DtNode,
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
  { ordered }: TreeComparison,
): string | undefined {
  const otherNames = [...other.keys()];
  let index = 0;
  for (const name of one.keys()) {
    if (ordered ? otherNames[index] !== name : !other.has(name)) {
      return `the ${what} of ${node.path} differ at ${name}`;
    }
    index += 1;
  }
  if (one.size === other.size) return undefined;
  const extra = ordered ? otherNames[index] : otherNames.find((name) => !one.has(name));
  return `the ${what} of ${node.path} differ at ${extra}`;
}

function firstValueDifference(one: DtNode, other: DtNode): string | undefined {
  for (const { name, value } of one.properties.values()) {
    const otherValue = other.properties.get(name)?.value;
    if (otherValue === undefined || !bytesEqual(value, otherValue)) {
      return `the property ${name} of ${one.path} differs`;
    }
  }
  return undefined;
}

/** Whether two byte strings are the same. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
