/** Property values as DTSpec 0.4 §2.2.4 types them. Readers return `undefined` where the bytes can't be of that type. */
import type { DtNode, DtProperty } from './tree.ts';

const CELL_BYTES = 4;
const decoder = new TextDecoder('latin1');

/** `<u32>` cells; `undefined` where the length is no multiple of four. */
export function cellsOf(value: Uint8Array): readonly number[] | undefined {
  if (value.length % CELL_BYTES !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length / CELL_BYTES }, (_, index) => view.getUint32(index * CELL_BYTES));
}

/** A number of one or more cells, the most significant first; `undefined` past the end. No cells are 0. */
export function cellsAsBigint(cells: readonly number[], start: number, count: number): bigint | undefined {
  if (start + count > cells.length) return undefined;
  let value = 0n;
  for (const cell of cells.slice(start, start + count)) value = (value << 32n) | BigInt(cell);
  return value;
}

/** `<stringlist>`, each byte one character; `undefined` where the value is empty or its last byte is not NUL. */
export function stringsOf(value: Uint8Array): readonly string[] | undefined {
  if (value.length === 0 || value.at(-1) !== 0) return undefined;
  return decoder.decode(value.subarray(0, -1)).split('\0');
}

/** A single `<string>`. */
export function stringOf(value: Uint8Array): string | undefined {
  const strings = stringsOf(value);
  return strings?.length === 1 ? strings[0] : undefined;
}

export function encodeCells(cells: readonly number[]): Uint8Array {
  const value = new Uint8Array(cells.length * CELL_BYTES);
  const view = new DataView(value.buffer);
  for (const [index, cell] of cells.entries()) view.setUint32(index * CELL_BYTES, cell);
  return value;
}

/** One number in so many cells, the most significant first. */
export function bigintAsCells(value: bigint, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt(32 * (count - 1 - index))) & 0xffff_ffffn),
  );
}

export function encodeStrings(strings: readonly string[]): Uint8Array {
  return Uint8Array.from(strings.map((string) => `${string}\0`).join(''), (char) => char.charCodeAt(0));
}

/** The property's cells, or `undefined` where there is no such property or it holds none. */
export function cellsProperty(node: DtNode, name: string): readonly number[] | undefined {
  const property: DtProperty | undefined = node.properties.get(name);
  return property === undefined ? undefined : cellsOf(property.value);
}

/** The property's first cell where it has exactly one. */
export function u32Property(node: DtNode, name: string): number | undefined {
  const cells = cellsProperty(node, name);
  return cells?.length === 1 ? cells[0] : undefined;
}

export function stringsProperty(node: DtNode, name: string): readonly string[] | undefined {
  const property = node.properties.get(name);
  return property === undefined ? undefined : stringsOf(property.value);
}

export function stringProperty(node: DtNode, name: string): string | undefined {
  const property = node.properties.get(name);
  return property === undefined ? undefined : stringOf(property.value);
}
