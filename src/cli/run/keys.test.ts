import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleKeys } from './keys.ts';

function keys() {
  const typed: number[] = [];
  let accounts = 0;
  const console = new ConsoleKeys({
    type: (bytes) => typed.push(...bytes),
    account: () => {
      accounts += 1;
    },
  });
  return { console, typed, accounts: () => accounts };
}

test('everything goes to the guest but what follows Ctrl-A', () => {
  const { console, typed, accounts } = keys();
  console.take([0x61, 0x01, 0x73, 0x62]);
  console.take([0x01]);
  console.take([0x01, 0x03]);
  assert.deepEqual(typed, [0x61, 0x62, 0x01, 0x03]);
  assert.equal(accounts(), 1);
  assert.equal(console.leaving, false);
  console.take([0x01, 0x78]);
  assert.equal(console.leaving, true);
});
