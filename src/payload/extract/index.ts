/** What a board boots, taken out of its image, its root or its collector's archive. */
export * from './extract.ts';
export { COLLECT_MARKER } from './live.ts';
export { parseRegisterDump, readRegisterDumps, registerMapBase } from './register-dumps.ts';
export { DEFAULT_IMAGE_LIMIT_BYTES } from './source.ts';
