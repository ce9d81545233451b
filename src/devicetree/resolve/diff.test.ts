/** Differences in meaning: not in order, not in phandle numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeOfDts } from '../../../test/support/trees.ts';
import { diffTrees } from './diff.ts';

function diff(before: string, after: string): readonly object[] {
  return diffTrees(treeOfDts(before), treeOfDts(after)).map(({ ...change }) => change);
}

test('order and phandle numbers mean nothing', () => {
  const before = `/ { a = <1>; b = <2>; dev { clocks = <&one 7 &two>; acme,x = <&one>; }; one: one { #clock-cells = <1>; }; two: two { #clock-cells = <0>; }; };`;
  const after = `/ { b = <2>; a = <1>; two: two { #clock-cells = <0>; phandle = <40>; }; one: one { phandle = <50>; #clock-cells = <1>; };
    dev { acme,x = <&one>; clocks = <&one 7 &two>; }; };`;
  assert.deepEqual(diff(before, after), []);
});

test('the same number that points elsewhere is a difference', () => {
  const before =
    '/ { dev { clocks = <1>; }; one { phandle = <1>; #clock-cells = <0>; }; two { phandle = <2>; #clock-cells = <0>; }; };';
  const after =
    '/ { dev { clocks = <1>; }; one { phandle = <2>; #clock-cells = <0>; }; two { phandle = <1>; #clock-cells = <0>; }; };';
  assert.deepEqual(diff(before, after), [
    { kind: 'property-changed', path: '/dev', property: 'clocks', before: '<&{/one}>', after: '<&{/two}>' },
  ]);
});

test('nodes, properties, reservations and the boot CPU', () => {
  const before = '/memreserve/ 0x1000 0x100; / { a { b { }; }; c { x = "y"; z = <1>; n; }; };';
  const after = '/memreserve/ 0x2000 0x100; / { c { z = <2>; w = [01 02 03]; n; }; d { }; };';
  assert.deepEqual(diff(before, after), [
    { kind: 'node-removed', path: '/a', nodeCount: 2 },
    { kind: 'node-added', path: '/d', nodeCount: 1 },
    { kind: 'property-removed', path: '/c', property: 'x', before: '"y"' },
    { kind: 'property-changed', path: '/c', property: 'z', before: '<0x01>', after: '<0x02>' },
    { kind: 'property-added', path: '/c', property: 'w', after: '[01 02 03]' },
    { kind: 'reservation-removed', address: 0x1000n, sizeBytes: 0x100n },
    { kind: 'reservation-added', address: 0x2000n, sizeBytes: 0x100n },
  ]);
});
