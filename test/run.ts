/**
 * Runs the compiled tests with Node's test runner: `npm test`, or `npm test -- devicetree cli` for the files whose paths
 * contain one of the words. Node 20's runner takes no globs, so the files are found here.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { compiledFiles } from './support/files.ts';

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('-'));
/** What hangs is ended: no test measures time. The longest file takes minutes. */
const FILE_LIMIT_MS = 40 * 60 * 1000;
const files = compiledFiles('.test.js').filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (files.length === 0) {
  console.error(`no test file's path contains any of: ${words.join(', ')}`);
  process.exitCode = 2;
} else {
  const outcome = spawnSync(
    process.execPath,
    // Node leaves one processor out by itself: with two, half of the machine.
    [
      '--test',
      `--test-concurrency=${availableParallelism()}`,
      `--test-timeout=${FILE_LIMIT_MS}`,
      ...flags,
      ...files,
    ],
    { stdio: 'inherit' },
  );
  process.exitCode = outcome.status ?? 1;
}
