/** Hostile debug information: an ELF file of which bytes were changed gives lines, a reason, or a refusal, in bounded time and memory. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../src/base/index.ts';
import { bytesSource, DebugFile } from '../src/payload/index.ts';
import { CodeMap, coveredLines, lcovText } from '../src/run/index.ts';
import { compileGuest } from '../test/support/debug-programs.ts';
import { mutateBytes } from './mutate.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 400;

const WAYS = [['-gdwarf-2'], ['-gdwarf-4', '-gdwarf64'], ['-gdwarf-5'], ['-gdwarf-5', '-gz=zlib']];

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-fuzz-debug-'));
  try {
    const files = WAYS.map((flags, index) => readFileSync(compileGuest(directory, `${index}`, flags).path));
    for (let run = 0; run < runs; run += 1) {
      const bytes = mutateBytes(random, Uint8Array.from(random.pick(files)));
      try {
        const debug = new DebugFile(bytesSource('vmlinux', bytes));
        debug.kernelSymbols(0n);
        void debug.buildId;
        const map = new CodeMap(0x1000);
        map.mark(4);
        lcovText(
          'linux',
          coveredLines(debug, debug.code[0]?.address ?? 0n, map, () => {}),
        );
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
