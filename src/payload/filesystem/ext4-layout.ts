/**
 * Where things lie in an ext4 filesystem that we make (Linux, Documentation/filesystems/ext4/): blocks of 4 KiB, groups of
 * 32768 blocks, the bitmaps and inode tables of all groups together behind the first superblock (flex_bg), copies of
 * the superblock where sparse_super has them.
 */

export const BLOCK_BYTES = 4096;
export const INODE_BYTES = 256;
export const BLOCKS_PER_GROUP = 8 * BLOCK_BYTES;
const DESCRIPTOR_BYTES = 32;
const INODES_PER_BLOCK = BLOCK_BYTES / INODE_BYTES;
/** The first eleven are reserved, the last of them for lost+found. */
export const INODE = { root: 2, journal: 8, lostAndFound: 11 } as const;
/** An inode for so many bytes of the filesystem, as mke2fs has it; fewer where the tables would not fit into the first group. */
const BYTES_PER_INODE = 16384;
/** A last group that is smaller, and may have no room for its copy of the superblock, is left out. */
const LEAST_GROUP_BLOCKS = 1024;
/** Of the first group, what is left for contents at least. */
const CONTENT_BLOCKS = 1024;

export interface Ext4Layout {
  readonly blockCount: number;
  readonly groupCount: number;
  readonly inodesPerGroup: number;
  readonly descriptorBlocks: number;
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly inodeTableBlocks: number;
  /** The first block for contents. */
  readonly firstFree: number;
}

export function ext4Layout(sizeBytes: number, inodesAtLeast: number): Ext4Layout {
  const allBlocks = Math.floor(sizeBytes / BLOCK_BYTES);
  const rest = allBlocks % BLOCKS_PER_GROUP;
  const blockCount = allBlocks > rest && rest < LEAST_GROUP_BLOCKS ? allBlocks - rest : allBlocks;
  const groupCount = Math.ceil(blockCount / BLOCKS_PER_GROUP);
  const wanted = Math.max(inodesAtLeast, sizeBytes / BYTES_PER_INODE);
  const descriptorBlocks = Math.ceil((groupCount * DESCRIPTOR_BYTES) / BLOCK_BYTES);
  // A copy of the superblock lies at the second group's beginning: the tables end before it.
  const forTables = BLOCKS_PER_GROUP - CONTENT_BLOCKS - 1 - descriptorBlocks - 2 * groupCount;
  const inodeTableBlocks = Math.min(
    Math.ceil(wanted / groupCount / INODES_PER_BLOCK),
    Math.max(0, Math.floor(forTables / groupCount)),
  );
  const blockBitmap = 1 + descriptorBlocks;
  const inodeBitmap = blockBitmap + groupCount;
  const inodeTable = inodeBitmap + groupCount;
  return {
    blockCount,
    groupCount,
    inodesPerGroup: inodeTableBlocks * INODES_PER_BLOCK,
    descriptorBlocks,
    blockBitmap,
    inodeBitmap,
    inodeTable,
    inodeTableBlocks,
    firstFree: inodeTable + groupCount * inodeTableBlocks,
  };
}

/** Whether a group begins with a copy of the superblock and the descriptors: 0, 1 and the powers of 3, 5 and 7. */
export function hasSuperblock(group: number): boolean {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}
