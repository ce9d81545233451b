import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleKeys } from './keys.ts';

function keys() {
  const done: string[] = [];
  const prompt = {
    isOpen: false,
    open() {
      prompt.isOpen = true;
    },
    take(byte: number) {
      done.push(`asked ${byte}`);
      prompt.isOpen = byte !== 0x0d;
    },
  };
  const console = new ConsoleKeys({
    type: (bytes) => done.push(`type ${bytes.join(' ')}`),
    account: () => done.push('account'),
    save: () => done.push('save'),
    sendBreak: () => done.push('break'),
    help: () => done.push('help'),
    prompt,
    switchTo: (number) => done.push(`switch ${number}`),
  });
  return { console, done };
}

test('everything goes to the guest but what follows Ctrl-A, in order', () => {
  const { console, done } = keys();
  console.take([0x61, 0x01, 0x73, 0x62]);
  console.take([0x01]);
  console.take([0x01, 0x03, 0x01, 0x61]);
  assert.deepEqual(done, ['type 97', 'account', 'type 98', 'type 1 3 1']);
  assert.equal(console.leaving, false);
  console.take([0x01, 0x62, 0x68]);
  assert.deepEqual(done.slice(-2), ['break', 'type 104']);
  console.take([0x01, 0x78]);
  assert.equal(console.leaving, true);
});

test('the keyboard goes to another console between what was typed before and after', () => {
  const { console, done } = keys();
  console.take([0x61, 0x01, 0x32, 0x62, 0x01, 0x6e, 0x01, 0x68, 0x01, 0x77, 0x01, 0x7a]);
  assert.deepEqual(done, ['type 97', 'switch 2', 'type 98', 'switch next', 'help', 'save']);
});

test('what follows Ctrl-A : is for the prompt, until that closes', () => {
  const { console, done } = keys();
  console.take([0x61, 0x01, 0x3a, 0x76, 0x01, 0x0d, 0x62]);
  assert.deepEqual(done, ['type 97', 'asked 118', 'asked 1', 'asked 13', 'type 98']);
});
