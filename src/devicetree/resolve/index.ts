/**
 * What a device tree means: {@link resolveTree} gives the {@link Board}, every device with its CPU-physical registers,
 * its interrupts as GIC INTIDs, and what it depends on.
 */
export {
  AddressMap,
  type BusAddress,
  type BusWindow,
  busWindows,
  type CpuRange,
  type Reg,
} from './addresses.ts';
export { type Board, type Device, resolveTree, type Suspect } from './board.ts';
export { addressCells, BUS_KINDS, type BusKind, isPciBus, isPlainBus, sizeCells } from './bus.ts';
export { resolveCodes } from './diagnostics.ts';
export { diffTrees, type TreeChange } from './diff.ts';
export { findNode, findNodes } from './find.ts';
export type { Gic, GicFrames } from './gic.ts';
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
} from './interrupts/interrupt.ts';
export type { BoardMemory, ReservedMemory } from './memory.ts';
export type { BoardNames, Stdout } from './names.ts';
export { type Need, type NeedEdge, type NeedReason, type Needs, needsOf } from './needs.ts';
export { PageIndex, type PageTenant } from './pages.ts';
export { type PciWindow, pciWindowsOf } from './pci-windows.ts';
export { phandleFinder } from './phandles.ts';
export { INTERRUPT_REASONS, type InterruptReason, REG_REASONS, type RegReason } from './reasons.ts';
export { KNOWN_LINUX, REFERENCE_KINDS, type ReferenceKind, type Waiting } from './references/kinds.ts';
export {
  type Dependency,
  type PropertyMeaning,
  propertyMeaning,
  REFERENCE_PROBLEMS,
  type ReferenceProblem,
} from './references/references.ts';
export type { SuspectedReference } from './references/suspects.ts';
export { reportBoard } from './report.ts';
export {
  compatibleIn,
  type DeviceStatus,
  isEnabledIn,
  type OwnStatus,
  ownerIn,
  pathIn,
  statusIn,
  type TreeIndex,
} from './tree-index.ts';
