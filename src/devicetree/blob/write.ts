/**
 * Writes a device tree blob of version 17 (DTSpec 0.4 chapter 5), byte for byte as dtc does: blocks in the order
 * reservations, structure, strings, without gaps; properties before children; no padding unless asked for.
 */
import { type DeviceTree, type DtNode, walkNodes } from '../tree.ts';
import {
  CELL_BYTES,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_LAST_COMP_VERSION,
  FDT_MAGIC,
  FDT_PROP,
  FDT_VERSION,
  HEADER,
  HEADER_BYTES,
  RESERVATION_BYTES,
  viewOf,
} from './header.ts';
import { layOutStrings, type StringTable } from './string-table.ts';

/** What the blob gets beside the tree. */
export interface WriteDtbOptions {
  /** Zeros after the strings block, counted in `totalsize`: room for a boot loader's edits (dtc's `--pad`). */
  readonly paddingBytes?: number;
}

/** The blob of a tree. Names are written one byte a character. */
export function writeDtb(tree: DeviceTree, options: WriteDtbOptions = {}): Uint8Array {
  const { names, structureBytes } = measure(tree.root);
  const table = layOutStrings(names);
  // Always an entry more than there are reservations: the zeros that end the list (DTSpec 0.4 §5.3).
  const reservationBytes = (tree.memoryReservations.length + 1) * RESERVATION_BYTES;
  const structureOffset = HEADER_BYTES + reservationBytes;
  const stringsOffset = structureOffset + structureBytes;
  const totalSizeBytes = stringsOffset + table.sizeBytes + (options.paddingBytes ?? 0);

  const blob = new Uint8Array(totalSizeBytes);
  const view = viewOf(blob);
  const header: Record<keyof typeof HEADER, number> = {
    magic: FDT_MAGIC,
    totalsize: totalSizeBytes,
    off_dt_struct: structureOffset,
    off_dt_strings: stringsOffset,
    off_mem_rsvmap: HEADER_BYTES,
    version: FDT_VERSION,
    last_comp_version: FDT_LAST_COMP_VERSION,
    boot_cpuid_phys: tree.bootCpuidPhys,
    size_dt_strings: table.sizeBytes,
    size_dt_struct: structureBytes,
  };
  for (const [name, offset] of Object.entries(HEADER)) {
    view.setUint32(offset, header[name as keyof typeof HEADER]);
  }
  for (const [index, { address, sizeBytes }] of tree.memoryReservations.entries()) {
    view.setBigUint64(HEADER_BYTES + index * RESERVATION_BYTES, address);
    view.setBigUint64(HEADER_BYTES + index * RESERVATION_BYTES + RESERVATION_BYTES / 2, sizeBytes);
  }
  writeStructure(blob, view, structureOffset, tree.root, table);
  let at = stringsOffset;
  for (const string of table.strings) at = writeString(blob, at, string);
  return blob;
}

/** The property names in order of first use, and the size of the structure block. */
function measure(root: DtNode): { names: readonly string[]; structureBytes: number } {
  const names = new Set<string>();
  let structureBytes = CELL_BYTES;
  const enter = (node: DtNode): void => {
    structureBytes += 2 * CELL_BYTES + aligned(node.name.length + 1);
    for (const { name, value } of node.properties.values()) {
      names.add(name);
      structureBytes += 3 * CELL_BYTES + aligned(value.length);
    }
  };
  walkNodes(root, enter, () => {});
  return { names: [...names], structureBytes };
}

function writeStructure(
  blob: Uint8Array,
  view: DataView,
  start: number,
  root: DtNode,
  table: StringTable,
): void {
  let at = start;
  const cell = (value: number): void => {
    view.setUint32(at, value);
    at += CELL_BYTES;
  };
  const enter = (node: DtNode): void => {
    cell(FDT_BEGIN_NODE);
    writeString(blob, at, node.name);
    at += aligned(node.name.length + 1);
    for (const { name, value } of node.properties.values()) {
      cell(FDT_PROP);
      cell(value.length);
      cell(table.offsets.get(name) as number);
      blob.set(value, at);
      at += aligned(value.length);
    }
  };
  walkNodes(root, enter, () => cell(FDT_END_NODE));
  cell(FDT_END);
}

/** Writes the characters and leaves a NUL after them; gives where the next thing goes. */
function writeString(blob: Uint8Array, start: number, string: string): number {
  for (let at = 0; at < string.length; at++) blob[start + at] = string.charCodeAt(at);
  return start + string.length + 1;
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / CELL_BYTES) * CELL_BYTES;
}
