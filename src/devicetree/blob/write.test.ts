import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink, MIB } from '../../base/index.ts';
import { bytesEqual, firstTreeDifference } from '../equality.ts';
import { type DeviceTree, DtNode } from '../tree.ts';
import { encodeCells, encodeStrings } from '../value.ts';
import { readDtb, writeDtb } from './index.ts';

function treeOf(root: DtNode, rest: Partial<DeviceTree> = {}): DeviceTree {
  return { root, memoryReservations: [], bootCpuidPhys: 0, ...rest };
}

function readBack(blob: Uint8Array): DeviceTree {
  const sink = new DiagnosticSink();
  const tree = readDtb(blob, 'written.dtb', sink);
  assert.deepEqual(sink.sorted(), []);
  assert.ok(tree);
  return tree;
}

/** Written, the tree is what dtc makes of it, and reads back as itself. */
function assertAsDtc(tree: DeviceTree): void {
  const blob = writeDtb(tree);
  const dtc = runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dtb'], blob);
  assert.equal(dtc.stderr, '');
  assert.ok(bytesEqual(blob, dtc.stdout), 'bytes differ from those of dtc');
  assert.equal(firstTreeDifference(tree, readBack(blob)), undefined);
}

test('an empty tree', () => {
  assertAsDtc(treeOf(new DtNode('')));
});

test('memory reservations up to 64 bits and the boot CPU', () => {
  const memoryReservations = [
    { address: 0x8000_0000n, sizeBytes: 0x1000n },
    { address: 0xffff_ffff_ffff_0000n, sizeBytes: 0xffffn },
    { address: 0n, sizeBytes: 1n },
  ];
  assertAsDtc(treeOf(new DtNode(''), { memoryReservations, bootCpuidPhys: 0x100 }));
});

test('values of every length, the empty one too', () => {
  const root = new DtNode('');
  for (let sizeBytes = 0; sizeBytes < 9; sizeBytes++) {
    root.setProperty({ name: `size-${sizeBytes}`, value: new Uint8Array(sizeBytes).fill(0xa5) });
  }
  assertAsDtc(treeOf(root));
});

test('names that end other names share their bytes as dtc shares them', () => {
  const orders = [
    ['clocks', 'assigned-clocks', 'ocks', 's', 'assigned-clock-rates', 'rates', 'x-assigned-clocks'],
    ['assigned-clocks', 'clocks', 'locks', 'x-clocks', 'y-x-clocks', 'clocks-x'],
    ['a', 'ba', 'cba', 'a-b', 'b', 'b-a-b', 'a-b-a-b', 'ab', 'abab'],
    ['reg', 'reg-names', 'names', 'clock-names', 'k-names', 'g'],
  ];
  for (const names of orders) {
    const root = new DtNode('');
    for (const name of names) {
      root.setProperty({ name, value: encodeCells([1]) });
      root
        .addChild(new DtNode(`node-${name}`))
        .setProperty({ name: `x${name}`, value: encodeStrings(['x']) });
    }
    assertAsDtc(treeOf(root));
  }
});

test('ten thousand levels of nodes', () => {
  const root = new DtNode('');
  let node = root;
  for (let level = 0; level < 10_000; level++) node = node.addChild(new DtNode(`level@${level}`));
  const tree = treeOf(root);
  assert.equal(firstTreeDifference(tree, readBack(writeDtb(tree))), undefined);
});

test('sixteen mebibytes of nodes, all side by side', () => {
  const count = 2 ** 19;
  const root = new DtNode('');
  for (let index = 0; index < count; index++) {
    root.addChild(new DtNode(`n@${index.toString(16).padStart(20, '0')}`));
  }
  const blob = writeDtb(treeOf(root));
  assert.ok(blob.length > 16 * MIB);
  assert.equal(readBack(blob).root.children.size, count);
});

test('padding is zeros that totalsize counts', () => {
  const bare = writeDtb(treeOf(new DtNode('')));
  const padded = writeDtb(treeOf(new DtNode('')), { paddingBytes: 100 });
  assert.equal(padded.length, bare.length + 100);
  assert.deepEqual(padded.subarray(bare.length), new Uint8Array(100));
  assert.equal(new DataView(padded.buffer).getUint32(4), padded.length);
  const dtc = runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dtb', '-p', '100'], bare);
  assert.ok(bytesEqual(padded, dtc.stdout));
});

test('a name property that repeats the name of its node is not kept, as in dtc', () => {
  const root = new DtNode('');
  root.setProperty({ name: 'name', value: encodeStrings(['']) });
  const cpu = root.addChild(new DtNode('cpu@0'));
  cpu.setProperty({ name: 'name', value: encodeStrings(['cpu']) });
  cpu.setProperty({ name: 'reg', value: encodeCells([0]) });
  const blob = writeDtb(treeOf(root));
  const dtc = runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dtb'], blob);
  assert.ok(bytesEqual(writeDtb(readBack(blob)), dtc.stdout));
});
