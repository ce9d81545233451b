/**
 * Device trees: the tree as a value, reading and writing it in every form, overlays, and its meaning
 * (addresses, interrupts, dependencies). After the Devicetree Specification, release 0.4 ("DTSpec").
 */
export { dtbCodes } from './blob/diagnostics.ts';
export { BLOB_LIMIT_BYTES, FDT_MAGIC, isDtb } from './blob/header.ts';
export { PROPERTY_NAME_LIMIT_BYTES, readDtb } from './blob/read.ts';
export { type WriteDtbOptions, writeDtb } from './blob/write.ts';
export { guessBootCpuid } from './boot-cpu.ts';
export { treeCodes } from './diagnostics.ts';
export {
  bytesEqual,
  firstTreeDifference,
  nodeDifferences,
  type TreeComparison,
  treeDifferences,
} from './equality.ts';
export { liveCodes } from './live/diagnostics.ts';
export { LIVE_TREE_LIMIT_BYTES, LIVE_TREE_LIMIT_ENTRIES, type LiveFiles, readLiveTree } from './live/read.ts';
export { mergeDeviceTrees } from './merge.ts';
export {
  isNameOf,
  isNodeName,
  isPropertyName,
  nameForMessage,
  pathForMessage,
  printableName,
} from './names.ts';
export { applyOverlay, applyParameters } from './overlay/apply.ts';
export { overlayCodes } from './overlay/diagnostics.ts';
export { isOverlay } from './overlay/is-overlay.ts';
export { type OverlayParameter, parameterNames, parseParameters } from './overlay/parameters.ts';
export {
  type DeviceTreeFiles,
  type DeviceTreeForm,
  type DeviceTreeInput,
  needsPreprocessor,
  type ReadDeviceTree,
  type ReadDeviceTreeOptions,
  readDeviceTree,
  readDeviceTreeInput,
  readSourceText,
  STDIN_PATH,
} from './read.ts';
export {
  AddressMap,
  type BusAddress,
  type BusWindow,
  busWindows,
  type CpuRange,
  type Reg,
} from './resolve/addresses.ts';
export { type Board, type Device, resolveTree, type Suspect } from './resolve/board.ts';
export { addressCells, BUS_KINDS, type BusKind, isPciBus, isPlainBus, sizeCells } from './resolve/bus.ts';
export { resolveCodes } from './resolve/diagnostics.ts';
export { diffTrees, type TreeChange } from './resolve/diff.ts';
export { findNode, findNodes } from './resolve/find.ts';
export type { Gic, GicFrames } from './resolve/gic.ts';
export {
  type ChainStep,
  type GicInterrupt,
  type Interrupt,
  type InterruptRoute,
  SENSES,
  type Sense,
  STEPS,
  type StepKind,
  type Trigger,
} from './resolve/interrupts/interrupt.ts';
export type { BoardMemory, ReservedMemory } from './resolve/memory.ts';
export type { BoardNames, Stdout } from './resolve/names.ts';
export { type Need, type NeedEdge, type NeedReason, type Needs, needsOf } from './resolve/needs.ts';
export { PageIndex, type PageTenant } from './resolve/pages.ts';
export { type PciWindow, pciWindowsOf } from './resolve/pci-windows.ts';
export { phandleFinder } from './resolve/phandles.ts';
export { INTERRUPT_REASONS, type InterruptReason, REG_REASONS, type RegReason } from './resolve/reasons.ts';
export {
  KNOWN_LINUX,
  REFERENCE_KINDS,
  type ReferenceKind,
  type Waiting,
} from './resolve/references/kinds.ts';
export {
  type Dependency,
  type PropertyMeaning,
  propertyMeaning,
  REFERENCE_PROBLEMS,
  type ReferenceProblem,
} from './resolve/references/references.ts';
export type { SuspectedReference } from './resolve/references/suspects.ts';
export { reportBoard } from './resolve/report.ts';
export {
  compatibleIn,
  type DeviceStatus,
  isEnabledIn,
  type OwnStatus,
  ownerIn,
  pathIn,
  statusIn,
  type TreeIndex,
} from './resolve/tree-index.ts';
export { dtsCodes } from './source/diagnostics.ts';
export { type PhandleFinder, type PrintDtsOptions, printDts, printDtsNode } from './source/print.ts';
export { type GuessedKind, guessKind } from './source/print-value.ts';
export { type ReadDtsOptions, readDts } from './source/read.ts';
export { labelsOf, phandleOf } from './source/references.ts';
export {
  cloneNode,
  cloneTree,
  type DeviceTree,
  type DtMarker,
  DtNode,
  type DtProperty,
  type MemoryReservation,
  nodeAtPath,
  nodesUnder,
  walkNodes,
} from './tree.ts';
export {
  bigintAsCells,
  cellsAsBigint,
  cellsOf,
  cellsProperty,
  decodeLatin1,
  encodeCells,
  encodeLatin1,
  encodeStrings,
  stringOf,
  stringProperty,
  stringsOf,
  stringsProperty,
  u32Property,
} from './value.ts';
