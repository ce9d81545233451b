/** Writing descriptions. */
export * from './description.ts';
