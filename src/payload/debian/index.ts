/** Debian's arm64 packages, fetched with an isolated apt. */
export * from './apt.ts';
export * from './diagnostics.ts';
export * from './packages.ts';
export * from './payload.ts';
export * from './root.ts';
