/**
 * Makes ext4 filesystems from a tree of files: extents, a journal, no checksums and no hashed directories. The same tree
 * gives the same bytes: times are the files' own, inodes are numbered as the tree is gone through. `mke2fs -d` would do but for the owners: it takes
 * them from files of this machine, which only root can make right.
 */
import { alignUp, Refusal } from '../../base/index.ts';
import { type ByteSource, bytesSource, viewOf } from '../bytes/source.ts';
import { FILE_TYPE } from '../cpio/writer.ts';
import {
  BLOCK_BYTES,
  BLOCKS_PER_GROUP,
  type Ext4Layout,
  ext4Layout,
  hasSuperblock,
  INODE,
  INODE_BYTES,
} from './ext4-layout.ts';
import { EXTRA_ISIZE, groupDescriptors, superblock } from './ext4-superblock.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from './memory-node.ts';
import type { FileAttributes, FileNode } from './tree.ts';

/** Where the filesystem's bytes go; what is never written is zeros. */
export type ImageWrite = (offsetBytes: number, content: Uint8Array) => void;

export interface Ext4Options {
  readonly sizeBytes: number;
  readonly uuid: string;
  readonly label?: string;
}

/** The tree doesn't fit in the filesystem. */
export class Ext4Full extends Refusal {
  override readonly name = 'Ext4Full';
}

const JOURNAL_BYTES = 4 * 2 ** 20;
const PIECE_BYTES = 2 ** 20;
const EXTENT_LIMIT_BLOCKS = 32768;
const ROOT_EXTENTS = 4;
const [EXTENTS_FLAG, FAST_SYMLINK_BYTES, I_BLOCK_BYTES] = [0x8_0000, 60, 60];
/** The type in a directory's entry. */
const ENTRY_TYPE = { file: 1, directory: 2, symlink: 7 } as const;
const TYPE_BITS = {
  file: FILE_TYPE.file,
  directory: FILE_TYPE.directory,
  symlink: FILE_TYPE.symlink,
} as const;
type Kind = keyof typeof ENTRY_TYPE;

/** A file, a directory or a link, once, however many names it has. */
interface Entry {
  readonly number: number;
  readonly kind: Kind;
  readonly attributes: FileAttributes;
  readonly node: FileNode;
  /** A directory's: itself for the root. */
  readonly parent: number;
  links: number;
}

interface Extent {
  readonly logical: number;
  readonly physical: number;
  readonly count: number;
}

/** Writes the filesystem; throws {@link Ext4Full}. Nodes that are neither file, directory nor link are left out. */
export function writeExt4(root: FileNode, options: Ext4Options, write: ImageWrite): void {
  const entries = numbered(root);
  const inodeCount = INODE.lostAndFound + entries.size;
  new Ext4Writer(ext4Layout(options.sizeBytes, inodeCount), inodeCount, write).run(entries, options);
}

const isKept = (node: FileNode): node is FileNode & { readonly kind: Kind } => node.kind !== 'other';

/** Every node with its inode, parents first. */
function numbered(root: FileNode): ReadonlyMap<FileNode, Entry> {
  const entries = new Map<FileNode, Entry>();
  let next: number = INODE.lostAndFound + 1;
  const enter = (node: FileNode & { readonly kind: Kind }, number: number, parent: number): Entry => {
    const attributes = node.attributes ?? DIRECTORY_ATTRIBUTES;
    const links = node.kind === 'directory' ? 2 : 0;
    const entry = { number, kind: node.kind, attributes, node, parent, links };
    entries.set(node, entry);
    return entry;
  };
  if (!isKept(root)) return entries;
  const pending = [enter(root, INODE.root, INODE.root)];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const node of directory.node.entries().values()) {
      if (!isKept(node)) continue;
      const known = entries.get(node);
      const entry = known ?? enter(node, next++, directory.number);
      if (entry.kind === 'directory') {
        directory.links += 1;
        if (known === undefined) pending.push(entry);
      } else entry.links += 1;
    }
  }
  return entries;
}

