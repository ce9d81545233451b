/**
 * Runs the compiled tests with Node's test runner: `npm test`, or `npm test -- devicetree cli` for the files whose paths
 * contain one of the words, `npm test -- gdb --test-name-pattern=watch` for some tests of those. Node 20's runner takes no globs and
 * sorts what it is given, so the files are found and ordered here. With `--coverage`, as `npm run verify` has it,
 * the rooms' coverage is checked (`coverage.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { counts, judge } from './coverage.ts';
import { compiledFiles, projectPath } from './support/files.ts';

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    coverage: { type: 'boolean', default: false },
    'test-name-pattern': { type: 'string', multiple: true, default: [] },
  },
});
/** What hangs is ended: no test measures time. The longest file takes minutes. */
const FILE_LIMIT_MS = 40 * 60 * 1000;
/** The files that take longest begin first: at the end each would keep one processor busy while the others wait. */
const LONGEST = [
  'workbench-views',
  'workbench',
  'served-disk',
  'board-sources',
  'emmc-root',
  'debugger',
  'kernel-complaints',
  'systemd-root',
  'ethernet',
  'boards',
].map((name) => `dist/test/${name}.test.js`);

const all = compiledFiles('.test.js');
const named = (path: string): boolean => words.length === 0 || words.some((word) => path.includes(word));
const rank = (path: string): number => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
const files = all
  .filter((file) => named(projectPath(file)))
  .sort((a, b) => rank(projectPath(a)) - rank(projectPath(b)));

/** Whether all tests of the files passed. */
async function pass(some: readonly string[]): Promise<boolean> {
  // Without a file Node would look for tests by itself.
  if (some.length === 0) return true;
  const tests = run({
    files: [...some],
    // Node leaves one processor out by itself: with two, half of the machine.
    concurrency: availableParallelism(),
    timeout: FILE_LIMIT_MS,
    testNamePatterns: values['test-name-pattern'],
  });
  let isGood = true;
  tests.on('test:fail', ({ todo }) => {
    isGood &&= todo !== undefined && todo !== false;
  });
  for await (const text of tests.compose(new spec())) process.stdout.write(text);
  return isGood;
}

async function passWithCoverage(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-coverage-'));
  try {
    const isQuick = (file: string) => counts(projectPath(file));
    process.env.NODE_V8_COVERAGE = directory;
    const quickPass = await pass(files.filter(isQuick));
    delete process.env.NODE_V8_COVERAGE;
    const coverage = judge(directory);
    const longPass = await pass(files.filter((file) => !isQuick(file)));
    console.log(coverage?.text ?? 'c8 made no report');
    for (const line of coverage?.missed ?? []) console.error(line);
    return quickPass && longPass && coverage?.missed.length === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const gone = LONGEST.filter((path) => !all.some((file) => projectPath(file) === path));
if (gone.length > 0) throw new Error(`no tests: ${gone.join(', ')}`);
if (files.length === 0) {
  console.error(`no test file's path contains any of: ${words.join(', ')}`);
  process.exitCode = 2;
} else if (!(values.coverage ? await passWithCoverage() : await pass(files))) process.exitCode = 1;
