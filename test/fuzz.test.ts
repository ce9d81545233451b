/** A short run of every fuzz target, always the same one. */
import { basename } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from '../fuzz/run.ts';
import { compiledFiles } from './support/files.ts';

const RUNS = 3000;
const SEED = 2;

for (const file of compiledFiles('.fuzz.js')) {
  const target = (await import(pathToFileURL(file).href)) as FuzzTarget;
  const runs = target.testRuns ?? RUNS;
  test(`${runs} runs of ${basename(file, '.js')}`, async () => {
    await target.fuzz({ runs, seed: SEED });
  });
}
