import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeOf } from '../../test/support/tree-literal.ts';
import { firstTreeDifference, treeDifferences } from './equality.ts';
import { cloneTree, DtNode, nodeAtPath, nodesUnder, walkNodes } from './tree.ts';
import { decodeLatin1, encodeLatin1, encodeStrings, stringsOf } from './value.ts';

const TREE = treeOf({
  soc: { 'uart@1': { clocks: [1] }, 'uart@2': {}, 'dma@3': { channel: {} } },
  chosen: {},
});

test('every node, parents first, in order', () => {
  assert.deepEqual(
    [...nodesUnder(TREE.root)].map(({ path }) => path),
    ['/', '/soc', '/soc/uart@1', '/soc/uart@2', '/soc/dma@3', '/soc/dma@3/channel', '/chosen'],
  );
  const steps: string[] = [];
  walkNodes(
    TREE.root,
    ({ name }) => steps.push(`+${name}`),
    ({ name }) => steps.push(`-${name}`),
  );
  assert.equal(
    steps.join(' '),
    '+ +soc +uart@1 -uart@1 +uart@2 -uart@2 +dma@3 +channel -channel -dma@3 -soc +chosen -chosen -',
  );
});

test('a path may leave out a unit address where that is clear', () => {
  const at = (path: string) => nodeAtPath(TREE.root, path)?.path;
  assert.equal(at('/'), '/');
  assert.equal(at('/soc/dma/channel'), '/soc/dma@3/channel');
  assert.equal(at('/soc/uart@2'), '/soc/uart@2');
  assert.equal(at('/soc/uart'), undefined);
  assert.equal(at('/soc/uart/x'), undefined);
});

test('the short name follows additions and removals', () => {
  const { root } = cloneTree(TREE);
  const soc = root.children.get('soc');
  assert.ok(soc);
  assert.equal(nodeAtPath(root, '/soc/uart'), undefined);
  soc.removeChild('uart@1');
  assert.equal(nodeAtPath(root, '/soc/uart')?.name, 'uart@2');
  soc.addChild(new DtNode('uart@9'));
  assert.equal(nodeAtPath(root, '/soc/uart'), undefined);
});

test('a copy is equal and apart', () => {
  const copy = cloneTree(TREE);
  assert.equal(firstTreeDifference(TREE, copy), undefined);
  copy.root.removeChild('chosen');
  copy.root.children.get('soc')?.children.get('uart@1')?.properties.delete('clocks');
  copy.root.addChild(new DtNode('memory'));
  assert.deepEqual(
    [...treeDifferences(TREE, copy)],
    [
      'only one has the node chosen in /',
      'only the other has the node memory in /',
      'only one has the property clocks in /soc/uart@1',
    ],
  );
});

test('order counts where it is asked for', () => {
  const [one, other] = [treeOf({ a: {}, b: {} }), treeOf({ b: {}, a: {} })];
  assert.equal(firstTreeDifference(one, other), 'the node b stands in another place in /');
  assert.equal(firstTreeDifference(one, other, { ordered: false }), undefined);
});

test('strings hold every byte', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(encodeLatin1(decodeLatin1(bytes)), bytes);
  assert.deepEqual(stringsOf(encodeStrings(['\x80\x9f', 'ÿ'])), ['\x80\x9f', 'ÿ']);
  const long = new Uint8Array(100_000).fill(0x85);
  assert.deepEqual(encodeLatin1(decodeLatin1(long)), long);
});
