import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prompt } from './prompt.ts';

function prompt() {
  const shown: string[] = [];
  const made = new Prompt({
    say: () => shown.push('[said]'),
    echo: (text) => shown.push(text),
    run: (line) => `<${line}>\n`,
  });
  const type = (text: string) => {
    for (const character of text) made.take(character.charCodeAt(0));
    return shown.splice(0).join('');
  };
  return { made, type };
}

test('words are edited, run, and an empty line goes on', () => {
  const { made, type } = prompt();
  made.open();
  assert.equal(type('vcpx\x7fus\r'), '[said](drivervm) vcpx\b \bus\n<vcpus>\n(drivervm) ');
  assert.equal(type('abc\x15help\n'), 'abc\b \b\b \b\b \bhelp\n<help>\n(drivervm) ');
  assert.equal(made.isOpen, true);
  assert.equal(type('\x01 \r'), ' \n');
  assert.equal(made.isOpen, false);
});

test('Ctrl-C leaves, and what was typed is forgotten', () => {
  const { made, type } = prompt();
  made.open();
  assert.equal(type('quit\x03'), '[said](drivervm) quit\n');
  assert.equal(made.isOpen, false);
});
