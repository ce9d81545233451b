/** Which cells of a tree's properties are phandles, for whoever prints or edits them. */
import type { DeviceTree, DtNode, DtProperty } from '../tree.ts';
import { ReferenceReader } from './references/references.ts';
import { indexTree } from './tree-index.ts';

const CELL_BYTES = 4;

/**
 * A function that gives, for a property of this tree, the offsets in bytes of the cells that are phandles of nodes; only
 * for properties whose meaning is known, and not where the value does not fit that meaning.
 */
export function phandleFinder(tree: DeviceTree): (node: DtNode, property: DtProperty) => readonly number[] {
  const references = new ReferenceReader(indexTree(tree));
  return (node, property) =>
    references
      .in(node, property)
      .filter(({ target, problem }) => target !== undefined && problem !== 'cut-short')
      .map(({ cell }) => cell * CELL_BYTES);
}
