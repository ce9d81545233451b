/**
 * LZMA with its own header of thirteen bytes (`.lzma`, "LZMA_alone"; Igor Pavlov, "LZMA specification", 2015), as
 * OpenWrt and U-Boot images have it. The dictionary is what was decoded last, so that content comes in pieces.
 */
import type { ByteCursor } from '../bytes/cursor.ts';
import { viewOf } from '../bytes/source.ts';

const HEADER_BYTES = 13;
const DICTIONARY_LIMIT_BYTES = 64 << 20;
const PROBABILITY_START = 1024;
const LENGTH_MINIMUM = 2;
const END_OF_STREAM = 0xffff_ffff;

/** Whether bytes begin as LZMA does: the properties byte, a usual dictionary, a size that can be, and a first zero. */
export function isLzma(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES + 1 || (head[0] ?? 255) >= 9 * 5 * 5) return false;
  const view = viewOf(head);
  const dictionaryBytes = view.getUint32(1, true);
  const isUsual = [1, 3].some((factor) => Number.isInteger(Math.log2(dictionaryBytes / factor)));
  const sizeHigh = view.getUint32(9, true);
  const isPossible = sizeHigh === 0 || (sizeHigh === 0xffff_ffff && view.getUint32(5, true) === 0xffff_ffff);
  return dictionaryBytes >= 4096 && isUsual && isPossible && head[HEADER_BYTES] === 0;
}

class RangeDecoder {
  readonly #cursor: ByteCursor;
  #range = 0xffff_ffff;
  #code = 0;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
    if (cursor.u8() !== 0) cursor.corrupt('its first byte is not zero');
    for (let index = 0; index < 4; index++) this.#code = ((this.#code << 8) | cursor.u8()) >>> 0;
  }

  get isFinished(): boolean {
    return this.#code === 0;
  }

  bit(probabilities: Uint16Array, index: number): 0 | 1 {
    const probability = probabilities[index] ?? PROBABILITY_START;
    const bound = (this.#range >>> 11) * probability;
    let bit: 0 | 1;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
      bit = 0;
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    this.#normalize();
    return bit;
  }

  direct(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) {
      this.#range >>>= 1;
      const isOne = this.#code >= this.#range;
      if (isOne) this.#code -= this.#range;
      this.#normalize();
      value = ((value << 1) | (isOne ? 1 : 0)) >>> 0;
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= 0x100_0000) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#cursor.u8()) >>> 0;
  }

  tree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    for (let index = 0; index < bits; index++) node = (node << 1) | this.bit(probabilities, base + node);
    return node - (1 << bits);
  }

  reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const bit = this.bit(probabilities, base + node);
      node = (node << 1) | bit;
      value |= bit << index;
    }
    return value;
  }
}

function probabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(PROBABILITY_START);
}

class LengthDecoder {
  readonly #choice = probabilities(2);
  readonly #low = probabilities(16 << 3);
  readonly #middle = probabilities(16 << 3);
  readonly #high = probabilities(256);

