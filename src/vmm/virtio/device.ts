/**
 * What a virtio device is to its transport: an id, features, a configuration space and queues. It knows nothing of
 * addresses and interrupts, and gets chains that were checked.
 */
import { type AddrRange, type Ipa, MIB, type Saved } from '../../base/index.ts';
import { type DescriptorChain, sizeOf, type Virtqueue, VirtqueueError } from './virtqueue.ts';

/** Device ids (VIRTIO 1.2 §5). */
export const VIRTIO_ID = { network: 1, block: 2, console: 3, entropy: 4, ninep: 9 } as const;

/** Features that any device may have (VIRTIO 1.2 §6), by bit number. */
export const VIRTIO_F = { INDIRECT_DESC: 28, EVENT_IDX: 29, VERSION_1: 32 } as const;

/** What a transport gives its device. */
export interface VirtioTransport {
  /** A queue that the driver made ready, or `undefined`. */
  queue(index: number): Virtqueue | undefined;
  /** Gives a chain back; the interrupt follows when the device is done with this turn. */
  complete(queue: number, chain: DescriptorChain, writtenBytes: number): void;
  /** The configuration space changed: tells the driver (§2.5.1). */
  configChanged(): void;
  /** Says something for the log. */
  log(text: string): void;
  /** Does work that may end in a broken rule of the driver's, and the interrupts that it causes. */
  turn(work: () => void): void;
}

/**
 * A device behind a virtio transport: knows its queues and its backend, no registers and no addresses of its
 * own.
 */
export interface VirtioDevice {
  readonly name: string;
  readonly deviceId: number;
  /** Feature bits beside those of the transport and the queues. */
  readonly features: readonly number[];
  /** The most entries that each queue may have: powers of two. */
  readonly queueSizes: readonly number[];
  /** The configuration space as the driver reads it now. */
  config(): Uint8Array;
  /** A write to the configuration space; most devices have nothing there to write. */
  configWrite?(offset: number, value: number, sizeBytes: 1 | 2 | 4): void;
  /** The transport is there; called once. */
  attach(transport: VirtioTransport): void;
  /** The driver has set DRIVER_OK with these features. */
  start(features: ReadonlySet<number>): void;
  /** The driver says that a queue has something. */
  queueNotify(queue: number): void;
  /** The driver reset the device: nothing in flight may touch its queues any more. */
  reset(): void;
  /** What it remembers beside its queues. */
  readonly saved?: Saved | undefined;
}

/** A request that a virtio device has done. */
export interface VirtqueueUse {
  readonly device: string;
  readonly queue: number;
  /** What the driver gave, and how much room it left. */
  readonly readableBytes: number;
  readonly writableBytes: number;
  readonly writtenBytes: number;
}

/** The most that one chain may carry: far above what drivers send, and what the host will set aside for it. */
const CHAIN_BYTES_MAX = 16 * MIB;

const NO_BUFFER: AddrRange<Ipa> = { base: 0, size: 0 };

/** All bytes of a chain's readable buffers, copied, in order. Throws where that is more than {@link CHAIN_BYTES_MAX}. */
export function gather(queue: Virtqueue, chain: DescriptorChain): Uint8Array {
  const sizeBytes = sizeOf(chain.readable);
  if (sizeBytes > CHAIN_BYTES_MAX) throw new VirtqueueError(`a chain of ${sizeBytes} bytes`);
  const [only] = chain.readable;
  if (only !== undefined && only.size === sizeBytes) return queue.bytes(only).slice();
  const content = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const range of chain.readable) {
    content.set(queue.bytes(range), offset);
    offset += range.size;
  }
  return content;
}

/** Spreads content over a chain's writable buffers; gives how much of it found room. */
export function scatter(queue: Virtqueue, chain: DescriptorChain, content: Uint8Array): number {
  let offset = 0;
  for (let index = 0; index < chain.writable.length; index += 1) {
    const { base, size } = chain.writable[index] ?? NO_BUFFER;
    const part = content.subarray(offset, offset + size);
    if (part.length === 0) break;
    queue.write(base, part);
    offset += part.length;
  }
  return offset;
}

/**
 * Takes what the driver has made available up to now, chain by chain, while `more` says so; then asks to be notified of the
 * next.
 */
export function takeChains(
  queue: Virtqueue | undefined,
  more: () => boolean,
  take: (queue: Virtqueue, chain: DescriptorChain) => void,
): void {
  if (queue === undefined) return;
  for (let left = queue.available; left > 0 && more(); left -= 1) {
    const chain = queue.pop();
    if (chain === undefined) break;
    take(queue, chain);
  }
  queue.askForNotification();
}

/** How many bytes a chain's writable buffers hold. */
export function writableBytes(chain: DescriptorChain): number {
  return sizeOf(chain.writable);
}
