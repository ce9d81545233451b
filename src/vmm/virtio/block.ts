/**
 * The virtio block device (VIRTIO 1.2 §5.2): reads, writes, flushes and the device's id, over a backend that answers when
 * it can. A driver that asks for more than seg_max segments of size_max bytes gets an I/O error. Discard, write-zeroes and several queues are left out.
 */
import { kept, keptMap, type Saved, savedIfThere, savedParts, shape } from '../../base/index.ts';
import {
  gather,
  scatter,
  takeChains,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';
import { CHAIN_SHAPE, type DescriptorChain, type Virtqueue, VirtqueueError } from './virtqueue.ts';

/** The unit of virtio's block device, whatever the disk's own is (virtio 1.2 §5.2). */
export const SECTOR_BYTES = 512;

/** What a guest asks of its disk. Sectors are of {@link SECTOR_BYTES}. */
export type BlockRequest =
  | { readonly kind: 'read'; readonly sector: number; readonly sizeBytes: number }
  | { readonly kind: 'write'; readonly sector: number; readonly data: Uint8Array }
  | { readonly kind: 'flush' };

/** What came of a request; `data` is what was read. */
export interface BlockAnswer {
  readonly id: number;
  readonly ok: boolean;
  readonly data: Uint8Array;
}

/** The other side: the block virtualiser, or a host's file. Requests may be answered in any order, at once or later. */
export interface BlockBackend {
  /** Whether the disk is there, where it may come later: a guest that serves it must find it first. */
  readonly isThere?: boolean;
  readonly capacitySectors: number;
  readonly readOnly: boolean;
  /** The most that one request may carry: a multiple of 4 KiB. */
  readonly transferBytesMax: number;
  /** Whether another request finds room now. */
  readonly ready: boolean;
  submit(id: number, request: BlockRequest): void;
  /** Takes the next answer, where there is one. */
  answer(): BlockAnswer | undefined;
  readonly saved?: Saved | undefined;
}

/** Feature bits (§5.2.3). */
const VIRTIO_BLK_F = { SIZE_MAX: 1, SEG_MAX: 2, RO: 5, BLK_SIZE: 6, FLUSH: 9 } as const;
/** Request types (§5.2.6). */
const VIRTIO_BLK_T = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8 } as const;
const VIRTIO_BLK_S = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;
const HEADER_BYTES = 16;
const STATUS_BYTES = 1;
const ID_BYTES = 20;
const QUEUE_SIZE = 128;
/** Header and status take a descriptor each. */
const SEGMENTS_MAX = QUEUE_SIZE - 2;
/** A driver's page, the least that SIZE_MAX may be. */
const SEGMENT_BYTES = 4096;
const CONFIG_BYTES = 60;
const REQUEST_QUEUE = 0;
const ID_MASK = 0xffff_ffff;

/** A request that the backend has not answered. */
const IN_FLIGHT_SHAPE = shape.record({ chain: CHAIN_SHAPE, expectedBytes: shape.whole });

interface InFlight {
  readonly chain: DescriptorChain;
  readonly expectedBytes: number;
}

/** A disk for a guest (virtio 1.2 §5.2): read, write, flush, identity. */
export class VirtioBlock implements VirtioDevice {
  readonly name = 'virtio block device';
  readonly deviceId = VIRTIO_ID.block;
  readonly queueSizes = [QUEUE_SIZE];
  readonly #backend: BlockBackend;
  readonly #id: string;
  #transport: VirtioTransport | undefined;
  /** By id. A reset forgets them: what is answered afterwards goes nowhere. */
  readonly #inFlight = new Map<number, InFlight>();
  #nextId = 0;

  /** `id` is what `/sys/block/vda/serial` shows: up to 20 characters. */
  constructor(backend: BlockBackend, id = 'drivervm') {
    this.#backend = backend;
    this.#id = id.slice(0, ID_BYTES);
  }

  /** Whether the other side has said what the disk is. */
  get isThere(): boolean {
    return this.#backend.isThere ?? true;
  }

