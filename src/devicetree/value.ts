/** Property values as DTSpec 0.4 §2.2.4 types them. Readers return `undefined` where the bytes can't be of that type. */
import type { DtNode, DtProperty } from './tree.ts';

const CELL_BYTES = 4;
/** How many bytes become characters in one call: the number of arguments a function takes is limited. */
const DECODED_AT_ONCE = 4096;

/**
 * Bytes as a string whose every character is one byte (ISO 8859-1). Not `TextDecoder('latin1')`: that is Windows-1252,
 * which gives 27 of the bytes other characters.
 */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= DECODED_AT_ONCE) return decodePiece(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += DECODED_AT_ONCE) {
    text += decodePiece(bytes.subarray(at, Math.min(end, at + DECODED_AT_ONCE)));
  }
  return text;
}

/** `apply` takes the array as it is; spreading it would step through an iterator, several times slower. */
function decodePiece(bytes: Uint8Array): string {
  return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}

/** The bytes of such a string. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** `<u32>` cells; `undefined` where the length is no multiple of four. */
export function cellsOf(value: Uint8Array): readonly number[] | undefined {
  if (value.length % CELL_BYTES !== 0) return undefined;
  const cells = new Array<number>(value.length / CELL_BYTES);
  for (let index = 0, at = 0; index < cells.length; index += 1, at += CELL_BYTES) {
    const high = ((value[at] as number) << 8) | (value[at + 1] as number);
    const low = ((value[at + 2] as number) << 8) | (value[at + 3] as number);
    cells[index] = ((high << 16) | low) >>> 0;
  }
  return cells;
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
  return decodeLatin1(value, 0, value.length - 1).split('\0');
}

/** A single `<string>`. */
export function stringOf(value: Uint8Array): string | undefined {
  const strings = stringsOf(value);
  return strings?.length === 1 ? strings[0] : undefined;
}

/** Numbers as big-endian words of 32 bits; each is taken modulo 2³². */
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

/** Texts as a string list: Latin-1, each with its zero. */
export function encodeStrings(strings: readonly string[]): Uint8Array {
  return encodeLatin1(strings.map((string) => `${string}\0`).join(''));
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

/** A property's strings, or `undefined` where it is not there or no string list. */
export function stringsProperty(node: DtNode, name: string): readonly string[] | undefined {
  const property = node.properties.get(name);
  return property === undefined ? undefined : stringsOf(property.value);
}

/** A property's first and only string, or `undefined` where it is not there or something else. */
export function stringProperty(node: DtNode, name: string): string | undefined {
  const property = node.properties.get(name);
  return property === undefined ? undefined : stringOf(property.value);
}
