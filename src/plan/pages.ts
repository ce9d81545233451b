/**
 * Pages: which memory regions give a guest the registers it may touch. Everything is mapped 1:1, so a region is a
 * physical range and no more. seL4 maps 4 KiB and 2 MiB pages on AArch64 (Microkit manual 2.3, "memory_region").
 *
 * A 2 MiB page replaces small ones where it holds at least two passed devices, or is filled by small pages anyway, and
 * where every address in it may be given: nothing of the kernel's, of another owner, or that the request keeps out.
 */
import {
  type AddrRange,
  alignDown,
  LARGE_PAGE_BYTES,
  mergeRanges,
  rangeAligned,
  rangeCovers,
  rangeEnd,
  rangesOverlap,
  rangeWithout,
  SMALL_PAGE_BYTES,
} from '../base/index.ts';

/** Registers of a passed device. */
export interface Grant {
  /** The device's path. */
  readonly device: string;
  readonly range: AddrRange;
}

export interface PageRules {
  /** Whether addresses that belong to no passed device may be given where nothing is known against it. */
  readonly mergeAllowed: boolean;
  /** Windows of buses: one that holds several passed devices is given whole where all of it may be given. */
  readonly buses: readonly AddrRange[];
  /** What no page may cover. */
  readonly forbidden: readonly AddrRange[];
  /** Where seL4 hands out device memory; every page lies in one of these. */
  readonly windows: readonly AddrRange[];
}

/** Consecutive pages of one size. */
export interface PageRun extends AddrRange {
  readonly pageSizeBytes: typeof SMALL_PAGE_BYTES | typeof LARGE_PAGE_BYTES;
}

/** The pages that hold the granted registers, sorted; runs neither touch others of their page size nor overlap. */
export function pagesFor(grants: readonly Grant[], rules: PageRules): readonly PageRun[] {
  const wanted = [...grants.map(({ range }) => range), ...wholeBuses(grants, rules)];
  const small = mergeRanges(wanted.map((range) => rangeAligned(range, SMALL_PAGE_BYTES)));
  const large = mergeRanges(largePages(grants, small, rules));
  const rest = mergeRanges(small.flatMap((range) => withoutAll(range, large)));
  const runs: readonly PageRun[] = [
    ...large.map((range): PageRun => ({ ...range, pageSizeBytes: LARGE_PAGE_BYTES })),
    ...rest.map((range): PageRun => ({ ...range, pageSizeBytes: SMALL_PAGE_BYTES })),
  ];
  // The end of a bus where none of its passed devices is.
  const used = runs.filter((run) => grants.some(({ range }) => rangesOverlap(range, run)));
  return used.sort((a, b) => a.base - b.base);
}

/** What of `range` lies in none of `holes`, which are sorted and apart. */
export function withoutAll(range: AddrRange, holes: readonly AddrRange[]): readonly AddrRange[] {
  let parts: readonly AddrRange[] = [range];
  for (const hole of holes) parts = parts.flatMap((part) => rangeWithout(part, hole));
  return parts;
}

/** Buses with two passed devices or more, all of whose addresses may be given. */
function wholeBuses(grants: readonly Grant[], rules: PageRules): readonly AddrRange[] {
  if (!rules.mergeAllowed) return [];
  return rules.buses.filter((bus) => {
    const devices = new Set(
      grants.filter(({ range }) => rangeCovers(bus, range)).map(({ device }) => device),
    );
    return devices.size > 1 && mayGive(rangeAligned(bus, SMALL_PAGE_BYTES), rules);
  });
}

function largePages(
  grants: readonly Grant[],
  small: readonly AddrRange[],
  rules: PageRules,
): readonly AddrRange[] {
  const filled = small.flatMap(wholeBlocks);
  if (!rules.mergeAllowed) return filled;
  const tenants = new Map<number, Set<string>>();
  for (const { device, range } of grants) {
    for (const base of edgeBlocks(range)) tenants.set(base, (tenants.get(base) ?? new Set()).add(device));
  }
  const shared = [...tenants]
    .filter(([, devices]) => devices.size > 1)
    .map(([base]) => ({ base, size: LARGE_PAGE_BYTES }))
    .filter((block) => mayGive(block, rules));
  return [...filled, ...shared];
}

function mayGive(block: AddrRange, rules: PageRules): boolean {
  return (
    rules.windows.some((window) => rangeCovers(window, block)) &&
    !rules.forbidden.some((range) => rangesOverlap(range, block))
  );
}

/** The 2 MiB blocks that lie wholly in a range, as one range. */
function wholeBlocks(range: AddrRange): readonly AddrRange[] {
  const base = alignDown(range.base + LARGE_PAGE_BYTES - 1, LARGE_PAGE_BYTES);
  const end = alignDown(rangeEnd(range), LARGE_PAGE_BYTES);
  return end > base ? [{ base, size: end - base }] : [];
}

/** The first and the last 2 MiB block that a range touches; those between are whole. */
function edgeBlocks(range: AddrRange): readonly number[] {
  const first = alignDown(range.base, LARGE_PAGE_BYTES);
  const last = alignDown(rangeEnd(range) - 1, LARGE_PAGE_BYTES);
  return first === last ? [first] : [first, last];
}
