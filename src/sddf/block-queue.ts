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
import { SharedRing } from './ring.ts';

/** How requests say what they ask for. */
export const BLOCK_CODE = { read: 0, write: 1, flush: 2 } as const;

/** What a request asks for. */
export type BlockCode = keyof typeof BLOCK_CODE;

/** The room for one request's content: 64 KiB. */
export const BLOCK_CELL_BYTES = 0x1_0000;

const [READY, READ_ONLY, CAPACITY] = [0x00, 0x04, 0x08];
const CELLS_OFFSET = 0x2000;
const SLOTS = 64;

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
    this.#requests = new SharedRing(bytes, { counters: 0x100, slots: 0x200, slotBytes: 24, capacity: SLOTS });
    this.#answers = new SharedRing(bytes, { counters: 0x1000, slots: 0x1100, slotBytes: 8, capacity: SLOTS });
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
    this.#view.setUint32(slot, id, true);
    this.#view.setUint32(slot + 4, BLOCK_CODE[code], true);
    this.#view.setBigUint64(slot + 8, BigInt(sector), true);
    this.#view.setUint32(slot + 16, sizeBytes, true);
    this.#view.setUint32(slot + 20, cell, true);
    this.#requests.put();
    return true;
  }

  /** The next request; what it asks for is for the virtualiser to check. */
  takeRequest(): (Omit<QueuedRequest, 'code'> & { readonly code: BlockCode | undefined }) | undefined {
    if (this.#requests.length === 0) return undefined;
    const slot = this.#requests.oldest;
    const said = this.#view.getUint32(slot + 4, true);
    const request = {
      id: this.#view.getUint32(slot, true),
      code: CODES.find((code) => BLOCK_CODE[code] === said),
      sector: Number(this.#view.getBigUint64(slot + 8, true)),
      sizeBytes: this.#view.getUint32(slot + 16, true),
      cell: this.#view.getUint32(slot + 20, true),
    };
    this.#requests.take();
    return request;
  }

  putAnswer(id: number, good: boolean): void {
    const slot = this.#answers.nextFree;
    this.#view.setUint32(slot, id, true);
    this.#view.setUint32(slot + 4, good ? 0 : 1, true);
    this.#answers.put();
  }

  takeAnswer(): { readonly id: number; readonly good: boolean } | undefined {
    if (this.#answers.length === 0) return undefined;
    const slot = this.#answers.oldest;
    const answer = { id: this.#view.getUint32(slot, true), good: this.#view.getUint32(slot + 4, true) === 0 };
    this.#answers.take();
    return answer;
  }
}

const CODES: readonly BlockCode[] = ['read', 'write', 'flush'];
