/** Files in memory behave as a host's do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostError, type Wake, wakeUp } from '../base/index.ts';
import { memoryHost } from './memory-host.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('files are written, read, listed, moved and removed', () => {
  const { files } = memoryHost({ '/a/b/c.txt': 'see', 'd.txt': new Uint8Array([1, 2, 3]) });
  assert.deepEqual(files.list('/'), ['a', 'd.txt']);
  assert.deepEqual(files.list('a'), ['b']);
  assert.deepEqual(files.status('/a/b'), { kind: 'directory', sizeBytes: 0 });
  const status = files.status('a/./b/../b/c.txt');
  assert.deepEqual([status?.kind, status?.sizeBytes], ['file', 3]);
  assert.equal(files.status('/x'), undefined);
  files.writeAtomically('/a/e', 'new');
  files.rename('/a', '/z');
  assert.equal(text(files.read('/z/b/c.txt')), 'see');
  assert.equal(text(files.read('/z/e')), 'new');
  assert.equal(files.status('/a'), undefined);
  files.remove('/z/b');
  assert.deepEqual(files.list('/z'), ['e']);
  const made = files.makeTemporaryDirectory('/tmp/x-');
  assert.equal(files.status(made)?.kind, 'directory');
});

test('what is not there is refused as by a system', () => {
  const { files } = memoryHost({ '/a/b': 'x' });
  const refuses = (code: string, work: () => unknown) =>
    assert.throws(work, (error) => error instanceof HostError && error.code === code);
  refuses('ENOENT', () => files.read('/a'));
  refuses('ENOENT', () => files.list('/b'));
  refuses('ENOENT', () => files.writeAtomically('/no/where', ''));
  refuses('EISDIR', () => files.writeAtomically('/a', ''));
  refuses('ENOENT', () => files.rename('/no', '/yes'));
  refuses('ENOTEMPTY', () => files.rename('/a/b', '/a'));
  refuses('EINVAL', () => files.readLink('/a/b'));
});

test('files are read and written in pieces', () => {
  const { files } = memoryHost({ '/disk': new Uint8Array(8) });
  const disk = files.openForUpdate('/disk');
  disk.write(6, new Uint8Array([7, 8]));
  disk.sync();
  disk.close();
  assert.deepEqual([...files.open('/disk').read(5, 10)], [0, 7, 8]);
  const writer = files.create('/new');
  writer.write(2, new Uint8Array([1]));
  writer.finish(5);
  assert.deepEqual([...files.read('/new')], [0, 0, 1, 0, 0]);
});

test('paths', () => {
  const { files } = memoryHost();
  assert.equal(files.join('a', '../b', './c'), 'b/c');
  assert.equal(files.join('/a', 'b'), '/a/b');
  assert.equal(files.join('.', ''), '.');
  assert.equal(files.relative('/a/b', '/a/c/d'), '../c/d');
  assert.deepEqual(['/a', 'a', '/a/b', 'a/b'].map(files.dirname), ['/', '.', '/a', 'a']);
  assert.equal(files.basename('/a/b.c'), 'b.c');
});

test('locks, pauses, programs', async () => {
  const host = memoryHost();
  assert.equal(await host.files.withLock('/l', async () => 3), 3);
  const before = host.nowMs();
  await host.pause(1);
  assert.ok(host.nowMs() >= before);
  const wake: Wake = { onWake: undefined, pending: false };
  const paused = host.pause(1e6, wake);
  wakeUp(wake);
  await paused;
  wakeUp(wake);
  await host.pause(1e6, wake);
  assert.equal(wake.pending, false);
  await assert.rejects(host.processes.run('dtc', []), HostError);
});

test('whoever keeps what a file said is told by its time that it says something else', () => {
  const { files } = memoryHost({ '/a': 'one', '/b': 'other' });
  const times = [files.status('/a')?.modifiedMs];
  const note = () => times.push(files.status('/a')?.modifiedMs);
  files.writeAtomically('/b', 'more');
  assert.equal(files.status('/a')?.modifiedMs, times[0]);
  files.writeAtomically('/a', 'two');
  note();
  files.openForUpdate('/a').write(0, new Uint8Array([1]));
  note();
  const file = files.create('/a');
  file.write(0, new Uint8Array([1, 2, 3]));
  file.finish(3);
  note();
  files.rename('/b', '/a');
  note();
  assert.equal(new Set(times).size, times.length);
  assert.ok(times.every((time) => time !== undefined));
});
