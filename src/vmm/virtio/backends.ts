/**
 * The monitor's ends of the queues that virtualisers share (`sddf`): what a virtio device needs behind it, over a
 * memory region and a channel.
 */
import { keptList, keptMap, type Saved, savedParts, shape } from '../../base/index.ts';
import { BLOCK_CELL_BYTES, BlockQueue, NetworkQueue, SerialQueue } from '../../sddf/index.ts';
import type { Microkit } from '../../sel4/index.ts';
import type { BlockAnswer, BlockBackend, BlockRequest } from './block.ts';
import type { ConsoleBackend } from './console.ts';
import type { EntropyBackend } from './entropy.ts';
import type { NetworkBackend } from './network.ts';

/** A queue that the monitor shares with a virtualiser. */
export interface SharedQueue {
  readonly memory: Uint8Array;
  readonly channel: number;
}

/** A console over two serial queues, of which the virtualisers have the other ends. */
export function serialBackend(microkit: Microkit, tx: SharedQueue, rx: SharedQueue): ConsoleBackend {
  const [out, typed] = [new SerialQueue(tx.memory), new SerialQueue(rx.memory)];
  return {
    send: (bytes) => {
      let sent = 0;
      // Virtualisers of higher priority make room while they are told; others are waited for.
      for (let count = -1; count !== 0 && sent < bytes.length; ) {
        count = out.write(bytes.subarray(sent));
        sent += count;
        if (count > 0) microkit.notify(tx.channel);
      }
      return sent;
    },
    get waiting() {
      return typed.waiting;
    },
    receive: (most) => {
      const wasFull = typed.room === 0;
      const bytes = typed.read(most);
      if (wasFull) microkit.notify(rx.channel);
      return bytes;
    },
  };
}

/** The state of a block backend: which cell each request under way has. */
export class QueuedBlockBackend implements BlockBackend {
  readonly transferBytesMax = BLOCK_CELL_BYTES;
  readonly #microkit: Microkit;
  readonly #queue: BlockQueue;
  readonly #channel: number;
  /** By request: its cell, and how many bytes it reads. */
  readonly #underWay = new Map<number, { readonly cell: number; readonly readBytes: number }>();
  readonly #free: number[];

  constructor(microkit: Microkit, { memory, channel }: SharedQueue) {
    this.#microkit = microkit;
    this.#queue = new BlockQueue(memory);
    this.#channel = channel;
    this.#free = Array.from({ length: this.#queue.cellCount }, (_, index) => index);
  }

  get isThere(): boolean {
    return this.#queue.info !== undefined;
  }

  get capacitySectors(): number {
    return this.#queue.info?.capacitySectors ?? 0;
  }

  get readOnly(): boolean {
    return this.#queue.info?.readOnly ?? false;
  }

  get ready(): boolean {
    return this.#free.length > 0;
  }

  submit(id: number, request: BlockRequest): void {
    const cell = this.#free.pop();
    if (cell === undefined) throw new Error('a request was submitted to a backend that is not ready');
    const readBytes = request.kind === 'read' ? request.sizeBytes : 0;
    const sizeBytes = request.kind === 'write' ? request.data.length : readBytes;
    if (request.kind === 'write') this.#queue.cell(cell).set(request.data);
    this.#underWay.set(id, { cell, readBytes });
    const sector = request.kind === 'flush' ? 0 : request.sector;
    this.#queue.putRequest({ id, code: request.kind, sector, sizeBytes, cell });
    this.#microkit.notify(this.#channel);
  }

  answer(): BlockAnswer | undefined {
    for (let answer = this.#queue.takeAnswer(); answer !== undefined; answer = this.#queue.takeAnswer()) {
      const { id, good } = answer;
      const request = this.#underWay.get(id);
      // An answer to nothing that was asked: the virtualiser's mistake.
      if (request === undefined) continue;
      this.#underWay.delete(id);
      this.#free.push(request.cell);
      return { id, ok: good, data: this.#queue.cell(request.cell).slice(0, request.readBytes) };
    }
    return undefined;
  }

  get saved(): Saved {
    const cell = shape.upTo(Math.max(0, this.#queue.cellCount - 1));
    const request = shape.record({ cell, readBytes: shape.whole });
    return savedParts({
      free: keptList(this.#free, this.#queue.cellCount, cell),
      underWay: keptMap(this.#underWay, shape.whole, request, this.#queue.cellCount),
    });
  }
}

/** A disk over a block queue. */
export function blockBackend(microkit: Microkit, queue: SharedQueue): BlockBackend {
  return new QueuedBlockBackend(microkit, queue);
}

/** A network device over a network queue. */
export function networkBackend(microkit: Microkit, { memory, channel }: SharedQueue): NetworkBackend {
  const queue = new NetworkQueue(memory);
  return {
    get macAddress() {
      return queue.macAddress;
    },
    get ready() {
      return queue.room('fromClient') > 0 || queue.wantRoom();
    },
    send: (frame) => {
      queue.put('fromClient', frame);
      microkit.notify(channel);
    },
    get waiting() {
      return queue.waiting('toClient');
    },
    receive: (headerBytes) => queue.take('toClient', headerBytes),
  };
}

/** Random bytes from an entropy virtualiser. */
export function entropyBackend(microkit: Microkit, { memory, channel }: SharedQueue): EntropyBackend {
  const queue = new SerialQueue(memory);
  return {
    get waiting() {
      return queue.waiting;
    },
    receive: (most) => {
      const bytes = queue.read(most);
      microkit.notify(channel);
      return bytes;
    },
  };
}
