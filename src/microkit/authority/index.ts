/** Who may do what: explained, and compared. */
export * from './authority.ts';
export * from './compare.ts';
export * from './explain.ts';
