/** Standard input, read whole. */
import * as fs from 'node:fs';

const STDIN_DESCRIPTOR = 0;
const CHUNK_BYTES = 64 * 1024;
const PAUSE_MS = 5;

/**
 * All of standard input. Another process that shares the pipe or the terminal may have made it non-blocking; then
 * "nothing yet" (EAGAIN) is answered by waiting a little, which `fs.readFileSync(0)` does not do.
 */
export function readStdin(): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = readSome(chunk);
    if (count === 0) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
  }
}

function readSome(chunk: Uint8Array): number {
  for (;;) {
    try {
      return fs.readSync(STDIN_DESCRIPTOR, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
