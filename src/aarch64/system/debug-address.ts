/** Virtual addresses as debug compares them: bits 48 to 0, in a number. */
import type { Va } from '../translation/stage1.ts';

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const PAGE_BYTES = 0x1000;
/** How many pages can be told apart in `STATE.WATCH_PAGES` and `BREAK_PAGES`. */
const PAGE_BITS = 64;
const TWO_32 = 2 ** 32;
const HIGH_MASK = 0x1_ffff;

/** What covers every page. */
export const EVERYWHERE: Stretch = { start: 0, end: PAGE_BITS * PAGE_BYTES };

export function addressOf(value: bigint): number {
  return Number(BigInt.asUintN(49, value));
}

export function keyOf(va: Va): number {
  return (va.hi & HIGH_MASK) * TWO_32 + va.lo;
}

export function pageOf(key: number): number {
  return key - (key % PAGE_BYTES);
}

/** A bit for each page that is touched, by the lowest bits of its number. */
export function pageBits(stretches: readonly Stretch[]): bigint {
  let bits = 0n;
  for (const { start, end } of stretches) {
    const first = pageOf(start);
    const count = Math.min(PAGE_BITS, (pageOf(end - 1) - first) / PAGE_BYTES + 1);
    for (let page = 0; page < count; page += 1) bits |= 1n << BigInt((first / PAGE_BYTES + page) % PAGE_BITS);
  }
  return bits;
}
