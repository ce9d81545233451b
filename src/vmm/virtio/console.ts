/**
 * The virtio console (VIRTIO 1.2 §5.3): one port, a queue for what the guest receives and one for what it sends. Sizes and
 * further ports (VIRTIO_CONSOLE_F_SIZE, F_MULTIPORT) and emergency writes are left out.
 */
import { kept, type Saved, savedParts, shape } from '../../base/index.ts';
import {
  gather,
  scatter,
  takeChains,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';
import { CHAIN_SHAPE, type DescriptorChain } from './virtqueue.ts';

/** Where a console's characters go to and come from: the serial virtualisers, or a host's terminal. */
export interface ConsoleBackend {
  /** Takes from the front of what the guest sends as much as there is room for; gives how many characters that is. */
  send(bytes: Uint8Array): number;
  /** How many characters wait for the guest. */
  readonly waiting: number;
  /** Takes up to so many of them. */
  receive(most: number): Uint8Array;
}

const RECEIVE_QUEUE = 0;
const TRANSMIT_QUEUE = 1;
const QUEUE_SIZE = 128;
const CONFIG_BYTES = 12;

const HALF_SENT_SHAPE = shape.record({ chain: CHAIN_SHAPE, sentBytes: shape.whole });

/** A chain of which the backend has taken only the beginning. */
interface HalfSent {
  readonly chain: DescriptorChain;
  readonly sentBytes: number;
}

/** What a console may be beside a console. */
export interface VirtioConsoleOptions {
  /**
   * Whether nothing is received until the guest has sent something. Linux drops what comes while it makes the device, and nothing tells when
   * that is over; so what must not be lost, the console of another guest, waits for a word of whoever reads it.
   */
  readonly waits?: boolean;
}

/** A console for a guest (virtio 1.2 §5.3), of one port. */
export class VirtioConsole implements VirtioDevice {
  readonly name = 'virtio console';
  readonly deviceId = VIRTIO_ID.console;
  readonly features: readonly number[] = [];
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly #backend: ConsoleBackend;
  readonly #waits: boolean;
  #transport: VirtioTransport | undefined;
  #halfSent: HalfSent | undefined;
  /** Whether the guest has sent something since the device was reset. */
  #hasSpoken = false;

  constructor(backend: ConsoleBackend, { waits = false }: VirtioConsoleOptions = {}) {
    this.#backend = backend;
    this.#waits = waits;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** cols, rows, max_nr_ports and emerg_wr (§5.3.4), none of which was offered. */
  config(): Uint8Array {
    return new Uint8Array(CONFIG_BYTES);
  }

  start(): void {
    this.#transmit();
    this.#receive();
  }

  queueNotify(queue: number): void {
    if (queue === TRANSMIT_QUEUE) {
      const hadSpoken = this.#hasSpoken;
      this.#transmit();
      if (hadSpoken || !this.#waits) return;
    }
    this.#receive();
  }

  reset(): void {
    this.#halfSent = undefined;
    this.#hasSpoken = false;
  }

  /** To be called from `notified`: the other side has characters, or room for some. */
  notified(): void {
    this.#transport?.turn(() => {
      this.#transmit();
      this.#receive();
    });
  }

  get saved(): Saved {
    return savedParts({
      halfSent: kept(
        shape.optional(HALF_SENT_SHAPE),
        () => this.#halfSent,
        (value) => {
          this.#halfSent = value;
        },
      ),
      hasSpoken: kept(
        shape.flag,
        () => this.#hasSpoken,
        (value) => {
          this.#hasSpoken = value;
        },
      ),
    });
  }

  #transmit(): void {
    const half = this.#halfSent;
    if (half !== undefined) this.#send(half.chain, half.sentBytes);
    takeChains(
      this.#transport?.queue(TRANSMIT_QUEUE),
      () => this.#halfSent === undefined,
      (_queue, chain) => this.#send(chain, 0),
    );
  }

  #send(chain: DescriptorChain, from: number): void {
    const queue = this.#transport?.queue(TRANSMIT_QUEUE);
    if (queue === undefined) return;
    const content = gather(queue, chain);
    this.#hasSpoken ||= content.length > 0;
    const sentBytes = from + this.#backend.send(content.subarray(from));
    if (sentBytes < content.length) {
      this.#halfSent = { chain, sentBytes };
      return;
    }
    this.#halfSent = undefined;
    this.#transport?.complete(TRANSMIT_QUEUE, chain, 0);
  }

  #receive(): void {
    if (this.#waits && !this.#hasSpoken) return;
    takeChains(
      this.#transport?.queue(RECEIVE_QUEUE),
      () => this.#backend.waiting > 0,
      (queue, chain) => {
        const taken = scatter(queue, chain, this.#backend.receive(writableBytes(chain)));
        this.#transport?.complete(RECEIVE_QUEUE, chain, taken);
      },
    );
  }
}
