/**
 * Microkit's system descriptions: the value, reading and writing it, and the rules that it must keep.
 * After the manual and the tool of Microkit 2.3.
 */
export * from './authority/index.ts';
export * from './boards/index.ts';
export * from './check/index.ts';
export * from './description.ts';
export * from './dialect.ts';
export * from './origins.ts';
export * from './read/index.ts';
export * from './write/index.ts';
export * from './xml/index.ts';
