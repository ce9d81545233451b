/**
 * A debugger inside of a guest: Debian's kernel with a small program of our own (`support/c/debugger.c`) in place of the initial ramdisk's
 * init, which steps, breaks and watches its children by ptrace. The same kernel and ramdisk under QEMU say what is right.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { FILE_TYPE, writeCpio } from '../src/payload/index.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { GuestRun } from './support/guest-run.ts';
import { runOracle } from './support/oracles.ts';
import { startQemu } from './support/qemu.ts';
import { virtGuest, virtTree } from './support/virt-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-debugger-'));
after(() => rmSync(directory, { recursive: true }));
const DONE = 'debugger: done';

function build(): Uint8Array {
  const [object, program] = [join(directory, 'debugger.o'), join(directory, 'debugger')];
  const source = join(PROJECT_ROOT, 'test/support/c/debugger.c');
  const flags = ['-target', 'aarch64-linux-gnu', '-O1', '-ffreestanding', '-fno-stack-protector', '-Wall'];
  for (const [command, args] of [
    ['clang', [...flags, '-Werror', '-c', source, '-o', object]],
    ['aarch64-linux-gnu-ld', ['-static', object, '-o', program]],
  ] as const) {
    const { status, stderr } = runOracle(command, args);
    assert.equal(status, 0, stderr);
  }
  return readFileSync(program);
}

const ignored = { write: () => true };
await runCommandLine(['payload', 'debian', '-o', directory], {
  host: nodeHost(),
  stdout: ignored,
  stderr: process.stderr,
});
const kernel = readFileSync(join(directory, 'Image'));
const initrd = writeCpio([
  { path: 'init', mode: FILE_TYPE.file | 0o755, content: build() },
  {
    path: 'dev/console',
    mode: FILE_TYPE.characterDevice | 0o600,
    device: { major: 5, minor: 1 },
  },
]);

const answers = (console: string): readonly string[] =>
  console.split(/\r?\n/).filter((line) => line.startsWith('debugger: '));

test('ptrace in a guest steps, breaks and watches as under QEMU', async () => {
  const file = join(directory, 'debugger.cpio');
  writeFileSync(file, initrd);
  const qemu = startQemu({ kernel: join(directory, 'Image'), initrd: file });
  await qemu.waitFor(DONE);
  qemu.kill();
  const expected = answers(qemu.console());
  const seen = expected.map((line) => line.replace(/(steps|points) \d+/, '$1 N'));
  assert.deepEqual(seen, [
    'debugger: steps N, calls 100: exit 7',
    'debugger: breakpoints N, hits 3: exit 7',
    'debugger: watchpoints N, hits 5: exit 7',
    'debugger: stepped over 4: exit 7',
    DONE,
  ]);

  const run = new GuestRun(virtGuest(virtTree(directory, 2, 1), 1, { kernel, initrd }));
  run.until(DONE);
  assert.deepEqual(answers(run.console), expected);
  assert.deepEqual(
    run.while(() => true),
    { kind: 'off' },
  );
});
