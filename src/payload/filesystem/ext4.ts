/**
 * Reads ext2, ext3 and ext4 (Linux, Documentation/filesystems/ext4/). A reader of our own: the library there is binds
 * e2fsprogs and may write. Left out: the journal, so that a filesystem that was not unmounted is read as it lies, with a
 * warning; metadata checksums; encrypted directories; compressed and journal devices, which are refused.
 */
import { concatBytes, type DiagnosticSink, formatSize } from '../../base/index.ts';
import { type ByteSource, viewOf } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';
import { type BlockRun, ExtentReader, runsSource } from './ext4-extents.ts';
import { type FileNode, type FileSystem, NO_ENTRIES } from './tree.ts';

const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_BYTES = 1024;
const MAGIC = 0xef53;
const ROOT_INODE = 2;

/** s_feature_incompat. */
const INCOMPAT = { compression: 0x1, recover: 0x4, journalDevice: 0x8, metaBg: 0x10, is64Bit: 0x80 } as const;
/** i_flags. */
const INODE_FLAG = { extents: 0x8_0000, inlineData: 0x1000_0000 } as const;
const FAST_SYMLINK_BYTES = 60;
/** A directory that is larger than this holds nothing that we look for. */
const DIRECTORY_LIMIT_BYTES = 64 << 20;

export function isExt4(source: ByteSource): boolean {
  const magic = source.read(SUPERBLOCK_OFFSET + 0x38, 2);
  return magic.length === 2 && viewOf(magic).getUint16(0, true) === MAGIC;
}

/** What of the superblock is needed. */
interface Geometry {
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly firstDataBlock: number;
  readonly inodesPerGroup: number;
  readonly inodeCount: number;
  readonly inodeBytes: number;
  readonly descriptorBytes: number;
  readonly is64Bit: boolean;
  readonly blocksPerGroup: number;
  readonly firstMetaBg: number;
}

interface Inode {
  readonly number: number;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** Refused where the superblock makes no sense; later damage is refused where it is met. */
export function openExt4(source: ByteSource, sink: DiagnosticSink): FileSystem {
  const superblock = source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES).slice();
  const reader = new Ext4(source, geometryOf(source, superblock, sink));
  const uuid = [...superblock.subarray(0x68, 0x78)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return {
    kind: 'ext4',
    label: new TextDecoder().decode(superblock.subarray(0x78, 0x88)).replace(/\0.*$/s, ''),
    uuid: uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    root: reader.node(ROOT_INODE),
    ignoresCase: false,
  };
}

function geometryOf(source: ByteSource, superblock: Uint8Array, sink: DiagnosticSink): Geometry {
  const position = { file: source.path, offsetBytes: SUPERBLOCK_OFFSET };
  const wrong = (reason: string): never =>
    refuse(payloadCodes['corrupt'].at(position, { what: 'ext4 filesystem', reason }));
  if (superblock.length < SUPERBLOCK_BYTES) wrong('it has no superblock');
  const view = viewOf(superblock);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const incompat = u32(0x60);
  if (incompat & (INCOMPAT.compression | INCOMPAT.journalDevice)) {
    const reason = 'it is a journal device, or compressed';
    refuse(payloadCodes['unsupported'].at(position, { what: 'ext4 filesystem', reason }));
  }
  if (incompat & INCOMPAT.recover) sink.report(payloadCodes['dirty-filesystem'].at(position, undefined));
  const is64Bit = (incompat & INCOMPAT.is64Bit) !== 0;
  const logBlock = u32(0x18);
  if (logBlock > 6) wrong(`a block of 2^${logBlock + 10} bytes`);
  const geometry: Geometry = {
    blockBytes: 1024 << logBlock,
    blockCount: u32(4) + (is64Bit ? u32(0x150) * 2 ** 32 : 0),
    firstDataBlock: u32(0x14),
    inodesPerGroup: u32(0x28),
    inodeCount: u32(0),
    inodeBytes: u32(0x4c) === 0 ? 128 : view.getUint16(0x58, true),
    descriptorBytes: is64Bit ? view.getUint16(0xfe, true) : 32,
    is64Bit,
    blocksPerGroup: u32(0x20),
    firstMetaBg: incompat & INCOMPAT.metaBg ? u32(0x104) : Number.POSITIVE_INFINITY,
  };
  if (geometry.inodesPerGroup === 0 || geometry.blocksPerGroup === 0) wrong('its groups are empty');
  if (geometry.inodeBytes < 128 || geometry.inodeBytes > geometry.blockBytes)
    wrong('its inodes are of no possible size');
  if (geometry.descriptorBytes < 32 || geometry.descriptorBytes > 1024)
    wrong('its group descriptors are of no possible size');
  const missingBytes = geometry.blockCount * geometry.blockBytes - source.sizeBytes;
  if (missingBytes > 0) {
    sink.report(payloadCodes['cut-short'].at(position, { what: 'ext4 filesystem', missingBytes }));
  }
  return geometry;
}

class Ext4 {
  readonly #source: ByteSource;
  readonly #geometry: Geometry;
  readonly #extents: ExtentReader;

