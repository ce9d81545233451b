/** What every room stands on: diagnostics with positions, ranges, branded integers, units, and the door to the host. */
export * from './base64.ts';
export * from './c-operators.ts';
export { crc32 } from './crc32.ts';
export * from './diagnostic.ts';
export * from './glob.ts';
export * from './host.ts';
export * from './integer.ts';
export * from './mac-address.ts';
export { nearest } from './nearest.ts';
export * from './range.ts';
export {
  ENTRIES_LIMIT,
  kept,
  keptBytes,
  keptCells,
  keptList,
  keptMap,
  keptMembers,
  keptSet,
  keptWords,
  NOTHING_SAVED,
  type Saved,
  type Saving,
  savedIfThere,
  savedList,
  savedParts,
} from './saved.ts';
export { decodeSaved, encodeSaved, SavedBytesError } from './saved-bytes.ts';
export { keptPages, pagesOf, type SavedPages, usedPages } from './saved-pages.ts';
export type {
  ReportSavedProblem,
  SavedPath,
  SavedProblem,
  SavedShape,
  SavedValue,
  SavedValueOf,
} from './saved-shapes.ts';
export * as shape from './saved-shapes.ts';
export * from './units.ts';
