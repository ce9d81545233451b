/** What `npx drivervm` runs: the bundle of all modules, which the other tests go around. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from './support/files.ts';

function drivervm(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT_ROOT, 'bin', 'drivervm.js'), ...args],
    { input, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test('the installed command says its version', () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  assert.deepEqual(drivervm(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test('it reads standard input, and its statuses are 0, 1 and 2', () => {
  assert.deepEqual(drivervm(['dt', 'show', '-'], '/dts-v1/; / { model = "x"; };'), {
    status: 0,
    stdout: '/dts-v1/;\n\n/ {\n\tmodel = "x";\n};\n',
    stderr: '',
  });
  const found = drivervm(['dt', 'show', '-'], '/dts-v1/; / { model = ; };');
  assert.equal(found.status, 1);
  assert.match(found.stderr, /^<stdin>:1:23: error\[dts\//);
  assert.equal(drivervm(['dt', 'dance']).status, 2);
});

test('standard output that takes no more is a sentence and a status', () => {
  const command = `'${process.execPath}' '${join(PROJECT_ROOT, 'bin', 'drivervm.js')}' --help > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^drivervm: what was found can't be written to standard output: .*ENOSPC[^\n]*\n$/);
});
