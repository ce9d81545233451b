/**
 * The block virtualiser, with the driver behind it in one: requests of a client against a store, which is a file of the
 * host's, or memory. One client a store; partitions are left out.
 */
import type { Microkit, Program } from '../microkit.ts';
import { BlockQueue } from './block-queue.ts';
import { lacking, peerOf } from './symbols.ts';

/** What holds the sectors. A store that can't do what it is asked throws {@link BlockStoreError}. */
export interface BlockStore {
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  read(offsetBytes: number, target: Uint8Array): void;
  write(offsetBytes: number, content: Uint8Array): void;
  flush(): void;
}

/** The medium refuses; the client sees an I/O error. */
export class BlockStoreError extends Error {
  override readonly name = 'BlockStoreError';
}

export const STORE_SECTOR_BYTES = 512;
/** What copy-on-write keeps at a time. */
const PAGE_BYTES = 4096;

/** Reads go to the store below, writes stay here. What a run wrote is gone after it. */
export function copyOnWrite(below: BlockStore): BlockStore {
  const pages = new Map<number, Uint8Array>();
  const each = (
    offset: number,
    size: number,
    act: (page: number, from: number, at: number, count: number) => void,
  ) => {
    for (let at = 0; at < size; ) {
      const page = Math.floor((offset + at) / PAGE_BYTES);
      const from = (offset + at) % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - from, size - at);
      act(page, from, at, count);
      at += count;
    }
  };
  const pageOf = (page: number): Uint8Array => {
    const known = pages.get(page);
    if (known !== undefined) return known;
    const fresh = new Uint8Array(PAGE_BYTES);
    const base = page * PAGE_BYTES;
    below.read(base, fresh.subarray(0, Math.min(PAGE_BYTES, below.sizeBytes - base)));
    pages.set(page, fresh);
    return fresh;
  };
  return {
    sizeBytes: below.sizeBytes,
    readOnly: false,
    read: (offset, target) =>
      each(offset, target.length, (page, from, at, count) => {
        const known = pages.get(page);
        const part = target.subarray(at, at + count);
        if (known === undefined) below.read(offset + at, part);
        else part.set(known.subarray(from, from + count));
      }),
    write: (offset, content) =>
      each(offset, content.length, (page, from, at, count) =>
        pageOf(page).set(content.subarray(at, at + count), from),
      ),
    flush: () => {},
  };
}

/** `blk_virt.elf`. Symbols: `client0_queue`, `client0_ch`. */
export function blockVirtualiser(store: BlockStore): (microkit: Microkit) => Program {
  return (microkit) => {
    const client = peerOf(microkit, 'client0');
    if (client === undefined) {
      lacking(microkit, 'client0_queue and client0_ch');
      return { init() {}, notified() {} };
    }
    const queue = new BlockQueue(client.memory);
    const capacitySectors = Math.floor(store.sizeBytes / STORE_SECTOR_BYTES);
    const serve = ({
      code,
      sector,
      sizeBytes,
      cell,
    }: NonNullable<ReturnType<BlockQueue['takeRequest']>>): boolean => {
      const bytes = queue.cell(cell).subarray(0, sizeBytes);
      if (code === 'flush') {
        store.flush();
        return true;
      }
      const whole = sizeBytes % STORE_SECTOR_BYTES === 0 && bytes.length === sizeBytes;
      if (!whole || sector + sizeBytes / STORE_SECTOR_BYTES > capacitySectors) return false;
      if (code === 'read') store.read(sector * STORE_SECTOR_BYTES, bytes);
      else if (code === 'write' && !store.readOnly) store.write(sector * STORE_SECTOR_BYTES, bytes);
      else return false;
      return true;
    };
    return {
      init() {
        queue.publish({ capacitySectors, readOnly: store.readOnly });
        microkit.notify(client.channel);
      },
      notified() {
        let any = false;
        while (queue.hasRoomForAnswer) {
          const request = queue.takeRequest();
          if (request === undefined) break;
          any = true;
          let good = false;
          try {
            good = serve(request);
          } catch (error) {
            if (!(error instanceof BlockStoreError)) throw error;
            microkit.dbgPuts(`${error.message}\n`);
          }
          queue.putAnswer(request.id, good);
        }
        if (any) microkit.notify(client.channel);
      },
    };
  };
}
