/** Arm's floating point as exact arithmetic over `bigint`: the reference that the CPU's fast one is checked against. */

export * from '../../../src/aarch64/float/format.ts';
export * from './arithmetic.ts';
export * from './compare.ts';
export * from './convert.ts';
export * from './estimate.ts';
export * from './rounding.ts';
