/**
 * Physical memory as strips of a picture that nobody zooms: from the lowest address to the highest, cut wherever something begins or ends. Heights grow with
 * the logarithm of sizes, so that a page of registers can be read beside a gigabyte of RAM.
 */
import { type AddrRange, rangeEnd, rangesOverlap, SMALL_PAGE_BYTES } from '../../base/index.ts';
import { LINE_PX } from '../palette.ts';

/** Something at a range of addresses, of which there is something to say. */
export interface Placed {
  readonly range: AddrRange;
  readonly label: string;
  readonly notes: readonly string[];
}

/** A strip, in pixels from the picture's top. */
export interface Strip<Item extends Placed> {
  readonly top: number;
  readonly heightPx: number;
  readonly range: AddrRange;
  /** What lies there; nothing in a gap. */
  readonly items: readonly Item[];
  /** What begins there, and is therefore named there. */
  readonly begins: readonly Item[];
}

/** Below the last line of a strip. */
const NOTE_ROOM_PX = 6;
const GAP_PX = 20;
const STRIP_PX = 18;
const PX_PER_DOUBLING = 3;

/** The strips of everything from address 0, each right below the one before. */
export function stripsOf<Item extends Placed>(items: readonly Item[]): readonly Strip<Item>[] {
  const sorted = items.filter(({ range }) => range.size > 0).sort((a, b) => a.range.base - b.range.base);
  const edges = [...new Set([0, ...sorted.flatMap(({ range }) => [range.base, rangeEnd(range)])])].sort(
    (a, b) => a - b,
  );
  const strips: Strip<Item>[] = [];
  let [top, next] = [0, 0];
  let open: readonly Item[] = [];
  for (const [index, base] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    const range = { base, size: end - base };
    const begins: Item[] = [];
    for (let item = sorted[next]; item !== undefined && item.range.base === base; item = sorted[++next])
      begins.push(item);
    open = [...open, ...begins].filter((item) => rangesOverlap(item.range, range));
    const heightPx = heightOf(range, begins, open.length === 0);
    strips.push({ top, heightPx, range, items: open, begins });
    top += heightPx;
  }
  return strips;
}

function heightOf(range: AddrRange, begins: readonly Placed[], isGap: boolean): number {
  if (isGap) return GAP_PX;
  const doublings = Math.max(0, Math.log2(range.size / SMALL_PAGE_BYTES));
  const lines = begins.reduce((sum, { notes }) => sum + 1 + notes.length, 0);
  return Math.max(Math.round(STRIP_PX + doublings * PX_PER_DOUBLING), lines * LINE_PX + NOTE_ROOM_PX);
}
