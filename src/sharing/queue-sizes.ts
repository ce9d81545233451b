/** How large the queues of disks and networks are in `drivervm run`, by how many requests or frames may wait in them. */
import { KIB } from '../base/index.ts';

/** Requests' data in cells of 64 KiB behind counters and slots; no more of them than there are slots. */
export const RUN_BLOCK_QUEUE = { headBytes: 8 * KIB, cellBytes: 64 * KIB, most: 64 } as const;
/** Frames in slots of 2 KiB behind the counters, as many each way. */
export const RUN_NET_QUEUE = { headBytes: 4 * KIB, slotBytes: 2 * KIB, ways: 2 } as const;

/** The bytes of a client's queue, which has room for a power of two. */
export function runQueueBytes(kind: 'block' | 'net', buffers: number): number {
  const entries = 2 ** Math.ceil(Math.log2(buffers));
  const { headBytes, slotBytes, ways } = RUN_NET_QUEUE;
  return kind === 'net'
    ? headBytes + entries * ways * slotBytes
    : RUN_BLOCK_QUEUE.headBytes + Math.min(entries, RUN_BLOCK_QUEUE.most) * RUN_BLOCK_QUEUE.cellBytes;
}
