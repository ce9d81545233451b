/** Numbers as DWARF writes them (version 5, section 7.6 and 7.4), from a stretch of bytes that nothing is read beyond. */
import { Refusal } from '../../base/index.ts';
import { u64At, viewOf } from '../bytes/source.ts';
import { textAt } from './elf.ts';

const DWARF64 = 0xffff_ffff;
const RESERVED_LENGTHS = 0xffff_fff0;
/** Beyond, a number is no longer exact, and means nothing here. */
const LEB_LIMIT = Number.MAX_SAFE_INTEGER;
/** What lies above is padding, or a number that means nothing. */
const LEB_SCALE_LIMIT = 2 ** 64;

export class DwarfReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;
  /** Whether offsets have 64 bits (the 64-bit DWARF format). */
  is64 = false;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.at = at;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  s8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  u64(): number {
    return u64At(this.#view, this.#take(8), true);
  }
  bigU64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  /** An offset into another section. */
  offset(): number {
    return this.is64 ? this.u64() : this.u32();
  }

  /** A unit's length, which says the format. */
  unitLength(): number {
    const length = this.u32();
    if (length < RESERVED_LENGTHS) return length;
    if (length !== DWARF64) throw new Refusal('a unit has a length that DWARF keeps for later');
    this.is64 = true;
    return this.u64();
  }

  uleb(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.u8();
      if (scale < LEB_SCALE_LIMIT) value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    return Math.min(value, LEB_LIMIT);
  }

  sleb(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.u8();
      if (scale < LEB_SCALE_LIMIT) {
        value += (byte & 0x7f) * scale;
        scale *= 0x80;
      }
      if (byte >= 0x80) continue;
      const signed = (byte & 0x40) === 0 ? value : value - scale;
      return Math.max(-LEB_LIMIT, Math.min(signed, LEB_LIMIT));
    }
  }

  text(): string {
    const text = textAt(this.#bytes.subarray(0, this.end), this.at);
    if (text === undefined) throw new Refusal('a text does not end');
    this.at = this.#bytes.indexOf(0, this.at) + 1;
    return text;
  }

  skip(sizeBytes: number): void {
    this.#take(sizeBytes);
  }

  #take(sizeBytes: number): number {
    const { at } = this;
    if (at + sizeBytes > this.end) throw new Refusal('a unit goes beyond its end');
    this.at = at + sizeBytes;
    return at;
  }
}
