/**
 * The virtio console (VIRTIO 1.2 §5.3): one port, a queue for what the guest receives and one for what it sends. Sizes and
 * further ports (VIRTIO_CONSOLE_F_SIZE, F_MULTIPORT) and emergency writes are left out.
 */
import {
  gather,
  scatter,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';

/** Where a console's characters go to and come from: the serial virtualisers, or a host's terminal. */
export interface ConsoleBackend {
  /** Takes what the guest sends. */
  send(bytes: Uint8Array): void;
  /** How many characters wait for the guest. */
  readonly waiting: number;
  /** Takes up to so many of them. */
  receive(most: number): Uint8Array;
}

const RECEIVE_QUEUE = 0;
const TRANSMIT_QUEUE = 1;
const QUEUE_SIZE = 128;

export class VirtioConsole implements VirtioDevice {
  readonly name = 'virtio console';
  readonly deviceId = VIRTIO_ID.console;
  readonly features: readonly number[] = [];
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly #backend: ConsoleBackend;
  #transport: VirtioTransport | undefined;

  constructor(backend: ConsoleBackend) {
    this.#backend = backend;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** cols, rows, max_nr_ports and emerg_wr (§5.3.4), none of which was offered. */
  config(): Uint8Array {
    return new Uint8Array(12);
  }

  start(): void {
    this.#receive();
  }

  queueNotify(queue: number): void {
    if (queue === TRANSMIT_QUEUE) this.#transmit();
    else this.#receive();
  }

  reset(): void {}

  /** To be called from `notified`: the other side has characters, or room for some. */
  notified(): void {
    this.#transport?.turn(() => {
      this.#transmit();
      this.#receive();
    });
  }

  #transmit(): void {
    const queue = this.#transport?.queue(TRANSMIT_QUEUE);
    for (let chain = queue?.pop(); queue !== undefined && chain !== undefined; chain = queue.pop()) {
      this.#backend.send(gather(queue, chain));
      this.#transport?.complete(TRANSMIT_QUEUE, chain, 0);
    }
    queue?.askForNotification();
  }

  #receive(): void {
    const queue = this.#transport?.queue(RECEIVE_QUEUE);
    while (queue?.hasAvailable === true && this.#backend.waiting > 0) {
      const chain = queue.pop();
      if (chain === undefined) break;
      const taken = scatter(queue, chain, this.#backend.receive(writableBytes(chain)));
      this.#transport?.complete(RECEIVE_QUEUE, chain, taken);
    }
    queue?.askForNotification();
  }
}
