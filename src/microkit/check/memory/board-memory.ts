/** Rules on what a region's physical addresses are on the board: RAM, devices, or the kernel's own. */
import {
  type AddrRange,
  mergeRanges,
  rangeCovers,
  rangeIntersection,
  rangesOverlap,
  rangeWithout,
} from '../../../base/index.ts';
import {
  allRamOf,
  deviceWindowsOf,
  initialTaskBytes,
  initialTaskIn,
  keptKernel,
  kernelFrameName,
  kernelFramesOf,
  type MicrokitBoard,
  rootObjectsIn,
} from '../../boards/index.ts';
import type { MemoryRegion } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { sdfMemoryCodes as codes } from './diagnostics.ts';

/** The regions with a place, and the board, where both are known. */
function* placedRegions(context: CheckContext): Generator<{
  readonly region: MemoryRegion;
  readonly range: AddrRange;
  readonly board: MicrokitBoard;
}> {
  const { board } = context.options;
  if (board === undefined) return;
  for (const region of context.description.memoryRegions) {
    const range = context.physicalRangeOf(region);
    if (range !== undefined && range.size > 0) yield { region, range, board };
  }
}

function isNotTheKernels(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    for (const frame of kernelFramesOf(board)) {
      const part = rangeIntersection(range, frame);
      if (part === undefined) continue;
      const params = { region: region.name, part, board: board.name, what: kernelFrameName(board, frame) };
      context.sink.report(codes['kernel-memory'].at(context.value(region, 'phys_addr'), params));
    }
  }
}

function isHandedOut(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    const windows = deviceWindowsOf(board);
    if (windows === undefined || board.ram === undefined) continue;
    // The frames that the kernel keeps are reported by name above.
    const known = mergeRanges([...windows, ...board.ram, ...kernelFramesOf(board)]);
    let parts: readonly AddrRange[] = [range];
    for (const window of known) parts = parts.flatMap((part) => rangeWithout(part, window));
    for (const part of parts) {
      const params = { region: region.name, part, board: board.name };
      context.sink.report(codes['outside-memory'].at(context.value(region, 'phys_addr'), params));
    }
  }
}

function sparesTheKernel(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    const kernelAddr = board.ram?.[0]?.base;
    const kernel = keptKernel(board);
    if (board.arch !== 'aarch64' || kernelAddr === undefined || kernel === undefined) continue;
    if (!rangesOverlap(range, kernel)) continue;
    const params = { region: region.name, kernelAddr, board: board.name };
    context.sink.report(codes['over-kernel'].at(context.value(region, 'phys_addr'), params));
  }
}

/** After the kernel comes the initial task, and the loader of the image must not be in its way. */
function sparesInitialTask(context: CheckContext): void {
  const { board } = context.options;
  if (board?.arch !== 'aarch64' || board.ram === undefined) return;
  const { pages, rowBytes } = context.carried;
  const sizeBytes = initialTaskBytes(pages, rowBytes);
  const task = initialTaskIn(board, sizeBytes);
  const first = context.pds.find(({ programImage }) => programImage !== undefined);
  const position = first?.programImage && context.value(first.programImage, 'path');
  if (task === undefined) {
    context.sink.report(codes['initial-task-room'].at(position, { sizeBytes, board: board.name }));
    return;
  }
  for (const { region, range } of placedRegions(context)) {
    // What lies over both is told of the kernel.
    if (!rangesOverlap(range, task) || range.base < task.base) continue;
    const params = { region: region.name, task, board: board.name };
    context.sink.report(codes['over-initial-task'].at(context.value(region, 'phys_addr'), params));
  }
  const { loaderAddr } = board;
  if (loaderAddr === undefined || !rangeCovers(task, { base: loaderAddr, size: 1 })) return;
  context.sink.report(codes['over-loader'].at(position, { task, loaderAddr, board: board.name }));
}

/** At the other end of RAM are the objects of the initial task. */
function sparesRootObjects(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    if (board.arch !== 'aarch64' || board.ram === undefined) continue;
    const objects = rootObjectsIn(board.ram, context.carried.bytes);
    if (objects === undefined || !rangesOverlap(range, objects)) continue;
    const params = { region: region.name, objects, board: board.name, base: range.base };
    context.sink.report(codes['over-root-objects'].at(context.value(region, 'phys_addr'), params));
  }
}

function devicesAreUncached(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    const isDevice = deviceWindowsOf(board)?.some((window) => rangeCovers(window, range)) === true;
    if (!isDevice || allRamOf(board).some((ram) => rangesOverlap(ram, range))) continue;
    for (const { map, space } of context.mapsOf(region)) {
      if (map.cached === false) continue;
      const params = { region: region.name, space: `the ${space.kind} ${space.name}`, sizeBytes: range.size };
      context.sink.report(codes['device-cached'].at(context.value(map, 'cached'), params));
    }
  }
}

/** A region takes frames of both kinds where it reaches over the end of RAM. */
function isOfOneKind(context: CheckContext): void {
  for (const { region, range, board } of placedRegions(context)) {
    if (board.ram === undefined) continue;
    const parts = (windows: readonly AddrRange[]): readonly AddrRange[] =>
      windows.flatMap((window) => rangeIntersection(range, window) ?? []);
    const [ram] = parts(board.ram);
    const [device] = parts(deviceWindowsOf(board) ?? []);
    if (ram === undefined || device === undefined) continue;
    const params = { region: region.name, ram, device, board: board.name };
    context.sink.report(codes['device-and-ram'].at(context.value(region, 'phys_addr'), params));
  }
}

export const BOARD_MEMORY_RULES: readonly Rule[] = [
  isOfOneKind,
  isNotTheKernels,
  isHandedOut,
  sparesTheKernel,
  sparesInitialTask,
  sparesRootObjects,
  devicesAreUncached,
];