class Ext4Writer {
  readonly #layout: Ext4Layout;
  readonly #write: ImageWrite;
  readonly #usedBlocks: Uint8Array;
  readonly #usedInodes: Uint8Array;
  readonly #directories: number[];
  readonly #inodes: Uint8Array;
  #nextBlock: number;

  /** @param inodeCount how many inodes are used, the reserved ones among them */
  constructor(layout: Ext4Layout, inodeCount: number, write: ImageWrite) {
    this.#layout = layout;
    this.#write = write;
    if (layout.firstFree >= layout.blockCount || inodeCount > layout.inodesPerGroup * layout.groupCount) {
      throw new Ext4Full('there is no room for its own tables');
    }
    this.#usedBlocks = new Uint8Array(layout.groupCount * BLOCKS_PER_GROUP);
    this.#usedBlocks.fill(1, layout.blockCount);
    this.#usedBlocks.fill(1, 0, layout.firstFree);
    for (let group = 1; group < layout.groupCount; group += 1) {
      const start = group * BLOCKS_PER_GROUP;
      if (hasSuperblock(group)) this.#usedBlocks.fill(1, start, start + 1 + layout.descriptorBlocks);
    }
    this.#usedInodes = new Uint8Array(layout.groupCount * layout.inodesPerGroup);
    this.#usedInodes.fill(1, 0, INODE.lostAndFound);
    this.#directories = new Array<number>(layout.groupCount).fill(0);
    this.#inodes = new Uint8Array(inodeCount * INODE_BYTES);
    this.#nextBlock = layout.firstFree;
  }

  run(entries: ReadonlyMap<FileNode, Entry>, { uuid, label = '' }: Ext4Options): void {
    const journal = this.#journal();
    const lostAndFound: Entry = {
      number: INODE.lostAndFound,
      kind: 'directory',
      attributes: { ...DIRECTORY_ATTRIBUTES, permissions: 0o700 },
      node: new MemoryNode('directory', DIRECTORY_ATTRIBUTES),
      parent: INODE.root,
      links: 2,
    };
    this.#put(lostAndFound, this.#directory(lostAndFound, entries));
    for (const entry of entries.values()) {
      if (entry.number === INODE.root) {
        entry.links += 1;
        this.#put(entry, this.#directory(entry, entries, lostAndFound));
      } else if (entry.kind === 'directory') this.#put(entry, this.#directory(entry, entries));
      else if (entry.kind === 'file') this.#put(entry, entry.node.open());
      else this.#putLink(entry);
    }
    this.#finish({ uuid: uuidBytes(uuid), label }, journal);
  }