  constructor(source: ByteSource, geometry: Geometry) {
    this.#source = source;
    this.#geometry = geometry;
    this.#extents = new ExtentReader(source, geometry.blockBytes, geometry.blockCount);
  }

  /** The node of an inode; read now, its content later. */
  node(number: number, above: ReadonlySet<number> = new Set()): FileNode {
    const inode = this.#inode(number);
    const kind = KINDS[inode.mode >> 12] ?? 'other';
    let known: ReadonlyMap<string, FileNode> | undefined;
    return {
      kind,
      sizeBytes: inode.sizeBytes,
      entries: () => {
        if (kind !== 'directory') return NO_ENTRIES;
        known ??= this.#directory(inode, above);
        return known;
      },
      open: () => this.#content(inode),
      target: () => this.#symlink(inode),
    };
  }

  #wrong(inode: number, reason: string): never {
    const what = 'ext4 filesystem';
    return refuse(
      payloadCodes['corrupt'].at({ file: this.#source.path }, { what, reason: `inode ${inode}: ${reason}` }),
    );
  }

  #inode(number: number): Inode {
    const { inodesPerGroup, inodeBytes, inodeCount, blockBytes } = this.#geometry;
    if (number < 1 || number > inodeCount) this.#wrong(number, 'there is no such inode');
    const group = Math.floor((number - 1) / inodesPerGroup);
    const table = this.#inodeTable(group);
    const offset = table * blockBytes + ((number - 1) % inodesPerGroup) * inodeBytes;
    const bytes = this.#source.read(offset, inodeBytes).slice();
    if (bytes.length < inodeBytes) this.#wrong(number, 'its table lies outside the image');
    const view = viewOf(bytes);
    const sizeBytes = view.getUint32(4, true) + view.getUint32(0x6c, true) * 2 ** 32;
    if (!Number.isSafeInteger(sizeBytes)) this.#wrong(number, 'its size is beyond all bounds');
    return { number, mode: view.getUint16(0, true), sizeBytes, flags: view.getUint32(0x20, true), bytes };
  }

  /** First block of a group's inode table (group descriptor, bg_inode_table). */
  #inodeTable(group: number): number {
    const { blockBytes, descriptorBytes, firstDataBlock, firstMetaBg, blocksPerGroup, is64Bit } =
      this.#geometry;
    const perBlock = Math.floor(blockBytes / descriptorBytes);
    const metaBg = Math.floor(group / perBlock);
    // The table follows the superblock, which is in block 1 where blocks have 1024 bytes, else in block 0.
    const afterSuperblock = blockBytes === SUPERBLOCK_OFFSET ? 2 : 1;
    const firstGroup = metaBg * perBlock;
    const block =
      metaBg < firstMetaBg || metaBg === 0
        ? afterSuperblock + metaBg
        : firstDataBlock + firstGroup * blocksPerGroup + (hasSuperblock(firstGroup) ? 1 : 0);
    const at = block * blockBytes + (group % perBlock) * descriptorBytes;
    const bytes = this.#source.read(at, descriptorBytes);
    if (bytes.length < descriptorBytes) this.#wrong(0, `group ${group} lies outside the image`);
    const view = viewOf(bytes);
    const high = is64Bit && descriptorBytes >= 64 ? view.getUint32(0x28, true) : 0;
    return view.getUint32(8, true) + high * 2 ** 32;
  }

  #content(inode: Inode): ByteSource {
    const path = `${this.#source.path}: inode ${inode.number}`;
    const inBlocks = inode.bytes.subarray(0x28, 0x28 + FAST_SYMLINK_BYTES);
    if (inode.flags & INODE_FLAG.inlineData) {
      const whole = concatBytes([inBlocks, inlineRest(inode.bytes)]);
      return {
        path,
        sizeBytes: inode.sizeBytes,
        read: (offset, size) => whole.slice(offset, Math.min(offset + size, inode.sizeBytes)),
      };
    }
    const blocks = Math.ceil(inode.sizeBytes / this.#geometry.blockBytes);
    const reason = (text: string): never => this.#wrong(inode.number, text);
    const runs: readonly BlockRun[] =
      inode.flags & INODE_FLAG.extents
        ? this.#extents.extents(inBlocks, reason)
        : this.#extents.blockMap(inBlocks, blocks, reason);
    return runsSource(this.#source, path, inode.sizeBytes, this.#geometry.blockBytes, runs);
  }

  #symlink(inode: Inode): string {
    if (inode.sizeBytes > 4096)
      this.#wrong(inode.number, `a symbolic link of ${formatSize(inode.sizeBytes)}`);
    const isFast =
      inode.sizeBytes < FAST_SYMLINK_BYTES && !(inode.flags & (INODE_FLAG.extents | INODE_FLAG.inlineData));
    const bytes = isFast
      ? inode.bytes.subarray(0x28, 0x28 + inode.sizeBytes)
      : this.#content(inode).read(0, inode.sizeBytes);
    return new TextDecoder().decode(bytes);
  }

