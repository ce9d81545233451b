/** Device trees written as literals. */
import { type DeviceTree, DtNode, encodeCells, encodeStrings } from '../../src/devicetree/index.ts';

/** A node: text is a string, a list of numbers is cells, bytes are bytes, anything else is a child. */
export interface NodeLiteral {
  readonly [name: string]: string | readonly number[] | Uint8Array | NodeLiteral;
}

export interface TreeLiteralOptions {
  /** Gives every node and property this file as its position, the property's or node's name behind it. */
  readonly file?: string;
}

export function treeOf(literal: NodeLiteral, options: TreeLiteralOptions = {}): DeviceTree {
  return { root: nodeOf('', literal, options), memoryReservations: [], bootCpuidPhys: 0 };
}

function nodeOf(name: string, literal: NodeLiteral, options: TreeLiteralOptions): DtNode {
  const node = new DtNode(name);
  const position = options.file === undefined ? {} : { position: { file: options.file } };
  node.position = position.position;
  for (const [key, value] of Object.entries(literal)) {
    if (typeof value === 'string')
      node.setProperty({ name: key, value: encodeStrings([value]), ...position });
    else if (value instanceof Uint8Array) node.setProperty({ name: key, value, ...position });
    else if (isCells(value)) node.setProperty({ name: key, value: encodeCells(value), ...position });
    else node.addChild(nodeOf(key, value, options));
  }
  return node;
}

function isCells(value: readonly number[] | NodeLiteral): value is readonly number[] {
  return Array.isArray(value);
}
