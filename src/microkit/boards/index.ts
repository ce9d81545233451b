/** The boards that Microkit supports. */
export * from './board.ts';
export * from './initial-task.ts';
export * from './sdk.ts';
export * from './table.ts';
export * from './untyped.ts';
