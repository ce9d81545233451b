/**
 * sDDF's block queues, from the virtualiser's side (`include/sddf/blk/queue.h` and `storage_info.h` of sDDF's revision a15355c): a queue
 * of requests, one of answers, and what the disk is, each in a region of its own, with the data in another. The other side is a guest's
 * program in user space (`runtime/linux`), or libvmm's. Nothing that it writes is trusted; what is read is read once.
 */

/** The unit of requests. */
export const TRANSFER_BYTES = 4096;

/** blk_req_code_t. */
export const BLK_REQ = { read: 0, write: 1, flush: 2 } as const;
/** blk_resp_status_t. */
const BLK_RESP_OK = 0;

/** blk_storage_info_t: offsets of its members. */
const INFO = { readOnly: 64, ready: 65, capacity: 80 } as const;
/** blk_req_queue_t and blk_resp_queue_t: counters, then slots. */
const [HEAD, TAIL] = [0, 4];
const REQUESTS = { first: 16, bytes: 32, code: 0, offset: 8, block: 16, count: 24, id: 28 } as const;
const ANSWERS = { first: 8, bytes: 12, status: 0, count: 4, id: 8 } as const;

/** A request to the disk: blocks of {@link TRANSFER_BYTES}, and where in the data they go. */
export interface TransferRequest {
  readonly id: number;
  readonly code: keyof typeof BLK_REQ;
  readonly offset: number;
  readonly block: number;
  readonly count: number;
}

/** What the other side says came of a request. */
export interface TransferAnswer {
  readonly id: number;
  readonly ok: boolean;
  readonly count: number;
}

/** The four regions of a connection, by the parts of `sharing`. */
export interface SddfBlockRegions {
  readonly info: Uint8Array;
  readonly requests: Uint8Array;
  readonly answers: Uint8Array;
  readonly data: Uint8Array;
}

/** The virtualiser's ends of both queues. */
export class SddfBlockQueue {
  /** The most requests that may be under way: a power of two. */
  readonly entries: number;
  readonly data: Uint8Array;
  readonly #info: DataView;
  readonly #requests: DataView;
  readonly #answers: DataView;

  constructor({ info, requests, answers, data }: SddfBlockRegions, entries: number) {
    this.entries = entries;
    this.data = data;
    [this.#info, this.#requests, this.#answers] = [viewOf(info), viewOf(requests), viewOf(answers)];
  }

  /** What the other side says of the disk; `undefined` until it serves. The capacity counts blocks. */
  get info(): { readonly capacityBlocks: number; readonly readOnly: boolean } | undefined {
    if (this.#info.getUint8(INFO.ready) === 0) return undefined;
    const capacityBlocks = Number(this.#info.getBigUint64(INFO.capacity, true));
    return { capacityBlocks, readOnly: this.#info.getUint8(INFO.readOnly) !== 0 };
  }

  /** `false` where there is no room, or counters that make no sense. */
  put({ id, code, offset, block, count }: TransferRequest): boolean {
    const view = this.#requests;
    const tail = view.getUint32(TAIL, true);
    if ((tail - view.getUint32(HEAD, true)) >>> 0 >= this.entries) return false;
    const at = REQUESTS.first + (tail % this.entries) * REQUESTS.bytes;
    view.setUint32(at + REQUESTS.code, BLK_REQ[code], true);
    view.setBigUint64(at + REQUESTS.offset, BigInt(offset), true);
    view.setBigUint64(at + REQUESTS.block, BigInt(block), true);
    view.setUint16(at + REQUESTS.count, count, true);
    view.setUint32(at + REQUESTS.id, id, true);
    view.setUint32(TAIL, (tail + 1) >>> 0, true);
    return true;
  }

  /** The next answer; `undefined` where there is none, or counters that make no sense. */
  take(): TransferAnswer | undefined {
    const view = this.#answers;
    const head = view.getUint32(HEAD, true);
    const waiting = (view.getUint32(TAIL, true) - head) >>> 0;
    if (waiting === 0 || waiting > this.entries) return undefined;
    const at = ANSWERS.first + (head % this.entries) * ANSWERS.bytes;
    const answer = {
      id: view.getUint32(at + ANSWERS.id, true),
      ok: view.getUint32(at + ANSWERS.status, true) === BLK_RESP_OK,
      count: view.getUint16(at + ANSWERS.count, true),
    };
    view.setUint32(HEAD, (head + 1) >>> 0, true);
    return answer;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
