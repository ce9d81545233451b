/** Trees made to be slow: deep, wide, and looped. Each must be done in the time of its size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeviceTree, DtNode } from '../tree.ts';
import { encodeCells, encodeStrings } from '../value.ts';
import { resolveTree } from './board.ts';
import { needsOf } from './needs.ts';

const ONE = encodeCells([1]);

function treeOf(root: DtNode): DeviceTree {
  return { root, memoryReservations: [], bootCpuidPhys: 0 };
}

/** A bus in a bus in a bus, with a device in each. */
function nested(depth: number, ranges: Uint8Array): DeviceTree {
  const root = new DtNode('');
  let node = root;
  for (let level = 0; level < depth; level += 1) {
    node = node.addChild(new DtNode('b'));
    node.setProperty({ name: '#address-cells', value: ONE });
    node.setProperty({ name: '#size-cells', value: ONE });
    node.setProperty({ name: 'ranges', value: ranges });
    node.setProperty({ name: 'reg', value: encodeCells([16, 4]) });
    node.setProperty({ name: 'interrupts', value: ONE });
  }
  root.setProperty({ name: '#address-cells', value: ONE });
  root.setProperty({ name: '#size-cells', value: ONE });
  return treeOf(root);
}

test('nesting of 10,000, whose buses pass all on', () => {
  const { devices } = resolveTree(nested(10_000, new Uint8Array()));
  assert.equal(devices.length, 10_000);
  assert.deepEqual(devices.at(-1)?.regs[0]?.cpu, { base: 16, size: 4 });
});

test('nesting of 10,000, whose buses each move a window', () => {
  const { devices } = resolveTree(nested(10_000, encodeCells([0, 0, 0x1000])));
  assert.deepEqual(devices[60]?.regs[0]?.cpu, { base: 16, size: 4 });
  assert.equal(devices.at(-1)?.regs[0]?.reason, 'too-deep');
});

test('60,000 nodes, all of which wait for each other', () => {
  const root = new DtNode('');
  const count = 60_000;
  for (let at = 1; at <= count; at += 1) {
    const node = root.addChild(new DtNode(`n${at}`));
    node.setProperty({ name: 'phandle', value: encodeCells([at]) });
    node.setProperty({ name: 'compatible', value: encodeStrings(['acme,x']) });
    node.setProperty({ name: 'interrupt-controller', value: new Uint8Array() });
    node.setProperty({ name: '#interrupt-cells', value: ONE });
    node.setProperty({ name: 'interrupts-extended', value: encodeCells([(at % count) + 1, 1]) });
    node.setProperty({
      name: 'clocks',
      value: encodeCells([((at * 7) % count) + 1, ((at * 13) % count) + 1]),
    });
    node.setProperty({ name: '#clock-cells', value: encodeCells([0]) });
  }
  const board = resolveTree(treeOf(root));
  const [first] = board.devices;
  assert.ok(first?.interrupts[0]?.reach === 'none');
  assert.ok(['loop', 'too-long'].includes(first.interrupts[0].reason));
  assert.equal(needsOf(board, [first.node]).needs.length, count);
});

test('many devices behind one controller with many lines', () => {
  const root = new DtNode('');
  const gic = root.addChild(new DtNode('gic'));
  gic.setProperty({ name: 'compatible', value: encodeStrings(['arm,gic-v3']) });
  gic.setProperty({ name: 'interrupt-controller', value: new Uint8Array() });
  gic.setProperty({ name: '#interrupt-cells', value: encodeCells([3]) });
  gic.setProperty({ name: 'phandle', value: encodeCells([1]) });
  const bank = root.addChild(new DtNode('bank'));
  const lines = Array.from({ length: 900 }, (_, spi) => [0, spi, 4]).flat();
  bank.setProperty({ name: 'compatible', value: encodeStrings(['acme,bank']) });
  bank.setProperty({ name: 'interrupt-controller', value: new Uint8Array() });
  bank.setProperty({ name: '#interrupt-cells', value: ONE });
  bank.setProperty({ name: 'phandle', value: encodeCells([2]) });
  bank.setProperty({ name: 'interrupt-parent', value: ONE });
  bank.setProperty({ name: 'interrupts', value: encodeCells(lines) });
  for (let at = 0; at < 50_000; at += 1) {
    root
      .addChild(new DtNode(`d${at}`))
      .setProperty({ name: 'interrupts-extended', value: encodeCells([2, at]) });
  }
  const last = resolveTree(treeOf(root)).devices.at(-1)?.interrupts[0];
  assert.ok(last?.reach === 'cascaded');
  assert.equal(last.gic.length, 900);
});
