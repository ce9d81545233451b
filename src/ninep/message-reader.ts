/** A message's fields, read one after the other. What is cut off, or no UTF-8, is EPROTO: nothing beyond its end is read. */
import { NinepError } from './errors.ts';
import { textOfBytes } from './text.ts';

export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** Two bytes of length and so many of text. */
  text(): string {
    return textOfBytes(this.bytes(this.u16()));
  }

  /** A view of the next bytes. */
  bytes(sizeBytes: number): Uint8Array {
    const from = this.#take(sizeBytes);
    return this.#bytes.subarray(from, from + sizeBytes);
  }

  #take(sizeBytes: number): number {
    const from = this.#at;
    if (sizeBytes > this.#bytes.length - from) throw new NinepError('EPROTO');
    this.#at = from + sizeBytes;
    return from;
  }
}
