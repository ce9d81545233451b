/**
 * The block virtualiser before a guest that serves a disk: clients' requests, in sectors, become sDDF's, in blocks of 4 KiB, each client's
 * within its partition. Writes that do not fill their blocks are read first; what overlaps a write under way waits for it. The guest may
 * be restarted, hang or lie: a request stays under way until it is answered, an answer counts once and only for what was asked, and
 * nothing of it is taken for a length or an address.
 */
import {
  attempt,
  kept,
  keptCells,
  keptList,
  keptMap,
  Refusal,
  type Saved,
  savedParts,
  shape,
} from '../base/index.ts';
import { STORE_SECTOR_BYTES } from '../device/index.ts';
import type { Microkit, Program } from '../sel4/index.ts';
import { blockQueueEntries, channelSymbol, DRIVER_SYMBOL, regionSymbol } from '../sharing/index.ts';
import { BLOCK_CELL_BYTES, BLOCK_CODE, type BlockCode, BlockQueue } from './block-queue.ts';
import { SddfBlockQueue, TRANSFER_BYTES, type TransferAnswer } from './sddf-block-queue.ts';
import { findPartition, type ServedPartition, TABLE_BLOCKS } from './served-partitions.ts';
import { clientsOf, lacking, type Peer, regionOf } from './symbols.ts';

const BLOCK_SECTORS = TRANSFER_BYTES / STORE_SECTOR_BYTES;
/** A cell's content where it begins within a block. */
const SLOT_BLOCKS = BLOCK_CELL_BYTES / TRANSFER_BYTES + 1;
/** Who serves may lie as often as it likes, and is told so a few times. */
const COMPLAINTS_MAX = 20;

const REQUEST = shape.record({
  id: shape.u32,
  code: shape.oneOf(...(Object.keys(BLOCK_CODE) as BlockCode[])),
  sector: shape.whole,
  sizeBytes: shape.u32,
  cell: shape.u32,
});
type Request = {
  readonly id: number;
  readonly code: BlockCode;
  readonly sector: number;
  readonly sizeBytes: number;
  readonly cell: number;
};

/** `fill`: the blocks of a write are read before what is written goes over them. */
const UNDER_WAY = shape.record({
  what: shape.oneOf('table', 'read', 'fill', 'write', 'flush'),
  client: shape.u8,
  request: shape.optional(REQUEST),
  block: shape.whole,
  count: shape.u16,
});
interface UnderWay {
  readonly what: 'table' | 'read' | 'fill' | 'write' | 'flush';
  readonly client: number;
  readonly request: Request | undefined;
  readonly block: number;
  readonly count: number;
}
const PARTITION = shape.optional(shape.record({ firstBlock: shape.whole, blocks: shape.whole }));

/** What a client may do with which part of the disk. */
export interface DiskShare {
  /** From 1; that after the client's number where nothing is said. */
  readonly partition?: number;
  readonly readOnly?: boolean;
}

/** `blk_virt_served.elf`; `shares` has the clients', by their number. */
export function servedBlockVirtualiser(
  shares: ReadonlyMap<number, DiskShare> = new Map(),
): (microkit: Microkit) => Program {
  return (microkit) => {
    const clients = clientsOf(microkit);
    const symbol = (part: string) => regionSymbol(DRIVER_SYMBOL, part);
    const bytes = (part: string) => regionOf(microkit, symbol(part))?.bytes;
    const [info, requests, answers, data] = ['storage_info', 'req_queue', 'resp_queue', 'data'].map(bytes);
    const channel = microkit.setvar(channelSymbol(DRIVER_SYMBOL));
    if (
      clients.length === 0 ||
      info === undefined ||
      requests === undefined ||
      answers === undefined ||
      data === undefined ||
      channel === undefined
    ) {
      const server = ['storage_info', 'req_queue', 'resp_queue', 'data'].map(symbol).join(', ');
      lacking(microkit, `${server}, ${channelSymbol(DRIVER_SYMBOL)}, client0_queue and client0_ch`);
      return { init() {}, notified() {} };
    }
    const entries = Math.min(blockQueueEntries(requests.length), blockQueueEntries(answers.length));
    const queue = new SddfBlockQueue({ info, requests, answers, data }, entries);
    return new ServedBlockVirtualiser(microkit, queue, { channel, clients, shares });
  };
}

