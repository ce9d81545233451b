/** The rules that descriptions are checked against. */
export * from './check.ts';
