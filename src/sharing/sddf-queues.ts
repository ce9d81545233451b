/**
 * How sDDF's queues lie in memory, at the commit that libvmm 0.2.0 pins (a15355c): `queue.h` and `storage_info.h` of each class below `include/sddf/`.
 * `npm run real -- queues` has the compiler compare every number with them.
 */

/** A struct: where its members are. */
export interface SddfStruct {
  readonly header: string;
  readonly type: string;
  readonly members: Readonly<Record<string, number>>;
  /** Of the whole, where it lies in an array. */
  readonly sizeBytes?: number;
}

/** The structs of queues, of what is in them, and of what a disk's other end says of it. */
export const SDDF_QUEUES = {
  serial: {
    header: 'sddf/serial/queue.h',
    type: 'serial_queue_t',
    members: { tail: 0, head: 4, producer_signalled: 8 },
  },
  storageInfo: {
    header: 'sddf/blk/storage_info.h',
    type: 'blk_storage_info_t',
    members: { read_only: 64, ready: 65, sector_size: 66, block_size: 68, queue_depth: 70, capacity: 80 },
  },
  blockRequests: {
    header: 'sddf/blk/queue.h',
    type: 'blk_req_queue_t',
    members: { head: 0, tail: 4, plugged: 8, buffers: 16 },
  },
  blockRequest: {
    header: 'sddf/blk/queue.h',
    type: 'blk_req_t',
    members: { code: 0, io_or_offset: 8, block_number: 16, count: 24, id: 28 },
    sizeBytes: 32,
  },
  blockAnswers: {
    header: 'sddf/blk/queue.h',
    type: 'blk_resp_queue_t',
    members: { head: 0, tail: 4, buffers: 8 },
  },
  blockAnswer: {
    header: 'sddf/blk/queue.h',
    type: 'blk_resp_t',
    members: { status: 0, success_count: 4, id: 8 },
    sizeBytes: 12,
  },
  net: {
    header: 'sddf/network/queue.h',
    type: 'net_queue_t',
    members: { tail: 0, head: 2, consumer_signalled: 4, buffers: 8 },
  },
  netBuffer: {
    header: 'sddf/network/queue.h',
    type: 'net_buff_desc_t',
    members: { io_or_offset: 0, len: 8 },
    sizeBytes: 16,
  },
} as const satisfies Readonly<Record<string, SddfStruct>>;
