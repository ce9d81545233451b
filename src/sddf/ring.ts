/**
 * A ring between one producer and one consumer in a shared memory region: two free-running 32-bit counters, of what was
 * taken and what was put, and slots of the same size. Each side writes its own counter only. What the other side wrote is
 * not trusted: counters that make no sense read as an empty, full ring, so that nothing is taken and nothing is put.
 */

/** Where its counters are, from where they begin. */
export const RING_COUNTERS = { taken: 0, put: 4 } as const;
const { taken: TAKEN_OFFSET, put: PUT_OFFSET } = RING_COUNTERS;

export interface RingPlace {
  /** Offset of the two counters. */
  readonly counters: number;
  /** Offset of the first slot. */
  readonly slots: number;
  readonly slotBytes: number;
  /** A power of two. */
  readonly capacity: number;
}

export class SharedRing {
  readonly #view: DataView;
  readonly #place: RingPlace;

  constructor(bytes: Uint8Array, place: RingPlace) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
  }

  get capacity(): number {
    return this.#place.capacity;
  }

  /** How many slots hold something. */
  get length(): number {
    const count = this.#count;
    return count > this.capacity ? 0 : count;
  }

  /** How many slots are free. */
  get room(): number {
    return Math.max(0, this.capacity - this.#count);
  }

  /** Offset of the slot that the producer fills next; what is in it counts once {@link put} was called. */
  get nextFree(): number {
    return this.#slot(this.#counter(PUT_OFFSET));
  }

  put(count = 1): void {
    this.#setCounter(PUT_OFFSET, this.#counter(PUT_OFFSET) + count);
  }

  /** Offset of the oldest slot that holds something; it is free again once {@link take} was called. */
  get oldest(): number {
    return this.#slot(this.#counter(TAKEN_OFFSET));
  }

  take(count = 1): void {
    this.#setCounter(TAKEN_OFFSET, this.#counter(TAKEN_OFFSET) + count);
  }

  get #count(): number {
    return (this.#counter(PUT_OFFSET) - this.#counter(TAKEN_OFFSET)) >>> 0;
  }

  #counter(offset: number): number {
    return this.#view.getUint32(this.#place.counters + offset, true);
  }

  #setCounter(offset: number, value: number): void {
    this.#view.setUint32(this.#place.counters + offset, value >>> 0, true);
  }

  #slot(counter: number): number {
    const { slots, slotBytes, capacity } = this.#place;
    return slots + (counter % capacity) * slotBytes;
  }
}

/** The largest power of two that is no larger; 0 for what is below one. */
export function powerOfTwoWithin(value: number): number {
  return value < 1 ? 0 : 2 ** Math.floor(Math.log2(value));
}
