/** A file of a shared directory, opened. */
import * as fs from 'node:fs';
import type { HostOpenFile } from '../base/index.ts';
import { attemptAt } from './host-errors.ts';

export class OpenFile implements HostOpenFile {
  readonly #fd: number;
  readonly #name: string;

  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  get isPlain(): boolean {
    return fs.fstatSync(this.#fd).isFile();
  }

  read(offsetBytes: number, sizeBytes: number): Uint8Array {
    const buffer = new Uint8Array(sizeBytes);
    let filled = 0;
    while (filled < sizeBytes) {
      const count = attemptAt(this.#name, () =>
        fs.readSync(this.#fd, buffer, filled, sizeBytes - filled, offsetBytes + filled),
      );
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  write(offsetBytes: number, content: Uint8Array): void {
    for (let written = 0; written < content.length; ) {
      written += attemptAt(this.#name, () =>
        fs.writeSync(this.#fd, content, written, content.length - written, offsetBytes + written),
      );
    }
  }

  sync(): void {
    attemptAt(this.#name, () => fs.fsyncSync(this.#fd));
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}
