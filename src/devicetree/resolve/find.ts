/** Finds nodes by the names that people use: a path, an alias, a label. */
import type { DiagnosticSink } from '../../base/index.ts';
import { referenceText } from '../source/reference-text.ts';
import { type DtNode, nodeAtPath } from '../tree.ts';
import { resolveCodes } from './diagnostics.ts';
import type { BoardNames } from './names.ts';
import type { TreeIndex } from './tree-index.ts';

type NamedTree = Pick<BoardNames, 'aliases' | 'labels'> & { readonly index: TreeIndex };

/** The nodes that names mean, in the order of the names; those that are not there are reported. */
export function findNodes(
  board: NamedTree,
  file: string,
  names: readonly string[],
  sink: DiagnosticSink,
): readonly DtNode[] {
  return names.flatMap((name) => {
    const node = findNode(board, name);
    if (node === undefined) sink.report(resolveCodes['no-such-node'].at({ file }, { name }));
    return node === undefined ? [] : [node];
  });
}

/**
 * The node that `name` means: a path (`/soc/serial@3000`), an alias (`serial0`), a label (`uart_AO`, `&uart_AO`), a
 * reference as in source (`&{/soc/serial@3000}`, `&{uart_AO/child}`), an
 * alias with a path behind it (`serial0/child`), or the name of a node (`ethernet@ff3f0000`) that only one node has.
 */
export function findNode(board: NamedTree, name: string): DtNode | undefined {
  const { root } = board.index.tree;
  if (name.startsWith('/')) return nodeAtPath(root, name);
  if (name.startsWith('&')) {
    const { label, path } = referenceText(name.slice(1));
    const top = label === undefined ? root : board.labels.get(label);
    return top && nodeAtPath(top, `/${path.join('/')}`);
  }
  const named = board.aliases.get(name) ?? board.labels.get(name);
  if (named !== undefined) return named;
  const slash = name.indexOf('/');
  const top = slash < 0 ? undefined : board.aliases.get(name.slice(0, slash));
  if (top !== undefined) return nodeAtPath(top, name.slice(slash));
  const alike = board.index.nodes.filter((node) => node.name === name);
  return alike.length === 1 ? alike[0] : undefined;
}
