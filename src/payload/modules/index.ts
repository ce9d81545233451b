/** Kernel modules: what they say of themselves, what they need, and what they drive. */
export * from './alias.ts';
export * from './modinfo.ts';
export * from './set.ts';
