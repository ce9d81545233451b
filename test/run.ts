/**
 * Runs the compiled tests with Node's test runner: `npm test`, or `npm test -- devicetree cli` for the files whose paths
 * contain one of the words. Node 20's runner takes no globs, so the files are found here. With `--coverage`, as `npm run verify` has it,
 * the rooms' coverage is checked (`coverage.ts`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { counts, judge } from './coverage.ts';
import { compiledFiles, projectPath } from './support/files.ts';

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('-') && word !== '--coverage');
const isCovered = process.argv.includes('--coverage');
/** What hangs is ended: no test measures time. The longest file takes minutes. */
const FILE_LIMIT_MS = 40 * 60 * 1000;
const files = compiledFiles('.test.js').filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);

/** Whether all tests of the files passed. */
function pass(some: readonly string[], environment: Readonly<Record<string, string>> = {}): boolean {
  // Without a file Node would look for tests by itself.
  if (some.length === 0) return true;
  // Node leaves one processor out by itself: with two, half of the machine.
  const limits = [`--test-concurrency=${availableParallelism()}`, `--test-timeout=${FILE_LIMIT_MS}`];
  const outcome = spawnSync(process.execPath, ['--test', ...limits, ...flags, ...some], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return outcome.status === 0;
}

function passWithCoverage(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-coverage-'));
  try {
    const isQuick = (file: string) => counts(projectPath(file));
    const quickPass = pass(files.filter(isQuick), { NODE_V8_COVERAGE: directory });
    const coverage = judge(directory);
    const longPass = pass(files.filter((file) => !isQuick(file)));
    console.log(coverage?.text ?? 'c8 made no report');
    for (const line of coverage?.missed ?? []) console.error(line);
    return quickPass && longPass && coverage?.missed.length === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (files.length === 0) {
  console.error(`no test file's path contains any of: ${words.join(', ')}`);
  process.exitCode = 2;
} else if (!(isCovered ? passWithCoverage() : pass(files))) process.exitCode = 1;
