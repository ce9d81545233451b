/**
 * Characters in a memory region, one way: counters at 0x00, characters from 0x40 on, as many as the largest power of two
 * that fits. As sDDF's serial queues, in one region instead of two.
 */
import { powerOfTwoWithin, SharedRing } from './ring.ts';

/** Where its parts are. */
export const SERIAL_LAYOUT = { counters: 0, data: 0x40 } as const;
const DATA_OFFSET = SERIAL_LAYOUT.data;

/** Bytes one way over a shared region. */
export class SerialQueue {
  readonly #bytes: Uint8Array;
  readonly #ring: SharedRing;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const capacity = powerOfTwoWithin(bytes.length - DATA_OFFSET);
    this.#ring = new SharedRing(bytes, {
      counters: SERIAL_LAYOUT.counters,
      slots: DATA_OFFSET,
      slotBytes: 1,
      capacity,
    });
  }

  get waiting(): number {
    return this.#ring.length;
  }

  get room(): number {
    return this.#ring.room;
  }

  /** Whether the other side has broken the counters, so that nothing can be put or taken any more. */
  get isBroken(): boolean {
    return this.#ring.isBroken;
  }

  /** The oldest character, left where it is. */
  get oldest(): number | undefined {
    return this.waiting === 0 ? undefined : this.#bytes[this.#ring.oldest];
  }

  /** Puts what fits, from the front; gives how many characters that is. */
  write(content: Uint8Array): number {
    const count = Math.min(content.length, this.room);
    const first = Math.min(count, this.#untilEnd(this.#ring.nextFree));
    this.#bytes.set(content.subarray(0, first), this.#ring.nextFree);
    this.#bytes.set(content.subarray(first, count), DATA_OFFSET);
    this.#ring.put(count);
    return count;
  }

  /** The oldest character, taken out. */
  take(): number | undefined {
    const byte = this.oldest;
    if (byte !== undefined) this.#ring.take();
    return byte;
  }

  read(most: number): Uint8Array {
    const { oldest } = this.#ring;
    const content = new Uint8Array(Math.min(most, this.waiting));
    const first = Math.min(content.length, this.#untilEnd(oldest));
    content.set(this.#bytes.subarray(oldest, oldest + first));
    content.set(this.#bytes.subarray(DATA_OFFSET, DATA_OFFSET + content.length - first), first);
    this.#ring.take(content.length);
    return content;
  }

  /** How many characters there are from a place to where the ring begins anew. */
  #untilEnd(offset: number): number {
    return DATA_OFFSET + this.#ring.capacity - offset;
  }
}
