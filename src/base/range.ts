/** Half-open ranges of addresses: `base` is in, `base + size` is out. Plain values; nothing here changes its input. */

/** A range of addresses; both members are safe integers, and so is their sum. */
export interface AddrRange<Addr extends number = number> {
  readonly base: Addr;
  readonly size: number;
}

/** The first address after the range. */
export function rangeEnd(range: AddrRange): number {
  return range.base + range.size;
}

/** Whether an address lies in a range; in an empty one none does. */
export function rangeContains(range: AddrRange, addr: number): boolean {
  return addr >= range.base && addr - range.base < range.size;
}

/** Whether `inner` lies wholly in `outer`. An empty range lies in any range that holds its base or ends there. */
export function rangeCovers(outer: AddrRange, inner: AddrRange): boolean {
  return inner.base >= outer.base && rangeEnd(inner) <= rangeEnd(outer);
}

/** Whether two ranges have an address in common; an empty range overlaps nothing. */
export function rangesOverlap(a: AddrRange, b: AddrRange): boolean {
  return a.size > 0 && b.size > 0 && a.base < rangeEnd(b) && b.base < rangeEnd(a);
}

/** What both ranges hold, or `undefined` where that is nothing. */
export function rangeIntersection(a: AddrRange, b: AddrRange): AddrRange | undefined {
  if (!rangesOverlap(a, b)) return undefined;
  const base = Math.max(a.base, b.base);
  return { base, size: Math.min(rangeEnd(a), rangeEnd(b)) - base };
}

/** The parts of `range` that `hole` does not hold, in order of address. */
export function rangeWithout(range: AddrRange, hole: AddrRange): readonly AddrRange[] {
  if (!rangesOverlap(range, hole)) return range.size > 0 ? [range] : [];
  return [
    { base: range.base, size: hole.base - range.base },
    { base: rangeEnd(hole), size: rangeEnd(range) - rangeEnd(hole) },
  ].filter((part) => part.size > 0);
}

/** The range grown outwards to multiples of `alignment` (a power of two or any positive integer). */
export function rangeAligned(range: AddrRange, alignment: number): AddrRange {
  const base = alignDown(range.base, alignment);
  return { base, size: alignUp(rangeEnd(range), alignment) - base };
}

/** Ranges sorted by base, with those that touch or overlap made one. Empty ones are dropped. */
export function mergeRanges(ranges: readonly AddrRange[]): readonly AddrRange[] {
  const sorted = ranges.filter((range) => range.size > 0).sort((a, b) => a.base - b.base);
  const merged: { base: number; size: number }[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && range.base <= rangeEnd(last)) {
      last.size = Math.max(rangeEnd(last), rangeEnd(range)) - last.base;
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
}

/** The largest multiple of `alignment` that is not above `value`; any positive alignment. */
export function alignDown(value: number, alignment: number): number {
  return value - (value % alignment);
}

/** The smallest multiple of `alignment` that is not below `value`. */
export function alignUp(value: number, alignment: number): number {
  return alignDown(value + alignment - 1, alignment);
}

/** Whether a value is a multiple of `alignment`. */
export function isAligned(value: number, alignment: number): boolean {
  return value % alignment === 0;
}
