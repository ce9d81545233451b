/** A typed builder of WebAssembly modules and its printer. */
export * from './engine.ts';
export * from './expression.ts';
export * from './module.ts';
export * from './opcodes.ts';
export * from './print.ts';
