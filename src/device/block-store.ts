/** What stands behind a device that holds sectors: a file of the host's, memory, or writes kept in memory over either. */
import { keptMap, type Saved, shape } from '../base/index.ts';

/** What holds the sectors. A store that can't do what it is asked throws {@link Refusal}. */
export interface BlockStore {
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  read(offsetBytes: number, target: Uint8Array): void;
  write(offsetBytes: number, content: Uint8Array): void;
  flush(): void;
  /** For snapshots: what the store itself holds. A store over the host's file has nothing of its own: the file is the file. */
  readonly saved?: Saved | undefined;
}

/** Whether what is written changes something outside the run, such as a file of the host's. */
export function isWrittenThrough({ saved, readOnly }: BlockStore): boolean {
  return saved === undefined && !readOnly;
}

/** The medium refuses; the client sees an I/O error. */
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
    saved: {
      ...keptMap(pages, shape.upTo(Math.ceil(below.sizeBytes / PAGE_BYTES) - 1), shape.bytesOf(PAGE_BYTES)),
      save: () => [...pages].map(([page, bytes]) => [page, bytes.slice()]),
    },
  };
}

/** How much was moved to and from a store. */
export interface StoreUse {
  readBytes: number;
  writtenBytes: number;
}

/** The same store, with its use counted. */
export function countedStore(store: BlockStore): { readonly store: BlockStore; readonly use: StoreUse } {
  const use: StoreUse = { readBytes: 0, writtenBytes: 0 };
  const counted: BlockStore = {
    sizeBytes: store.sizeBytes,
    readOnly: store.readOnly,
    read: (offset, target) => {
      store.read(offset, target);
      use.readBytes += target.length;
    },
    write: (offset, content) => {
      store.write(offset, content);
      use.writtenBytes += content.length;
    },
    flush: () => store.flush(),
    saved: store.saved,
  };
  return { store: counted, use };
}
