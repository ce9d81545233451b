/** The payload that lies beside the page: fetched piece by piece, with the page told how far it is. */
import { formatSize } from '../../../src/base/index.ts';
import type { PayloadIndex } from './protocol.ts';

/** Below the page's own address. */
const DIRECTORY = 'payload/';
/** The service worker's, which keeps the page itself (`public/service-worker.js`). */
const CACHE = 'drivervm-workbench';

/** Of the Cache API what is used here; browsers have it where the page comes from this machine or by https. */
interface Caches {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>;
    put(url: string, response: Response): Promise<void>;
  }>;
}
const { caches } = globalThis as unknown as { readonly caches?: Caches };

/** A payload's files, fetched when they are wanted. */
export class PayloadFiles {
  index: PayloadIndex | undefined;
  #base = '';
  readonly #progress: (text: string) => void;

  constructor(progress: (text: string) => void) {
    this.#progress = progress;
  }

  /** Asks whether there is one. `base`: where the page is. */
  async find(base: string): Promise<PayloadIndex | undefined> {
    this.#base = new URL(DIRECTORY, base).href;
    const response = await this.#fetchKept('index.json').catch(() => undefined);
    this.index =
      response?.ok === true ? ((await response.json().catch(() => undefined)) as PayloadIndex) : undefined;
    return this.index;
  }

  /** What was fetched is there without a network, too. */
  async #fetchKept(path: string): Promise<Response> {
    const url = new URL(path, this.#base).href;
    const cache = await caches?.open(CACHE).catch(() => undefined);
    const kept = await cache?.match(url);
    const response = await fetch(url).catch((error: unknown) => {
      if (kept === undefined) throw error;
      return kept;
    });
    const changed = response.headers.get('last-modified');
    const isNew = kept === undefined || changed === null || kept.headers.get('last-modified') !== changed;
    if (cache !== undefined && response.ok && isNew)
      void cache.put(url, response.clone()).catch(() => undefined);
    return response;
  }

  async fetch(path: string): Promise<Uint8Array> {
    const response = await this.#fetchKept(path);
    if (!response.ok || response.body === null)
      throw new Error(`${path}: the server says ${response.status}`);
    const sizeBytes = Number(response.headers.get('content-length') ?? 0);
    const pieces: Uint8Array[] = [];
    let doneBytes = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      doneBytes += value.length;
      const of = sizeBytes > 0 ? ` of ${formatSize(sizeBytes)}` : '';
      this.#progress(`${path}: ${(doneBytes / 2 ** 20).toFixed(0)} MiB${of}`);
    }
    const content = new Uint8Array(doneBytes);
    let at = 0;
    for (const piece of pieces) {
      content.set(piece, at);
      at += piece.length;
    }
    return content;
  }
}
