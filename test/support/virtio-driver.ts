/** A virtio driver in small: queues laid out in guest RAM, buffers handed to a device over its registers, as a kernel does. */

import assert from 'node:assert/strict';
import { GuestRam, VIRTIO_MMIO_BYTES, type VirtioDevice, VirtioMmio } from '../../src/vmm/index.ts';
import { mappedRegion } from './mapped-region.ts';

export const RAM_BASE = 0x4000_0000;
export const RAM_BYTES = 0x10_0000;

/** Register offsets (VIRTIO 1.2 §4.2.2). */
export const REG = {
  MagicValue: 0x00,
  Version: 0x04,
  DeviceID: 0x08,
  VendorID: 0x0c,
  DeviceFeatures: 0x10,
  DeviceFeaturesSel: 0x14,
  DriverFeatures: 0x20,
  DriverFeaturesSel: 0x24,
  QueueSel: 0x30,
  QueueNumMax: 0x34,
  QueueNum: 0x38,
  QueueReady: 0x44,
  QueueNotify: 0x50,
  InterruptStatus: 0x60,
  InterruptACK: 0x64,
  Status: 0x70,
  QueueDescLow: 0x80,
  QueueDescHigh: 0x84,
  QueueDriverLow: 0x90,
  QueueDeviceLow: 0xa0,
  SHMLenLow: 0xb0,
  ConfigGeneration: 0xfc,
  Config: 0x100,
} as const;

export const STATUS = { ACKNOWLEDGE: 1, DRIVER: 2, DRIVER_OK: 4, FEATURES_OK: 8, NEEDS_RESET: 64 } as const;
export const FEATURE = { INDIRECT_DESC: 28, EVENT_IDX: 29, VERSION_1: 32 } as const;
const DESCRIPTOR = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
const QUEUE_BYTES = 0x4000;
const QUEUE_SIZE = 16;

/** A buffer of a request: its content where the device reads it, or its size where the device writes it. */
export type Buffer = Uint8Array | { readonly room: number };

export interface Used {
  readonly head: number;
  readonly writtenBytes: number;
  /** What the device put into the writable buffers, joined. */
  readonly content: Uint8Array;
}

interface DriverQueue {
  readonly base: number;
  readonly size: number;
  avail: number;
  used: number;
  nextDescriptor: number;
  readonly writable: Map<number, readonly { readonly at: number; readonly size: number }[]>;
}

export class VirtioDriver {
  readonly mmio: VirtioMmio;
  readonly memory: Uint8Array;
  readonly log: string[] = [];
  interrupts = 0;
  readonly #view: DataView;
  readonly #queues: DriverQueue[] = [];
  #nextBuffer = 0x8_0000;

