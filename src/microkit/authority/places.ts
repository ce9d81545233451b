/** Regions in the order of physical memory, and what is between them. */
import { type AddrRange, hex, rangeEnd } from '../../base/index.ts';
import type { Authority, RegionAuthority } from './authority.ts';

/** A region that has a place, or a gap that nobody has. */
export interface MemoryPlace {
  readonly range: AddrRange;
  readonly region: RegionAuthority | undefined;
}

/** From the lowest address to the highest. Regions that overlap follow each other: a description that has such is refused elsewhere. */
export function memoryPlaces({ regions }: Authority): readonly MemoryPlace[] {
  const placed = regions
    .flatMap((region) => (region.range === undefined ? [] : [{ range: region.range, region }]))
    .sort((a, b) => a.range.base - b.range.base);
  const places: MemoryPlace[] = [];
  let end = 0;
  for (const place of placed) {
    const { base } = place.range;
    if (base > end) places.push({ range: { base: end, size: base - end }, region: undefined });
    places.push(place);
    end = Math.max(end, rangeEnd(place.range));
  }
  return places;
}

/** How many digits the highest of their addresses has. */
export function digitsOf(places: readonly Pick<MemoryPlace, 'range'>[]): number {
  return Math.max(0, ...places.map(({ range }) => hex(rangeEnd(range)).length - 2));
}

/** An address with so many digits. */
export function addressText(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