  /** Entries block by block, in order; a hashed directory's index looks like empty entries and is passed over. */
  #directory(inode: Inode, above: ReadonlySet<number>): ReadonlyMap<string, FileNode> {
    if (above.has(inode.number)) this.#wrong(inode.number, 'a directory lies inside itself');
    if (inode.sizeBytes > DIRECTORY_LIMIT_BYTES)
      this.#wrong(inode.number, `a directory of ${formatSize(inode.sizeBytes)}`);
    const inside = new Set([...above, inode.number]);
    const isInline = (inode.flags & INODE_FLAG.inlineData) !== 0;
    const content = this.#content(inode);
    const blockBytes = isInline ? inode.sizeBytes : this.#geometry.blockBytes;
    const entries = new Map<string, FileNode>();
    for (let at = 0; at < inode.sizeBytes; at += blockBytes) {
      const block = content.read(at, blockBytes);
      // An inline directory begins with its parent's inode number in place of `.` and `..`.
      for (const [name, number] of this.#entriesOf(block, isInline ? 4 : 0, inode.number)) {
        entries.set(
          name,
          lazyNode(() => this.node(number, inside)),
        );
      }
    }
    return entries;
  }

  *#entriesOf(block: Uint8Array, start: number, inode: number): Generator<readonly [string, number]> {
    const view = viewOf(block);
    for (let at = start; at + 8 <= block.length; ) {
      const encoded = view.getUint16(at + 4, true);
      const length = encoded === 0xffff || encoded === 0 ? block.length - at : encoded;
      const nameBytes = block[at + 6] ?? 0;
      if (length < 8 || length % 4 !== 0 || at + length > block.length || nameBytes + 8 > length) {
        this.#wrong(inode, 'a directory entry is of no possible length');
      }
      const number = view.getUint32(at, true);
      const name = new TextDecoder().decode(block.subarray(at + 8, at + 8 + nameBytes));
      if (number !== 0 && name !== '.' && name !== '..') {
        if (name === '' || /[/\0]/.test(name))
          this.#wrong(inode, 'a name in a directory is empty or has a slash');
        yield [name, number];
      }
      at += length;
    }
  }
}

/** The file type in the top four bits of i_mode. */
const KINDS: Readonly<Record<number, FileNode['kind']>> = { 4: 'directory', 8: 'file', 10: 'symlink' };

/** sparse_super: superblocks are in groups 0, 1 and powers of 3, 5 and 7. */
function hasSuperblock(group: number): boolean {
  const isPower = (base: number): boolean => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  };
  return group <= 1 || isPower(3) || isPower(5) || isPower(7);
}

/** The inode is read when something of it is asked for. */
function lazyNode(make: () => FileNode): FileNode {
  let made: FileNode | undefined;
  const node = (): FileNode => {
    made ??= make();
    return made;
  };
  return {
    get kind() {
      return node().kind;
    },
    get sizeBytes() {
      return node().sizeBytes;
    },
    entries: () => node().entries(),
    open: () => node().open(),
    target: () => node().target(),
  };
}

/** Inline data past 60 bytes: the extended attribute `system.data` in the inode (Documentation, "Inline Data"). */
function inlineRest(inode: Uint8Array): Uint8Array {
  const none = new Uint8Array(0);
  const view = viewOf(inode);
  if (inode.length < 0x84) return none;
  const header = 128 + view.getUint16(0x80, true);
  if (header + 4 > inode.length || view.getUint32(header, true) !== 0xea02_0000) return none;
  const first = header + 4;
  for (let at = first; at + 16 <= inode.length && view.getUint32(at, true) !== 0; ) {
    const nameBytes = inode[at] ?? 0;
    const name = new TextDecoder().decode(inode.subarray(at + 16, at + 16 + nameBytes));
    if (inode[at + 1] === 7 && name === 'data') {
      const valueAt = first + view.getUint16(at + 2, true);
      return inode.subarray(valueAt, valueAt + view.getUint32(at + 8, true));
    }
    at += (16 + nameBytes + 3) & ~3;
  }
  return none;
}
