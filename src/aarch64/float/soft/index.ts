/** Floating point in the language of instruction meanings: what definitions call. */
export * from './arithmetic.ts';
export * from './compare.ts';
export * from './convert.ts';
export * from './estimate.ts';
export * from './fast.ts';
export * from './fused.ts';
