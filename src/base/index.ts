/** What every room stands on: diagnostics with positions, ranges, branded integers, units, and the door to the host. */

export { fromBase64, toBase64 } from './base64.ts';
export { ByteWriter } from './byte-writer.ts';
export { C_PRECEDENCE } from './c-operators.ts';
export { type CellKind, type CellLayout, type Cells, cellBytes, cellsOf, layoutBytes } from './cells.ts';
export { concatBytes } from './concat-bytes.ts';
export { crc32 } from './crc32.ts';
export {
  type Diagnostic,
  type DiagnosticCode,
  type DiagnosticDeclaration,
  type DiagnosticNote,
  DiagnosticSink,
  declareDiagnostics,
  diagnostic,
  type Fix,
  formatDiagnostic,
  formatPosition,
  type Severity,
  type SourcePosition,
  type TextEdit,
  type TextPlace,
  type TextRange,
} from './diagnostic.ts';
export { matchesGlob } from './glob.ts';
export {
  type FileStatus,
  type Host,
  type HostConnection,
  type HostConnectionEvents,
  type HostDatagrams,
  HostError,
  type HostFiles,
  type HostListener,
  type HostModules,
  type HostNetwork,
  type HostProcesses,
  type HostSignal,
  type HostTerminal,
  type ProcessOptions,
  type ProcessOutcome,
  type RandomAccessFile,
  type RandomAccessWriter,
  type UpdatableFile,
  type Wake,
  wakeUp,
} from './host.ts';
export type {
  HostNode,
  HostNodeChange,
  HostNodeKind,
  HostNodeStatus,
  HostOpenFile,
  HostOpening,
  HostSpace,
} from './host-directory.ts';
export {
  type Branded,
  type ChannelId,
  type ClusterIndex,
  FIRST_SPI,
  hex,
  type Intid,
  type Ipa,
  intidToSpi,
  isPaddr,
  oneToOne,
  PADDR_LIMIT,
  type Paddr,
  type SpiNumber,
  spiToIntid,
  type VcpuId,
  type VcpuIndex,
} from './integer.ts';
export { formatMacAddress, parseMacAddress } from './mac-address.ts';
export { nearest } from './nearest.ts';
export { setU16, setU32, u16At, u32At } from './network-order.ts';
export {
  type AddrRange,
  alignDown,
  alignUp,
  isAligned,
  mergeRanges,
  rangeAligned,
  rangeContains,
  rangeCovers,
  rangeEnd,
  rangeIntersection,
  rangesOverlap,
  rangeWithout,
} from './range.ts';
export { attempt, InputRefusal, Refusal } from './refusal.ts';
export type { RequestChange } from './request-change.ts';
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
export { decodeSaved, encodeSaved } from './saved-bytes.ts';
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
export { formatSize, GIB, KIB, LARGE_PAGE_BYTES, MIB, parseSize, SMALL_PAGE_BYTES } from './units.ts';
