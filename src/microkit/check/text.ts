/** Ranges and names in sentences. */
import { type AddrRange, hex, rangeEnd } from '../../base/index.ts';

/** `0xff803000–0xff804000`: the end is the first address after it. */
export function formatRange(range: AddrRange): string {
  return `${hex(range.base)}–${hex(rangeEnd(range))}`;
}

/** `a, b and c`. */
export function formatList(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
