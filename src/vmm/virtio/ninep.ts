/**
 * The virtio 9P transport (VIRTIO 1.2 has its id, 9, and no chapter; Linux, net/9p/trans_virtio.c and
 * include/uapi/linux/virtio_9p.h): one queue, a message in a chain's readable buffers, its answer in the writable ones, and a tag in the
 * configuration space by which the guest mounts it.
 */
import {
  gather,
  scatter,
  takeChains,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';

/** A file server, which answers at once. */
export interface NinepBackend {
  answer(message: Uint8Array): Uint8Array;
  /** The guest has gone, or begins anew. */
  reset(): void;
}

/** The configuration space has a tag (VIRTIO_9P_MOUNT_TAG). */
const VIRTIO_9P_MOUNT_TAG = 0;
const REQUEST_QUEUE = 0;
/** What Linux's driver counts on (VIRTQUEUE_NUM). */
const QUEUE_SIZE = 128;
/** Rlerror: size, type, tag, error number. */
const FAILURE_BYTES = 11;
const RLERROR = 7;
const EMSGSIZE = 90;
const TAG_OFFSET = 5;

/** A directory for a guest, behind a file server. */
export class VirtioNinep implements VirtioDevice {
  readonly name: string;
  readonly deviceId = VIRTIO_ID.ninep;
  readonly features = [VIRTIO_9P_MOUNT_TAG];
  readonly queueSizes = [QUEUE_SIZE];
  readonly #backend: NinepBackend;
  readonly #config: Uint8Array;
  #transport: VirtioTransport | undefined;

  constructor(tag: string, backend: NinepBackend) {
    this.name = `virtio 9p device ${tag}`;
    this.#backend = backend;
    const bytes = new TextEncoder().encode(tag);
    this.#config = Uint8Array.of(bytes.length & 0xff, bytes.length >> 8, ...bytes);
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** The tag's length in two bytes, and the tag. */
  config(): Uint8Array {
    return this.#config;
  }

  start(): void {
    this.#serve();
  }

  queueNotify(): void {
    this.#serve();
  }

  reset(): void {
    this.#backend.reset();
  }

  #serve(): void {
    takeChains(
      this.#transport?.queue(REQUEST_QUEUE),
      () => true,
      (queue, chain) => {
        const message = gather(queue, chain);
        const answer = this.#backend.answer(message);
        const room = writableBytes(chain);
        const fitting = answer.length <= room ? answer : tooLong(answer);
        this.#transport?.complete(REQUEST_QUEUE, chain, scatter(queue, chain, fitting));
      },
    );
  }
}

/** Instead of an answer for which the driver left too little room: an error, of the same tag. */
function tooLong(answer: Uint8Array): Uint8Array {
  const failure = new Uint8Array(FAILURE_BYTES);
  const view = new DataView(failure.buffer);
  view.setUint32(0, FAILURE_BYTES, true);
  view.setUint8(4, RLERROR);
  failure.set(answer.subarray(TAG_OFFSET, TAG_OFFSET + 2), TAG_OFFSET);
  view.setUint32(7, EMSGSIZE, true);
  return failure;
}
