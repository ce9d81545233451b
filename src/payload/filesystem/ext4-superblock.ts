/** The superblock and the group descriptors of an ext4 filesystem that we make; its fields at their offsets. */
import { viewOf } from '../bytes/source.ts';
import { BLOCK_BYTES, BLOCKS_PER_GROUP, type Ext4Layout, INODE, INODE_BYTES } from './ext4-layout.ts';

const SUPERBLOCK_BYTES = 1024;

const COMPAT_HAS_JOURNAL = 0x4;
const INCOMPAT = { filetype: 0x2, extents: 0x40, flexBg: 0x200 } as const;
const RO_COMPAT = { sparseSuper: 0x1, largeFile: 0x2, extraIsize: 0x40 } as const;
/** EXT4_EXTRA_ISIZE: what an inode has beyond the 128 bytes of ext2. */
export const EXTRA_ISIZE = 32;
/** All groups that a filesystem of two TiB has are one flexible group. */
const LOG_GROUPS_PER_FLEX = 14;
const NEVER = 0xffff;

/** What of a filesystem is only known at its end. */
export interface Ext4Totals {
  readonly freeBlocks: readonly number[];
  readonly freeInodes: readonly number[];
  readonly directories: readonly number[];
  /** The journal's i_block and size, which the superblock keeps a copy of. */
  readonly journal: { readonly block: Uint8Array; readonly sizeBytes: number };
}

export function superblock(
  layout: Ext4Layout,
  totals: Ext4Totals,
  { uuid, label, group }: { readonly uuid: Uint8Array; readonly label: string; readonly group: number },
): Uint8Array {
  const bytes = new Uint8Array(SUPERBLOCK_BYTES);
  const view = viewOf(bytes);
  const u32 = (offset: number, value: number): void => view.setUint32(offset, value, true);
  const u16 = (offset: number, value: number): void => view.setUint16(offset, value, true);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  u32(0x00, layout.inodesPerGroup * layout.groupCount); // s_inodes_count
  u32(0x04, layout.blockCount);
  u32(0x0c, sum(totals.freeBlocks));
  u32(0x10, sum(totals.freeInodes));
  u32(0x18, 2); // s_log_block_size
  u32(0x1c, 2); // s_log_cluster_size
  u32(0x20, BLOCKS_PER_GROUP);
  u32(0x24, BLOCKS_PER_GROUP); // s_clusters_per_group
  u32(0x28, layout.inodesPerGroup);
  u16(0x36, NEVER); // s_max_mnt_count
  u16(0x38, 0xef53); // s_magic
  u16(0x3a, 1); // s_state: cleanly unmounted
  u16(0x3c, 1); // s_errors: continue
  u32(0x4c, 1); // s_rev_level
  u32(0x54, INODE.lostAndFound); // s_first_ino
  u16(0x58, INODE_BYTES);
  u16(0x5a, group); // s_block_group_nr
  u32(0x5c, COMPAT_HAS_JOURNAL);
  u32(0x60, INCOMPAT.filetype | INCOMPAT.extents | INCOMPAT.flexBg);
  u32(0x64, RO_COMPAT.sparseSuper | RO_COMPAT.largeFile | RO_COMPAT.extraIsize);
  bytes.set(uuid, 0x68);
  bytes.set(new TextEncoder().encode(label).subarray(0, 16), 0x78);
  u32(0xe0, INODE.journal); // s_journal_inum
  bytes.set(uuid, 0xec); // s_hash_seed
  bytes[0xfd] = 1; // s_jnl_backup_type
  bytes.set(totals.journal.block, 0x10c); // s_jnl_blocks
  u32(0x10c + 60, 0);
  u32(0x10c + 64, totals.journal.sizeBytes);
  u16(0x15c, EXTRA_ISIZE); // s_min_extra_isize
  u16(0x15e, EXTRA_ISIZE); // s_want_extra_isize
  bytes[0x174] = LOG_GROUPS_PER_FLEX;
  return bytes;
}

export function groupDescriptors(layout: Ext4Layout, totals: Ext4Totals): Uint8Array {
  const bytes = new Uint8Array(layout.descriptorBlocks * BLOCK_BYTES);
  const view = viewOf(bytes);
  for (let group = 0; group < layout.groupCount; group += 1) {
    const at = 32 * group;
    view.setUint32(at, layout.blockBitmap + group, true);
    view.setUint32(at + 4, layout.inodeBitmap + group, true);
    view.setUint32(at + 8, layout.inodeTable + group * layout.inodeTableBlocks, true);
    view.setUint16(at + 12, totals.freeBlocks[group] ?? 0, true);
    view.setUint16(at + 14, totals.freeInodes[group] ?? 0, true);
    view.setUint16(at + 16, totals.directories[group] ?? 0, true);
  }
  return bytes;
}
