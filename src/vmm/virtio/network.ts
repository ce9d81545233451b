/**
 * The virtio network device (VIRTIO 1.2 §5.1): a MAC address, a queue each way, frames without offloads. Control queue,
 * checksums, segmentation and merged receive buffers are left out, so that drivers send and take plain Ethernet frames.
 */
import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES } from '../../device/index.ts';
import {
  gather,
  scatter,
  takeChains,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  writableBytes,
} from './device.ts';

/** The wire: the network virtualiser. Frames begin with the destination's address and have no FCS. */
export interface NetworkBackend {
  /** Six bytes. */
  readonly macAddress: Uint8Array;
  /** Whether another frame finds room now; where it doesn't, `notified` is called when it does. */
  readonly ready: boolean;
  send(frame: Uint8Array): void;
  /** How many frames wait for the guest. */
  readonly waiting: number;
  /** Takes the next of them, behind so many zeros. */
  receive(headerBytes: number): Uint8Array | undefined;
}

/** Feature bits (§5.1.3). */
const VIRTIO_NET_F = { MAC: 5, STATUS: 16 } as const;
const VIRTIO_NET_S_LINK_UP = 1;
const RECEIVE_QUEUE = 0;
const TRANSMIT_QUEUE = 1;
const QUEUE_SIZE = 256;
/** virtio_net_hdr with num_buffers, as every VERSION_1 device has it (§5.1.6). */
const HEADER_BYTES = 12;
const NUM_BUFFERS_OFFSET = 10;
const MAC_BYTES = 6;

/** A network device for a guest (virtio 1.2 §5.1), without offloads. */
export class VirtioNetwork implements VirtioDevice {
  readonly name = 'virtio network device';
  readonly deviceId = VIRTIO_ID.network;
  readonly features = [VIRTIO_NET_F.MAC, VIRTIO_NET_F.STATUS];
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly #backend: NetworkBackend;
  #transport: VirtioTransport | undefined;
  #saidDropped = false;

  constructor(backend: NetworkBackend) {
    this.#backend = backend;
  }

  attach(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** mac and status (§5.1.4). */
  config(): Uint8Array {
    const config = new Uint8Array(MAC_BYTES + 2);
    config.set(this.#backend.macAddress);
    config[MAC_BYTES] = VIRTIO_NET_S_LINK_UP;
    return config;
  }

  start(): void {
    this.#transmit();
    this.#receive();
  }

  reset(): void {}

  queueNotify(queue: number): void {
    if (queue === TRANSMIT_QUEUE) this.#transmit();
    else this.#receive();
  }

  /** To be called from `notified`: the wire has frames, or room for some. */
  notified(): void {
    this.#transport?.turn(() => {
      this.#transmit();
      this.#receive();
    });
  }

  #transmit(): void {
    takeChains(
      this.#transport?.queue(TRANSMIT_QUEUE),
      () => this.#backend.ready,
      (queue, chain) => {
        const frame = gather(queue, chain).subarray(HEADER_BYTES);
        if (frame.length >= FRAME_HEADER_BYTES && frame.length <= FRAME_BYTES_MAX) this.#backend.send(frame);
        else this.#drop(`a frame of ${frame.length} bytes`);
        this.#transport?.complete(TRANSMIT_QUEUE, chain, 0);
      },
    );
  }

  #receive(): void {
    takeChains(
      this.#transport?.queue(RECEIVE_QUEUE),
      () => this.#backend.waiting > 0,
      (queue, chain) => {
        const packet = this.#backend.receive(HEADER_BYTES) ?? new Uint8Array(HEADER_BYTES);
        packet[NUM_BUFFERS_OFFSET] = 1;
        // A buffer that is too small for a frame loses it, as a NIC does whose ring holds small buffers.
        const fits = packet.length <= writableBytes(chain);
        if (!fits) this.#drop(`a receive buffer of ${writableBytes(chain)} bytes for ${packet.length}`);
        this.#transport?.complete(RECEIVE_QUEUE, chain, fits ? scatter(queue, chain, packet) : 0);
      },
    );
  }

  #drop(what: string): void {
    if (this.#saidDropped) return;
    this.#saidDropped = true;
    this.#transport?.log(`${what}; dropped`);
  }
}
