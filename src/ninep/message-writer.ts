/** An answer under way. */
import { ByteWriter } from '../base/index.ts';
import { QID_TYPE } from './messages.ts';
import type { Qid } from './qid.ts';
import { bytesOfText } from './text.ts';

export class MessageWriter {
  readonly #writer = new ByteWriter();

  constructor(type: number, tag: number) {
    this.#writer.u32(0);
    this.#writer.u8(type);
    this.u16(tag);
  }

  get length(): number {
    return this.#writer.length;
  }

  u8(value: number): this {
    this.#writer.u8(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value).u8(value >>> 8);
  }

  u32(value: number): this {
    this.#writer.u32(value);
    return this;
  }

  u64(value: bigint): this {
    this.#writer.u64(BigInt.asUintN(64, value));
    return this;
  }

  text(text: string): this {
    const bytes = bytesOfText(text);
    this.u16(bytes.length);
    return this.bytes(bytes);
  }

  bytes(bytes: Uint8Array): this {
    this.#writer.bytes(bytes);
    return this;
  }

  qid({ kind, version, path }: Qid): this {
    return this.u8(kind === 'other' ? QID_TYPE.file : QID_TYPE[kind])
      .u32(version)
      .u64(path);
  }

  finish(): Uint8Array {
    this.#writer.setU32(0, this.#writer.length);
    return this.#writer.finish();
  }
}
