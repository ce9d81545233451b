/** The header of a device tree blob: DTSpec 0.4 §5.2, version 17 and its predecessor 16. */
import {
  type AddrRange,
  type DiagnosticSink,
  isAligned,
  MIB,
  rangeEnd,
  rangesOverlap,
} from '../../base/index.ts';
import { dtbCodes } from './diagnostics.ts';

/** The first word of every blob, big-endian (DTSpec 0.4 §5.2). */
export const FDT_MAGIC = 0xd00dfeed;
/** The version that is written, and the newest that is read. */
export const FDT_VERSION = 17;
/** The oldest version whose readers understand what is written, and the oldest that is read. */
export const FDT_LAST_COMP_VERSION = 16;

/** Offsets of the header's fields, under the specification's names. */
export const HEADER = {
  magic: 0,
  totalsize: 4,
  off_dt_struct: 8,
  off_dt_strings: 12,
  off_mem_rsvmap: 16,
  version: 20,
  last_comp_version: 24,
  boot_cpuid_phys: 28,
  size_dt_strings: 32,
  size_dt_struct: 36,
} as const;

/** Larger blobs are not read: a tree takes some forty times the memory of the nodes in its blob. */
export const BLOB_LIMIT_BYTES = 32 * MIB;

export const HEADER_BYTES = 40;
const HEADER_BYTES_V16 = 36;

/** The structure block's tokens (DTSpec 0.4 §5.4.1). */
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

export const CELL_BYTES = 4;
export const RESERVATION_BYTES = 16;
const RESERVATION_ALIGNMENT = 8;

/** Where a blob's blocks lie in its file. */
export interface BlobLayout {
  readonly totalSizeBytes: number;
  readonly bootCpuidPhys: number;
  /** From its start to the end of the blob: the list says itself where it ends. */
  readonly reservations: AddrRange;
  /** Version 16 does not say its size: then up to the strings block, or the end. */
  readonly structure: AddrRange;
  readonly strings: AddrRange;
}

