/**
 * The hashes inside zstd and lz4 files, by xxhash-wasm, and the one by which contents are told apart. It is WebAssembly, so it has to
 * be made ready first.
 */
import xxhash from 'xxhash-wasm';

export const hashing = await xxhash();

/** What is hashed goes through WebAssembly's memory: all at once, that would have to grow to all of it. */
const SLICE_BYTES = 0x1_0000;

/** XXH64 of a content, seed 0. */
export function contentHash(content: Uint8Array): bigint {
  const hash = hashing.create64();
  for (let at = 0; at < content.length; at += SLICE_BYTES)
    hash.update(content.subarray(at, at + SLICE_BYTES));
  return hash.digest();
}
