/**
 * The other side of a served disk's queues, as `runtime/linux/disk-server.c` is: what it does to the memory, and, for tests of those who must
 * not trust it, what it may do wrong.
 */

import { savedIfThere } from '../../src/base/index.ts';
import {
  BlockQueue,
  type SddfBlockRegions,
  servedBlockVirtualiser,
  TRANSFER_BYTES,
} from '../../src/sddf/index.ts';
import type { Microkit, Program } from '../../src/sel4/index.ts';
import { blockQueueBytes } from '../../src/sharing/index.ts';
import { mappedRegion } from './mapped-region.ts';
import { loadSaved, savedCopy } from './saved.ts';

const SERVED_ENTRIES = 16;
const [REQUESTS_FIRST, REQUEST_BYTES, ANSWERS_FIRST, ANSWER_BYTES] = [16, 32, 8, 12];
const [SERVER_CHANNEL, FIRST_CLIENT] = [7, 1];

/** A disk of these bytes, served by memory alone. */
export class DiskServer {
  readonly regions: SddfBlockRegions & Readonly<Record<string, Uint8Array>>;
  readonly disk: Uint8Array;
  /** How often it was told that there are requests. */
  told = 0;

  constructor(disk: Uint8Array, dataBytes = 0x2_0000) {
    this.disk = disk;
    this.regions = {
      info: new Uint8Array(0x1000),
      requests: new Uint8Array(blockQueueBytes(SERVED_ENTRIES)),
      answers: new Uint8Array(blockQueueBytes(SERVED_ENTRIES)),
      data: new Uint8Array(dataBytes),
    };
  }

  publish(capacityBlocks = this.disk.length / TRANSFER_BYTES, readOnly = false): void {
    const view = viewOf(this.regions.info);
    view.setBigUint64(80, BigInt(capacityBlocks), true);
    view.setUint8(64, Number(readOnly));
    view.setUint8(65, 1);
  }

  /** The oldest request, left where it is. */
  get request(): { code: number; offset: number; block: number; count: number; id: number } | undefined {
    const view = viewOf(this.regions.requests);
    const head = view.getUint32(0, true);
    if (head === view.getUint32(4, true)) return undefined;
    const at = REQUESTS_FIRST + (head % SERVED_ENTRIES) * REQUEST_BYTES;
    return {
      code: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      block: Number(view.getBigUint64(at + 16, true)),
      count: view.getUint16(at + 24, true),
      id: view.getUint32(at + 28, true),
    };
  }

  /** Takes the oldest request out. */
  drop(): void {
    const view = viewOf(this.regions.requests);
    view.setUint32(0, (view.getUint32(0, true) + 1) >>> 0, true);
  }

  answer(id: number, status: number, count: number): void {
    const view = viewOf(this.regions.answers);
    const tail = view.getUint32(4, true);
    const at = ANSWERS_FIRST + (tail % SERVED_ENTRIES) * ANSWER_BYTES;
    view.setUint32(at, status, true);
    view.setUint16(at + 4, count, true);
    view.setUint32(at + 8, id, true);
    view.setUint32(4, (tail + 1) >>> 0, true);
  }

  /** Does the oldest request as it should; `false` where there is none. */
  serveOne(): boolean {
    const { request } = this;
    if (request === undefined) return false;
    const { code, offset, block, count, id } = request;
    const bytes = count * TRANSFER_BYTES;
    const shared = this.regions.data.subarray(offset, offset + bytes);
    const place = this.disk.subarray(block * TRANSFER_BYTES, block * TRANSFER_BYTES + bytes);
    // As the program in C: what lies outside is an error.
    const isInside = code > 1 || (shared.length === bytes && place.length === bytes);
    if (code === 0 && isInside) shared.set(place);
    if (code === 1 && isInside) place.set(shared);
    this.answer(id, isInside ? 0 : 2, code > 1 || !isInside ? 0 : count);
    this.drop();
    return true;
  }
}

/** A virtualiser between a server and clients, run by itself. */
export class ServedBench {
  readonly server: DiskServer;
  readonly clients: readonly BlockQueue[];
  readonly memories: readonly Uint8Array[];
  readonly log: string[] = [];
  readonly program: Program;
  /** Clients that were told something. */
  readonly told: number[] = [];

  constructor(server: DiskServer, partitions: readonly number[], readOnly: ReadonlySet<number> = new Set()) {
    this.server = server;
    this.memories = partitions.map(() => new Uint8Array(0x20_0000));
    this.clients = this.memories.map((memory) => new BlockQueue(memory));
    const { info, requests, answers, data } = server.regions;
    const regions: Readonly<Record<string, Uint8Array>> = {
      driver_storage_info: info,
      driver_req_queue: requests,
      driver_resp_queue: answers,
      driver_data: data,
      ...Object.fromEntries(this.memories.map((memory, index) => [`client${index}_queue`, memory])),
    };
    const names = Object.keys(regions);
    const channels: Readonly<Record<string, number>> = {
      driver_ch: SERVER_CHANNEL,
      ...Object.fromEntries(partitions.map((_, index) => [`client${index}_ch`, FIRST_CLIENT + index])),
    };
    const calls: Partial<Microkit> = {
      name: 'blk_virt',
      setvar: (symbol) => {
        const at = names.indexOf(symbol);
        return at < 0 ? channels[symbol] : (at + 1) * 0x100_0000;
      },
      region: (vaddr) => {
        const name = names[vaddr / 0x100_0000 - 1] ?? '';
        const bytes = regions[name];
        return bytes && mappedRegion(name, vaddr, bytes);
      },
      notify: (channel) => {
        if (channel === SERVER_CHANNEL) server.told += 1;
        else this.told.push(channel - FIRST_CLIENT);
      },
      dbgPuts: (line) => this.log.push(line),
    };
    const numbered = new Map(
      partitions.map((partition, index) => [index, { partition, readOnly: readOnly.has(index) }]),
    );
    this.program = servedBlockVirtualiser(numbered)(calls as Microkit);
    this.program.init();
  }

  /** A snapshot's save and load. */
  reload(): void {
    const saved = savedIfThere(this.program.saved);
    loadSaved(saved, savedCopy(saved));
  }

  /** Server and virtualiser in turn, until nothing is left to do. */
  settle(): void {
    for (let left = 1000; left > 0; left -= 1) {
      const any = this.server.serveOne();
      this.program.notified(SERVER_CHANNEL);
      if (!any && this.server.request === undefined) return;
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
