/** Runs that are saved, and taken up again: to the instruction as if they had never been interrupted; and what is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MIB } from '../src/base/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-snapshots-'));
const before = process.env['XDG_CACHE_HOME'];
after(() => {
  rmSync(directory, { recursive: true });
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
});
const file = (name: string) => join(directory, name);
const project = file('project');
const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', directory]);
await drivervm([
  ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
  ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
]);

const TYPED = 'echo $((6*7)) > /tmp/kept; cat /tmp/kept /proc/interrupts | head -3\npoweroff -f\n';
const UP = 'the guest is up';

interface Answer {
  readonly end: string;
  readonly console: string;
  readonly account: { readonly guestSeconds: number; readonly vcpus: readonly { instructions: number }[] };
}

async function answerOf(args: readonly string[], input = ''): Promise<Answer> {
  return JSON.parse((await drivervm(['run', project, '--json', ...args], { input })).out);
}

/** Where a run ended, to the instruction. */
function endOf({ end, account }: Answer): object {
  return {
    end,
    instructions: account.vcpus.map(({ instructions }) => instructions),
    seconds: account.guestSeconds,
  };
}

test('a run that was saved goes on as if it had not been', async () => {
  const whole = await answerOf([], TYPED);
  assert.match(whole.console, /^42\r$/m);
  const first = await answerOf(['--until', UP, '--save', file('saved')]);
  const second = await answerOf(['--resume', file('saved')], TYPED);
  assert.deepEqual(endOf(second), endOf(whole));
  assert.equal(first.console + second.console, whole.console);
  // What was never touched is not in it: a guest of 256 MiB.
  assert.ok(statSync(file('saved')).size < 128 * MIB, `${statSync(file('saved')).size}`);
});

test('the second start from a boot begins where the first was up', async () => {
  process.env['XDG_CACHE_HOME'] = file('cache');
  const run = ['run', project, '--from-boot'];
  const first = await drivervm(run, { input: TYPED });
  const second = await drivervm(run, { input: TYPED });
  assert.match(first.out, /Booting Linux/);
  assert.doesNotMatch(second.out, /Booting Linux/);
  assert.match(second.err, /^drivervm: booted before: it goes on at \d+\.\d{3} s of the guest's time$/m);
  assert.equal(second.out, first.out.slice(first.out.indexOf(UP) + UP.length));
  const other = await drivervm(['run', project, '--from-boot', '--monitor', 'libvmm', '--until', UP]);
  assert.match(other.out, /Booting Linux/);
});

test('what is no snapshot, a damaged one, and one of another run are refused', async () => {
  const resume = (name: string, ...more: readonly string[]) =>
    drivervm(['run', project, '--resume', file(name), ...more], { status: 1 });
  const bytes = readFileSync(file('saved'));
  bytes[bytes.length - MIB] = (bytes[bytes.length - MIB] ?? 0) ^ 1;
  writeFileSync(file('damaged'), bytes);
  writeFileSync(file('short'), bytes.subarray(0, 10));
  assert.match((await resume('damaged')).err, /damaged: error\[run\/snapshot-damaged\]/);
  assert.match((await resume('short')).err, /error\[run\/not-a-snapshot\]/);
  assert.match((await resume('gone')).err, /no such file or directory/);
  const { err } = await resume('saved', '--vcpus', '2');
  assert.match(err, /error\[run\/snapshot-of-other\].*differs: .*the tree of linux/);
  const both = ['run', project, '--resume', file('saved'), '--from-boot'];
  await drivervm(both, { status: 2 });
});
