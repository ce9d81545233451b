/** The real gdb at a run: what its users do, with a kernel that has no symbols but its own. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { drivervm, outcomeOf } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { startOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-gdb-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', directory]);
await drivervm([
  ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', file('project')],
  ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
]);

/** A run with gdb at it from its first instruction, and what gdb says. */
async function debug(commands: readonly string[], more: readonly string[] = []) {
  const socket = file('gdb');
  const script = file('script');
  writeFileSync(
    script,
    ['set pagination off', 'set confirm off', `target remote ${socket}`, ...commands, ''].join('\n'),
  );
  const args = ['run', file('project'), `--gdb=unix:${socket}`, '--wait-gdb', '--timeout', '1200', ...more];
  const run = outcomeOf(args);
  while (!existsSync(socket)) await setTimeout(100);
  const gdb = await startOracle('gdb-multiarch', ['-nx', '-batch', '-x', script]);
  return { text: `${gdb.stdout}`, err: gdb.stderr, run: await run };
}

test('a breakpoint, a way back, a watchpoint, and the write that it waited for', async () => {
  const { text, run } = await debug([
    'break start_kernel',
    'continue',
    'echo at \\n',
    'p $pc == (unsigned long)&start_kernel',
    'p/x $SCTLR_EL1 & 1',
    'p/x $cpsr & 0xf',
    'x/2wx $pc',
    'delete',
    'hbreak *platform_probe',
    'continue',
    'backtrace',
    'set $place = $sp - 8',
    'delete',
    'watch *(long *)$place',
    'continue',
    'set $written = $pc',
    'delete',
    'reverse-stepi',
    'stepi',
    'p $pc == $written',
    'hbreak *platform_probe',
    'reverse-continue',
    'p $pc == (unsigned long)&platform_probe',
    'delete',
    'reverse-continue',
    'kill',
  ]);
  assert.match(text, /Breakpoint 1, 0x[0-9a-f]+ in start_kernel \(\)/);
  assert.deepEqual(
    [...text.matchAll(/^\$\d+ = (.*)$/gm)].map(([, value]) => value),
    ['1', '0x1', '0x5', '1', '1'],
  );
  assert.match(text, /Breakpoint 2, 0x[0-9a-f]+ in platform_probe \(\)/);
  assert.match(text, /^#1 .* in really_probe \(\)\n#2 .*^#\d+ .* in kernel_init \(\)$/ms);
  assert.match(text, /Hardware watchpoint 3: \*\(long \*\)\$place\n\n.*Old value = /s);
  assert.match(text, /No more reverse-execution history/);
  assert.equal(run.status, 0);
});

test('several vCPUs are threads, and a guest is a process', async () => {
  const { text, err, run } = await debug(
    [
      'break secondary_start_kernel',
      'continue',
      'info threads',
      'thread apply all p/x $MPIDR_EL1 & 0xff',
      'p $_inferior',
      'monitor account',
      'detach',
    ],
    ['--vcpus', '2', '--until', 'Brought up 1 node, 2 CPUs'],
  );
  assert.match(text, /Thread 1\.2 .*hit Breakpoint 1|Breakpoint 1, 0x[0-9a-f]+ in secondary_start_kernel/);
  assert.match(text, /Thread 1\.1 \(vCPU 0 of linux, \w+\)/);
  assert.match(text, /\* 2 +Thread 1\.2 \(vCPU 1 of linux, runnable\)/);
  assert.match(text, /= 0x1\n.*= 0x0\n/s);
  // What gdb shows of a command of the target's goes where errors go.
  assert.match(err, /million instructions/);
  // Let go of, the run goes on to its end.
  assert.equal(run.status, 0, run.err);
  assert.match(run.out, /Brought up 1 node, 2 CPUs/);
});

test('where nobody can listen, that is a finding', async () => {
  const { err } = await drivervm(
    ['run', file('project'), `--gdb=unix:${join(directory, 'no', 'where')}`, '--timeout', '1'],
    { status: 1 },
  );
  assert.match(err, /error\[.*\].*no\/where/s);
  await drivervm(['run', `--gdb=${file('project')}`], { status: 2 });
});

/** What stands in a page: a command, and lines that gdb says then, in this order and among others. */
interface PageStep {
  readonly command: string;
  readonly said: readonly string[];
}

function sessionOf(page: string): readonly PageStep[] {
  const lines = [...page.matchAll(/^```gdb\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  const steps: { command: string; said: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('(gdb) ')) steps.push({ command: line.slice('(gdb) '.length), said: [] });
    else steps.at(-1)?.said.push(line);
  }
  return steps;
}

test('docs/debugging.md, as printed', async () => {
  const steps = sessionOf(readFileSync(join(PROJECT_ROOT, 'docs/debugging.md'), 'utf8'));
  const [first, ...others] = steps;
  assert.match(first?.command ?? '', /^target remote /);
  const { text } = await debug([...others.map(({ command }) => command), 'kill']);
  // Another kernel has its functions elsewhere.
  const plain = (line: string) => line.replaceAll(/0x[0-9a-f]{9,}/g, 'ADDRESS');
  const heard = text.split('\n').map(plain);
  let at = 0;
  for (const line of steps.flatMap(({ said }) => said)) {
    const found = heard.indexOf(plain(line), at);
    assert.ok(found >= 0, `"${line}" is not said after line ${at}:\n${heard.join('\n')}`);
    at = found + 1;
  }
});
