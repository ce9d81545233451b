/** The names a tree gives to nodes: aliases (DTSpec 0.4 §3.3), labels (`__symbols__`), and the console in `chosen` (§3.6). */
import { type DtNode, nodeAtPath } from '../tree.ts';
import { stringProperty } from '../value.ts';
import { pathIn, type TreeIndex } from './tree-index.ts';

/** Where the console is: `stdout-path = "serial0:115200n8"`. */
export interface Stdout {
  readonly node: DtNode;
  readonly path: string;
  /** What follows the colon, as the kernel's serial drivers read it. */
  readonly options?: string;
}

/**
 * The short names by which people call nodes: aliases, labels where the tree kept its symbols, and `stdout-
 * path`.
 */
export interface BoardNames {
  /** Alias to node, in the tree's order. Those that lead nowhere are left out. */
  readonly aliases: ReadonlyMap<string, DtNode>;
  /** Label to node: from `__symbols__` of a blob, and from the labels of a source. */
  readonly labels: ReadonlyMap<string, DtNode>;
  readonly stdout?: Stdout;
  /** `bootargs` of `chosen`. */
  readonly bootargs?: string;
}

export function readNames(index: TreeIndex): BoardNames {
  const { root } = index.tree;
  const aliases = pathsOf(root, 'aliases');
  const labels = pathsOf(root, '__symbols__');
  for (const node of index.nodes) for (const label of node.labels) labels.set(label, node);
  const chosen = root.children.get('chosen');
  const stdout = chosen === undefined ? undefined : readStdout(index, chosen, aliases);
  const bootargs = chosen === undefined ? undefined : stringProperty(chosen, 'bootargs');
  return {
    aliases,
    labels,
    ...(stdout === undefined ? {} : { stdout }),
    ...(bootargs === undefined ? {} : { bootargs }),
  };
}

function pathsOf(root: DtNode, name: string): Map<string, DtNode> {
  const found = new Map<string, DtNode>();
  const holder = root.children.get(name);
  for (const property of holder?.properties.keys() ?? []) {
    const path = holder === undefined ? undefined : stringProperty(holder, property);
    const node = path?.startsWith('/') ? nodeAtPath(root, path) : undefined;
    if (node !== undefined) found.set(property, node);
  }
  return found;
}

/** `stdout-path`, or `linux,stdout-path` as trees from before 2014 have it. */
function readStdout(
  index: TreeIndex,
  chosen: DtNode,
  aliases: ReadonlyMap<string, DtNode>,
): Stdout | undefined {
  const text = stringProperty(chosen, 'stdout-path') ?? stringProperty(chosen, 'linux,stdout-path');
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  const where = colon < 0 ? text : text.slice(0, colon);
  const node = where.startsWith('/') ? nodeAtPath(index.tree.root, where) : aliases.get(where);
  if (node === undefined) return undefined;
  return { node, path: pathIn(index, node), ...(colon < 0 ? {} : { options: text.slice(colon + 1) }) };
}
