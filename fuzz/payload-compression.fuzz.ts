/** Every decompressor over damaged data: an end, a limit, and a diagnostic or the content. */
import { DiagnosticSink, KIB } from '../src/base/index.ts';
import { bytesSource, decompressed, reportingRefusals } from '../src/payload/index.ts';
import { runOracle } from '../test/support/oracles.ts';
import { check } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 1500;

const COMMANDS = [
  ['gzip', '-c'],
  ['xz', '-c'],
  ['zstd', '-qc'],
  ['zstd', '-qc', '-19', '--no-check'],
  ['lz4', '-qc', '-BD'],
  ['lz4', '-qcl'],
  ['bzip2', '-c', '-1'],
] as const;
const LIMIT_BYTES = 256 * KIB;

export async function fuzz({ runs, seed }: FuzzOptions): Promise<void> {
  const random = seededRandom(seed);
  const words = Array.from({ length: 40 }, () => random.bytes(1 + random.below(6)));
  const content = Buffer.concat(Array.from({ length: 700 }, () => random.pick(words)));
  // Copies: a Buffer's slice would share its bytes, and the damage would add up.
  const seeds = COMMANDS.map(([program, ...args]) =>
    Uint8Array.from(runOracle(program, args, content).stdout),
  );
  for (let run = 0; run < runs; run++) {
    const bytes = mutateBytes(random, random.pick(seeds));
    const sink = new DiagnosticSink();
    const result = await reportingRefusals(sink, () => decompressed(bytesSource('x', bytes), LIMIT_BYTES));
    const context = (): string => Buffer.from(bytes).toString('base64');
    check((result === undefined) === sink.hasErrors, 'neither a result nor a reason', context);
    check((result?.source.sizeBytes ?? 0) <= LIMIT_BYTES, 'more than the limit', context);
  }
}
