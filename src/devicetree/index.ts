/**
 * Device trees: the tree as a value, reading and writing it in every form, overlays, and its meaning
 * (addresses, interrupts, dependencies). After the Devicetree Specification, release 0.4 ("DTSpec").
 */
export * from './blob/index.ts';
export * from './boot-cpu.ts';
export { treeCodes } from './diagnostics.ts';
export * from './equality.ts';
export * from './live/index.ts';
export * from './merge.ts';
export * from './names.ts';
export * from './overlay/index.ts';
export * from './read.ts';
export * from './resolve/index.ts';
export { dtsCodes } from './source/diagnostics.ts';
export { type PhandleFinder, type PrintDtsOptions, printDts, printDtsNode } from './source/print.ts';
export { type GuessedKind, guessKind } from './source/print-value.ts';
export { type ReadDtsOptions, readDts } from './source/read.ts';
export { labelsOf, phandleOf } from './source/references.ts';
export * from './tree.ts';
export * from './value.ts';
