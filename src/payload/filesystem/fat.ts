/**
 * Reads FAT12, FAT16 and FAT32 with long names (Microsoft, FAT: General Overview of On-Disk Format 1.03, and its long
 * name supplement). A reader of our own: the library there is needs Node's Buffer and callbacks. exFAT is not read.
 */
import { concatBytes } from '../../base/index.ts';
import { type ByteSource, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';
import { type FileNode, type FileSystem, NO_ENTRIES } from './tree.ts';

const ENTRY_BYTES = 32;
const DIRECTORY_LIMIT_BYTES = 2 << 20;
const ATTRIBUTE = { volume: 0x08, directory: 0x10, longName: 0x0f } as const;

interface Geometry {
  readonly bits: 12 | 16 | 32;
  readonly fatAt: number;
  readonly clusterBytes: number;
  readonly clusterCount: number;
  readonly dataAt: number;
  /** FAT12 and FAT16 have their root directory before the clusters. */
  readonly rootAt: number;
  readonly rootBytes: number;
  readonly rootCluster: number;
}

function geometryOf(boot: Uint8Array): Geometry | undefined {
  if (boot.length < 512 || boot[510] !== 0x55 || boot[511] !== 0xaa) return undefined;
  const view = viewOf(boot);
  const u16 = (offset: number): number => view.getUint16(offset, true);
  const [sectorBytes, sectorsPerCluster, fatCount] = [u16(11), boot[13] ?? 0, boot[16] ?? 0];
  if (
    ![512, 1024, 2048, 4096].includes(sectorBytes) ||
    ![1, 2, 4, 8, 16, 32, 64, 128].includes(sectorsPerCluster)
  ) {
    return undefined;
  }
  const reserved = u16(14);
  const fatSectors = u16(22) || view.getUint32(36, true);
  if (reserved === 0 || fatCount === 0 || fatCount > 4 || fatSectors === 0) return undefined;
  const rootBytes = u16(17) * ENTRY_BYTES;
  const rootSectors = Math.ceil(rootBytes / sectorBytes);
  const total = u16(19) || view.getUint32(32, true);
  const dataSector = reserved + fatCount * fatSectors + rootSectors;
  const clusterCount = Math.floor((total - dataSector) / sectorsPerCluster);
  if (clusterCount < 1) return undefined;
  const bits = clusterCount < 4085 ? 12 : clusterCount < 65525 ? 16 : 32;
  if (fatSectors * sectorBytes * 8 < clusterCount * bits) return undefined;
  return {
    bits,
    fatAt: reserved * sectorBytes,
    clusterBytes: sectorBytes * sectorsPerCluster,
    clusterCount,
    dataAt: dataSector * sectorBytes,
    rootAt: (reserved + fatCount * fatSectors) * sectorBytes,
    rootBytes,
    rootCluster: bits === 32 ? view.getUint32(44, true) : 0,
  };
}

export function isFat(source: ByteSource): boolean {
  return geometryOf(source.read(0, 512)) !== undefined;
}

/** @param source one for which {@link isFat} holds */
export function openFat(source: ByteSource): FileSystem {
  const boot = source.read(0, 512).slice();
  const geometry = geometryOf(boot);
  if (geometry === undefined) throw new Error('openFat is given a FAT filesystem');
  const fields = geometry.bits === 32 ? 67 : 39;
  const serial = viewOf(boot).getUint32(fields, true).toString(16).toUpperCase().padStart(8, '0');
  const reader = new Fat(source, geometry);
  return {
    kind: 'fat',
    label: new TextDecoder('latin1').decode(boot.subarray(fields + 4, fields + 15)).trim(),
    uuid: `${serial.slice(0, 4)}-${serial.slice(4)}`,
    root: reader.root(),
    ignoresCase: true,
  };
}

class Fat {
  readonly #source: ByteSource;
  readonly #geometry: Geometry;

  constructor(source: ByteSource, geometry: Geometry) {
    this.#source = source;
    this.#geometry = geometry;
  }

  root(): FileNode {
    const { rootAt, rootBytes, rootCluster, bits } = this.#geometry;
    return this.#directoryNode(
      () =>
        bits === 32
          ? this.#clusters(rootCluster, DIRECTORY_LIMIT_BYTES)
          : this.#source.read(rootAt, rootBytes),
      new Set([rootCluster]),
    );
  }

  #wrong(reason: string): never {
    const what = 'FAT filesystem';
    return refuse(payloadCodes['corrupt'].at({ file: this.#source.path }, { what, reason }));
  }

  /** The cluster after this one; `undefined` at the end of a chain. */
  #next(cluster: number): number | undefined {
    const { bits, fatAt } = this.#geometry;
    const at = fatAt + Math.floor((cluster * bits) / 8);
    const bytes = this.#source.read(at, 4);
    if (bytes.length * 8 < bits) this.#wrong('its table is cut short');
    let [value, end] = [0, 0];
    if (bits === 32) [value, end] = [viewOf(bytes).getUint32(0, true) & 0x0fff_ffff, 0x0fff_fff8];
    else if (bits === 16) [value, end] = [viewOf(bytes).getUint16(0, true), 0xfff8];
    else [value, end] = [(viewOf(bytes).getUint16(0, true) >> (cluster % 2 === 0 ? 0 : 4)) & 0xfff, 0xff8];
    return value >= end ? undefined : value;
  }

  /** The clusters of a chain, at most as many as the limit needs; a loop or a stray number is refused. */
  #chain(first: number, limitBytes: number): readonly number[] {
    const { clusterCount, clusterBytes } = this.#geometry;
    const most = Math.ceil(limitBytes / clusterBytes);
    const chain: number[] = [];
    const seen = new Set<number>();
    for (
      let cluster: number | undefined = first;
      cluster !== undefined && chain.length < most;
      cluster = this.#next(cluster)
    ) {
      if (cluster < 2 || cluster >= clusterCount + 2) this.#wrong(`cluster ${cluster} does not exist`);
      if (seen.has(cluster)) this.#wrong('a chain of clusters leads back into itself');
      seen.add(cluster);
      chain.push(cluster);
    }
    return chain;
  }

  #clusterAt(cluster: number): number {
    return this.#geometry.dataAt + (cluster - 2) * this.#geometry.clusterBytes;
  }

  #clusters(first: number, limitBytes: number): Uint8Array {
    const { clusterBytes } = this.#geometry;
    return concatBytes(
      this.#chain(first, limitBytes).map((cluster) =>
        this.#source.read(this.#clusterAt(cluster), clusterBytes).slice(),
      ),
    );
  }

  #directoryNode(content: () => Uint8Array, above: ReadonlySet<number>): FileNode {
    let known: ReadonlyMap<string, FileNode> | undefined;
    return {
      kind: 'directory',
      sizeBytes: 0,
      entries: () => {
        known ??= this.#entries(content(), above);
        return known;
      },
      open: () => this.#wrong('a directory is read as a file'),
      target: () => '',
    };
  }

  #entries(directory: Uint8Array, above: ReadonlySet<number>): ReadonlyMap<string, FileNode> {
    const entries = new Map<string, FileNode>();
    let longParts: string[] = [];
    let longChecksum = -1;
    for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
      const entry = directory.subarray(at, at + ENTRY_BYTES);
      const [first = 0] = entry;
      if (first === 0) break;
      const attributes = entry[11] ?? 0;
      if (first === 0xe5) {
        longParts = [];
      } else if ((attributes & 0x3f) === ATTRIBUTE.longName) {
        if (first & 0x40) longParts = [];
        longChecksum = entry[13] ?? 0;
        longParts.unshift(longPart(entry));
      } else {
        const isLong = longParts.length > 0 && longChecksum === shortChecksum(entry);
        const name = isLong ? longParts.join('').replace(/\0.*$/s, '') : shortName(entry);
        longParts = [];
        if (attributes & ATTRIBUTE.volume || name === '.' || name === '..' || /[/\0]/.test(name)) continue;
        entries.set(name, this.#node(entry, above));
      }
    }
    return entries;
  }

  #node(entry: Uint8Array, above: ReadonlySet<number>): FileNode {
    const view = viewOf(entry);
    const high = this.#geometry.bits === 32 ? view.getUint16(20, true) : 0;
    const first = view.getUint16(26, true) + high * 2 ** 16;
    if ((entry[11] ?? 0) & ATTRIBUTE.directory) {
      return this.#directoryNode(
        () => {
          if (above.has(first)) this.#wrong('a directory lies inside itself');
          return this.#clusters(first, DIRECTORY_LIMIT_BYTES);
        },
        new Set([...above, first]),
      );
    }
    const sizeBytes = view.getUint32(28, true);
    return {
      kind: 'file',
      sizeBytes,
      entries: () => NO_ENTRIES,
      open: () => this.#file(first, sizeBytes),
      target: () => '',
    };
  }

  #file(first: number, sizeBytes: number): ByteSource {
    const { clusterBytes } = this.#geometry;
    const chain = sizeBytes === 0 ? [] : this.#chain(first, sizeBytes);
    if (chain.length * clusterBytes < sizeBytes) this.#wrong('a file is longer than its chain of clusters');
    return {
      path: `${this.#source.path}: cluster ${first}`,
      sizeBytes,
      read: (offsetBytes, wantedBytes) => {
        const end = Math.min(offsetBytes + wantedBytes, sizeBytes);
        const pieces: Uint8Array[] = [];
        for (let at = offsetBytes; at < end; ) {
          const within = at % clusterBytes;
          const length = Math.min(clusterBytes - within, end - at);
          const cluster = chain[Math.floor(at / clusterBytes)] ?? 2;
          pieces.push(this.#source.read(this.#clusterAt(cluster) + within, length).slice());
          at += length;
        }
        return concatBytes(pieces);
      },
    };
  }
}

/** Thirteen UTF-16 units in three places. */
function longPart(entry: Uint8Array): string {
  const units = [entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)];
  return new TextDecoder('utf-16le').decode(concatBytes(units)).replace(/\uffff+$/, '');
}

function shortChecksum(entry: Uint8Array): number {
  return entry.subarray(0, 11).reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** `README  TXT`, with the bits that NT keeps for lower case. */
function shortName(entry: Uint8Array): string {
  const text = (from: number, to: number): string =>
    new TextDecoder('latin1').decode(entry.subarray(from, to)).trimEnd();
  const flags = entry[12] ?? 0;
  const base = flags & 0x08 ? text(0, 8).toLowerCase() : text(0, 8);
  const extension = flags & 0x10 ? text(8, 11).toLowerCase() : text(8, 11);
  return extension === '' ? base : `${base}.${extension}`;
}
