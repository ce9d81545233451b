/**
 * A Debian kernel with directories of this machine's (`--share`), which its ramdisk mounts by itself: what it reads and writes there is
 * what lies here, what it must not reach it does not, and what a run with them can't do is said.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeHost } from '../src/node/index.ts';
import { drivervm, outcomeOf } from './support/command.ts';
import { planOdroid } from './support/odroid-project.ts';

const skip = nodeHost().shareDirectory === undefined ? 'directories are shared on Linux only' : false;
const directory = fs.mkdtempSync(join(tmpdir(), 'drivervm-shares-'));
const file = (...names: readonly string[]) => join(directory, ...names);
const CONTENT = new Uint8Array(16 * 1024 * 1024).map((_, at) => (at * 7 + (at >> 8)) & 0xff);
const sumOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

before(async () => {
  if (skip !== false) return;
  await planOdroid(directory, { name: 'shares' });
  for (const name of ['files', 'files/sub', 'safe']) fs.mkdirSync(file(name));
  fs.writeFileSync(file('files', 'in'), CONTENT);
  fs.writeFileSync(file('files', 'sub', 'one'), 'one\n');
  fs.writeFileSync(file('safe', 'kept'), 'kept\n');
  fs.writeFileSync(file('secret'), 'nobody reads this\n');
  fs.symlinkSync(file('secret'), file('files', 'out'));
});
after(() => fs.rmSync(directory, { recursive: true }));

function run(lines: readonly string[], ...flags: readonly string[]) {
  return drivervm(['run', file('project'), '--timeout', '240', ...flags], { input: `${lines.join('\n')}\n` });
}

test('files of 16 MiB each way, and everything that is done with names', { skip }, async () => {
  const { out, err } = await run(
    [
      'cd /mnt/files; ls -lR; sha256sum in; cp in copy; dd if=/dev/urandom of=/tmp/random bs=1M count=16; sha256sum /tmp/random; cp /tmp/random random',
      'mv copy moved; ln moved hard; ln -s moved soft; readlink soft; echo more >> sub/one; rm hard; mkdir -p a/b; rmdir a/b; cat out; echo "status $?"',
      'cp /bin/busybox busybox; /mnt/files/busybox echo "a program from there: $(./busybox expr 6 \\* 7)"',
      'cat /mnt/safe/kept; echo no > /mnt/safe/kept; rm /mnt/safe/kept; echo "status $?"',
      'poweroff',
    ],
    '--share',
    `files=${file('files')}`,
    '--share',
    `guest:safe=${file('safe')}:ro`,
  );
  assert.ok(out.includes(`${sumOf(CONTENT)}  in`), out.slice(-3000));
  assert.ok(
    out.includes(`${sumOf(fs.readFileSync(file('files', 'random')))}  /tmp/random`),
    out.slice(-3000),
  );
  assert.equal(sumOf(fs.readFileSync(file('files', 'moved'))), sumOf(CONTENT));
  assert.equal(fs.readFileSync(file('files', 'random')).length, CONTENT.length);
  assert.match(out, /lrwxrwxrwx .* out -> /);
  assert.match(out, /sub:\r\ntotal 4\r\n-rw-r--r-- {4}1 0 {8}0 {16}4 .* one/);
  assert.match(out, /\r\nmoved\r\ncat: can't open 'out': No such file or directory\r\nstatus 1/);
  assert.equal(fs.readlinkSync(file('files', 'soft')), 'moved');
  assert.equal(fs.readFileSync(file('files', 'sub', 'one'), 'utf8'), 'one\nmore\n');
  assert.equal(fs.existsSync(file('files', 'hard')), false);
  assert.match(out, /a program from there: 42/);
  assert.doesNotMatch(err, /not mounted/);
  assert.match(out, /\r\nkept\r\n.*Read-only file system\r\nrm: .*Read-only file system\r\nstatus 1/);
  assert.equal(fs.readFileSync(file('safe', 'kept'), 'utf8'), 'kept\n');
});

test('a guest that is started again finds its directory again', { skip }, async () => {
  const { out } = await run(
    ['cat /mnt/safe/kept; exec 3< /mnt/safe/kept; reboot -f', 'cat /mnt/safe/kept; poweroff'],
    '--share',
    `safe=${file('safe')}`,
  );
  assert.equal(out.match(/\r\nkept\r\n/g)?.length, 2);
});

test('with libvmm’s monitor and two vCPUs', { skip }, async () => {
  const { out } = await run(
    ['cat /mnt/safe/kept; nproc; poweroff'],
    ...['--share', `safe=${file('safe')}`, '--monitor', 'libvmm', '--vcpus', '2'],
  );
  assert.match(out, /\r\nkept\r\n2\r\n/);
});

test('one that the guest does not mount is named at the end', { skip }, async () => {
  const request = fs.readFileSync(file('request.yaml'), 'utf8').replace('notests', 'notests rdinit=/bin/sh');
  fs.writeFileSync(file('shell.yaml'), request);
  await drivervm(['plan', file('shell.yaml'), '-o', file('shell')]);
  const until = ['--timeout', '240', '--until', 'job control turned off'];
  const { err } = await drivervm(['run', file('shell'), ...until, '--share', `safe=${file('safe')}`]);
  assert.match(err, /run\/share-not-mounted\]: guest has not mounted .*safe \(--share safe\)/);
});

test('without one nothing is loaded for it', { skip }, async () => {
  const { out } = await run(['cat /proc/modules | wc -l; ls /mnt | wc -l; poweroff']);
  assert.match(out, /\r\n0\r\n0\r\n/);
});

test('what is wrong with one is said before anything runs', { skip }, async () => {
  const share = (...given: readonly string[]) =>
    outcomeOf(['run', file('project'), ...given.flatMap((each) => ['--share', each])]);
  const form = await share('no slash/here=/tmp');
  assert.equal(form.status, 2);
  assert.match(form.err, /It is \[VM:\]NAME=DIR or \[VM:\]NAME=DIR:ro/);
  const cases: readonly (readonly [given: readonly string[], said: RegExp])[] = [
    [[`a=${file('nowhere')}`], /run\/share-not-opened\]: --share a=.*: no such file or directory/],
    [[`a=${file('secret')}`], /--share a=.*: not a directory/],
    [[`other:a=${file('safe')}`], /the description has no virtual machine other, only guest/],
    [[`a=${file('safe')}`, `guest:a=${file('files')}`], /another directory is called a/],
  ];
  for (const [given, said] of cases) {
    const { status, err } = await share(...given);
    assert.equal(status, 1);
    assert.match(err, said);
  }
  const saved = await outcomeOf([
    'run',
    file('project'),
    '--share',
    `a=${file('safe')}`,
    '--save',
    file('s'),
  ]);
  assert.equal(saved.status, 2);
  assert.match(saved.err, /'--share .*' cannot be used with option '--save/);
});
