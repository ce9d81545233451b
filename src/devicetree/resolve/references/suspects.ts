/**
 * Values that look like phandles in properties that no table knows: what may be a dependency that nobody sees.
 *
 * Phandles are small integers, so a number can look like one. dtc gives a phandle only to nodes that something refers to
 * (without `-@`): a node that no known property refers to must be meant by an unknown one. That makes a value `likely`;
 * a value that names a node with other references is only `possible`.
 */
import type { DtNode } from '../../tree.ts';
import { cellsOf, stringsOf } from '../../value.ts';
import type { TreeIndex } from '../tree-index.ts';
import { isNameTable, type ReferenceReader } from './references.ts';

/** A value in a property that no table knows which is some node's phandle. */
export interface SuspectedReference {
  readonly property: string;
  /** Where in the property's cells the value stands. */
  readonly cell: number;
  readonly phandle: number;
  readonly target: DtNode;
  readonly certainty: 'likely' | 'possible';
}

/** A longer value is a table of numbers, unless its source shows a reference. */
const MAX_BYTES = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * The suspects of a node. `referenced` are the nodes that known properties of the tree refer to; `hasSymbols` says that
 * the tree was compiled with `-@`, which gives every labelled node a phandle and takes the strong sign away.
 */
export function suspectsIn(
  index: TreeIndex,
  reader: ReferenceReader,
  node: DtNode,
  referenced: ReadonlySet<DtNode>,
  hasSymbols: boolean,
): readonly SuspectedReference[] {
  let found: SuspectedReference[] | undefined;
  if (node.properties.size === 0 || isNameTable(node)) return [];
  for (const { name, value, markers } of node.properties.values()) {
    if (value.length === 0 || value.length % 4 !== 0 || reader.meaningOf(name) !== 'unknown') continue;
    const written =
      markers?.filter(({ kind }) => kind === 'phandle-ref').map(({ offsetBytes }) => offsetBytes / 4) ?? [];
    const cells = value.length > MAX_BYTES && written.length === 0 ? [] : (cellsOf(value) ?? []);
    if (written.length === 0 && looksLikeText(value)) continue;
    for (const [cell, phandle] of cells.entries()) {
      const target = index.phandles.get(phandle);
      if (target === undefined) continue;
      const certain = written.includes(cell) || (!hasSymbols && !referenced.has(target));
      found ??= [];
      found.push({ property: name, cell, phandle, target, certainty: certain ? 'likely' : 'possible' });
    }
  }
  return found ?? [];
}

function looksLikeText(value: Uint8Array): boolean {
  return stringsOf(value)?.every((text) => PRINTABLE.test(text)) === true;
}
