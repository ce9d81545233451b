/**
 * sDDF's block queues, from the virtualiser's side (`include/sddf/blk/queue.h` and `storage_info.h` of sDDF's revision a15355c): a queue
 * of requests, one of answers, and what the disk is, each in a region of its own, with the data in another. The other side is a guest's
 * program in user space (`runtime/linux`), or libvmm's. Nothing that it writes is trusted; what is read is read once.
 */

import { SDDF_QUEUES } from '../sharing/index.ts';

/** The unit of requests. */
export const TRANSFER_BYTES = 4096;

/** blk_req_code_t. */
export const BLK_REQ = { read: 0, write: 1, flush: 2 } as const;
/** blk_resp_status_t. */
const BLK_RESP_OK = 0;

const INFO = SDDF_QUEUES.storageInfo.members;
const { head: HEAD, tail: TAIL } = SDDF_QUEUES.blockRequests.members;
const [REQUESTS, REQUEST] = [SDDF_QUEUES.blockRequests.members, SDDF_QUEUES.blockRequest];
const [ANSWERS, ANSWER] = [SDDF_QUEUES.blockAnswers.members, SDDF_QUEUES.blockAnswer];

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
    return { capacityBlocks, readOnly: this.#info.getUint8(INFO.read_only) !== 0 };
  }

  /** `false` where there is no room, or counters that make no sense. */
  put({ id, code, offset, block, count }: TransferRequest): boolean {
    const view = this.#requests;
    const tail = view.getUint32(TAIL, true);
    if ((tail - view.getUint32(HEAD, true)) >>> 0 >= this.entries) return false;
    const at = REQUESTS.buffers + (tail % this.entries) * REQUEST.sizeBytes;
    view.setUint32(at + REQUEST.members.code, BLK_REQ[code], true);
    view.setBigUint64(at + REQUEST.members.io_or_offset, BigInt(offset), true);
    view.setBigUint64(at + REQUEST.members.block_number, BigInt(block), true);
    view.setUint16(at + REQUEST.members.count, count, true);
    view.setUint32(at + REQUEST.members.id, id, true);
    view.setUint32(TAIL, (tail + 1) >>> 0, true);
    return true;
  }

  /** The next answer; `undefined` where there is none, or counters that make no sense. */
  take(): TransferAnswer | undefined {
    const view = this.#answers;
    const head = view.getUint32(HEAD, true);
    const waiting = (view.getUint32(TAIL, true) - head) >>> 0;
    if (waiting === 0 || waiting > this.entries) return undefined;
    const at = ANSWERS.buffers + (head % this.entries) * ANSWER.sizeBytes;
    const answer = {
      id: view.getUint32(at + ANSWER.members.id, true),
      ok: view.getUint32(at + ANSWER.members.status, true) === BLK_RESP_OK,
      count: view.getUint16(at + ANSWER.members.success_count, true),
    };
    view.setUint32(HEAD, (head + 1) >>> 0, true);
    return answer;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
