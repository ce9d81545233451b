/**
 * `npm run fuzz -- NAME… [--runs N] [--seed S]`: runs the named fuzz targets (`fuzz/NAME.fuzz.ts`), or lists them.
 * A target exports `fuzz(options)`; what it must never do is crash, hang or grow without bound.
 */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { compiledFiles } from '../test/support/files.ts';

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
}

/** What a target file exports. */
export interface FuzzTarget {
  /** How many runs the test of all targets makes, where the usual number takes too long. */
  readonly testRuns?: number;
  fuzz(options: FuzzOptions): void | Promise<void>;
}

const ENDING = '.fuzz.js';
const targets = new Map(compiledFiles(ENDING).map((file) => [basename(file).slice(0, -ENDING.length), file]));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const unknown = positionals.filter((name) => !targets.has(name));
if (positionals.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.error(`no fuzz target is called ${name}`);
  console.log(`fuzz targets: ${[...targets.keys()].join(', ') || 'none yet'}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  for (const name of positionals) {
    const options = { runs: Number(values.runs), seed: Number(values.seed) };
    const startMs = Date.now();
    const target: FuzzTarget = await import(pathToFileURL(targets.get(name) ?? '').href);
    await target.fuzz(options);
    console.log(
      `${name}: ${options.runs} runs from seed ${options.seed}, ${(Date.now() - startMs) / 1000} s`,
    );
  }
}
