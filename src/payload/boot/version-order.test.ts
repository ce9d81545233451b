import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions } from './version-order.ts';

/** Each is older than the next (UAPI.10, "Examples"). */
const ASCENDING = [
  ['~', '', 'a', 'b', '1', '02', '10'],
  ['122.1~rc', '122.1', '122.1-1', '122.1^20', '122.1.1', '122.2', '123'],
  ['6.1~rc1', '6.1', '6.1-1', '6.1.5-1', '6.9.0', '6.10.0'],
  ['1.B', '1.a', '1.ab', '1.1'],
];

test('versions in the order of the specification, both ways', () => {
  for (const row of ASCENDING) {
    for (const [index, older] of row.entries()) {
      for (const [other, newer] of row.entries()) {
        assert.equal(Math.sign(compareVersions(older, newer)), Math.sign(index - other), `${older} ${newer}`);
      }
    }
  }
});

test('zeros in front and what is no part of a version count for nothing', () => {
  for (const [a, b] of [
    ['6.01', '6.1'],
    ['1_', '1'],
    ['1_2', '1+2'],
  ]) {
    assert.equal(compareVersions(a ?? '', b ?? ''), 0, `${a} ${b}`);
  }
});