  get features(): readonly number[] {
    const { SIZE_MAX, SEG_MAX, BLK_SIZE, FLUSH, RO } = VIRTIO_BLK_F;
    const always = [SIZE_MAX, SEG_MAX, BLK_SIZE, FLUSH];
    return this.#backend.readOnly ? [...always, RO] : always;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** capacity, size_max, seg_max and blk_size (§5.2.4); what wasn't offered is zero. */
  config(): Uint8Array {
    const { capacitySectors, transferBytesMax } = this.#backend;
    const config = new DataView(new ArrayBuffer(CONFIG_BYTES));
    config.setBigUint64(0, BigInt(capacitySectors), true);
    config.setUint32(8, SEGMENT_BYTES, true);
    config.setUint32(12, Math.max(1, Math.min(SEGMENTS_MAX, transferBytesMax / SEGMENT_BYTES)), true);
    config.setUint32(20, SECTOR_BYTES, true);
    return new Uint8Array(config.buffer);
  }

  start(): void {
    this.queueNotify(REQUEST_QUEUE);
  }

  reset(): void {
    this.#inFlight.clear();
  }

  queueNotify(_queue: number): void {
    takeChains(
      this.#transport?.queue(REQUEST_QUEUE),
      () => this.#backend.ready,
      (queue, chain) => {
        this.#request(queue, chain);
        this.#takeAnswers();
      },
    );
  }

  /** To be called from `notified`: the other side has answered, or is there at last. */
  notified(): void {
    this.#transport?.turn(() => {
      this.#takeAnswers();
      this.queueNotify(REQUEST_QUEUE);
    });
  }

  get saved(): Saved {
    return savedParts({
      backend: savedIfThere(this.#backend.saved),
      nextId: kept(
        shape.whole,
        () => this.#nextId,
        (value) => {
          this.#nextId = value;
        },
      ),
      inFlight: keptMap(this.#inFlight, shape.whole, IN_FLIGHT_SHAPE, QUEUE_SIZE),
    });
  }

  #request(queue: Virtqueue, chain: DescriptorChain): void {
    const content = gather(queue, chain);
    const room = writableBytes(chain);
    if (content.length < HEADER_BYTES || room < STATUS_BYTES) {
      throw new VirtqueueError(`a block request of ${content.length} bytes to read and ${room} to write`);
    }
    const header = new DataView(content.buffer, content.byteOffset, HEADER_BYTES);
    const type = header.getUint32(0, true);
    const sector = Number(header.getBigUint64(8, true));
    const dataBytes = room - STATUS_BYTES;
    switch (type) {
      case VIRTIO_BLK_T.IN:
        this.#submit(chain, { kind: 'read', sector, sizeBytes: dataBytes }, dataBytes);
        return;
      case VIRTIO_BLK_T.OUT:
        this.#submit(chain, { kind: 'write', sector, data: content.subarray(HEADER_BYTES) }, 0);
        return;
      case VIRTIO_BLK_T.FLUSH:
        this.#submit(chain, { kind: 'flush' }, 0);
        return;
      case VIRTIO_BLK_T.GET_ID: {
        const id = Uint8Array.from({ length: ID_BYTES }, (_, at) => this.#id.charCodeAt(at) & 0xff);
        this.#answer(chain, VIRTIO_BLK_S.OK, id.subarray(0, dataBytes));
        return;
      }
      default:
        this.#answer(chain, VIRTIO_BLK_S.UNSUPP, new Uint8Array(0));
        return;
    }
  }

  #submit(chain: DescriptorChain, request: BlockRequest, expectedBytes: number): void {
    if (!this.#isValid(request)) {
      this.#answer(chain, VIRTIO_BLK_S.IOERR, new Uint8Array(0));
      return;
    }
    const id = this.#nextId;
    this.#nextId = (id + 1) & ID_MASK;
    this.#inFlight.set(id, { chain, expectedBytes });
    this.#backend.submit(id, request);
  }

  #takeAnswers(): void {
    for (let answer = this.#backend.answer(); answer !== undefined; answer = this.#backend.answer()) {
      const { id, ok, data } = answer;
      const request = this.#inFlight.get(id);
      if (request === undefined) continue;
      this.#inFlight.delete(id);
      const good = ok && data.length === request.expectedBytes;
      this.#answer(request.chain, good ? VIRTIO_BLK_S.OK : VIRTIO_BLK_S.IOERR, data);
    }
  }

  #isValid(request: BlockRequest): boolean {
    if (request.kind === 'flush') return true;
    const sizeBytes = request.kind === 'read' ? request.sizeBytes : request.data.length;
    const sectors = sizeBytes / SECTOR_BYTES;
    const inside = request.sector + sectors <= this.#backend.capacitySectors;
    const fits = Number.isInteger(sectors) && sizeBytes <= this.#backend.transferBytesMax;
    return fits && inside && !(request.kind === 'write' && this.#backend.readOnly);
  }

  /** The data from the first writable byte on, the status in the very last (§5.2.6). */
  #answer(chain: DescriptorChain, status: number, data: Uint8Array): void {
    const queue = this.#transport?.queue(REQUEST_QUEUE);
    if (queue === undefined) return;
    const room = status === VIRTIO_BLK_S.OK ? writableBytes(chain) - STATUS_BYTES : 0;
    const content = data.subarray(0, room);
    scatter(queue, chain, content);
    const last = chain.writable.findLast(({ size }) => size > 0);
    if (last !== undefined) queue.write(last.base + last.size - STATUS_BYTES, Uint8Array.of(status));
    this.#transport?.complete(REQUEST_QUEUE, chain, content.length + STATUS_BYTES);
  }
}
