/** Reproducible randomness for fuzz targets and property tests: the same seed gives the same stream everywhere. */

export interface Random {
  /** An integer in `0 … limit − 1`. */
  below(limit: number): number;
  /** A 32-bit unsigned integer. */
  u32(): number;
  pick<T>(choices: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

/** The xorshift32 generator (Marsaglia 2003, "Xorshift RNGs", §4). */
export function seededRandom(seed: number): Random {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  const u32 = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const below = (limit: number): number => Math.floor((u32() / 2 ** 32) * limit);
  return {
    u32,
    below,
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    bytes: (count) => Uint8Array.from({ length: count }, () => u32() & 0xff),
  };
}
