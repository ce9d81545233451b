import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink, GIB, MIB } from '../../base/index.ts';
import { bytesSource } from '../bytes/source.ts';
import { openExt4 } from './ext4.ts';
import { hasSuperblock } from './ext4-layout.ts';
import { Ext4Full, writeExt4 } from './ext4-writer.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from './memory-node.ts';
import { resolvePath } from './tree.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-ext4-'));
after(() => rmSync(directory, { recursive: true }));
const UUID = '01234567-89ab-cdef-0123-456789abcdef';

function file(content: Uint8Array | string, permissions = 0o644, uid = 0, gid = 0): MemoryNode {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return new MemoryNode('file', { permissions, uid, gid, modifiedSeconds: 1e9 }, bytesSource('', bytes));
}

const link = (target: string) =>
  new MemoryNode('symlink', { ...DIRECTORY_ATTRIBUTES, permissions: 0o777 }, undefined, target);

function image(root: MemoryNode, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  writeExt4(root, { sizeBytes, uuid: UUID, label: 'made here' }, (offset, content) =>
    bytes.set(content, offset),
  );
  return bytes;
}

/** What e2fsck and debugfs say of it. */
function judged(bytes: Uint8Array, ...requests: readonly string[]): readonly string[] {
  const path = join(directory, 'image');
  writeFileSync(path, bytes);
  const checked = runOracle('e2fsck', ['-fn', path]);
  assert.equal(checked.status, 0, `${checked.stdout}${checked.stderr}`);
  return requests.map((request) => runOracle('debugfs', ['-R', request, path]).stdout.toString());
}

test('files, links of every length, owners and modes: e2fsck finds nothing, debugfs and our reader find all', () => {
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  const big = Uint8Array.from({ length: 300_001 }, (_, index) => index * 7);
  const su = file('s', 0o4755, 70_000, 100);
  root.children.set(
    'etc',
    new MemoryNode('directory', { ...DIRECTORY_ATTRIBUTES, permissions: 0o700, uid: 5, gid: 6 }),
  );
  root.directoryAt(['usr', 'bin']).children.set('su', su);
  root.directoryAt(['usr', 'bin']).children.set('su2', su);
  root.children.set('big', file(big));
  root.children.set('empty', file(''));
  root.children.set('short', link('usr/bin'));
  root.children.set('long', link(`${'x'.repeat(59)}y`));
  root.children.set('socket', new MemoryNode('other', DIRECTORY_ATTRIBUTES));
  const bytes = image(root, 16 * MIB);
  const [su2 = '', etc = '', long = ''] = judged(bytes, 'stat /usr/bin/su2', 'stat /etc', 'stat /long');
  assert.match(su2, /Mode: {2}04755.*User: +70000 +Group: +100 /s);
  assert.match(su2, /Links: 2/);
  assert.match(su2, /mtime: 0x3b9aca00/);
  assert.match(etc, /Mode: {2}0700.*User: +5 +Group: +6 /s);
  assert.match(long, /Size: 60/);
  const sink = new DiagnosticSink();
  const system = openExt4(bytesSource('image', bytes), sink);
  assert.deepEqual([system.uuid, system.label, sink.count('error')], [UUID, 'made here', 0]);
  assert.deepEqual(resolvePath(system, '/big')?.open().read(0, big.length), big);
  assert.equal(resolvePath(system, '/short')?.kind, 'directory');
  assert.equal(resolvePath(system, '/socket'), undefined);
  const again = image(root, 16 * MIB);
  assert.ok(
    bytes.every((byte, index) => byte === again[index]),
    'the same bytes each time',
  );
});

test('several groups, a directory of many blocks, a file around a copy of the superblock', () => {
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  const many = root.directoryAt(['many']);
  for (let index = 0; index < 3000; index += 1)
    many.children.set(`a file with number ${index}`, file(`${index}`));
  root.children.set('wide', file(new Uint8Array(150 * MIB).fill(3)));
  const bytes = image(root, 300 * MIB + 4096);
  const [wide = ''] = judged(bytes, 'stat /wide');
  assert.match(wide, /EXTENTS:/);
  const system = openExt4(bytesSource('image', bytes), new DiagnosticSink());
  assert.equal(resolvePath(system, '/many')?.entries().size, 3000);
});

for (const sizeBytes of [20 * GIB, 200 * GIB + 3 * 4096, 128 * MIB + 4096, 384 * MIB + 4096]) {
  test(`${sizeBytes} bytes, most of them holes: the tables end before the second group`, () => {
    const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
    root.directoryAt(['a', 'b']).children.set('c', file('deep down'));
    const path = join(directory, 'large');
    const image = openSync(path, 'w');
    let end = 0;
    writeExt4(root, { sizeBytes, uuid: UUID }, (offset, content) => {
      writeSync(image, content, 0, content.length, offset);
      end = Math.max(end, offset + content.length);
    });
    ftruncateSync(image, sizeBytes);
    closeSync(image);
    assert.ok(end <= sizeBytes, 'nothing is written beyond the end');
    const checked = runOracle('e2fsck', ['-fn', path]);
    assert.equal(checked.status, 0, `${checked.stdout}${checked.stderr}`);
    assert.equal(runOracle('debugfs', ['-R', 'cat /a/b/c', path]).stdout.toString(), 'deep down');
    rmSync(path);
  });
}

test('what does not fit is refused', () => {
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  root.children.set('big', file(new Uint8Array(20 * MIB)));
  assert.throws(() => image(root, 16 * MIB), Ext4Full);
  assert.throws(() => image(new MemoryNode('directory', DIRECTORY_ATTRIBUTES), 4096), Ext4Full);
});

test('copies of the superblock lie in groups 0, 1 and powers of 3, 5 and 7', () => {
  const groups = Array.from({ length: 130 }, (_, group) => group).filter(hasSuperblock);
  assert.deepEqual(groups, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
});