  decode(decoder: RangeDecoder, position: number): number {
    if (decoder.bit(this.#choice, 0) === 0) return decoder.tree(this.#low, position << 3, 3);
    if (decoder.bit(this.#choice, 1) === 0) return 8 + decoder.tree(this.#middle, position << 3, 3);
    return 16 + decoder.tree(this.#high, 0, 8);
  }
}

export function* decodeLzma(cursor: ByteCursor): Generator<Uint8Array> {
  const header = cursor.take(HEADER_BYTES).slice();
  const view = viewOf(header);
  let properties = header[0] ?? 0;
  if (properties >= 9 * 5 * 5) cursor.corrupt('its properties are none that exist');
  const literalContext = properties % 9;
  properties = Math.floor(properties / 9);
  const [literalPosition, positionBits] = [properties % 5, Math.floor(properties / 5)];
  const dictionaryBytes = Math.max(4096, view.getUint32(1, true));
  if (dictionaryBytes > DICTIONARY_LIMIT_BYTES) cursor.unsupported('its dictionary is larger than 64 MiB');
  const [sizeLow, sizeHigh] = [view.getUint32(5, true), view.getUint32(9, true)];
  const isOpen = sizeLow === 0xffff_ffff && sizeHigh === 0xffff_ffff;
  const totalBytes = isOpen ? Number.POSITIVE_INFINITY : sizeHigh * 2 ** 32 + sizeLow;

  // The window grows with what there is; a few bytes can claim to need all of it.
  let window = new Uint8Array(Math.min(dictionaryBytes, 1 << 16));
  let [at, written, yielded] = [0, 0, 0];
  const put = (byte: number): void => {
    if (at === window.length) {
      if (window.length === dictionaryBytes) at = 0;
      else {
        const grown = new Uint8Array(Math.min(dictionaryBytes, window.length * 2));
        grown.set(window);
        window = grown;
      }
    }
    window[at] = byte;
    at += 1;
    written += 1;
  };
  const back = (distance: number): number =>
    window[at >= distance ? at - distance : at + window.length - distance] ?? 0;

  const decoder = new RangeDecoder(cursor);
  const literals = probabilities(0x300 << (literalContext + literalPosition));
  const isMatch = probabilities(12 << 4);
  const isRepeat = probabilities(12);
  const isRepeat0 = probabilities(12);
  const isRepeat0Long = probabilities(12 << 4);
  const isRepeat1 = probabilities(12);
  const isRepeat2 = probabilities(12);
  const slots = probabilities(4 * 64);
  const align = probabilities(16);
  const special = probabilities(1 + 128 - 14 + 14);
  const [lengths, repeatLengths] = [new LengthDecoder(), new LengthDecoder()];
  let state = 0;
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0];
  const pieceBytes = 4096;
  const piece = (): Uint8Array => {
    const size = written - yielded;
    const bytes = new Uint8Array(size);
    const from = at >= size ? at - size : at + window.length - size;
    const first = window.subarray(from, Math.min(window.length, from + size));
    bytes.set(first);
    bytes.set(window.subarray(0, size - first.length), first.length);
    yielded = written;
    return bytes;
  };

  while (written < totalBytes) {
    const position = written & ((1 << positionBits) - 1);
    if (decoder.bit(isMatch, (state << 4) + position) === 0) {
      const previous = written === 0 ? 0 : back(1);
      const low = (written & ((1 << literalPosition) - 1)) << literalContext;
      const base = 0x300 * (low + (previous >> (8 - literalContext)));
      let symbol = 1;
      if (state >= 7) {
        let match = back(rep0 + 1);
        do {
          const matchBit = (match >> 7) & 1;
          match <<= 1;
          const bit = decoder.bit(literals, base + ((1 + matchBit) << 8) + symbol);
          symbol = (symbol << 1) | bit;
          if (matchBit !== bit) break;
        } while (symbol < 0x100);
      }
      while (symbol < 0x100) symbol = (symbol << 1) | decoder.bit(literals, base + symbol);
      put(symbol & 0xff);
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
    } else {
      let length: number;
      if (decoder.bit(isRepeat, state) === 0) {
        [rep3, rep2, rep1] = [rep2, rep1, rep0];
        length = lengths.decode(decoder, position);
        state = state < 7 ? 7 : 10;
        const slot = decoder.tree(slots, Math.min(length, 3) << 6, 6);
        if (slot < 4) rep0 = slot;
        else {
          const bits = (slot >> 1) - 1;
          rep0 = ((2 | (slot & 1)) << bits) >>> 0;
          if (slot < 14) rep0 += decoder.reverseTree(special, rep0 - slot, bits);
          else rep0 = (rep0 + decoder.direct(bits - 4) * 16 + decoder.reverseTree(align, 0, 4)) >>> 0;
        }
        if (rep0 === END_OF_STREAM) {
          if (!isOpen) cursor.corrupt('it ends before the size that it names');
          break;
        }
      } else {
        if (written === 0) cursor.corrupt('it repeats what is not there');
        if (decoder.bit(isRepeat0, state) === 0) {
          if (decoder.bit(isRepeat0Long, (state << 4) + position) === 0) {
            state = state < 7 ? 9 : 11;
            if (rep0 >= written || rep0 >= dictionaryBytes) cursor.corrupt('it repeats what is not there');
            put(back(rep0 + 1));
            if (written - yielded >= pieceBytes) yield piece();
            continue;
          }
        } else if (decoder.bit(isRepeat1, state) === 0) [rep0, rep1] = [rep1, rep0];
        else if (decoder.bit(isRepeat2, state) === 0) [rep0, rep1, rep2] = [rep2, rep0, rep1];
        else [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
        length = repeatLengths.decode(decoder, position);
        state = state < 7 ? 8 : 11;
      }
      length += LENGTH_MINIMUM;
      if (rep0 >= written || rep0 >= dictionaryBytes) cursor.corrupt('it repeats what is not there');
      if (length > totalBytes - written) cursor.corrupt('it holds more than the size that it names');
      // A small dictionary must not run over what was not handed out yet.
      for (; length > 0; length--) {
        put(back(rep0 + 1));
        if (written - yielded >= pieceBytes) yield piece();
      }
    }
    if (written - yielded >= pieceBytes) yield piece();
  }
  if (written > yielded) yield piece();
}
