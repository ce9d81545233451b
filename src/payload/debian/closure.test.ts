import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmetOf } from './closure.ts';

test('what apt 2 finds unmet, also in further lines of a package', () => {
  const output = `The following packages have unmet dependencies:
 a : Conflicts: b but 1 is to be installed
     Depends: c (>= 2) but 1 is to be installed
 d : PreDepends: e but it is not installable
E: Unable to correct problems, you have held broken packages.
`;
  const expected = [
    'a conflicts with b',
    'a needs c (>= 2), but 1 is to be installed',
    'd needs e, but it is not installable',
  ];
  assert.deepEqual(unmetOf(output), expected);
});

test('what apt 3 says in numbered lines', () => {
  const output = `E: Unable to satisfy dependencies. Reached two conflicting assignments:
   1. systemd-sysv:arm64 is selected for install
   2. systemd-sysv:arm64 Conflicts sysvinit-core
`;
  assert.deepEqual(unmetOf(output), [
    'systemd-sysv is selected for install',
    'systemd-sysv Conflicts sysvinit-core',
  ]);
});

test('other failures are none of these', () => {
  assert.deepEqual(unmetOf('E: Failed to fetch http://mirror.example/x  Hash Sum mismatch\n'), []);
});
