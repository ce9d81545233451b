/**
 * The split virtqueue, from the device's side (VIRTIO 1.2 §2.7): descriptor chains out of the available ring, used
 * elements back, indirect tables, and both ways of saying that a notification is not wanted. Whatever the driver wrote is
 * checked: every address against guest RAM, every chain against its table's size. A rule broken is a
 * {@link VirtqueueError}; the transport then asks for a reset (§2.1.2, DEVICE_NEEDS_RESET). Packed rings are left out.
 */
import {
  type AddrRange,
  hex,
  type Ipa,
  isAligned,
  Refusal,
  type SavedValueOf,
  shape,
} from '../../base/index.ts';
import type { GuestRam } from '../guest-ram.ts';

/** The driver broke a rule of §2.7. Caught by the transport; never leaves this folder. */
export class VirtqueueError extends Refusal {
  override readonly name = 'VirtqueueError';
}

/** Where the three parts of a queue lie, in guest physical addresses, and how many entries they have. */
export interface VirtqueueLayout {
  readonly size: number;
  readonly descriptorTable: number;
  /** The available ring. */
  readonly driverArea: number;
  /** The used ring. */
  readonly deviceArea: number;
}

export interface VirtqueueFeatures {
  readonly indirectDescriptors: boolean;
  readonly eventIndex: boolean;
}

/** Buffers of one request: first what the device reads, then what it writes (§2.7.4.2). */
export interface DescriptorChain {
  readonly head: number;
  readonly readable: readonly AddrRange<Ipa>[];
  readonly writable: readonly AddrRange<Ipa>[];
}

/** How many bytes buffers have together. */
export function sizeOf(buffers: readonly AddrRange<Ipa>[]): number {
  let sizeBytes = 0;
  for (let index = 0; index < buffers.length; index += 1) sizeBytes += buffers[index]?.size ?? 0;
  return sizeBytes;
}

const RANGE_SHAPE = shape.record({ base: shape.whole, size: shape.whole });
/** A chain in a snapshot; its buffers are looked for in RAM when they are used. */
export const CHAIN_SHAPE = shape.record({
  head: shape.u16,
  readable: shape.listUpTo(0x1_0000, RANGE_SHAPE),
  writable: shape.listUpTo(0x1_0000, RANGE_SHAPE),
});

/** Free-running indices of a queue, 16 bits each. */
export const INDICES_SHAPE = shape.record({
  available: shape.u16,
  used: shape.u16,
  signalledUsed: shape.u16,
});
export type QueueIndices = SavedValueOf<typeof INDICES_SHAPE>;

const DESCRIPTOR_BYTES = 16;
/** A descriptor in words: address, length, flags and next in one (§2.7.5). */
const WORD_BYTES = 4;
const DESCRIPTOR_WORDS = DESCRIPTOR_BYTES / WORD_BYTES;
const WORD = 2 ** 32;
/** As far as `next` leads. */
const INDIRECT_BYTES_MAX = 0x1_0000 * DESCRIPTOR_BYTES;
const DESCRIPTOR_FLAG = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
const AVAIL_FLAG_NO_INTERRUPT = 1;
const RING_HEADER_BYTES = 4;
const AVAIL_ELEMENT_BYTES = 2;
const USED_ELEMENT_BYTES = 8;
const EVENT_BYTES = 2;
const INDEX_OFFSET = 2;
const INDEX_MASK = 0xffff;
/** Where a ring's index and its first element are, in its halfwords, and the used ring's first element in its words. */
const [INDEX, FIRST, FIRST_USED] = [1, 2, 1];

/**
 * A split ring in guest RAM (virtio 1.2 §2.7), from the device's side. Throws {@link VirtqueueError} for
 * whatever a driver does wrong.
 */
export class Virtqueue {
  readonly layout: VirtqueueLayout;
  readonly #ram: GuestRam;
  readonly #features: VirtqueueFeatures;
  /** The parts where they lie in guest RAM, in the processor's order of bytes, which is little-endian here and there. */
  readonly #table: Uint32Array;
  readonly #available: Uint16Array;
  readonly #used: Uint32Array;
  readonly #usedHalves: Uint16Array;
  /** Index of the next entry to take from the available ring, and to put into the used one. Free-running, 16 bits. */
  #availIndex = 0;
  #usedIndex = 0;
  /** The used index when the driver was last told. */
  #signalledUsed = 0;

