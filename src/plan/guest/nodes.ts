/** The small words of guest trees' edits, and cells in the root's own widths. */
import { addressCells, bigintAsCells, type DtNode, sizeCells } from '../../devicetree/index.ts';
import type { EditValue, TreeEdit } from '../edits.ts';
import { cellsValue } from '../edits.ts';

export function setEdit(path: string, property: string, value: EditValue, why: string): TreeEdit {
  return { kind: 'set', path, property, value, why };
}

export function dropProperty(path: string, property: string, why: string): TreeEdit {
  return { kind: 'delete-property', path, property, why };
}

export function dropNode(path: string, why: string): TreeEdit {
  return { kind: 'delete-node', path, why };
}

/** A new node with its properties, all for one reason. */
export function addNode(
  path: string,
  properties: Readonly<Record<string, EditValue>>,
  why: string,
): readonly TreeEdit[] {
  return [
    { kind: 'add-node', path, why },
    ...Object.entries(properties).map(([property, value]) => setEdit(path, property, value, why)),
  ];
}

/** Deletes the named properties where the node has them. */
export function dropProperties(
  node: DtNode,
  path: string,
  names: readonly string[],
  why: string,
): readonly TreeEdit[] {
  return names.filter((name) => node.properties.has(name)).map((name) => dropProperty(path, name, why));
}

/** No bus of a real tree has more cells to an address or a size; a hostile one has billions. */
const MOST_CELLS = 4;

/** A number in so many cells, within reason. */
export function numberCells(value: number, count: number): readonly number[] {
  return bigintAsCells(BigInt(value), Math.min(count, MOST_CELLS));
}

/** `reg` entries for a child of `bus`. */
export function regValue(
  bus: DtNode,
  entries: readonly { readonly base: number; readonly size: number }[],
): EditValue {
  const [naddr, nsize] = [addressCells(bus), sizeCells(bus)];
  return cellsValue(
    ...entries.flatMap(({ base, size }) => [...numberCells(base, naddr), ...numberCells(size, nsize)]),
  );
}
