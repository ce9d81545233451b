/** Guest RAM: where it lies on the board. */
import {
  type AddrRange,
  alignUp,
  GIB,
  LARGE_PAGE_BYTES,
  MIB,
  mergeRanges,
  rangeCovers,
  rangeEnd,
  rangesOverlap,
} from '../base/index.ts';
import { withoutAll } from './pages.ts';

/** A part of the board's RAM that guests keep away from, and why. */
export interface Avoided extends AddrRange {
  readonly why: string;
}

export interface RamRequest {
  readonly sizeBytes: number;
  readonly base?: number;
}

export interface BoardRam {
  /** What seL4 hands out as memory. */
  readonly windows: readonly AddrRange[];
  readonly avoided: readonly Avoided[];
}

export type RamPlacement =
  | { readonly base: number }
  | { readonly conflict: Avoided }
  | { readonly outside: true; readonly largest: AddrRange | undefined };

/** 32-bit DMA masks are common: RAM below this is preferred. */
const DMA32_LIMIT = 4 * GIB;
const COARSE_ALIGNMENTS: readonly number[] = [GIB, 512 * MIB, 256 * MIB, 64 * MIB, LARGE_PAGE_BYTES];

/** Finds the place of one guest's RAM, or says what is in the way. */
export function placeRam(request: RamRequest, board: BoardRam): RamPlacement {
  const free = mergeRanges(board.windows).flatMap((window) => withoutAll(window, mergeRanges(board.avoided)));
  if (request.base !== undefined) {
    const range = { base: request.base, size: request.sizeBytes };
    const conflict = board.avoided.find((avoided) => rangesOverlap(avoided, range));
    if (conflict !== undefined) return { conflict };
    return free.some((part) => rangeCovers(part, range))
      ? { base: request.base }
      : { outside: true, largest: largestOf(free) };
  }
  const low = free.filter((part) => part.base < DMA32_LIMIT).map(belowDma32);
  for (const parts of [low, free]) {
    for (const alignment of COARSE_ALIGNMENTS) {
      if (alignment > LARGE_PAGE_BYTES && alignment > request.sizeBytes) continue;
      for (const part of parts) {
        const base = alignUp(part.base, alignment);
        if (base + request.sizeBytes <= rangeEnd(part)) return { base };
      }
    }
  }
  return { outside: true, largest: largestOf(free) };
}

/** As many as libvmm knows of a guest's (GUEST_MAX_RAM_REGIONS). */
const BANKS_LIMIT = 3;

/** The fewest places that one guest's RAM fits in together, by their addresses; `undefined` where they are not enough. */
export function placeBanks(sizeBytes: number, board: BoardRam): readonly AddrRange[] | undefined {
  const banks: AddrRange[] = [];
  let extraBytes = -sizeBytes;
  for (const part of placesOf(board).slice(0, BANKS_LIMIT)) {
    if (extraBytes >= 0) break;
    banks.push(part);
    extraBytes += part.size;
  }
  if (extraBytes < 0) return undefined;
  // What is too much is less than the smallest has, and is left at the top: low addresses are for DMA with 32 bits.
  const [last, ...others] = banks.sort((a, b) => b.base - a.base);
  if (last === undefined) return undefined;
  return [...others.reverse(), { base: last.base, size: last.size - extraBytes }];
}

/** How much RAM a guest can have in one piece, and in as many as it may have. */
export function mostRam(board: BoardRam): { readonly inOne: number; readonly inBanks: number } {
  const sizes = placesOf(board).map(({ size }) => size);
  const inBanks = sizes.slice(0, BANKS_LIMIT).reduce((sum, size) => sum + size, 0);
  return { inOne: sizes[0] ?? 0, inBanks };
}

/** What is free in 2 MiB pages, the largest first. */
function placesOf({ windows, avoided }: BoardRam): readonly AddrRange[] {
  return alignedParts(
    mergeRanges(windows).flatMap((window) => withoutAll(window, mergeRanges(avoided))),
  ).filter(({ size }) => size > 0);
}

function belowDma32(part: AddrRange): AddrRange {
  return { base: part.base, size: Math.min(rangeEnd(part), DMA32_LIMIT) - part.base };
}

/** The largest 2 MiB aligned part, for the hint of a diagnostic. */
function largestOf(parts: readonly AddrRange[]): AddrRange | undefined {
  const [largest] = alignedParts(parts);
  return largest?.size === 0 ? undefined : largest;
}

function alignedParts(parts: readonly AddrRange[]): readonly AddrRange[] {
  return parts
    .map((part) => {
      const base = alignUp(part.base, LARGE_PAGE_BYTES);
      const end = rangeEnd(part) - (rangeEnd(part) % LARGE_PAGE_BYTES);
      return { base, size: Math.max(0, end - base) };
    })
    .sort((a, b) => b.size - a.size || a.base - b.base);
}
