/**
 * What a run translated, in a file of the cache directory for the next one with the same kernels by the same program: a mark, the key by
 * which it is kept, a checksum, and what the CPU gave. Whatever else stands there is as good as nothing.
 */
import { type Host, HostError } from '../base/index.ts';
import { contentHash } from '../payload/index.ts';
import { keepFile } from './cache-files.ts';
import type { RunInputs } from './run-inputs.ts';

const MARK = new TextEncoder().encode('drivervm translations 1\n');
const HASH_BYTES = 8;
const KEY_AT = MARK.length;
const CHECKSUM_AT = KEY_AT + HASH_BYTES;
const CONTENT_AT = CHECKSUM_AT + HASH_BYTES;
/** The cache keeps so many; of the others, which go is no matter. */
const KEPT_FILES = 8;
const NOTHING = new Uint8Array(0);

/** What is kept of a run's translations for others with the same kernels. */
export class TranslationFile {
  readonly #host: Pick<Host, 'files' | 'cacheDirectory'>;
  readonly #key: bigint;

  /** `program`: which one this is, to the build; another one's translations may mean something else. */
  constructor(host: Pick<Host, 'files' | 'cacheDirectory'>, { payloads }: RunInputs, program: string) {
    this.#host = host;
    const kernels = [...payloads.values()].map(({ images }) => `${contentHash(images.kernel)}`);
    this.#key = contentHash(new TextEncoder().encode(JSON.stringify([program, ...kernels])));
  }

  get #directory(): string {
    return this.#host.files.join(this.#host.cacheDirectory, 'translations');
  }

  get path(): string {
    return this.#host.files.join(this.#directory, `${this.#key.toString(16).padStart(16, '0')}.translations`);
  }

  /** What was kept; nothing where there is no such file, or one that isn't as it was written. */
  read(): Uint8Array {
    const { files } = this.#host;
    try {
      if (files.status(this.path)?.kind !== 'file') return NOTHING;
      const file = files.read(this.path);
      const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
      if (file.length < CONTENT_AT || MARK.some((byte, index) => file[index] !== byte)) return NOTHING;
      const content = file.subarray(CONTENT_AT);
      const isOurs = view.getBigUint64(KEY_AT, true) === this.#key;
      return isOurs && view.getBigUint64(CHECKSUM_AT, true) === contentHash(content) ? content : NOTHING;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return NOTHING;
    }
  }

  /** A cache that can't be written to is no reason to fail. */
  keep(content: Uint8Array): void {
    const file = new Uint8Array(CONTENT_AT + content.length);
    file.set(MARK);
    const view = new DataView(file.buffer);
    view.setBigUint64(KEY_AT, this.#key, true);
    view.setBigUint64(CHECKSUM_AT, contentHash(content), true);
    file.set(content, CONTENT_AT);
    const { files } = this.#host;
    keepFile(files, this.#directory, this.path, KEPT_FILES, () => files.writeAtomically(this.path, file));
  }
}