  /** `memory` is as large as the guest's; by default it is new. */
  constructor(device: VirtioDevice, memory: Uint8Array = new Uint8Array(RAM_BYTES)) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset);
    const region = mappedRegion('ram', 0, memory, undefined, RAM_BASE);
    this.mmio = new VirtioMmio({
      device,
      ram: new GuestRam([{ gpaStart: RAM_BASE, sizeBytes: RAM_BYTES, memory: region }]),
      interrupt: () => {
        this.interrupts += 1;
      },
      log: (text) => this.log.push(text),
    });
    assert.equal(this.mmio.sizeBytes, VIRTIO_MMIO_BYTES);
  }

  read(register: number): number {
    return this.mmio.read(register, 4);
  }

  write(register: number, value: number): void {
    this.mmio.write(register, value, 4);
  }

  get status(): number {
    return this.read(REG.Status);
  }

  get needsReset(): boolean {
    return (this.status & STATUS.NEEDS_RESET) !== 0;
  }

  deviceFeatures(): bigint {
    this.write(REG.DeviceFeaturesSel, 1);
    const high = BigInt(this.read(REG.DeviceFeatures));
    this.write(REG.DeviceFeaturesSel, 0);
    return (high << 32n) | BigInt(this.read(REG.DeviceFeatures));
  }

  setFeatures(features: readonly number[]): void {
    const mask = features.reduce((sum, feature) => sum | (1n << BigInt(feature)), 0n);
    for (const word of [0, 1]) {
      this.write(REG.DriverFeaturesSel, word);
      this.write(REG.DriverFeatures, Number((mask >> BigInt(32 * word)) & 0xffff_ffffn));
    }
  }

  /** §3.1.1, all of it. */
  start(queueCount: number, features: readonly number[] = [FEATURE.VERSION_1], queueSize = QUEUE_SIZE): void {
    this.write(REG.Status, 0);
    this.write(REG.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER);
    this.setFeatures(features);
    this.write(REG.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK);
    for (let index = 0; index < queueCount; index += 1) this.setUpQueue(index, queueSize);
    this.write(REG.Status, this.status | STATUS.DRIVER_OK);
  }

  setUpQueue(index: number, size = QUEUE_SIZE): void {
    const base = index * QUEUE_BYTES;
    this.memory.fill(0, base, base + QUEUE_BYTES);
    this.#queues[index] = { base, size, avail: 0, used: 0, nextDescriptor: 0, writable: new Map() };
    this.write(REG.QueueSel, index);
    this.write(REG.QueueNum, size);
    this.write(REG.QueueDescLow, RAM_BASE + base);
    this.write(REG.QueueDescHigh, 0);
    this.write(REG.QueueDriverLow, RAM_BASE + base + 0x1000);
    this.write(REG.QueueDeviceLow, RAM_BASE + base + 0x2000);
    this.write(REG.QueueReady, 1);
  }

  queue(index: number): DriverQueue {
    const queue = this.#queues[index];
    assert.ok(queue !== undefined);
    return queue;
  }

  /** Makes a chain available without saying so; gives its head. */
  offer(index: number, buffers: readonly Buffer[], options: { readonly indirect?: boolean } = {}): number {
    const queue = this.queue(index);
    const writable: { at: number; size: number }[] = [];
    const descriptors = buffers.map((buffer) => {
      const size = buffer instanceof Uint8Array ? buffer.length : buffer.room;
      const at = this.#nextBuffer;
      this.#nextBuffer = this.#nextBuffer + size > RAM_BYTES - 0x2_0000 ? 0x8_0000 : this.#nextBuffer + size;
      if (buffer instanceof Uint8Array) this.memory.set(buffer, at);
      else writable.push({ at, size });
      return { at, size, flags: buffer instanceof Uint8Array ? 0 : DESCRIPTOR.WRITE };
    });
    let head: number;
    if (options.indirect === true) {
      const table = (this.#nextBuffer + 15) & ~15;
      this.#nextBuffer = table + 16 * descriptors.length;
      head = this.#take(queue);
      this.#chain(table, descriptors, (position) => position);
      const sizeBytes = 16 * descriptors.length;
      this.descriptor(queue.base, head, RAM_BASE + table, sizeBytes, DESCRIPTOR.INDIRECT, 0);
    } else {
      const indices = descriptors.map(() => this.#take(queue));
      this.#chain(queue.base, descriptors, (position) => indices[position] ?? 0);
      head = indices[0] ?? 0;
    }
    queue.writable.set(head, writable);
    this.publish(index, head);
    return head;
  }

  publish(index: number, head: number): void {
    const queue = this.queue(index);
    this.#view.setUint16(queue.base + 0x1004 + 2 * (queue.avail % queue.size), head, true);
    queue.avail = (queue.avail + 1) & 0xffff;
    this.#view.setUint16(queue.base + 0x1002, queue.avail, true);
  }

  notify(index: number): void {
    this.write(REG.QueueNotify, index);
  }

  /** What the device gave back since this was asked last. */
  used(index: number): readonly Used[] {
    const queue = this.queue(index);
    const list: Used[] = [];
    const used = queue.base + 0x2000;
    while (queue.used !== this.#view.getUint16(used + 2, true)) {
      const element = used + 4 + 8 * (queue.used % queue.size);
      const head = this.#view.getUint32(element, true);
      const parts = queue.writable.get(head) ?? [];
      const content = parts.flatMap(({ at, size }) => [...this.memory.subarray(at, at + size)]);
      list.push({
        head,
        writtenBytes: this.#view.getUint32(element + 4, true),
        content: Uint8Array.from(content),
      });
      queue.used = (queue.used + 1) & 0xffff;
    }
    return list;
  }

  /** used_event, or the flag that says "no interrupts". */
  setUsedEvent(index: number, value: number): void {
    const { base, size } = this.queue(index);
    this.#view.setUint16(base + 0x1004 + 2 * size, value, true);
  }

  setAvailFlags(index: number, flags: number): void {
    this.#view.setUint16(this.queue(index).base + 0x1000, flags, true);
  }

  availEvent(index: number): number {
    const { base, size } = this.queue(index);
    return this.#view.getUint16(base + 0x2004 + 8 * size, true);
  }

  descriptor(
    table: number,
    index: number,
    addr: number | bigint,
    size: number,
    flags: number,
    next: number,
  ): void {
    const at = table + 16 * index;
    this.#view.setBigUint64(at, BigInt(addr), true);
    this.#view.setUint32(at + 8, size, true);
    this.#view.setUint16(at + 12, flags, true);
    this.#view.setUint16(at + 14, next, true);
  }

  #take(queue: DriverQueue): number {
    const index = queue.nextDescriptor % queue.size;
    queue.nextDescriptor += 1;
    return index;
  }

  #chain(
    table: number,
    descriptors: readonly { readonly at: number; readonly size: number; readonly flags: number }[],
    indexOf: (position: number) => number,
  ): void {
    for (const [position, { at, size, flags }] of descriptors.entries()) {
      const last = position === descriptors.length - 1;
      const next = last ? 0 : indexOf(position + 1);
      const allFlags = flags | (last ? 0 : DESCRIPTOR.NEXT);
      this.descriptor(table, indexOf(position), RAM_BASE + at, size, allFlags, next);
    }
  }
}