  /** A file's content into blocks of its own, and its inode. */
  #put(entry: Entry, content: ByteSource): Uint8Array {
    const extents = this.#allocate(Math.ceil(content.sizeBytes / BLOCK_BYTES));
    for (const { logical, physical, count } of extents) {
      const end = Math.min((logical + count) * BLOCK_BYTES, content.sizeBytes);
      for (let at = logical * BLOCK_BYTES; at < end; at += PIECE_BYTES) {
        const piece = content.read(at, Math.min(PIECE_BYTES, end - at));
        this.#write((physical - logical) * BLOCK_BYTES + at, piece);
      }
    }
    const block = extentRoot(extents);
    this.#inode(entry, block, content.sizeBytes, EXTENTS_FLAG);
    return block;
  }

  /** A short target lies in the inode itself. */
  #putLink(entry: Entry): void {
    const target = new TextEncoder().encode(entry.node.target());
    if (target.length >= FAST_SYMLINK_BYTES) this.#put(entry, bytesSource('', target));
    else this.#inode(entry, target, target.length, 0);
  }

  #inode(entry: Entry, block: Uint8Array, sizeBytes: number, flags: number): void {
    const index = entry.number - 1;
    const view = viewOf(this.#inodes.subarray(index * INODE_BYTES, (index + 1) * INODE_BYTES));
    const { permissions, uid, gid, modifiedSeconds } = entry.attributes;
    const blocks = flags === EXTENTS_FLAG ? Math.ceil(sizeBytes / BLOCK_BYTES) : 0;
    view.setUint16(0x00, TYPE_BITS[entry.kind] | permissions, true);
    view.setUint16(0x02, uid & 0xffff, true);
    view.setUint32(0x04, sizeBytes, true);
    for (const at of [0x08, 0x0c, 0x10]) view.setUint32(at, modifiedSeconds, true);
    view.setUint16(0x18, gid & 0xffff, true);
    view.setUint16(0x1a, entry.links, true);
    view.setUint32(0x1c, (blocks * BLOCK_BYTES) / 512, true);
    view.setUint32(0x20, flags, true);
    this.#inodes.set(block, index * INODE_BYTES + 0x28);
    view.setUint16(0x78, uid >>> 16, true);
    view.setUint16(0x7a, gid >>> 16, true);
    view.setUint16(0x80, EXTRA_ISIZE, true);
    this.#usedInodes[index] = 1;
    if (entry.kind !== 'directory') return;
    const group = Math.floor(index / this.#layout.inodesPerGroup);
    this.#directories[group] = (this.#directories[group] ?? 0) + 1;
  }

  /** Blocks in order, around what is taken already. */
  #allocate(count: number): readonly Extent[] {
    const extents: Extent[] = [];
    let logical = 0;
    while (logical < count) {
      while (this.#usedBlocks[this.#nextBlock] === 1) this.#nextBlock += 1;
      const physical = this.#nextBlock;
      if (physical >= this.#layout.blockCount) throw new Ext4Full('there are no blocks left');
      const limit = physical + Math.min(count - logical, EXTENT_LIMIT_BLOCKS);
      while (this.#nextBlock < limit && this.#usedBlocks[this.#nextBlock] === 0) this.#nextBlock += 1;
      this.#usedBlocks.fill(1, physical, this.#nextBlock);
      extents.push({ logical, physical, count: this.#nextBlock - physical });
      logical += this.#nextBlock - physical;
    }
    return extents;
  }

  /** The entries of a directory, none across the end of a block; each block's last reaches to it. */
  #directory(entry: Entry, entries: ReadonlyMap<FileNode, Entry>, lostAndFound?: Entry): ByteSource {
    const names: [string, number, Kind][] = [
      ['.', entry.number, 'directory'],
      ['..', entry.parent, 'directory'],
    ];
    if (lostAndFound !== undefined) names.push(['lost+found', lostAndFound.number, 'directory']);
    for (const [name, node] of entry.node.entries()) {
      const { number, kind } = entries.get(node) ?? {};
      if (number !== undefined && kind !== undefined) names.push([name, number, kind]);
    }
    const blocks: Uint8Array[] = [];
    let view = viewOf(new Uint8Array(0));
    let [at, last] = [BLOCK_BYTES, 0];
    for (const [name, number, kind] of names) {
      const text = new TextEncoder().encode(name);
      const size = 8 + alignUp(text.length, 4);
      if (at + size > BLOCK_BYTES) {
        if (blocks.length > 0) view.setUint16(last + 4, BLOCK_BYTES - last, true);
        const block = new Uint8Array(BLOCK_BYTES);
        blocks.push(block);
        view = viewOf(block);
        at = 0;
      }
      view.setUint32(at, number, true);
      view.setUint16(at + 4, size, true);
      view.setUint8(at + 6, text.length);
      view.setUint8(at + 7, ENTRY_TYPE[kind]);
      new Uint8Array(view.buffer, view.byteOffset + at + 8).set(text);
      last = at;
      at += size;
    }
    view.setUint16(last + 4, BLOCK_BYTES - last, true);
    const whole = new Uint8Array(blocks.length * BLOCK_BYTES);
    for (const [index, block] of blocks.entries()) whole.set(block, index * BLOCK_BYTES);
    return bytesSource('', whole);
  }

  /** A journal with nothing in it (JBD2, version 2: big-endian). Its blocks but the first are zeros. */
  #journal(): Uint8Array {
    const bytes = new Uint8Array(BLOCK_BYTES);
    const view = viewOf(bytes);
    const fields = [0xc03b_3998, 4, 0, BLOCK_BYTES, JOURNAL_BYTES / BLOCK_BYTES, 1, 1, 0] as const;
    for (const [index, value] of fields.entries()) view.setUint32(4 * index, value, false);
    view.setUint32(0x40, 1, false); // s_nr_users
    const source: ByteSource = {
      path: '',
      sizeBytes: JOURNAL_BYTES,
      read: (offset, size) => (offset === 0 ? bytes.subarray(0, size) : new Uint8Array(0)),
    };
    const node = new MemoryNode('file', { ...DIRECTORY_ATTRIBUTES, permissions: 0o600 }, source);
    const { attributes } = node;
    const entry: Entry = {
      number: INODE.journal,
      kind: 'file',
      attributes,
      node,
      parent: INODE.root,
      links: 1,
    };
    return this.#put(entry, source);
  }

  #finish(names: { readonly uuid: Uint8Array; readonly label: string }, journal: Uint8Array): void {
    const { groupCount, inodesPerGroup, blockBitmap, inodeBitmap, inodeTable } = this.#layout;
    const [freeBlocks, freeInodes]: [number[], number[]] = [[], []];
    for (let group = 0; group < groupCount; group += 1) {
      const blocks = this.#usedBlocks.subarray(group * BLOCKS_PER_GROUP, (group + 1) * BLOCKS_PER_GROUP);
      const inodes = this.#usedInodes.subarray(group * inodesPerGroup, (group + 1) * inodesPerGroup);
      freeBlocks.push(blocks.reduce((free, used) => free + 1 - used, 0));
      freeInodes.push(inodes.reduce((free, used) => free + 1 - used, 0));
      this.#write((blockBitmap + group) * BLOCK_BYTES, bitmap(blocks));
      this.#write((inodeBitmap + group) * BLOCK_BYTES, bitmap(inodes));
    }
    this.#write(inodeTable * BLOCK_BYTES, this.#inodes);
    const totals = {
      freeBlocks,
      freeInodes,
      directories: this.#directories,
      journal: { block: journal, sizeBytes: JOURNAL_BYTES },
    };
    const descriptors = groupDescriptors(this.#layout, totals);
    for (let group = 0; group < groupCount; group += 1) {
      if (!hasSuperblock(group)) continue;
      const start = group * BLOCKS_PER_GROUP * BLOCK_BYTES;
      this.#write(group === 0 ? 1024 : start, superblock(this.#layout, totals, { ...names, group }));
      this.#write(start + BLOCK_BYTES, descriptors);
    }
  }
}

function extentRoot(extents: readonly Extent[]): Uint8Array {
  if (extents.length > ROOT_EXTENTS) throw new Ext4Full('a file is too large');
  const bytes = new Uint8Array(I_BLOCK_BYTES);
  const view = viewOf(bytes);
  view.setUint16(0, 0xf30a, true);
  view.setUint16(2, extents.length, true);
  view.setUint16(4, ROOT_EXTENTS, true);
  for (const [index, { logical, physical, count }] of extents.entries()) {
    const at = 12 * (index + 1);
    view.setUint32(at, logical, true);
    view.setUint16(at + 4, count, true);
    view.setUint32(at + 8, physical, true);
  }
  return bytes;
}

/** A bit for each, the rest of the block set. */
function bitmap(used: Uint8Array): Uint8Array {
  const bits = new Uint8Array(BLOCK_BYTES).fill(0xff);
  for (const [index, flag] of used.entries()) {
    if (flag === 0) bits[index >> 3] = (bits[index >> 3] ?? 0) & ~(1 << (index & 7));
  }
  return bits;
}

function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from(uuid.replaceAll('-', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
