/**
 * The virtio block device (VIRTIO 1.2 §5.2): reads, writes, flushes and the device's id, over a backend that answers when
 * it can. Discard, write-zeroes and several queues are left out.
 */
import {
  CHAIN_BYTES_MAX,
  gather,
  scatter,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';
import { type DescriptorChain, type Virtqueue, VirtqueueError } from './virtqueue.ts';

export const SECTOR_BYTES = 512;

/** What a guest asks of its disk. Sectors are of {@link SECTOR_BYTES}. */
export type BlockRequest =
  | { readonly kind: 'read'; readonly sector: number; readonly sizeBytes: number }
  | { readonly kind: 'write'; readonly sector: number; readonly data: Uint8Array }
  | { readonly kind: 'flush' };

/** The other side: the block virtualiser, or a host's file. `data` is what was read; `undefined` says "I/O error". */
export interface BlockBackend {
  readonly capacitySectors: number;
  readonly readOnly: boolean;
  /** Begins a request; `answer` is called once, at once or later. */
  submit(request: BlockRequest, answer: (data: Uint8Array | undefined) => void): void;
}

/** Feature bits (§5.2.3). */
const VIRTIO_BLK_F = { SEG_MAX: 2, RO: 5, BLK_SIZE: 6, FLUSH: 9 } as const;
/** Request types (§5.2.6). */
const VIRTIO_BLK_T = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8 } as const;
const VIRTIO_BLK_S = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;
const HEADER_BYTES = 16;
const STATUS_BYTES = 1;
const ID_BYTES = 20;
const QUEUE_SIZE = 128;
/** Header and status take a descriptor each. */
const SEGMENTS_MAX = QUEUE_SIZE - 2;
const CONFIG_BYTES = 60;
const REQUEST_QUEUE = 0;

export class VirtioBlock implements VirtioDevice {
  readonly name = 'virtio block device';
  readonly deviceId = VIRTIO_ID.block;
  readonly queueSizes = [QUEUE_SIZE];
  readonly #backend: BlockBackend;
  readonly #id: string;
  #transport: VirtioTransport | undefined;
  /** Counts resets: an answer to what was asked before one is dropped. */
  #era = 0;

  /** `id` is what `/sys/block/vda/serial` shows: up to 20 characters. */
  constructor(backend: BlockBackend, id = 'drivervm') {
    this.#backend = backend;
    this.#id = id.slice(0, ID_BYTES);
  }

  get features(): readonly number[] {
    const always = [VIRTIO_BLK_F.SEG_MAX, VIRTIO_BLK_F.BLK_SIZE, VIRTIO_BLK_F.FLUSH];
    return this.#backend.readOnly ? [...always, VIRTIO_BLK_F.RO] : always;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** capacity, seg_max and blk_size (§5.2.4); what wasn't offered is zero. */
  config(): Uint8Array {
    const config = new DataView(new ArrayBuffer(CONFIG_BYTES));
    config.setBigUint64(0, BigInt(this.#backend.capacitySectors), true);
    config.setUint32(12, SEGMENTS_MAX, true);
    config.setUint32(20, SECTOR_BYTES, true);
    return new Uint8Array(config.buffer);
  }

  start(): void {
    this.queueNotify(REQUEST_QUEUE);
  }

  reset(): void {
    this.#era += 1;
  }

  queueNotify(_queue: number): void {
    const queue = this.#transport?.queue(REQUEST_QUEUE);
    for (let chain = queue?.pop(); queue !== undefined && chain !== undefined; chain = queue.pop()) {
      this.#request(queue, chain);
    }
    queue?.askForNotification();
  }

  #request(queue: Virtqueue, chain: DescriptorChain): void {
    const content = gather(queue, chain);
    const room = writableBytes(chain);
    if (content.length < HEADER_BYTES || room < STATUS_BYTES || room > CHAIN_BYTES_MAX) {
      throw new VirtqueueError(`a block request of ${content.length} bytes to read and ${room} to write`);
    }
    const header = new DataView(content.buffer, content.byteOffset, HEADER_BYTES);
    const type = header.getUint32(0, true);
    const sector = Number(header.getBigUint64(8, true));
    const dataBytes = room - STATUS_BYTES;
    switch (type) {
      case VIRTIO_BLK_T.IN:
        this.#submit(chain, { kind: 'read', sector, sizeBytes: dataBytes }, dataBytes);
        break;
      case VIRTIO_BLK_T.OUT:
        this.#submit(chain, { kind: 'write', sector, data: content.subarray(HEADER_BYTES) }, 0);
        break;
      case VIRTIO_BLK_T.FLUSH:
        this.#submit(chain, { kind: 'flush' }, 0);
        break;
      case VIRTIO_BLK_T.GET_ID: {
        const id = Uint8Array.from({ length: ID_BYTES }, (_, at) => this.#id.charCodeAt(at) & 0xff);
        this.#answer(chain, VIRTIO_BLK_S.OK, id.subarray(0, dataBytes));
        break;
      }
      default:
        this.#answer(chain, VIRTIO_BLK_S.UNSUPP, new Uint8Array(0));
    }
  }

  #submit(chain: DescriptorChain, request: BlockRequest, expectedBytes: number): void {
    if (!this.#isValid(request)) {
      this.#answer(chain, VIRTIO_BLK_S.IOERR, new Uint8Array(0));
      return;
    }
    const era = this.#era;
    let during = true;
    this.#backend.submit(request, (data) => {
      if (era !== this.#era) return;
      const good = data !== undefined && data.length === expectedBytes;
      const finish = (): void =>
        this.#answer(chain, good ? VIRTIO_BLK_S.OK : VIRTIO_BLK_S.IOERR, data ?? new Uint8Array(0));
      // An answer that comes later is a turn of its own; one that comes at once belongs to the driver's notification.
      if (during) finish();
      else this.#transport?.turn(finish);
    });
    during = false;
  }

  #isValid(request: BlockRequest): boolean {
    if (request.kind === 'flush') return true;
    const sizeBytes = request.kind === 'read' ? request.sizeBytes : request.data.length;
    const sectors = sizeBytes / SECTOR_BYTES;
    const inside = request.sector + sectors <= this.#backend.capacitySectors;
    return Number.isInteger(sectors) && inside && !(request.kind === 'write' && this.#backend.readOnly);
  }

  /** The data, and the status in the very last writable byte (§5.2.6). */
  #answer(chain: DescriptorChain, status: number, data: Uint8Array): void {
    const queue = this.#transport?.queue(REQUEST_QUEUE);
    if (queue === undefined) return;
    const room = writableBytes(chain);
    const content = new Uint8Array(room);
    content.set(data.subarray(0, room - STATUS_BYTES));
    content[room - STATUS_BYTES] = status;
    scatter(queue, chain, content);
    this.#transport?.complete(REQUEST_QUEUE, chain, status === VIRTIO_BLK_S.OK ? room : STATUS_BYTES);
  }
}
