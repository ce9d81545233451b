/**
 * Edits: what turns a board's tree into a guest's, one at a time, each with its reason. A list of edits is a plain value;
 * {@link applyEdits} makes the guest's tree of it, and the project prints it as an overlay.
 */
import {
  cloneTree,
  type DeviceTree,
  DtNode,
  encodeCells,
  encodeStrings,
  nodeAtPath,
} from '../devicetree/index.ts';
import { type JsonValueOf, listOf, object, oneOf, tagged, text, textLike, whole } from './json-shape.ts';

/** A property's value as plain data. */
const editValue = tagged('type', {
  cells: object({ type: oneOf('cells'), cells: listOf(whole) }),
  strings: object({ type: oneOf('strings'), strings: listOf(text) }),
  /** Bytes in hexadecimal, two digits each. */
  bytes: object({ type: oneOf('bytes'), hex: textLike('pairs of hexadecimal digits', /^([0-9a-f]{2})*$/) }),
  /** No value: the property's presence is what it says. */
  flag: object({ type: oneOf('flag') }),
});

/** A property's value as a plan has it. */
export type EditValue = JsonValueOf<typeof editValue>;

export const treeEdit = tagged('kind', {
  set: object({ kind: oneOf('set'), path: text, property: text, value: editValue, why: text }),
  'delete-property': object({ kind: oneOf('delete-property'), path: text, property: text, why: text }),
  'delete-node': object({ kind: oneOf('delete-node'), path: text, why: text }),
  'add-node': object({ kind: oneOf('add-node'), path: text, why: text }),
});

/** One change of the board's tree into the guest's, and why. */
export type TreeEdit = JsonValueOf<typeof treeEdit>;

export const cellsValue = (...cells: readonly number[]): EditValue => ({ type: 'cells', cells });
export const stringsValue = (...strings: readonly string[]): EditValue => ({ type: 'strings', strings });
export const flagValue: EditValue = { type: 'flag' };

/** A value as a blob's bytes. */
export function encodeEditValue(value: EditValue): Uint8Array {
  switch (value.type) {
    case 'cells':
      return encodeCells(value.cells);
    case 'strings':
      return encodeStrings(value.strings);
    case 'bytes':
      return Uint8Array.from(value.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    case 'flag':
      return new Uint8Array();
  }
}

function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** The edited copy. The board's memory reservations are its firmware's and not the guest's, so they go. */
export function applyEdits(board: DeviceTree, edits: readonly TreeEdit[]): DeviceTree {
  const tree: DeviceTree = { ...cloneTree(board), memoryReservations: [], bootCpuidPhys: 0 };
  for (const edit of edits) applyEdit(tree.root, edit);
  return tree;
}

/** An edit of what is not there changes nothing, so that edits do not depend on each other's order. */
function applyEdit(root: DtNode, edit: TreeEdit): void {
  if (edit.kind === 'add-node') {
    const parent = nodeAtPath(root, parentPath(edit.path));
    const name = edit.path.slice(edit.path.lastIndexOf('/') + 1);
    if (parent !== undefined && !parent.children.has(name)) parent.addChild(new DtNode(name));
    return;
  }
  const node = nodeAtPath(root, edit.path);
  if (node === undefined) return;
  if (edit.kind === 'delete-node') node.parent?.removeChild(node.name);
  else if (edit.kind === 'delete-property') node.properties.delete(edit.property);
  else node.setProperty({ name: edit.property, value: encodeEditValue(edit.value) });
}
