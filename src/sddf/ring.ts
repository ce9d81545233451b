/**
 * A ring between one producer and one consumer in a shared memory region: two free-running 32-bit counters, of what was
 * taken and what was put, and slots of the same size. Each side writes its own counter only. What the other side wrote is
 * not trusted: counters that make no sense read as an empty, full ring, so that nothing is taken and nothing is put.
 */

/** Where its counters are, from where they begin. */
export const RING_COUNTERS = { taken: 0, put: 4 } as const;
const COUNTER_BYTES = 4;
const [TAKEN, PUT] = [RING_COUNTERS.taken / COUNTER_BYTES, RING_COUNTERS.put / COUNTER_BYTES];
const COUNTERS = 2;

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
  /** The two counters, in the processor's order of bytes, which is little-endian. */
  readonly #counters: Uint32Array;
  readonly #place: RingPlace;

  constructor(bytes: Uint8Array, place: RingPlace) {
    this.#counters = new Uint32Array(bytes.buffer, bytes.byteOffset + place.counters, COUNTERS);
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

  /** Whether the counters make no sense: the other side has broken them. */
  get isBroken(): boolean {
    return this.#count > this.capacity;
  }

  /** How many slots are free. */
  get room(): number {
    return Math.max(0, this.capacity - this.#count);
  }

  /** Offset of the slot that the producer fills next; what is in it counts once {@link put} was called. */
  get nextFree(): number {
    return this.#slot(this.#counter(PUT));
  }

  put(count = 1): void {
    this.#setCounter(PUT, this.#counter(PUT) + count);
  }

  /** Offset of the oldest slot that holds something; it is free again once {@link take} was called. */
  get oldest(): number {
    return this.#slot(this.#counter(TAKEN));
  }

  take(count = 1): void {
    this.#setCounter(TAKEN, this.#counter(TAKEN) + count);
  }

  get #count(): number {
    return (this.#counter(PUT) - this.#counter(TAKEN)) >>> 0;
  }

  #counter(index: number): number {
    return this.#counters[index] ?? 0;
  }

  #setCounter(index: number, value: number): void {
    this.#counters[index] = value;
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
