/**
 * The files that a client may read (GDB manual E.7, "File-I/O" of the host): for each guest one with its kernel's symbols, so that a
 * client without any file knows the kernel's functions.
 */
import { latin1OfBytes, numberOfHex, textOfHex } from './hex.ts';

const [ENOENT, EBADF, EINVAL] = [2, 9, 22];
/** The client's name for where it looks: `/kernels/NAME`. */
const DIRECTORY = '/kernels/';
const S_IFREG = 0o100444;
/** More in one answer than this is not given, whatever is asked for. */
const READ_LIMIT_BYTES = 0x8000;

/**
 * The files that a client may read: for each guest one with its kernel's symbols, made when it is first
 * opened.
 */
export class Files {
  readonly #contentOf: (guest: string) => Uint8Array | undefined;
  readonly #guests: readonly string[];
  readonly #open = new Map<number, Uint8Array>();
  readonly #known = new Map<string, Uint8Array | undefined>();

  constructor(guests: readonly string[], contentOf: (guest: string) => Uint8Array | undefined) {
    this.#guests = guests;
    this.#contentOf = contentOf;
  }

  /** What the client is to read for a guest; empty where there is nothing. */
  pathOf(guest: string): string {
    return this.#content(guest) === undefined ? '' : `${DIRECTORY}${guest}`;
  }

  /** The answer to `vFile:` and this. */
  answer(request: string): string {
    const [operation = '', ...rest] = request.split(':');
    const parameters = rest.join(':').split(',');
    switch (operation) {
      case 'setfs':
        return 'F0';
      case 'open':
        return this.#openFile(textOfHex(parameters[0] ?? '') ?? '');
      case 'pread':
        return this.#read(parameters);
      case 'fstat':
        return this.#status(parameters[0]);
      case 'close':
        return this.#open.delete(Number(numberOfHex(parameters[0]) ?? -1n)) ? 'F0' : failed(EBADF);
      default:
        return '';
    }
  }

  #content(guest: string): Uint8Array | undefined {
    if (!this.#known.has(guest)) this.#known.set(guest, this.#contentOf(guest));
    return this.#known.get(guest);
  }

  #openFile(path: string): string {
    const guest = this.#guests.find((name) => path === `${DIRECTORY}${name}`);
    const content = guest === undefined ? undefined : this.#content(guest);
    if (content === undefined) return failed(ENOENT);
    let descriptor = 1;
    while (this.#open.has(descriptor)) descriptor += 1;
    this.#open.set(descriptor, content);
    return `F${descriptor.toString(16)}`;
  }

  #read([descriptor, count, offset]: readonly (string | undefined)[]): string {
    const content = this.#open.get(Number(numberOfHex(descriptor) ?? -1n));
    const [size, from] = [numberOfHex(count), numberOfHex(offset)];
    if (content === undefined) return failed(EBADF);
    if (size === undefined || from === undefined) return failed(EINVAL);
    const start = Math.min(Number(from), content.length);
    const piece = content.subarray(start, start + Math.min(Number(size), READ_LIMIT_BYTES));
    return `F${piece.length.toString(16)};${latin1OfBytes(piece)}`;
  }

  /** As `struct stat` of the protocol, big-endian (GDB manual F.5.7). */
  #status(descriptor: string | undefined): string {
    const content = this.#open.get(Number(numberOfHex(descriptor) ?? -1n));
    if (content === undefined) return failed(EBADF);
    const view = new DataView(new ArrayBuffer(64));
    view.setUint32(8, S_IFREG);
    view.setUint32(12, 1);
    view.setBigUint64(28, BigInt(content.length));
    const bytes = new Uint8Array(view.buffer);
    return `F${bytes.length.toString(16)};${latin1OfBytes(bytes)}`;
  }
}

function failed(errno: number): string {
  return `F-1,${errno.toString(16)}`;
}
