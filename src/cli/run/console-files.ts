/** `--console-dir`: a file for each console, with its bytes as they were sent. */
import type { Host, RandomAccessWriter } from '../../base/index.ts';

interface OpenFile {
  readonly writer: RandomAccessWriter;
  sizeBytes: number;
  waiting: number[];
}

const WAITING_LIMIT_BYTES = 1 << 16;

export class ConsoleFiles {
  readonly #host: Host;
  readonly #directory: string;
  readonly #open = new Map<string, OpenFile>();

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
    host.files.makeDirectory(directory);
  }

  add(name: string, byte: number): void {
    let file = this.#open.get(name);
    if (file === undefined) {
      file = this.#create(name);
      this.#open.set(name, file);
    }
    file.waiting.push(byte);
    if (file.waiting.length >= WAITING_LIMIT_BYTES) write(file);
  }

  /** Puts what was said so far where others can read it. */
  flush(): void {
    for (const file of this.#open.values()) write(file);
  }

  finish(): void {
    this.flush();
    for (const { writer, sizeBytes } of this.#open.values()) writer.finish(sizeBytes);
    this.#open.clear();
  }

  #create(name: string): OpenFile {
    const { files } = this.#host;
    // Names are the description's or the board's: a slash in one leads nowhere else.
    const path = files.join(this.#directory, `${name.replaceAll('/', '_')}.log`);
    files.remove(path);
    return { writer: files.create(path), sizeBytes: 0, waiting: [] };
  }
}

function write(file: OpenFile): void {
  if (file.waiting.length === 0) return;
  file.writer.write(file.sizeBytes, Uint8Array.from(file.waiting));
  file.sizeBytes += file.waiting.length;
  file.waiting = [];
}
