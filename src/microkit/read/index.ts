/** Reading descriptions. */
export * from './description.ts';
export * from './diagnostics.ts';
export * from './file.ts';
