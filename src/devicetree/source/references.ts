/** Labels and phandles of a tree, for printing references that mean what the bytes say. */

import { type DtNode, nodeAtPath, nodesUnder } from '../tree.ts';
import { decodeLatin1, stringOf, u32Property } from '../value.ts';
import type { ReferencePrinter } from './print-value.ts';
import { LABEL, referenceText } from './reference-text.ts';

const SYMBOLS_NODE = '__symbols__';

/**
 * The labels of each node that has any: those of its source and, where asked, those that `/__symbols__` gives
 * (a property per label, its value the node's path).
 */
export function labelsOf(root: DtNode, withSymbols: boolean): ReadonlyMap<DtNode, readonly string[]> {
  const labels = new Map<DtNode, string[]>();
  const seen = new Set<string>();
  const add = (node: DtNode, label: string): void => {
    if (seen.has(label)) return;
    seen.add(label);
    const known = labels.get(node);
    if (known === undefined) labels.set(node, [label]);
    else known.push(label);
  };
  for (const node of nodesUnder(root)) for (const label of node.labels) add(node, label);
  if (withSymbols) {
    for (const { name, value } of root.children.get(SYMBOLS_NODE)?.properties.values() ?? []) {
      const path = stringOf(value);
      const node = path?.startsWith('/') === true ? nodeAtPath(root, path) : undefined;
      if (node !== undefined && LABEL.test(name)) add(node, name);
    }
  }
  return labels;
}

/** The phandle of a node, under its present or its former name (DTSpec 0.4 §2.3.3). */
export function phandleOf(node: DtNode): number | undefined {
  return u32Property(node, 'phandle') ?? u32Property(node, 'linux,phandle');
}

/** Writes references so that they compile to the bytes at hand, and not at all where they would not. */
export function referencePrinter(
  root: DtNode,
  labels: ReadonlyMap<DtNode, readonly string[]>,
): ReferencePrinter {
  const nodeByLabel = new Map<string, DtNode>();
  for (const [node, names] of labels) for (const name of names) nodeByLabel.set(name, node);
  let byPhandle: Map<number, DtNode> | undefined;

  const nodeByPhandle = (phandle: number): DtNode | undefined => {
    if (byPhandle === undefined) {
      byPhandle = new Map();
      for (const node of nodesUnder(root)) {
        const own = phandleOf(node);
        if (own !== undefined && !byPhandle.has(own)) byPhandle.set(own, node);
      }
    }
    return byPhandle.get(phandle);
  };
  const target = (text: string): DtNode | undefined => {
    const { label, path } = referenceText(text);
    const top = label === undefined ? root : nodeByLabel.get(label);
    return path.reduce((node, name) => node?.children.get(name), top);
  };
  return {
    phandle(text, cell) {
      const node = target(text);
      return node !== undefined && phandleOf(node) === cell ? `&${text}` : undefined;
    },
    path(text, bytes) {
      const node = target(text);
      return node !== undefined && `${node.path}\0` === decodeLatin1(bytes) ? `&${text}` : undefined;
    },
    labelOfPhandle(cell) {
      const node = nodeByPhandle(cell);
      const label = node === undefined ? undefined : labels.get(node)?.[0];
      return label === undefined ? undefined : `&${label}`;
    },
    nameOfPhandle: (cell) => nodeByPhandle(cell)?.name,
  };
}
