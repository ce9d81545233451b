/** Which addresses are shown, and how they move: plain values, so that zooming is arithmetic. */
import type { AddrRange } from '../../../../src/base/index.ts';

/** A stretch of addresses, from the top of the picture to its bottom. */
export interface Shown {
  readonly from: number;
  readonly size: number;
}

/** No closer than a few pages. */
const SMALLEST_BYTES = 0x4000;

/** Within what there is. */
function within({ from, size }: Shown, limit: number): Shown {
  const bounded = Math.min(Math.max(size, SMALLEST_BYTES), limit);
  return { from: Math.min(Math.max(0, from), Math.max(0, limit - bounded)), size: bounded };
}

/** Closer (a factor below 1) or further away, so that what is at `at` (0 the top, 1 the bottom) stays there. */
export function zoomed({ from, size }: Shown, factor: number, at: number, limit: number): Shown {
  const changed = Math.min(Math.max(size * factor, SMALLEST_BYTES), limit);
  return within({ from: from + at * (size - changed), size: changed }, limit);
}

/** Up or down by a part of what is shown. */
export function moved({ from, size }: Shown, part: number, limit: number): Shown {
  return within({ from: from + part * size, size }, limit);
}

/** A range with some room around it. */
export function around({ base, size }: AddrRange, limit: number): Shown {
  const room = Math.max(size * 0.25, SMALLEST_BYTES / 4);
  return within({ from: base - room, size: size + 2 * room }, limit);
}

const TICK_PX = 56;

/** Addresses for the axis: powers of two apart, and far enough to be read. */
export function ticksOf({ from, size }: Shown, heightPx: number): readonly number[] {
  const leastBytes = (size * TICK_PX) / Math.max(1, heightPx);
  const step = 2 ** Math.max(8, Math.ceil(Math.log2(leastBytes)));
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= from + size; at += step) ticks.push(at);
  return ticks;
}