interface Others {
  /** To whoever serves. */
  readonly channel: number;
  readonly clients: readonly Peer[];
  readonly shares: ReadonlyMap<number, DiskShare>;
}

class ServedBlockVirtualiser implements Program {
  readonly #microkit: Microkit;
  readonly #queue: SddfBlockQueue;
  readonly #others: Others;
  readonly #clients: readonly BlockQueue[];
  /** By id, which is the number of its place in the data, too. */
  readonly #underWay = new Map<number, UnderWay>();
  readonly #free: number[];
  readonly #slots: number;
  /** Of each client: its partition, once that is known, and the request that waits for one under way. */
  readonly #partitions: (ServedPartition | undefined)[];
  readonly #held: (Request | undefined)[];
  readonly #told = new Set<number>();
  #isTableAsked = false;
  #complaints = 0;

  constructor(microkit: Microkit, queue: SddfBlockQueue, others: Others) {
    [this.#microkit, this.#queue, this.#others] = [microkit, queue, others];
    this.#clients = others.clients.map(({ memory }) => new BlockQueue(memory));
    this.#slots = Math.min(queue.entries, Math.floor(queue.data.length / (SLOT_BLOCKS * TRANSFER_BYTES)));
    this.#free = Array.from({ length: this.#slots }, (_, index) => index);
    this.#partitions = others.clients.map(() => undefined);
    this.#held = others.clients.map(() => undefined);
  }

  init(): void {
    this.#turn();
  }

  notified(): void {
    this.#turn();
  }

  get saved(): Saved {
    const id = shape.upTo(Math.max(0, this.#slots - 1));
    return savedParts({
      underWay: keptMap(this.#underWay, id, UNDER_WAY, this.#slots),
      free: keptList(this.#free, this.#slots, id),
      partitions: keptCells(this.#partitions, PARTITION),
      held: keptCells(this.#held, shape.optional(REQUEST)),
      isTableAsked: kept(
        shape.flag,
        () => this.#isTableAsked,
        (value) => {
          this.#isTableAsked = value;
        },
      ),
    });
  }

  #turn(): void {
    for (let left = this.#queue.entries; left > 0; left -= 1) {
      const answer = this.#queue.take();
      if (answer === undefined) break;
      this.#answered(answer);
    }
    const info = this.#queue.info;
    if (info !== undefined && !this.#isTableAsked) {
      this.#isTableAsked = true;
      const count = Math.min(TABLE_BLOCKS, info.capacityBlocks);
      this.#ask({ what: 'table', client: 0, request: undefined, block: 0, count });
    }
    for (const client of this.#clients.keys()) this.#serve(client);
    for (const channel of this.#told) this.#microkit.notify(channel);
    this.#told.clear();
  }

  /** Takes what a client asks for, as long as there is room. */
  #serve(client: number): void {
    const queue = this.#clients[client];
    const partition = this.#partitions[client];
    if (queue === undefined || partition === undefined) return;
    while (queue.hasRoomForAnswer) {
      const request = this.#held[client] ?? queue.takeRequest();
      this.#held[client] = undefined;
      if (request === undefined) return;
      const { code } = request;
      const work = code === undefined ? undefined : this.#workOf(client, partition, { ...request, code });
      if (work === undefined) {
        queue.putAnswer(request.id, false);
        this.#tell(client);
      } else if (!this.#mayBegin(work) || !this.#ask(work)) {
        this.#held[client] = work.request;
        return;
      }
    }
  }

  /** What a request comes to in the disk's blocks; `undefined` for one that can't be met. */
  #workOf(client: number, { firstBlock, blocks }: ServedPartition, request: Request): UnderWay | undefined {
    const { code, sector, sizeBytes } = request;
    if (code === 'flush') return { what: 'flush', client, request, block: 0, count: 0 };
    const sectors = sizeBytes / STORE_SECTOR_BYTES;
    const cell = this.#cellOf(client, request);
    if (sectors === 0 || !Number.isInteger(sectors) || cell.length !== sizeBytes) return undefined;
    if (sector + sectors > blocks * BLOCK_SECTORS) return undefined;
    if (code === 'write' && this.#isReadOnly(client)) return undefined;
    const first = Math.floor(sector / BLOCK_SECTORS);
    const count = Math.ceil((sector + sectors) / BLOCK_SECTORS) - first;
    const isWhole = sectors === count * BLOCK_SECTORS;
    const what = code === 'read' ? 'read' : isWhole ? 'write' : 'fill';
    return { what, client, request, block: firstBlock + first, count };
  }

  /** What overlaps waits, unless both only read: else what was read for a write would be old. */
  #mayBegin({ what, block, count }: UnderWay): boolean {
    return [...this.#underWay.values()].every(
      (other) =>
        (what === 'read' && other.what === 'read') ||
        block + count <= other.block ||
        other.block + other.count <= block,
    );
  }

  /** `false` where there is no room. */
  #ask(work: UnderWay): boolean {
    const id = this.#free.pop();
    if (id === undefined) return false;
    const { what, request } = work;
    const code = what === 'write' || what === 'flush' ? what : 'read';
    if (what === 'write' && request !== undefined) this.#fillIn(id, work, request);
    const { block, count } = work;
    if (!this.#queue.put({ id, code, offset: this.#offsetOf(id), block, count })) {
      this.#free.push(id);
      return false;
    }
    this.#underWay.set(id, work);
    this.#told.add(this.#others.channel);
    return true;
  }

  #answered({ id, ok, count }: TransferAnswer): void {
    const work = this.#underWay.get(id);
    if (work === undefined) {
      this.#complain(`an answer to request ${id}, which is not under way`);
      return;
    }
    this.#underWay.delete(id);
    this.#free.push(id);
    const good = ok && count === work.count;
    if (ok && !good) this.#complain(`an answer of ${count} blocks where ${work.count} were asked for`);
    const { what, request, client } = work;
    if (request === undefined) {
      this.#readTable(id, good, work.count);
    } else if (what === 'fill' && good) {
      // In the same place, as the last that became free.
      if (!this.#ask({ ...work, what: 'write' })) this.#finish(client, request.id, false);
    } else {
      if (what === 'read' && good) this.#cellOf(client, request).set(this.#contentOf(id, request));
      this.#finish(client, request.id, good);
    }
  }

  #finish(client: number, request: number, good: boolean): void {
    this.#clients[client]?.putAnswer(request, good);
    this.#tell(client);
  }

  #readTable(id: number, good: boolean, count: number): void {
    const info = this.#queue.info;
    const offset = this.#offsetOf(id);
    const head = this.#queue.data.slice(offset, offset + count * TRANSFER_BYTES);
    for (const [client, queue] of this.#clients.entries()) {
      const wanted = this.#others.shares.get(client)?.partition ?? client + 1;
      const found = attempt(() => {
        if (!good || info === undefined) throw new Refusal('the beginning of the disk could not be read');
        return findPartition(head, info.capacityBlocks, wanted);
      });
      if (found instanceof Refusal) {
        const { name } = this.#microkit;
        this.#microkit.dbgPuts(`${name}: client ${client} is not served: ${found.message}\n`);
        continue;
      }
      this.#partitions[client] = found;
      queue.publish({ capacitySectors: found.blocks * BLOCK_SECTORS, readOnly: this.#isReadOnly(client) });
      this.#tell(client);
    }
  }

  /** Whoever serves can't write, or this client may not. */
  #isReadOnly(client: number): boolean {
    return this.#queue.info?.readOnly === true || this.#others.shares.get(client)?.readOnly === true;
  }

  #tell(client: number): void {
    const channel = this.#others.clients[client]?.channel;
    if (channel !== undefined) this.#told.add(channel);
  }

  #offsetOf(id: number): number {
    return id * SLOT_BLOCKS * TRANSFER_BYTES;
  }

  /** A request's own bytes, within the blocks of its place. */
  #contentOf(id: number, { sector, sizeBytes }: Request): Uint8Array {
    const at = this.#offsetOf(id) + (sector % BLOCK_SECTORS) * STORE_SECTOR_BYTES;
    return this.#queue.data.subarray(at, at + sizeBytes);
  }

  #cellOf(client: number, { cell, sizeBytes }: Request): Uint8Array {
    return this.#clients[client]?.cell(cell).subarray(0, sizeBytes) ?? new Uint8Array(0);
  }

  /** Puts what a client writes into its place, or over what was read there. */
  #fillIn(id: number, { client }: UnderWay, request: Request): void {
    this.#contentOf(id, request).set(this.#cellOf(client, request));
  }

  #complain(what: string): void {
    if (this.#complaints >= COMPLAINTS_MAX) return;
    this.#complaints += 1;
    this.#microkit.dbgPuts(`${this.#microkit.name}: whoever serves gave ${what}\n`);
  }
}
