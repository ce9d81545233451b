/** The hashes inside zstd and lz4 files, by xxhash-wasm. It is WebAssembly, so it has to be made ready first. */
import xxhash from 'xxhash-wasm';

export const hashing = await xxhash();
