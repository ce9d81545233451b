/** Hostile RAM: a kernel's log of which bytes were changed gives other lines, fewer or none, in bounded time, and no throw. */
import assert from 'node:assert/strict';
import { GuestMemory, kernelLog, logFindings } from '../src/run/index.ts';
import { logRam } from '../test/support/log-ram.ts';
import { mutateBytes } from './mutate.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 400;

const TEXTS = Array.from(
  { length: 60 },
  (_, at) => `usb 1-${at}: probe of ${at}000.usb failed with error -2`,
);
/** What is between the ring's parts is of no interest. */
const PARTS = [
  [0x100, 8],
  [0x200, 64],
  [0x1000, 0x300],
  [0x8000, 0xb00],
  [0x20000, 0x1000],
  [0x31000, 0x400],
] as const;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += 1) {
    const { base, bytes } = logRam({ texts: TEXTS, isAllocated: random.below(2) === 0 });
    const [at, size] = random.pick(PARTS);
    const mutated = mutateBytes(random, bytes.slice(at, at + size)).subarray(0, size);
    bytes.set(mutated, at);
    const lines = [...kernelLog(new GuestMemory([{ base, bytes }]))];
    assert.ok(lines.length <= 2 ** 17, `${lines.length} lines`);
    logFindings(lines, []);
  }
}
