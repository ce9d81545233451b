/** Whose part of a served disk is where: what a partition table says, for the clients that are to have its partitions. */
import { DiagnosticSink, Refusal } from '../base/index.ts';
import { STORE_SECTOR_BYTES } from '../device/index.ts';
import { readPartitionTable } from '../payload/index.ts';
import { TRANSFER_BYTES } from './sddf-block-queue.ts';

/** The first blocks of a disk: a GPT with 128 entries ends within them (UEFI 2.10 §5.3). */
export const TABLE_BLOCKS = 5;

/** A partition in blocks of {@link TRANSFER_BYTES}. */
export interface ServedPartition {
  readonly firstBlock: number;
  readonly blocks: number;
}

/** A partition by its number. Throws {@link Refusal} where there is none, or none that can be served. */
export function findPartition(head: Uint8Array, capacityBlocks: number, wanted: number): ServedPartition {
  const source = {
    path: 'the disk',
    sizeBytes: capacityBlocks * TRANSFER_BYTES,
    read: (at: number, size: number) => head.subarray(Math.min(at, head.length), at + size),
  };
  const table = readPartitionTable(source, new DiagnosticSink());
  if (table === undefined) throw new Refusal('the disk has no partition table');
  const found = table.partitions.find(({ number }) => number === wanted);
  if (found === undefined) {
    const there = table.partitions.map(({ number }) => number).join(', ');
    throw new Refusal(`the disk has no partition ${wanted}${there === '' ? '' : `; it has ${there}`}`);
  }
  const { base, size } = found.range;
  const sector = base / STORE_SECTOR_BYTES;
  if (base % TRANSFER_BYTES !== 0)
    throw new Refusal(`partition ${wanted} begins at sector ${sector}, which is no multiple of 4 KiB`);
  const blocks = Math.min(Math.floor(size / TRANSFER_BYTES), capacityBlocks - base / TRANSFER_BYTES);
  return { firstBlock: base / TRANSFER_BYTES, blocks };
}
