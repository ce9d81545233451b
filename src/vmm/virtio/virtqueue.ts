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
const DESCRIPTOR_FLAG = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
const AVAIL_FLAG_NO_INTERRUPT = 1;
const RING_HEADER_BYTES = 4;
const AVAIL_ELEMENT_BYTES = 2;
const USED_ELEMENT_BYTES = 8;
const EVENT_BYTES = 2;
const INDEX_OFFSET = 2;
const INDEX_MASK = 0xffff;

/**
 * A split ring in guest RAM (virtio 1.2 §2.7), from the device's side. Throws {@link VirtqueueError} for
 * whatever a driver does wrong.
 */
export class Virtqueue {
  readonly layout: VirtqueueLayout;
  readonly #ram: GuestRam;
  readonly #features: VirtqueueFeatures;
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
    const parts: readonly (readonly [name: string, base: number, bytes: number, alignment: number])[] = [
      ['descriptor table', descriptorTable, size * DESCRIPTOR_BYTES, 16],
      ['available ring', driverArea, RING_HEADER_BYTES + size * AVAIL_ELEMENT_BYTES + EVENT_BYTES, 2],
      ['used ring', deviceArea, RING_HEADER_BYTES + size * USED_ELEMENT_BYTES + EVENT_BYTES, 4],
    ];
    for (const [name, base, bytes, alignment] of parts) {
      if (!isAligned(base, alignment)) {
        throw new VirtqueueError(`the ${name} at ${hex(base)} is not aligned to ${alignment} bytes`);
      }
      this.#view({ base, size: bytes }, `the ${name}`);
    }
  }

  /**
   * How many chains the driver has made available that were not taken. A device takes no more in one turn than there were
   * at its start: what its own writes make available, in a ring that a hostile driver gave it as a buffer, waits.
   */
  get available(): number {
    const { size, driverArea } = this.layout;
    const published = this.#view({ base: driverArea, size: RING_HEADER_BYTES }, 'the available ring');
    const waiting = (published.getUint16(INDEX_OFFSET, true) - this.#availIndex) & INDEX_MASK;
    if (waiting > size) throw new VirtqueueError(`${waiting} chains are available in a queue of ${size}`);
    return waiting;
  }

  /** The next chain that the driver made available, or `undefined`. */
  pop(): DescriptorChain | undefined {
    if (this.available === 0) return undefined;
    const { size, driverArea } = this.layout;
    const ring = this.#view(
      { base: driverArea, size: RING_HEADER_BYTES + size * AVAIL_ELEMENT_BYTES },
      'the available ring',
    );
    const slot = this.#availIndex % size;
    const head = ring.getUint16(RING_HEADER_BYTES + slot * AVAIL_ELEMENT_BYTES, true);
    if (head >= size) throw new VirtqueueError(`descriptor ${head} of a queue of ${size}`);
    this.#availIndex = (this.#availIndex + 1) & INDEX_MASK;
    return this.#chain(head);
  }

  /** Gives a chain back, with so many bytes written to its writable buffers, from the first on. */
  push(head: number, writtenBytes: number): void {
    const { size, deviceArea } = this.layout;
    const element = new DataView(new ArrayBuffer(USED_ELEMENT_BYTES));
    element.setUint32(0, head, true);
    element.setUint32(4, writtenBytes, true);
    const slot = this.#usedIndex % size;
    this.#write(deviceArea + RING_HEADER_BYTES + slot * USED_ELEMENT_BYTES, new Uint8Array(element.buffer));
    this.#usedIndex = (this.#usedIndex + 1) & INDEX_MASK;
    this.#writeU16(deviceArea + INDEX_OFFSET, this.#usedIndex);
  }

  /** Whether the driver wants an interrupt for what was given back since this was asked last (§2.7.7). */
  takeInterruptWanted(): boolean {
    if (this.#usedIndex === this.#signalledUsed) return false;
    const before = this.#signalledUsed;
    this.#signalledUsed = this.#usedIndex;
    const { size, driverArea } = this.layout;
    const bytes = RING_HEADER_BYTES + size * AVAIL_ELEMENT_BYTES + EVENT_BYTES;
    const ring = this.#view({ base: driverArea, size: bytes }, 'the available ring');
    if (!this.#features.eventIndex) return (ring.getUint16(0, true) & AVAIL_FLAG_NO_INTERRUPT) === 0;
    // used_event: an interrupt is due when the index passes it (§2.7.7.1).
    const event = ring.getUint16(RING_HEADER_BYTES + size * AVAIL_ELEMENT_BYTES, true);
    const passed = (this.#usedIndex - event - 1) & INDEX_MASK;
    return passed < ((this.#usedIndex - before) & INDEX_MASK);
  }

  /** Asks the driver to notify at its next buffer (§2.7.10): without the event index it always does. */
  askForNotification(): void {
    if (!this.#features.eventIndex) return;
    const { size, deviceArea } = this.layout;
    this.#writeU16(deviceArea + RING_HEADER_BYTES + size * USED_ELEMENT_BYTES, this.#availIndex);
  }

  /** The bytes of a buffer; a live view. */
  bytes(range: AddrRange<Ipa>): Uint8Array {
    return this.#bytes(range, 'a buffer');
  }

  /** Writes to a writable buffer. */
  write(gpa: Ipa, content: Uint8Array): void {
    this.#write(gpa, content);
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
    let table: AddrRange<Ipa> = { base: this.layout.descriptorTable, size: size * DESCRIPTOR_BYTES };
    let index = head;
    let direct = true;
    // No chain is longer than the queue (§2.7.5.2); the descriptor of an indirect table is no part of the chain.
    for (let length = 0; ; length += 1) {
      if (length > (direct ? size - 1 : size))
        throw new VirtqueueError(`the chain at ${head} has more than ${size} descriptors`);
      const descriptor = this.#view(
        { base: table.base + index * DESCRIPTOR_BYTES, size: DESCRIPTOR_BYTES },
        'a descriptor table',
      );
      const addr = Number(descriptor.getBigUint64(0, true));
      const bytes = descriptor.getUint32(8, true);
      const flags = descriptor.getUint16(12, true);
      const next = descriptor.getUint16(14, true);
      if ((flags & DESCRIPTOR_FLAG.INDIRECT) !== 0) {
        table = this.#indirectTable({ base: addr, size: bytes }, flags, direct);
        direct = false;
        index = 0;
        continue;
      }
      const buffer = { base: addr, size: bytes };
      this.#bytes(buffer, `the buffer of descriptor ${index}`);
      if ((flags & DESCRIPTOR_FLAG.WRITE) !== 0) writable.push(buffer);
      else if (writable.length > 0) {
        throw new VirtqueueError(`descriptor ${index} is to be read, after one that is to be written`);
      } else readable.push(buffer);
      if ((flags & DESCRIPTOR_FLAG.NEXT) === 0) return { head, readable, writable };
      if (next >= table.size / DESCRIPTOR_BYTES) {
        throw new VirtqueueError(`descriptor ${index} leads to ${next}, beyond its table`);
      }
      index = next;
    }
  }

  /** §2.7.5.3: only where negotiated, not nested, not chained further. */
  #indirectTable(table: AddrRange<Ipa>, flags: number, direct: boolean): AddrRange<Ipa> {
    if (!this.#features.indirectDescriptors) {
      throw new VirtqueueError('an indirect descriptor, which was not negotiated');
    }
    if (!direct) throw new VirtqueueError('an indirect descriptor in an indirect table');
    if ((flags & DESCRIPTOR_FLAG.NEXT) !== 0) {
      throw new VirtqueueError('an indirect descriptor that leads on');
    }
    if (table.size === 0 || table.size % DESCRIPTOR_BYTES !== 0) {
      throw new VirtqueueError(`an indirect table of ${table.size} bytes`);
    }
    this.#bytes(table, 'an indirect table');
    return table;
  }

  #bytes(range: AddrRange<Ipa>, what: string): Uint8Array {
    const bytes = Number.isSafeInteger(range.base + range.size) ? this.#ram.at(range) : undefined;
    if (bytes === undefined) {
      throw new VirtqueueError(`${what}, ${range.size} bytes at ${hex(range.base)}, is not in guest RAM`);
    }
    return bytes;
  }

  #view(range: AddrRange<Ipa>, what: string): DataView {
    const bytes = this.#bytes(range, what);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #write(gpa: Ipa, content: Uint8Array): void {
    if (!this.#ram.copyIn(gpa, content)) {
      throw new VirtqueueError(`${content.length} bytes at ${hex(gpa)} are not in guest RAM`);
    }
  }

  #writeU16(gpa: Ipa, value: number): void {
    this.#write(gpa, Uint8Array.of(value & 0xff, value >> 8));
  }
}
