/**
 * The virtio entropy device (VIRTIO 1.2 §5.4): one queue of buffers to fill with random bytes. A buffer is given back with what
 * there is, which may be less than it holds (§5.4.6.2).
 */
import {
  scatter,
  takeChains,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';

/** Where random bytes come from. */
export interface EntropyBackend {
  /** How many there are. */
  readonly waiting: number;
  /** Takes up to so many of them. */
  receive(most: number): Uint8Array;
}

const REQUEST_QUEUE = 0;
const QUEUE_SIZE = 8;

/** Random bytes for a guest (virtio 1.2 §5.4). */
export class VirtioEntropy implements VirtioDevice {
  readonly name = 'virtio entropy device';
  readonly deviceId = VIRTIO_ID.entropy;
  readonly features: readonly number[] = [];
  readonly queueSizes = [QUEUE_SIZE];
  readonly #backend: EntropyBackend;
  #transport: VirtioTransport | undefined;

  constructor(backend: EntropyBackend) {
    this.#backend = backend;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** There is none (§5.4.4). */
  config(): Uint8Array {
    return new Uint8Array(0);
  }

  start(): void {
    this.#fill();
  }

  queueNotify(): void {
    this.#fill();
  }

  reset(): void {}

  /** To be called from `notified`: there are bytes again. */
  notified(): void {
    this.#transport?.turn(() => this.#fill());
  }

  #fill(): void {
    takeChains(
      this.#transport?.queue(REQUEST_QUEUE),
      () => this.#backend.waiting > 0,
      (queue, chain) => {
        const bytes = this.#backend.receive(writableBytes(chain));
        this.#transport?.complete(REQUEST_QUEUE, chain, scatter(queue, chain, bytes));
      },
    );
  }
}
