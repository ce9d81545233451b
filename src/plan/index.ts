/**
 * The plan: from a board's tree, a payload and a request to one consistent set of decisions, each with its reason.
 * Pure: it reads no files and writes none.
 */
export * from './request/index.ts';
