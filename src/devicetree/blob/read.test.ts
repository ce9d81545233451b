import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { beginNode, blobOf, concat, END, END_NODE, property, TOKEN } from '../../../test/support/blobs.ts';
import { debianBoards } from '../../../test/support/debian.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { treeOf } from '../../../test/support/tree-literal.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { firstTreeDifference } from '../equality.ts';
import type { DeviceTree } from '../tree.ts';
import { encodeCells } from '../value.ts';
import { isDtb, readDtb, writeDtb } from './index.ts';

function read(bytes: Uint8Array): DeviceTree {
  const sink = new DiagnosticSink();
  const tree = readDtb(bytes, 'board.dtb', sink);
  assert.deepEqual(sink.sorted(), []);
  assert.ok(tree);
  return tree;
}

test('version 16 is read as version 17 is, older ones are refused', async () => {
  const boards = await debianBoards();
  for (const name of ['meson-sm1-odroid-c4.dtb', 'juno-r2.dtb']) {
    const path = boards.get(name) ?? '';
    const inVersion = (version: string) =>
      runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dtb', '-V', version, path]).stdout;
    assert.equal(firstTreeDifference(read(inVersion('16')), read(readFileSync(path))), undefined);
    for (const version of ['1', '2', '3']) {
      const sink = new DiagnosticSink();
      assert.equal(readDtb(inVersion(version), name, sink), undefined);
      assert.deepEqual(
        sink.sorted().map(({ code }) => code),
        ['dtb/version-too-old'],
      );
    }
  }
});

test('tokens that say nothing, and zeros behind the blob', () => {
  const nop = encodeCells([TOKEN.nop]);
  const structure = [
    nop,
    beginNode(''),
    nop,
    property(0, encodeCells([1])),
    nop,
    nop,
    beginNode('a'),
    nop,
    END_NODE,
    nop,
    END_NODE,
    nop,
    END,
  ];
  const blob = concat([blobOf({ structure, strings: 'reg\0' }), new Uint8Array(4096)]);
  assert.equal(firstTreeDifference(read(blob), treeOf({ reg: [1], a: {} })), undefined);
});

test('a blob in the middle of other bytes, and in a Buffer', () => {
  const blob = writeDtb(treeOf({ compatible: 'acme,board', soc: { reg: [1, 2] } }));
  const around = concat([new Uint8Array(3), blob, new Uint8Array(5)]);
  const inside = around.subarray(3, 3 + blob.length);
  assert.equal(firstTreeDifference(read(inside), read(blob)), undefined);
  const value = read(Buffer.from(blob)).root.properties.get('compatible')?.value;
  assert.equal(value?.constructor, Uint8Array);
});

test('what is a blob shows in its first four bytes', () => {
  assert.ok(isDtb(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed)));
  assert.ok(!isDtb(Uint8Array.of(0xd0, 0x0d, 0xfe)));
  assert.ok(!isDtb(new TextEncoder().encode('/dts-v1/;')));
});
