/**
 * Requests to a block device and their answers, in one memory region between a client and its virtualiser:
 *
 *     0x0000  u32 ready, u32 read-only, u64 capacity in sectors of 512 bytes   written by the virtualiser
 *     0x0100  request counters;   0x0200  64 slots { u32 id, u32 code, u64 sector, u32 bytes, u32 cell }
 *     0x1000  answer counters;    0x1100  64 slots { u32 id, u32 status (0: good) }
 *     0x2000  cells of 64 KiB: the data of requests; the client hands them out
 *
 * After sDDF's block queues, whose data regions and storage information lie in regions of their own.
 */
import { RUN_BLOCK_QUEUE } from '../sharing/index.ts';
import { SharedRing } from './ring.ts';

/** How requests say what they ask for. */
export const BLOCK_CODE = { read: 0, write: 1, flush: 2 } as const;

/** What a request asks for. */
export type BlockCode = keyof typeof BLOCK_CODE;

/** The room for one request's content: 64 KiB. */
export const BLOCK_CELL_BYTES = RUN_BLOCK_QUEUE.cellBytes;

/** Where its parts are, and what is in a slot of a request and of an answer. */
export const BLOCK_LAYOUT = {
  ready: 0x00,
  readOnly: 0x04,
  capacity: 0x08,
  requests: { counters: 0x100, slots: 0x200, slotBytes: 24, id: 0, code: 4, sector: 8, bytes: 16, cell: 20 },
  answers: { counters: 0x1000, slots: 0x1100, slotBytes: 8, id: 0, status: 4 },
  cells: RUN_BLOCK_QUEUE.headBytes,
} as const;
const { ready: READY, readOnly: READ_ONLY, capacity: CAPACITY, cells: CELLS_OFFSET } = BLOCK_LAYOUT;
const { requests: REQUEST, answers: ANSWER } = BLOCK_LAYOUT;
const SLOTS = RUN_BLOCK_QUEUE.most;

/** A request as the virtualiser takes it: sectors of 512 bytes, and the cell that holds the content. */
export interface QueuedRequest {
  readonly id: number;
  readonly code: BlockCode;
  readonly sector: number;
  readonly sizeBytes: number;
  readonly cell: number;
}

/** What a client is told of its disk: sectors of 512 bytes. */
export interface StorageInfo {
  readonly capacitySectors: number;
  readonly readOnly: boolean;
}

/**
 * Requests and answers of a disk, over a region of memory that client and virtualiser share. Trusts nothing
 * that the other side writes.
 */
export class BlockQueue {
  readonly cellCount: number;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #requests: SharedRing;
  readonly #answers: SharedRing;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#requests = new SharedRing(bytes, { ...REQUEST, capacity: SLOTS });
    this.#answers = new SharedRing(bytes, { ...ANSWER, capacity: SLOTS });
    const cells = Math.floor((bytes.length - CELLS_OFFSET) / BLOCK_CELL_BYTES);
    // No more requests are under way than there are slots for their answers.
    this.cellCount = Math.max(0, Math.min(cells, SLOTS));
  }

  /** `undefined` until the virtualiser has written it. */
  get info(): StorageInfo | undefined {
    if (this.#view.getUint32(READY, true) === 0) return undefined;
    const capacitySectors = Number(this.#view.getBigUint64(CAPACITY, true));
    return { capacitySectors, readOnly: this.#view.getUint32(READ_ONLY, true) !== 0 };
  }

  publish({ capacitySectors, readOnly }: StorageInfo): void {
    this.#view.setBigUint64(CAPACITY, BigInt(capacitySectors), true);
    this.#view.setUint32(READ_ONLY, Number(readOnly), true);
    this.#view.setUint32(READY, 1, true);
  }

  /** A cell's bytes; a live view. Empty where there is no such cell. */
  cell(index: number): Uint8Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.cellCount) return new Uint8Array(0);
    const at = CELLS_OFFSET + index * BLOCK_CELL_BYTES;
    return this.#bytes.subarray(at, at + BLOCK_CELL_BYTES);
  }

  get hasRoomForAnswer(): boolean {
    return this.#answers.room > 0;
  }

  putRequest({ id, code, sector, sizeBytes, cell }: QueuedRequest): boolean {
    if (this.#requests.room === 0) return false;
    const slot = this.#requests.nextFree;
    this.#view.setUint32(slot + REQUEST.id, id, true);
    this.#view.setUint32(slot + REQUEST.code, BLOCK_CODE[code], true);
    this.#view.setBigUint64(slot + REQUEST.sector, BigInt(sector), true);
    this.#view.setUint32(slot + REQUEST.bytes, sizeBytes, true);
    this.#view.setUint32(slot + REQUEST.cell, cell, true);
    this.#requests.put();
    return true;
  }

  /** The next request; what it asks for is for the virtualiser to check. */
  takeRequest(): (Omit<QueuedRequest, 'code'> & { readonly code: BlockCode | undefined }) | undefined {
    if (this.#requests.length === 0) return undefined;
    const slot = this.#requests.oldest;
    const said = this.#view.getUint32(slot + REQUEST.code, true);
    const request = {
      id: this.#view.getUint32(slot + REQUEST.id, true),
      code: CODES.find((code) => BLOCK_CODE[code] === said),
      sector: Number(this.#view.getBigUint64(slot + REQUEST.sector, true)),
      sizeBytes: this.#view.getUint32(slot + REQUEST.bytes, true),
      cell: this.#view.getUint32(slot + REQUEST.cell, true),
    };
    this.#requests.take();
    return request;
  }

  putAnswer(id: number, good: boolean): void {
    const slot = this.#answers.nextFree;
    this.#view.setUint32(slot + ANSWER.id, id, true);
    this.#view.setUint32(slot + ANSWER.status, good ? 0 : 1, true);
    this.#answers.put();
  }

  takeAnswer(): { readonly id: number; readonly good: boolean } | undefined {
    if (this.#answers.length === 0) return undefined;
    const slot = this.#answers.oldest;
    const answer = {
      id: this.#view.getUint32(slot + ANSWER.id, true),
      good: this.#view.getUint32(slot + ANSWER.status, true) === 0,
    };
    this.#answers.take();
    return answer;
  }
}

const CODES: readonly BlockCode[] = ['read', 'write', 'flush'];
