/** Device tree blobs made by hand, so that each part can be wrong. */
import { encodeCells, encodeLatin1 } from '../../src/devicetree/index.ts';

export const TOKEN = { begin: 1, end: 2, prop: 3, nop: 4, treeEnd: 9 } as const;

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}

export function beginNode(name: string): Uint8Array {
  return concat([encodeCells([TOKEN.begin]), padded(encodeLatin1(`${name}\0`))]);
}

export function property(nameOffset: number, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat([encodeCells([TOKEN.prop, value.length, nameOffset]), padded(value)]);
}

export const END_NODE = encodeCells([TOKEN.end]);
export const END = encodeCells([TOKEN.treeEnd]);

export interface BlobParts {
  /** The reservation block, as cells; the zeros that end it by default. */
  readonly reservations?: readonly number[];
  readonly structure?: readonly Uint8Array[];
  readonly strings?: string;
  /** Header fields by number (0: magic, 1: totalsize, …) that are not as they should be. */
  readonly header?: Readonly<Record<number, number>>;
  readonly trailing?: Uint8Array;
}

export const HEADER_FIELD = {
  magic: 0,
  totalsize: 1,
  off_dt_struct: 2,
  off_dt_strings: 3,
  off_mem_rsvmap: 4,
  version: 5,
  last_comp_version: 6,
  size_dt_strings: 8,
  size_dt_struct: 9,
} as const;

const HEADER_BYTES = 40;

/** A blob of version 17 of these parts: header at 0, reservations at 0x28, structure at 0x38 by default, strings. */
export function blobOf(parts: BlobParts): Uint8Array {
  const reservations = encodeCells(parts.reservations ?? [0, 0, 0, 0]);
  const structure = concat(parts.structure ?? [beginNode(''), END_NODE, END]);
  const strings = encodeLatin1(parts.strings ?? '');
  const structureOffset = HEADER_BYTES + reservations.length;
  const stringsOffset = structureOffset + structure.length;
  const header = [
    0xd00dfeed,
    stringsOffset + strings.length,
    structureOffset,
    stringsOffset,
    HEADER_BYTES,
    17,
    16,
    0,
    strings.length,
    structure.length,
  ];
  for (const [field, value] of Object.entries(parts.header ?? {})) header[Number(field)] = value;
  return concat([encodeCells(header), reservations, structure, strings, parts.trailing ?? new Uint8Array(0)]);
}