/** Whether the bytes begin as a blob does. */
export function isDtb(bytes: Uint8Array): boolean {
  return bytes.length >= CELL_BYTES && viewOf(bytes).getUint32(HEADER.magic) === FDT_MAGIC;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads and checks the header; `undefined` where the blocks can't be found. */
export function readHeader(bytes: Uint8Array, file: string, sink: DiagnosticSink): BlobLayout | undefined {
  const view = viewOf(bytes);
  const field = (name: keyof typeof HEADER): number => view.getUint32(HEADER[name]);
  const at = (name: keyof typeof HEADER) => ({ file, offsetBytes: HEADER[name] });

  if (bytes.length >= CELL_BYTES && field('magic') !== FDT_MAGIC) {
    sink.report(dtbCodes['not-a-dtb'].at(at('magic'), { magic: field('magic'), expected: FDT_MAGIC }));
    return undefined;
  }
  const neededBytes =
    bytes.length >= HEADER_BYTES_V16 && field('version') < FDT_VERSION ? HEADER_BYTES_V16 : HEADER_BYTES;
  if (bytes.length < neededBytes) {
    sink.report(dtbCodes['header-cut-short'].at(at('magic'), { sizeBytes: bytes.length, neededBytes }));
    return undefined;
  }
  const version = field('version');
  const lastCompVersion = field('last_comp_version');
  if (version < FDT_LAST_COMP_VERSION) {
    sink.report(dtbCodes['version-too-old'].at(at('version'), { version }));
    return undefined;
  }
  if (lastCompVersion > FDT_VERSION) {
    sink.report(dtbCodes['version-too-new'].at(at('last_comp_version'), { version, lastCompVersion }));
    return undefined;
  }
  const totalSizeBytes = field('totalsize');
  if (totalSizeBytes < neededBytes) {
    sink.report(dtbCodes['total-size-too-small'].at(at('totalsize'), { totalSizeBytes }));
    return undefined;
  }
  if (totalSizeBytes > BLOB_LIMIT_BYTES) {
    const limitBytes = BLOB_LIMIT_BYTES;
    sink.report(dtbCodes['too-large'].at(at('totalsize'), { totalSizeBytes, limitBytes }));
    return undefined;
  }
  if (totalSizeBytes > bytes.length) {
    sink.report(dtbCodes['file-cut-short'].at(at('totalsize'), { sizeBytes: bytes.length, totalSizeBytes }));
    return undefined;
  }
  reportTrailingData(bytes, totalSizeBytes, file, sink);

  const toEnd = (base: number): AddrRange => ({ base, size: Math.max(0, totalSizeBytes - base) });
  const structureBase = field('off_dt_struct');
  const stringsBase = field('off_dt_strings');
  const structureEndV16 = stringsBase > structureBase ? stringsBase : totalSizeBytes;
  const layout: BlobLayout = {
    totalSizeBytes,
    bootCpuidPhys: field('boot_cpuid_phys'),
    reservations: toEnd(field('off_mem_rsvmap')),
    structure:
      version < FDT_VERSION
        ? { base: structureBase, size: Math.max(0, structureEndV16 - structureBase) }
        : { base: structureBase, size: field('size_dt_struct') },
    strings: { base: stringsBase, size: field('size_dt_strings') },
  };
  return checkBlocks(layout, file, sink) ? layout : undefined;
}

function reportTrailingData(bytes: Uint8Array, start: number, file: string, sink: DiagnosticSink): void {
  for (let offset = start; offset < bytes.length; offset++) {
    if (bytes[offset] === 0) continue;
    sink.report(
      dtbCodes['trailing-data'].at({ file, offsetBytes: start }, { sizeBytes: bytes.length - start }),
    );
    return;
  }
}

interface Block {
  readonly name: string;
  readonly field: keyof typeof HEADER;
  readonly range: AddrRange;
  readonly alignment: number;
}

/** Whether every block lies in the blob; overlaps and alignment are only said. */
function checkBlocks(layout: BlobLayout, file: string, sink: DiagnosticSink): boolean {
  const blocks: readonly Block[] = [
    {
      name: 'memory reservation',
      field: 'off_mem_rsvmap',
      range: { ...layout.reservations, size: RESERVATION_BYTES },
      alignment: RESERVATION_ALIGNMENT,
    },
    { name: 'structure', field: 'off_dt_struct', range: layout.structure, alignment: CELL_BYTES },
    { name: 'strings', field: 'off_dt_strings', range: layout.strings, alignment: 1 },
  ];
  let allInside = true;
  for (const { name, field, range, alignment } of blocks) {
    const position = { file, offsetBytes: HEADER[field] };
    if (rangeEnd(range) > layout.totalSizeBytes || range.base > layout.totalSizeBytes) {
      allInside = false;
      sink.report(
        dtbCodes['block-outside'].at(position, {
          block: name,
          start: range.base,
          end: rangeEnd(range),
          totalSizeBytes: layout.totalSizeBytes,
        }),
      );
    } else if (!isAligned(range.base, alignment)) {
      sink.report(dtbCodes['block-misaligned'].at(position, { block: name, start: range.base, alignment }));
    }
  }
  if (allInside) reportOverlaps(blocks, file, sink);
  return allInside;
}

function reportOverlaps(blocks: readonly Block[], file: string, sink: DiagnosticSink): void {
  const header = { name: 'header', range: { base: 0, size: HEADER_BYTES_V16 } };
  const earlier: { readonly name: string; readonly range: AddrRange }[] = [header];
  for (const block of blocks) {
    for (const other of earlier) {
      if (!rangesOverlap(block.range, other.range)) continue;
      const position = { file, offsetBytes: HEADER[block.field] };
      sink.report(dtbCodes['blocks-overlap'].at(position, { block: block.name, other: other.name }));
    }
    earlier.push(block);
  }
}
