import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianBoards } from '../../../test/support/debian.ts';
import { liveDirectory, MemoryOdd } from '../../../test/support/live-directory.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { nodeHost } from '../../node/index.ts';
import { readDtb } from '../blob/index.ts';
import { firstTreeDifference } from '../equality.ts';
import { type DeviceTree, type DtNode, nodeAtPath, walkNodes } from '../tree.ts';
import { encodeLatin1, encodeStrings } from '../value.ts';
import { type LiveFiles, liveCodes, readLiveTree } from './index.ts';

const { files } = nodeHost();

function read(directory: string, from: LiveFiles = files, expected: readonly string[] = []): DeviceTree {
  const sink = new DiagnosticSink();
  const tree = readLiveTree(from, directory, sink);
  const found = sink.sorted().filter(({ code }) => code !== liveCodes['no-reservations'].code);
  assert.deepEqual(found.map(formatDiagnostic), expected);
  assert.ok(tree);
  return tree;
}

function dtbTree(bytes: Uint8Array): DeviceTree {
  const tree = readDtb(bytes, 'board.dtb', new DiagnosticSink());
  assert.ok(tree);
  return tree;
}

/** Makes a directory of the tree as Linux would: with a `name` in every node. */
function writeDirectory(root: DtNode, directory: string): void {
  let at = directory;
  const enter = (node: DtNode): void => {
    if (node !== root) at = join(at, node.name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'name'), encodeStrings([node.baseName]));
    for (const { name, value } of node.properties.values()) writeFileSync(join(at, name), value);
  };
  walkNodes(root, enter, (node) => {
    if (node !== root) at = join(at, '..');
  });
}

function inTemporaryDirectory(work: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-live-'));
  try {
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a board as a directory is the tree of its blob, and of dtc', async () => {
  const boards = await debianBoards();
  for (const name of ['meson-sm1-odroid-c4.dtb', 'zynqmp-zcu102-rev1.1.dtb', 'juno-r2.dtb']) {
    inTemporaryDirectory((directory) => {
      const board = dtbTree(readFileSync(boards.get(name) ?? ''));
      writeDirectory(board.root, directory);
      symlinkSync(directory, `${directory}/../${name}.link`);
      try {
        const live = read(`${directory}/../${name}.link`);
        const withoutReservations = { ...board, memoryReservations: [] };
        assert.equal(
          firstTreeDifference({ ...withoutReservations, bootCpuidPhys: live.bootCpuidPhys }, live, {
            ordered: false,
          }),
          undefined,
        );
        const dtc = runOracle('dtc', ['-q', '-s', '-I', 'fs', '-O', 'dtb', directory]);
        assert.equal(firstTreeDifference(dtbTree(dtc.stdout), live, { ordered: false }), undefined);
      } finally {
        rmSync(`${directory}/../${name}.link`);
      }
    });
  }
});

test('odd names keep their bytes', () => {
  inTemporaryDirectory((directory) => {
    const odd = Buffer.of(0x72, 0xff, 0xc3, 0xbc);
    writeFileSync(join(directory, 'compatible'), 'acme,board\0');
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), odd]), 'value');
    const sink = new DiagnosticSink();
    const tree = readLiveTree(files, directory, sink);
    assert.deepEqual(tree?.root.properties.get('r\xff\xc3\xbc')?.value, encodeLatin1('value'));
    assert.deepEqual(
      sink.sorted().map(({ code }) => code),
      ['live/no-reservations', 'live/odd-name'],
    );
  });
});

test('a link to a file is a property', () => {
  inTemporaryDirectory((directory) => {
    writeFileSync(join(directory, 'compatible'), 'acme,board\0');
    symlinkSync('compatible', join(directory, 'model'));
    assert.deepEqual([...read(directory).root.properties.keys()], ['compatible', 'model']);
  });
});

test('what only root may read has size 0 and is read to its end', () => {
  const from = liveDirectory({
    board: { compatible: 'acme\0', 'security-password': new MemoryOdd('secret') },
  });
  const value = read('board', from).root.properties.get('security-password')?.value;
  assert.deepEqual(value, encodeLatin1('what is not shown'));
});

test('a directory that is not there is told by the host', () => {
  assert.throws(() => readLiveTree(files, '/nowhere/at/all', new DiagnosticSink()), {
    name: 'HostError',
    code: 'ENOENT',
  });
});

test('a thousand levels', () => {
  let entries: Record<string, never> | { level: unknown } = {};
  for (let level = 0; level < 1000; level++) entries = { level: entries };
  const from = liveDirectory({ board: { compatible: '', ...(entries as Record<string, never>) } });
  const tree = read('board', from);
  assert.ok(nodeAtPath(tree.root, '/level'.repeat(1000)));
});
