/**
 * What bindings require of a device (`required:` in Documentation/devicetree/bindings), for what no driver's row tells of: the
 * table `src/plan/needs/bindings.ts`. A binding speaks of trees, not of drivers, so it is asked last: a driver that is known to go
 * on without goes before it.
 */
import { readFileSync } from 'node:fs';
import { type ReferenceKind, resolveTree, stringsProperty } from '../../src/devicetree/index.ts';
import { dependencyRule } from '../../src/plan/dependencies.ts';
import { needOf } from '../../src/plan/needs/index.ts';
import { filesUnder } from './files.ts';
import { treeOfDtb } from './trees.ts';

interface Binding {
  /** Below Documentation/devicetree/bindings. */
  readonly file: string;
  readonly required: ReadonlySet<string>;
}

export type Bindings = ReadonlyMap<string, Binding>;

/** The lines that stand under a key of the first or second level. */
function under(text: string, key: string): string {
  const start = text.search(new RegExp(`^${key}:`, 'm'));
  if (start < 0) return '';
  const lines = text.slice(start).split('\n');
  const indent = key.search(/\S/);
  const end = lines.findIndex(
    (line, at) => at > 0 && line.trim() !== '' && line.search(/\S/) <= indent && !/^\s*(#|- )/.test(line),
  );
  return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}

const words = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, word = '']) => word);

/** By `compatible`. What is required only under a condition (`allOf`) is not counted. */
export function readBindings(source: string): Bindings {
  const found = new Map<string, Binding>();
  const root = `${source}/Documentation/devicetree/bindings/`;
  for (const path of filesUnder(root).filter((file) => file.endsWith('.yaml'))) {
    const text = readFileSync(path, 'latin1');
    const required = new Set(words(under(text, 'required'), /^ *- ["']?([^\s"']+)/gm));
    if (required.size === 0) continue;
    const names = words(
      under(text, '  compatible'),
      /(?:const:|^ *-) *["']?([A-Za-z0-9][\w,.+-]*)["']?\s*(?:#.*)?$/gm,
    );
    const file = path.slice(root.length);
    for (const name of names) if (!found.has(name)) found.set(name, { file, required });
  }
  return found;
}

/** Properties of boards' devices that a binding requires and that no row knows, by `compatible`. */
export function bindingNeeds(
  bindings: Bindings,
  blobs: ReadonlyMap<string, string>,
): ReadonlyMap<string, { readonly file: string; readonly properties: ReadonlySet<string> }> {
  const found = new Map<string, { file: string; properties: Set<string> }>();
  for (const [name, path] of blobs) {
    if (!name.endsWith('.dtb')) continue;
    const board = resolveTree(treeOfDtb(readFileSync(path), name));
    for (const node of board.index.nodes) {
      const compatible = stringsProperty(node, 'compatible') ?? [];
      const first = compatible.find((each) => bindings.has(each));
      const binding = first === undefined ? undefined : bindings.get(first);
      if (first === undefined || binding === undefined) continue;
      for (const reference of board.referencesOf(node)) {
        const { property, kind } = reference;
        if (!binding.required.has(property) || !isCutWithout(kind, property)) continue;
        if (needOf({ ...reference, node, from: { compatible } }).kind !== 'unknown') continue;
        const known = found.get(first) ?? { file: binding.file, properties: new Set() };
        found.set(first, { ...known, properties: known.properties.add(property) });
      }
    }
  }
  return found;
}

/** What nothing waits for, so that it matters whether the driver does without. */
function isCutWithout(kind: ReferenceKind, property: string): boolean {
  return dependencyRule({ kind, property }).without === 'cut' && kind !== 'cpu' && kind !== 'iommu';
}

/** The rows of the table, in order; of two releases, what either requires. */
export function bindingTable(
  releases: readonly { readonly bindings: Bindings; readonly blobs: ReadonlyMap<string, string> }[],
): string {
  const needs = new Map<string, { file: string; properties: Set<string> }>();
  for (const { bindings, blobs } of releases) {
    for (const [compatible, { file, properties }] of bindingNeeds(bindings, blobs)) {
      const known = needs.get(compatible) ?? { file, properties: new Set() };
      for (const property of properties) known.properties.add(property);
      needs.set(compatible, known);
    }
  }
  const rows = new Map<string, string[]>();
  for (const [compatible, { file, properties }] of needs) {
    const row = `${file} | ${[...properties].sort().join(' ')}`;
    rows.set(row, [...(rows.get(row) ?? []), compatible]);
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, compatibles]) => `${row} | ${compatibles.sort().join(' ')}`)
    .join('\n');
}

export const BINDING_TABLE_FILE = 'src/plan/needs/bindings.ts';

export function bindingTableSource(table: string, releases: readonly string[]): string {
  return `/**
 * What bindings require of the devices of arm64 boards, and no driver's row tells of, by \`npm run needs\` from Linux ${releases.join(' and ')}: the
 * binding, the properties, and the devices.
 */
export const BINDING_TABLE = \`
${table}
\`;
`;
}