  /** Throws {@link VirtqueueError} where the parts are misaligned or not in RAM. */
  constructor(ram: GuestRam, layout: VirtqueueLayout, features: VirtqueueFeatures) {
    this.layout = layout;
    this.#ram = ram;
    this.#features = features;
    const { size, descriptorTable, driverArea, deviceArea } = layout;
    const part = (name: string, base: number, bytes: number, alignment: number): Uint8Array => {
      if (!isAligned(base, alignment))
        throw new VirtqueueError(`the ${name} at ${hex(base)} is not aligned to ${alignment} bytes`);
      return this.#bytes({ base, size: bytes }, `the ${name}`);
    };
    const table = part('descriptor table', descriptorTable, size * DESCRIPTOR_BYTES, 16);
    const driver = RING_HEADER_BYTES + size * AVAIL_ELEMENT_BYTES + EVENT_BYTES;
    const available = part('available ring', driverArea, driver, 2);
    const device = RING_HEADER_BYTES + size * USED_ELEMENT_BYTES + EVENT_BYTES;
    const used = part('used ring', deviceArea, device, 4);
    this.#table = words(table);
    this.#available = halves(available);
    this.#used = words(used);
    this.#usedHalves = halves(used);
  }

  /**
   * How many chains the driver has made available that were not taken. A device takes no more in one turn than there were
   * at its start: what its own writes make available, in a ring that a hostile driver gave it as a buffer, waits.
   */
  get available(): number {
    const waiting = ((this.#available[INDEX] ?? 0) - this.#availIndex) & INDEX_MASK;
    const { size } = this.layout;
    if (waiting > size) throw new VirtqueueError(`${waiting} chains are available in a queue of ${size}`);
    return waiting;
  }

  /** The next chain that the driver made available, or `undefined`. */
  pop(): DescriptorChain | undefined {
    if (this.available === 0) return undefined;
    const { size } = this.layout;
    const head = this.#available[FIRST + (this.#availIndex % size)] ?? 0;
    if (head >= size) throw new VirtqueueError(`descriptor ${head} of a queue of ${size}`);
    this.#availIndex = (this.#availIndex + 1) & INDEX_MASK;
    return this.#chain(head);
  }

  /** Gives a chain back, with so many bytes written to its writable buffers, from the first on. */
  push(head: number, writtenBytes: number): void {
    const { size, deviceArea } = this.layout;
    const slot = this.#usedIndex % size;
    this.#used[FIRST_USED + 2 * slot] = head;
    this.#used[FIRST_USED + 2 * slot + 1] = writtenBytes;
    this.#ram.written(deviceArea + RING_HEADER_BYTES + slot * USED_ELEMENT_BYTES, USED_ELEMENT_BYTES);
    this.#usedIndex = (this.#usedIndex + 1) & INDEX_MASK;
    this.#usedHalves[INDEX] = this.#usedIndex;
    this.#ram.written(deviceArea + INDEX_OFFSET, EVENT_BYTES);
  }

  /** Whether the driver wants an interrupt for what was given back since this was asked last (§2.7.7). */
  takeInterruptWanted(): boolean {
    if (this.#usedIndex === this.#signalledUsed) return false;
    const before = this.#signalledUsed;
    this.#signalledUsed = this.#usedIndex;
    if (!this.#features.eventIndex) return ((this.#available[0] ?? 0) & AVAIL_FLAG_NO_INTERRUPT) === 0;
    // used_event: an interrupt is due when the index passes it (§2.7.7.1).
    const event = this.#available[FIRST + this.layout.size] ?? 0;
    const passed = (this.#usedIndex - event - 1) & INDEX_MASK;
    return passed < ((this.#usedIndex - before) & INDEX_MASK);
  }

  /** Asks the driver to notify at its next buffer (§2.7.10): without the event index it always does. */
  askForNotification(): void {
    if (!this.#features.eventIndex) return;
    const { size, deviceArea } = this.layout;
    const at = RING_HEADER_BYTES + size * USED_ELEMENT_BYTES;
    this.#usedHalves[at >>> 1] = this.#availIndex;
    this.#ram.written(deviceArea + at, EVENT_BYTES);
  }

  /** The bytes of a buffer; a live view. */
  bytes(range: AddrRange<Ipa>): Uint8Array {
    return this.#bytes(range, 'a buffer');
  }

  /** Writes to a writable buffer. */
  write(gpa: Ipa, content: Uint8Array): void {
    if (!this.#ram.copyIn(gpa, content))
      throw new VirtqueueError(`${content.length} bytes at ${hex(gpa)} are not in guest RAM`);
  }

  /** For snapshots: what has been taken, given back, and told. */
  get indices(): QueueIndices {
    return { available: this.#availIndex, used: this.#usedIndex, signalledUsed: this.#signalledUsed };
  }
  set indices({ available, used, signalledUsed }: QueueIndices) {
    this.#availIndex = available;
    this.#usedIndex = used;
    this.#signalledUsed = signalledUsed;
  }

  #chain(head: number): DescriptorChain {
    const readable: AddrRange<Ipa>[] = [];
    const writable: AddrRange<Ipa>[] = [];
    const { size } = this.layout;
    let table = this.#table;
    let count = size;
    let index = head;
    // No chain is longer than the queue (§2.7.5.2); the descriptor of an indirect table is no part of the chain.
    for (let length = 0; ; length += 1) {
      const isDirect = table === this.#table;
      if (length > (isDirect ? size - 1 : size))
        throw new VirtqueueError(`the chain at ${head} has more than ${size} descriptors`);
      const at = index * DESCRIPTOR_WORDS;
      const buffer = {
        base: (table[at] ?? 0) + (table[at + 1] ?? 0) * WORD,
        size: table[at + 2] ?? 0,
      };
      const flags = (table[at + 3] ?? 0) & 0xffff;
      if ((flags & DESCRIPTOR_FLAG.INDIRECT) !== 0) {
        table = this.#indirectTable(buffer, flags, isDirect);
        count = buffer.size / DESCRIPTOR_BYTES;
        index = 0;
        continue;
      }
      this.#check(buffer, index);
      if ((flags & DESCRIPTOR_FLAG.WRITE) !== 0) writable.push(buffer);
      else if (writable.length > 0) {
        throw new VirtqueueError(`descriptor ${index} is to be read, after one that is to be written`);
      } else readable.push(buffer);
      if ((flags & DESCRIPTOR_FLAG.NEXT) === 0) return { head, readable, writable };
      const next = (table[at + 3] ?? 0) >>> 16;
      if (next >= count) {
        throw new VirtqueueError(`descriptor ${index} leads to ${next}, beyond its table`);
      }
      index = next;
    }
  }

  /** §2.7.5.3: only where negotiated, not nested, not chained further. Its address need not be aligned: then it is copied. */
  #indirectTable(table: AddrRange<Ipa>, flags: number, isDirect: boolean): Uint32Array {
    if (!this.#features.indirectDescriptors) {
      throw new VirtqueueError('an indirect descriptor, which was not negotiated');
    }
    if (!isDirect) throw new VirtqueueError('an indirect descriptor in an indirect table');
    if ((flags & DESCRIPTOR_FLAG.NEXT) !== 0) {
      throw new VirtqueueError('an indirect descriptor that leads on');
    }
    if (table.size === 0 || table.size % DESCRIPTOR_BYTES !== 0) {
      throw new VirtqueueError(`an indirect table of ${table.size} bytes`);
    }
    const bytes = this.#bytes(table, 'an indirect table');
    return words(bytes.byteOffset % WORD_BYTES === 0 ? bytes : bytes.slice(0, INDIRECT_BYTES_MAX));
  }

  #check(buffer: AddrRange<Ipa>, index: number): void {
    if (!this.#ram.has(buffer.base, buffer.size)) this.#bytes(buffer, `the buffer of descriptor ${index}`);
  }

  #bytes(range: AddrRange<Ipa>, what: string): Uint8Array {
    const bytes = Number.isSafeInteger(range.base + range.size) ? this.#ram.at(range) : undefined;
    if (bytes === undefined) {
      throw new VirtqueueError(`${what}, ${range.size} bytes at ${hex(range.base)}, is not in guest RAM`);
    }
    return bytes;
  }
}

function words({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length >>> 2);
}

function halves({ buffer, byteOffset, length }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, length >>> 1);
}
