/**
 * Bytes that look random and are the same in every run with the same seed: xoshiro128** 1.1 (Blackman and Vigna, 2018), its state
 * filled by SplitMix's finaliser. For guests of a simulated board; nothing that must stay secret may be made of them.
 */
import { keptWords, type Saved } from '../base/index.ts';

const WORDS = 4;
const GOLDEN_RATIO = 0x9e37_79b9;
const FNV_PRIME = 0x0100_0193;

export class RepeatableBytes {
  readonly #state: Uint32Array;

  /** `name` tells those apart that have one seed. */
  constructor(seed: number, name: string) {
    let mixed = seed >>> 0;
    for (let at = 0; at < name.length; at += 1) mixed = Math.imul(mixed ^ name.charCodeAt(at), FNV_PRIME);
    this.#state = Uint32Array.from({ length: WORDS }, () => {
      mixed = (mixed + GOLDEN_RATIO) >>> 0;
      const once = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
      const twice = Math.imul(once ^ (once >>> 13), 0xc2b2_ae35);
      return twice ^ (twice >>> 16);
    });
  }

  take(count: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(count / 4) }, () => this.#next());
    return new Uint8Array(words.buffer, 0, count);
  }

  get saved(): Saved {
    return keptWords(this.#state);
  }

  #next(): number {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = this.#state;
    const shifted = s1 << 9;
    const [third, fourth] = [s2 ^ s0, s3 ^ s1];
    this.#state.set([s0 ^ fourth, s1 ^ third, third ^ shifted, rotated(fourth, 11)]);
    return Math.imul(rotated(Math.imul(s1, 5), 7), 9) >>> 0;
  }
}

function rotated(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}
