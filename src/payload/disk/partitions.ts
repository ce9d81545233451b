/**
 * Partition tables: MBR with logical partitions, and GPT with its checksums and its backup (UEFI 2.10 §5). Sectors of
 * 512 and 4096 bytes.
 */
import { type AddrRange, crc32, type DiagnosticSink } from '../../base/index.ts';
import { type ByteSource, u64At, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';

export interface Partition {
  /** As Linux counts: logical partitions from 5. */
  readonly number: number;
  /** In bytes of the image. */
  readonly range: AddrRange;
  /** The MBR's type byte or the GPT's type GUID. */
  readonly type: string;
  readonly name: string;
  /** What `PARTUUID=` names. */
  readonly uuid: string;
  /** Marked so in the table (MBR's 0x80, GPT's legacy BIOS flag), or an EFI system partition: what U-Boot counts as such. */
  readonly isBootable: boolean;
}

export interface PartitionTable {
  readonly kind: 'mbr' | 'gpt';
  readonly partitions: readonly Partition[];
}

const MBR_SECTOR_BYTES = 512;
const EXTENDED: readonly number[] = [0x05, 0x0f, 0x85];
const PROTECTIVE = 0xee;
const MBR_EFI_SYSTEM = 0xef;
export const GPT_EFI_SYSTEM = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
/** XBOOTLDR: kernels and entries beside an EFI system partition (uapi-group.org, "Boot Loader Specification", "The Partitions"). */
export const GPT_EXTENDED_BOOT = 'bc13c2ff-59e6-4262-a352-b275fd6f7172';
/** Bit 2 of a GPT entry's attributes (UEFI 2.10 §5.3.3). */
const GPT_BOOTABLE = 4n;
const LOGICAL_LIMIT = 128;
const GPT_SIGNATURE = 0x5452_4150_2049_4645n;
const GPT_HEADER_BYTES = 92;
const GPT_ENTRY_LIMIT = 1024;
const GPT_ENTRY_BYTES_LIMIT = 4096;
const SECTOR_SIZES = [512, 4096] as const;

/** The table of an image; `undefined` where it has none. */
export function readPartitionTable(source: ByteSource, sink: DiagnosticSink): PartitionTable | undefined {
  const sector = source.read(0, MBR_SECTOR_BYTES).slice();
  if (sector.length < MBR_SECTOR_BYTES || sector[510] !== 0x55 || sector[511] !== 0xaa) return undefined;
  const entries = mbrEntries(sector);
  if (entries.some((entry) => entry.type === PROTECTIVE)) {
    const gpt = readGpt(source, sink);
    return gpt === undefined ? undefined : { kind: 'gpt', partitions: inside(gpt, source, sink) };
  }
  const isPlausible = [0, 1, 2, 3].every((index) => [0, 0x80].includes(sector[446 + index * 16] ?? 0));
  if (!isPlausible || entries.length === 0) return undefined;
  const disk = viewOf(sector).getUint32(440, true).toString(16).padStart(8, '0');
  const partitions: Partition[] = [];
  const add = (number: number, entry: MbrEntry): void => {
    const range = { base: entry.start * MBR_SECTOR_BYTES, size: entry.count * MBR_SECTOR_BYTES };
    const type = `0x${entry.type.toString(16).padStart(2, '0')}`;
    partitions.push({
      number,
      range,
      type,
      name: '',
      uuid: `${disk}-${number.toString(16).padStart(2, '0')}`,
      isBootable: entry.isActive || entry.type === MBR_EFI_SYSTEM,
    });
  };
  for (const entry of entries) {
    if (!EXTENDED.includes(entry.type)) add(entry.index + 1, entry);
    else
      for (const [index, logical] of logicalPartitions(source, entry.start, sink).entries())
        add(5 + index, logical);
  }
  return { kind: 'mbr', partitions: inside(partitions, source, sink) };
}

interface MbrEntry {
  readonly index: number;
  readonly isActive: boolean;
  readonly type: number;
  readonly start: number;
  readonly count: number;
}

function mbrEntries(sector: Uint8Array): readonly MbrEntry[] {
  const view = viewOf(sector);
  return [0, 1, 2, 3]
    .map((index) => {
      const at = 446 + index * 16;
      const type = sector[at + 4] ?? 0;
      return {
        index,
        isActive: view.getUint8(at) === 0x80,
        type,
        start: view.getUint32(at + 8, true),
        count: view.getUint32(at + 12, true),
      };
    })
    .filter((entry) => entry.type !== 0 && entry.count > 0);
}

/** A chain of tables, each with one partition and the place of the next table. */
function logicalPartitions(
  source: ByteSource,
  extendedStart: number,
  sink: DiagnosticSink,
): readonly MbrEntry[] {
  const found: MbrEntry[] = [];
  const seen = new Set<number>();
  for (let at = extendedStart; ; ) {
    const position = { file: source.path, offsetBytes: at * MBR_SECTOR_BYTES };
    if (seen.has(at) || seen.size > LOGICAL_LIMIT) {
      const reason = 'its chain of logical partitions leads back into itself';
      sink.report(payloadCodes['corrupt'].at(position, { what: 'partition table', reason }));
      return found;
    }
    seen.add(at);
    const sector = source.read(at * MBR_SECTOR_BYTES, MBR_SECTOR_BYTES).slice();
    if (sector[510] !== 0x55 || sector[511] !== 0xaa) return found;
    const [logical, next] = [
      mbrEntries(sector).find(isData),
      mbrEntries(sector).find((entry) => !isData(entry)),
    ];
    if (logical !== undefined) found.push({ ...logical, start: at + logical.start });
    if (next === undefined) return found;
    at = extendedStart + next.start;
  }
}

function isData(entry: MbrEntry): boolean {
  return !EXTENDED.includes(entry.type);
}

/** The primary table, or with a warning the backup at the image's end. */
function readGpt(source: ByteSource, sink: DiagnosticSink): readonly Partition[] | undefined {
  const problems: string[] = [];
  for (const sectorBytes of SECTOR_SIZES) {
    const primary = readGptAt(source, sectorBytes, sectorBytes, problems);
    if (primary !== undefined) return primary;
  }
  const [problem = 'it is not there'] = problems;
  const position = { file: source.path, offsetBytes: MBR_SECTOR_BYTES };
  for (const sectorBytes of SECTOR_SIZES) {
    const backup = readGptAt(source, source.sizeBytes - sectorBytes, sectorBytes, []);
    if (backup === undefined) continue;
    sink.report(payloadCodes['gpt-backup'].at(position, { problem }));
    return backup;
  }
  const reason = `${problem}, and there is no backup at the end`;
  sink.report(payloadCodes['corrupt'].at(position, { what: 'GUID partition table', reason }));
  return undefined;
}

function readGptAt(
  source: ByteSource,
  offsetBytes: number,
  sectorBytes: number,
  problems: string[],
): readonly Partition[] | undefined {
  const header = source.read(Math.max(0, offsetBytes), sectorBytes).slice();
  const view = viewOf(header);
  if (header.length < GPT_HEADER_BYTES || view.getBigUint64(0, true) !== GPT_SIGNATURE) return undefined;
  const headerBytes = view.getUint32(12, true);
  const [entryCount, entryBytes] = [view.getUint32(80, true), view.getUint32(84, true)];
  const [headerCrc, entriesCrc] = [view.getUint32(16, true), view.getUint32(88, true)];
  const refused = (problem: string): undefined => void problems.push(problem);
  if (headerBytes < GPT_HEADER_BYTES || headerBytes > sectorBytes)
    return refused('its header has an impossible size');
  view.setUint32(16, 0, true);
  if (crc32(header.subarray(0, headerBytes)) !== headerCrc)
    return refused("its header's CRC32 does not agree");
  if (entryCount > GPT_ENTRY_LIMIT || entryBytes < 128 || entryBytes > GPT_ENTRY_BYTES_LIMIT) {
    return refused(`it claims ${entryCount} entries of ${entryBytes} bytes`);
  }
  const entries = source.read(u64At(view, 72, true) * sectorBytes, entryCount * entryBytes).slice();
  if (crc32(entries) !== entriesCrc) return refused("its entries' CRC32 does not agree");
  const partitions: Partition[] = [];
  for (let index = 0; index < entryCount; index++) {
    const entry = entries.subarray(index * entryBytes, (index + 1) * entryBytes);
    const entryView = viewOf(entry);
    const [first, last] = [u64At(entryView, 32, true), u64At(entryView, 40, true)];
    if (entry.subarray(0, 16).every((byte) => byte === 0) || last < first) continue;
    const type = guid(entry.subarray(0, 16));
    const isMarked = (entryView.getBigUint64(48, true) & GPT_BOOTABLE) !== 0n;
    partitions.push({
      number: index + 1,
      range: { base: first * sectorBytes, size: (last - first + 1) * sectorBytes },
      type,
      name: utf16Text(entryView, 56, 128),
      uuid: guid(entry.subarray(16, 32)),
      isBootable: isMarked || type === GPT_EFI_SYSTEM,
    });
  }
  return partitions;
}

/** Text of 16-bit units up to a NUL. Not by TextDecoder: a served disk's partitions are read on seL4, too, where the language is all there is. */
function utf16Text(view: DataView, from: number, to: number): string {
  const units: number[] = [];
  for (let at = from; at < to; at += 2) {
    const unit = view.getUint16(at, true);
    if (unit === 0) break;
    units.push(unit);
  }
  return String.fromCharCode(...units);
}

/** A GUID as text: the first three fields are little-endian (UEFI 2.10, appendix A). */
function guid(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const digits = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Partitions that begin outside the image are reported and left out; one that ends outside is reported and kept. */
function inside(
  partitions: readonly Partition[],
  source: ByteSource,
  sink: DiagnosticSink,
): readonly Partition[] {
  return partitions.filter(({ number, range }) => {
    const missingBytes = range.base + range.size - source.sizeBytes;
    if (missingBytes > 0) {
      const position = { file: source.path, offsetBytes: range.base };
      sink.report(payloadCodes['partition-outside'].at(position, { number, missingBytes }));
    }
    return range.base < source.sizeBytes;
  });
}
