/**
 * Ethernet frames in one memory region between a client and the network virtualiser:
 *
 *     0x0000  u32 ready, six bytes of MAC address from 0x08 on    written by the virtualiser
 *     0x0100  counters of frames from the client;  0x0140  counters of frames to the client
 *     0x0180  u32: the client waits for room, written by it, and by the virtualiser when it has told it of some
 *     0x1000  slots of 2 KiB, first those from the client, then those to it: { u16 bytes, frame }
 *
 * Frames begin with the destination's address and have no FCS. Unlike sDDF's, whose buffers go round between queues of free
 * and of active ones, a frame is copied into its slot.
 */
import { RUN_NET_QUEUE } from '../sharing/index.ts';
import { powerOfTwoWithin, SharedRing } from './ring.ts';

/** Where its parts are; a slot holds the frame's length and the frame. */
export const NETWORK_LAYOUT = {
  ready: 0x00,
  mac: 0x08,
  fromClient: 0x100,
  toClient: 0x140,
  wantsRoom: 0x180,
  slots: RUN_NET_QUEUE.headBytes,
  slotBytes: RUN_NET_QUEUE.slotBytes,
  lengthBytes: 2,
} as const;
const { ready: READY, mac: MAC, wantsRoom: WANTS_ROOM, slots: SLOTS_OFFSET } = NETWORK_LAYOUT;
const { slotBytes: SLOT_BYTES, lengthBytes: LENGTH_BYTES } = NETWORK_LAYOUT;
const MAC_BYTES = 6;

/** Which way frames go. */
export type NetworkDirection = 'fromClient' | 'toClient';

/** Frames both ways over a shared region; what does not fit is dropped, as on a wire. */
export class NetworkQueue {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rings: Readonly<Record<NetworkDirection, SharedRing>>;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const capacity = powerOfTwoWithin((bytes.length - SLOTS_OFFSET) / (RUN_NET_QUEUE.ways * SLOT_BYTES));
    const ring = (counters: number, slots: number) =>
      new SharedRing(bytes, { counters, slots, slotBytes: SLOT_BYTES, capacity });
    this.#rings = {
      fromClient: ring(NETWORK_LAYOUT.fromClient, SLOTS_OFFSET),
      toClient: ring(NETWORK_LAYOUT.toClient, SLOTS_OFFSET + capacity * SLOT_BYTES),
    };
  }

  /** Zeros until the virtualiser has written it. */
  get macAddress(): Uint8Array {
    return this.#bytes.slice(MAC, MAC + MAC_BYTES);
  }

  publish(macAddress: Uint8Array): void {
    this.#bytes.set(macAddress.subarray(0, MAC_BYTES), MAC);
    this.#view.setUint32(READY, 1, true);
  }

  room(direction: NetworkDirection): number {
    return this.#rings[direction].room;
  }

  /**
   * The client's queue is full: asks to be told when it is not. Gives whether there is room by now, for the virtualiser may have
   * looked before it was asked.
   */
  wantRoom(): boolean {
    this.#view.setUint32(WANTS_ROOM, 1, true);
    return this.room('fromClient') > 0;
  }

  /** Whether the client has asked since this was asked last. */
  takeWantsRoom(): boolean {
    const wants = this.#view.getUint32(WANTS_ROOM, true) !== 0;
    if (wants) this.#view.setUint32(WANTS_ROOM, 0, true);
    return wants;
  }

  waiting(direction: NetworkDirection): number {
    return this.#rings[direction].length;
  }

  /** `false` where there is no room, or the frame is too long for a slot. */
  put(direction: NetworkDirection, frame: Uint8Array): boolean {
    const ring = this.#rings[direction];
    if (ring.room === 0 || frame.length > SLOT_BYTES - LENGTH_BYTES) return false;
    const slot = ring.nextFree;
    this.#view.setUint16(slot, frame.length, true);
    this.#bytes.set(frame, slot + LENGTH_BYTES);
    ring.put();
    return true;
  }

  /** The oldest frame, copied, behind so many zeros. */
  take(direction: NetworkDirection, headerBytes = 0): Uint8Array | undefined {
    const ring = this.#rings[direction];
    if (ring.length === 0) return undefined;
    const slot = ring.oldest;
    const size = Math.min(this.#view.getUint16(slot, true), SLOT_BYTES - LENGTH_BYTES);
    const start = slot + LENGTH_BYTES;
    const frame = new Uint8Array(headerBytes + size);
    frame.set(this.#bytes.subarray(start, start + size), headerBytes);
    ring.take();
    return frame;
  }
}
