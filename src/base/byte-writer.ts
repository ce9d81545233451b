/**
 * Bytes that grow, with the number forms of binary formats: LEB128 as WebAssembly (2.0 §5.2) and DWARF (4 §7.6) have it, and
 * little-endian words.
 */
const encoder = new TextEncoder();

/** Writes at its end; what is not known yet is put in later. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.u8((value >>> shift) & 0xff);
  }

  u64(value: bigint): void {
    this.u32(Number(value & 0xffff_ffffn));
    this.u32(Number(value >> 32n));
  }

  /** In the place of four bytes that were written. */
  setU32(at: number, value: number): void {
    new DataView(this.#bytes.buffer).setUint32(at, value, true);
  }

  bytes(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** Some of them: for a few bytes a loop is faster than a view. */
  part(values: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    let at = this.#length;
    for (let index = from; index < to; index++) this.#bytes[at++] = values[index] ?? 0;
    this.#length = at;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  unsigned(value: number): void {
    if (value < 0x80) {
      this.u8(value);
      return;
    }
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  /** Signed LEB128 of the number's low 32 bits. */
  signed32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
        this.u8(byte);
        return;
      }
      this.u8(byte | 0x80);
    }
  }

  /** Signed LEB128 of the number's low 64 bits. */
  signed64(value: bigint): void {
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    if (high === low >> 31) this.signed32(low);
    else this.#signedHalves(low, high);
  }

  #signedHalves(low: number, high: number): void {
    let [rest, above] = [low, high];
    for (;;) {
      const byte = rest & 0x7f;
      rest = (rest >>> 7) | (above << 25);
      above >>= 7;
      const sign = (byte & 0x40) === 0 ? 0 : -1;
      if (rest === sign && above === sign) {
        this.u8(byte);
        return;
      }
      this.u8(byte | 0x80);
    }
  }

  f32(value: number): void {
    this.bytes(new Uint8Array(Float32Array.of(value).buffer));
  }

  f64(value: number): void {
    this.bytes(new Uint8Array(Float64Array.of(value).buffer));
  }

  name(text: string): void {
    const bytes = encoder.encode(text);
    this.unsigned(bytes.length);
    this.bytes(bytes);
  }

  /** What there is, until more is written. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
