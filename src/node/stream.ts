/** What has no size and is read to its end: standard input, pipes, terminals, devices. */
import * as fs from 'node:fs';

const STDIN_DESCRIPTOR = 0;
const CHUNK_BYTES = 64 * 1024;
const PAUSE_MS = 5;
/** More than any kernel or ramdisk; /dev/zero has no end. */
const STREAM_LIMIT_BYTES = 512 * 1024 * 1024;

export function readStdin(): Uint8Array {
  return readStream(STDIN_DESCRIPTOR);
}

/** A file by its path, whatever it is. */
export function readAny(path: string | Buffer): Uint8Array {
  const descriptor = fs.openSync(path, 'r');
  try {
    const stats = fs.fstatSync(descriptor);
    const isStream = !stats.isFile() && !stats.isDirectory();
    return isStream ? readStream(descriptor) : viewOf(fs.readFileSync(descriptor));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A buffer's bytes without a copy; small ones share their memory with others. */
function viewOf(buffer: Buffer): Uint8Array {
  return buffer.length < CHUNK_BYTES
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/**
 * All of a stream. Another process that shares the pipe or the terminal may have made it non-blocking; then "nothing yet"
 * (EAGAIN) is answered by waiting a little, which `fs.readFileSync(0)` does not do.
 */
function readStream(descriptor: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = readSome(descriptor, chunk);
    if (count === 0) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
    sizeBytes += count;
    if (sizeBytes > STREAM_LIMIT_BYTES) throw tooLarge();
  }
}

/** As Node refuses a regular file that doesn't fit in a buffer. */
function tooLarge(): NodeJS.ErrnoException {
  return Object.assign(new Error('too large'), { code: 'ERR_FS_FILE_TOO_LARGE' });
}

function readSome(descriptor: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return fs.readSync(descriptor, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
