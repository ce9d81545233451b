/**
 * Characters in a memory region, one way: counters at 0x00, characters from 0x40 on, as many as the largest power of two
 * that fits. As sDDF's serial queues, in one region instead of two.
 */
import { powerOfTwoWithin, SharedRing } from './ring.ts';

const DATA_OFFSET = 0x40;

export class SerialQueue {
  readonly #ring: SharedRing;

  constructor(bytes: Uint8Array) {
    const capacity = powerOfTwoWithin(bytes.length - DATA_OFFSET);
    this.#ring = new SharedRing(bytes, { counters: 0, slots: DATA_OFFSET, slotBytes: 1, capacity });
  }

  get waiting(): number {
    return this.#ring.length;
  }

  get room(): number {
    return this.#ring.room;
  }

  /** Puts what fits, from the front; gives how many characters that is. */
  write(content: Uint8Array): number {
    const count = Math.min(content.length, this.room);
    for (const byte of content.subarray(0, count)) {
      this.#ring.nextFree().setUint8(0, byte);
      this.#ring.put();
    }
    return count;
  }

  read(most: number): Uint8Array {
    const content = new Uint8Array(Math.min(most, this.waiting));
    for (const index of content.keys()) {
      content[index] = this.#ring.oldest().getUint8(0);
      this.#ring.take();
    }
    return content;
  }
}
