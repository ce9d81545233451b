/**
 * What a description's regions can't have on a board, and what lies where the system starts: the kernel, its frames, the initial task with its objects,
 * and the loader. Sizes that depend on programs are the least that they can be.
 */
import { type AddrRange, alignUp, SMALL_PAGE_BYTES } from '../../base/index.ts';
import {
  initialTaskBytes,
  initialTaskIn,
  keptKernel,
  kernelFrameName,
  kernelFramesOf,
  rootObjectsIn,
} from '../boards/index.ts';
import { CheckContext, type CheckOptions } from '../check/context.ts';
import type { ReadDescription } from '../read/index.ts';

/** A stretch of the board's memory that is not a region's. */
export interface KeptMemory {
  readonly kind: 'kernel' | 'frame' | 'initial-task' | 'root-objects' | 'loader';
  readonly what: string;
  readonly range: AddrRange;
}

/** In the order of addresses; empty where no board is given. */
export function keptMemory(read: ReadDescription, options: CheckOptions): readonly KeptMemory[] {
  const { board } = options;
  if (board === undefined) return [];
  const { carried } = new CheckContext(read, options);
  const kept: KeptMemory[] = kernelFramesOf(board).map((range) => ({
    kind: 'frame',
    what: kernelFrameName(board, range),
    range,
  }));
  const add = (kind: KeptMemory['kind'], what: string, range: AddrRange | undefined): void => {
    if (range !== undefined && range.size > 0) kept.push({ kind, what, range });
  };
  if (board.arch === 'aarch64' && board.ram !== undefined) {
    const sizeBytes = alignUp(initialTaskBytes(carried.pages, carried.rowBytes), SMALL_PAGE_BYTES);
    const kernel = keptKernel(board);
    add('kernel', 'seL4', kernel);
    add('initial-task', 'the initial task, which carries the programs', initialTaskIn(board, sizeBytes));
    add('root-objects', "the initial task's objects", rootObjectsIn(board.ram, carried.bytes));
    // It holds the kernel and the initial task until it has put them where they run.
    if (board.loaderAddr !== undefined)
      add('loader', "Microkit's loader, until the system runs", {
        base: board.loaderAddr,
        size: sizeBytes + (kernel?.size ?? 0),
      });
  }
  return kept.sort((a, b) => a.range.base - b.range.base);
}
