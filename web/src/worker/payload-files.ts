/** The payload that lies beside the page: fetched piece by piece, with the page told how far it is. */
import { formatSize } from '../../../src/base/index.ts';
import type { PayloadIndex } from './protocol.ts';

/** Below the page's own address. */
const DIRECTORY = 'payload/';

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
    const response = await fetch(new URL('index.json', this.#base)).catch(() => undefined);
    this.index =
      response?.ok === true ? ((await response.json().catch(() => undefined)) as PayloadIndex) : undefined;
    return this.index;
  }

  async fetch(path: string): Promise<Uint8Array> {
    const response = await fetch(new URL(path, this.#base));
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
