/**
 * Pictures of systems: who is there and who may touch what, physical memory, what guests see of it, interrupts. Each is a plain value
 * with everything at its place, and SVG is a function of it.
 */
export { type Drawing, drawingsCss, inlineSvg } from './drawing.ts';
export { interruptsDrawing } from './interrupts/svg.ts';
export {
  type IdGauge,
  type InterruptRow,
  type InterruptTable,
  interruptTable,
  type TakenId,
} from './interrupts/table.ts';
export {
  type GuestContent,
  type GuestMap,
  type GuestView,
  type MemoryFacts,
  type MemorySpan,
  type PhysicalMemory,
  type PlacelessRegion,
  physicalMemory,
  plannedContents,
  type SpanKind,
} from './memory/physical.ts';
export { guestViewDrawing, memoryDrawing } from './memory/svg.ts';
export { ownerClass, PICTURE_CSS } from './palette.ts';
export {
  comparedDiagram,
  type PictureOptions,
  type Pictures,
  picturesOf,
  picturesPage,
  picturesSvg,
  systemDiagramSvg,
} from './pictures.ts';
export type { Arrow, BoxKind, BoxLine, SizedBox } from './system/box-lines.ts';
export type { Change } from './system/facts.ts';
export type {
  DiagramBox,
  DiagramLane,
  SystemDiagram,
} from './system/layout.ts';
export type { DiagramEdge, Point } from './system/routes.ts';
export { systemDrawing } from './system/svg.ts';
