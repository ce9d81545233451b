/** A typed builder of WebAssembly modules and its printer. */
export type * from './engine.ts';
