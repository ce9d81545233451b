/** Where an ext4 file's blocks lie: extent trees, and the block maps of ext2 and ext3. */
import { type ByteSource, viewOf } from '../bytes/source.ts';

/** Blocks that follow one another; those before it that no run has are holes. */
export interface BlockRun {
  readonly logical: number;
  readonly count: number;
  readonly physical: number;
}

/** Refuses the inode that is being read. */
export type Wrong = (reason: string) => never;

const EXTENT_MAGIC = 0xf30a;
const EXTENT_BYTES = 12;
/** The format's own limit (EXT4_MAX_EXTENT_DEPTH). */
const DEPTH_LIMIT = 5;
/** A longer extent is one that is allocated and not written: it reads as zeros. */
const WRITTEN_LIMIT = 32768;
const RUN_LIMIT = 1 << 20;
const DIRECT_BLOCKS = 12;

export class ExtentReader {
  readonly #source: ByteSource;
  readonly #blockBytes: number;
  readonly #blockCount: number;

  constructor(source: ByteSource, blockBytes: number, blockCount: number) {
    this.#source = source;
    this.#blockBytes = blockBytes;
    this.#blockCount = blockCount;
  }

  /** The runs of an extent tree whose root is in the inode, sorted. */
  extents(root: Uint8Array, wrong: Wrong): readonly BlockRun[] {
    const runs: BlockRun[] = [];
    const pending: { readonly node: Uint8Array; readonly depthLimit: number }[] = [
      { node: root, depthLimit: DEPTH_LIMIT },
    ];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const view = viewOf(next.node);
      const [count, depth] = [view.getUint16(2, true), view.getUint16(6, true)];
      if (view.getUint16(0, true) !== EXTENT_MAGIC) wrong('an extent tree has no magic number');
      if ((count + 1) * EXTENT_BYTES > next.node.length) wrong('an extent node has more entries than room');
      if (depth > next.depthLimit) wrong('an extent tree does not get shallower');
      for (let at = EXTENT_BYTES; at < (count + 1) * EXTENT_BYTES; at += EXTENT_BYTES) {
        if (depth > 0) {
          const child = view.getUint32(at + 4, true) + view.getUint16(at + 8, true) * 2 ** 32;
          pending.push({ node: this.#block(child, wrong), depthLimit: depth - 1 });
          continue;
        }
        const length = view.getUint16(at + 4, true);
        const physical = view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * 2 ** 32;
        if (length > WRITTEN_LIMIT) continue;
        if (physical + length > this.#blockCount) wrong('an extent lies outside the filesystem');
        runs.push({ logical: view.getUint32(at, true), count: length, physical });
      }
      if (runs.length + pending.length > RUN_LIMIT) wrong('it has too many extents');
    }
    return runs.sort((a, b) => a.logical - b.logical);
  }

  /** The runs of a block map: 12 blocks, then one, two and three levels of blocks of block numbers. */
  blockMap(root: Uint8Array, blocks: number, wrong: Wrong): readonly BlockRun[] {
    const runs: { logical: number; count: number; physical: number }[] = [];
    const add = (logical: number, physical: number): void => {
      if (physical === 0) return;
      if (physical >= this.#blockCount) wrong('a block lies outside the filesystem');
      const last = runs.at(-1);
      if (
        last !== undefined &&
        last.logical + last.count === logical &&
        last.physical + last.count === physical
      ) {
        last.count += 1;
      } else {
        if (runs.length > RUN_LIMIT) wrong('it has too many fragments');
        runs.push({ logical, count: 1, physical });
      }
    };
    const perBlock = this.#blockBytes / 4;
    let read = 0;
    const visit = (block: number, level: number, logical: number): void => {
      if (level === 0) add(logical, block);
      if (level === 0 || block === 0 || logical >= blocks) return;
      if (++read > RUN_LIMIT) wrong('it has too many fragments');
      const view = viewOf(this.#block(block, wrong));
      const span = perBlock ** (level - 1);
      for (let index = 0; index < perBlock && logical + index * span < blocks; index++) {
        visit(view.getUint32(index * 4, true), level - 1, logical + index * span);
      }
    };
    const view = viewOf(root);
    let logical = 0;
    for (let index = 0; index < DIRECT_BLOCKS + 3; index++) {
      const level = Math.max(0, index - DIRECT_BLOCKS + 1);
      if (logical >= blocks) break;
      visit(view.getUint32(index * 4, true), level, logical);
      logical += perBlock ** level;
    }
    return runs;
  }

  #block(number: number, wrong: Wrong): Uint8Array {
    const block =
      number < this.#blockCount ? this.#source.read(number * this.#blockBytes, this.#blockBytes) : undefined;
    if (block === undefined || block.length < this.#blockBytes)
      return wrong('a block lies outside the filesystem');
    return block.slice();
  }
}

/** Runs as a source; holes are zeros. */
export function runsSource(
  image: ByteSource,
  path: string,
  sizeBytes: number,
  blockBytes: number,
  runs: readonly BlockRun[],
): ByteSource {
  return {
    path,
    sizeBytes,
    read(offsetBytes, wantedBytes) {
      const length = Math.max(0, Math.min(wantedBytes, sizeBytes - offsetBytes));
      const result = new Uint8Array(length);
      for (let at = firstRun(runs, Math.floor(offsetBytes / blockBytes)); at < runs.length; at++) {
        const run = runs[at] as BlockRun;
        const start = run.logical * blockBytes;
        if (start >= offsetBytes + length) break;
        const from = Math.max(start, offsetBytes);
        const to = Math.min(start + run.count * blockBytes, offsetBytes + length);
        if (to > from)
          result.set(image.read(run.physical * blockBytes + from - start, to - from), from - offsetBytes);
      }
      return result;
    },
  };
}

/** The first run that may hold a block or one after it. */
function firstRun(runs: readonly BlockRun[], block: number): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const run = runs[middle] as BlockRun;
    if (run.logical + run.count <= block) low = middle + 1;
    else high = middle;
  }
  return low;
}
