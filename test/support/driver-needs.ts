/**
 * The table of what drivers ask for, made from Linux's drivers and from the boards that have their devices:
 * `src/plan/needs/drivers.ts` is what {@link needsTable} gives for the releases that it names.
 */
import { readFileSync } from 'node:fs';
import {
  type Board,
  type DtNode,
  type ReferenceKind,
  resolveTree,
  stringsProperty,
} from '../../src/devicetree/index.ts';
import { itemOf } from '../../src/plan/needs/index.ts';
import { LinuxDrivers } from './linux-drivers.ts';
import { treeOfDtb } from './trees.ts';

/** A `compatible` with what nodes that have it ask for in properties that drivers' getters are known of. */
export type AskedItems = ReadonlyMap<string, ReadonlySet<string>>;

const ASKED_KINDS: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>(['reset', 'gpio', 'regulator']);

/** Adds a board's devices: what a node without a `compatible` has belongs to the one above it. */
function collectItems(board: Board, items: Map<string, Set<string>>): void {
  for (const node of board.index.nodes) {
    let owner: DtNode | undefined = node;
    while (owner !== undefined && !owner.properties.has('compatible')) owner = owner.parent;
    const compatible = owner === undefined ? undefined : stringsProperty(owner, 'compatible');
    if (compatible === undefined) continue;
    for (const reference of board.referencesOf(node)) {
      if (!ASKED_KINDS.has(reference.kind)) continue;
      for (const name of compatible) {
        const known = items.get(name) ?? new Set();
        items.set(name, known.add(itemOf(reference)));
      }
    }
  }
}

export function itemsOfBlobs(blobs: ReadonlyMap<string, string>): AskedItems {
  const items = new Map<string, Set<string>>();
  for (const [name, path] of blobs) {
    if (name.endsWith('.dtb')) collectItems(resolveTree(treeOfDtb(readFileSync(path), name)), items);
  }
  return items;
}

/** The rows of the table, in order. What one release's driver insists on and another's does not counts as insisted on. */
export function needsTable(
  releases: readonly { readonly drivers: string; readonly items: AskedItems }[],
): string {
  const found = new Map<string, { path: string; required: Set<string>; optional: Set<string> }>();
  for (const { drivers, items } of releases) {
    const linux = new LinuxDrivers(drivers);
    for (const [compatible, asked] of items) {
      const driver = linux.driverOf(compatible);
      if (driver === undefined) continue;
      const row = found.get(compatible) ?? { path: driver.path, required: new Set(), optional: new Set() };
      found.set(compatible, row);
      const { required, optional } = driver.asks;
      const keep = (from: ReadonlySet<string>, into: Set<string>) => {
        for (const item of from) if (asked.has(item) || isGeneral(item, asked)) into.add(item);
      };
      keep(required, row.required);
      keep(optional, row.optional);
    }
  }
  const rows = new Map<string, string[]>();
  for (const [compatible, { path, required, optional }] of found) {
    const asked = releases.flatMap(({ items }) => [...(items.get(compatible) ?? [])]);
    // Of supplies it is worth a row only where a driver insists: the framework makes up what is missing.
    if (required.size === 0 && asked.every((item) => item.endsWith('-supply'))) continue;
    for (const item of required) optional.delete(item);
    const key = (items: ReadonlySet<string>) => [...items].sort().join(' ');
    const row = `${path} | ${key(required)} | ${key(optional)}`;
    rows.set(row, [...(rows.get(row) ?? []), compatible]);
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, compatibles]) => `${row} | ${compatibles.sort().join(' ')}`.replace(/ +/g, ' '))
    .join('\n');
}

/** `resets/*` says something of every reset. */
function isGeneral(item: string, asked: ReadonlySet<string>): boolean {
  return item === 'resets/*' && [...asked].some((name) => name.startsWith('resets/'));
}

export const DRIVER_TABLE_FILE = 'src/plan/needs/drivers.ts';

export function driverTableSource(table: string, releases: readonly string[]): string {
  return `/**
 * What drivers ask for by the getters of the reset, GPIO and regulator frameworks, by \`npm run needs\` from Linux ${releases.join(' and ')}: the
 * driver, what it fails without, what it does without, and the devices of the releases' arm64 boards that it drives.
 */
export const DRIVER_TABLE = \`
${table}
\`;
`;
}
