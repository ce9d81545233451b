import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleView, type ConsoleViewOptions } from './view.ts';

function view(options: Partial<ConsoleViewOptions> = {}) {
  let shown = '';
  const consoles = new ConsoleView({
    nameOf: (source) => ['left', 'right', 'third'][source] ?? '?',
    write: (bytes) => {
      shown += String.fromCharCode(...bytes);
    },
    ...options,
  });
  const say = (source: number, text: string): void => {
    for (const character of text) consoles.add(source, character.charCodeAt(0));
  };
  return { consoles, say, shown: () => shown };
}

test('one speaker: its bytes as they are', () => {
  const { consoles, say, shown } = view();
  say(1, 'login: \x1b[1mroot\r\n# ');
  assert.equal(shown(), 'login: \x1b[1mroot\r\n# ');
  assert.equal(consoles.midLine, true);
});

test('for a machine: whole lines, each with its speaker; what is unfinished comes at the end', () => {
  const { consoles, say, shown } = view();
  say(0, 'one\n# ');
  say(1, 'he');
  say(0, 'ls\n');
  say(1, 'llo\r\n$ ');
  say(0, 'a\nb');
  assert.equal(shown(), 'one\n# ls\nright| hello\r\nleft| a\n');
  consoles.end();
  assert.equal(shown(), 'one\n# ls\nright| hello\r\nleft| a\nleft| b\nright| $ \n');
});

test('for a machine: a line of another ends the unfinished one', () => {
  const { say, shown } = view();
  say(0, '# ');
  say(1, 'x\n');
  say(0, 'ls\n');
  assert.equal(shown(), '# \nright| x\nleft| ls\n');
});

test('for a person: the console with the keyboard at once, lines of others above what is unfinished', () => {
  const { consoles, say, shown } = view({ focus: () => 0, colours: true });
  say(0, '10%\r20%');
  say(1, 'x\n');
  const [red, green] = ['\x1b[31mleft|\x1b[0m ', '\x1b[32mright|\x1b[0m '];
  assert.equal(shown(), `10%\r20%\r\x1b[K${green}x\n${red}20%`);
  say(0, '!\n');
  assert.ok(shown().endsWith(`${red}20%!\n`));
  say(0, '# ');
  consoles.interrupt();
  assert.ok(shown().endsWith(`${red}# \r\x1b[K`));
  consoles.resume();
  assert.ok(shown().endsWith(`${red}# \r\x1b[K${red}# `));
});

test('for a person at a terminal without colours: a new line in place of erasing one', () => {
  const { say, shown } = view({ focus: () => 0 });
  say(0, '# ');
  say(1, 'x\n');
  say(0, 'ls\n');
  assert.equal(shown(), '# \nright| x\nleft| ls\n');
});

test('the keyboard moves: what the other had begun is shown', () => {
  let focus = 0;
  const { say, shown } = view({ focus: () => focus });
  say(0, '# ');
  say(1, '$ ');
  focus = 1;
  say(1, 'ls');
  assert.equal(shown(), '# \nright| $ ls');
});

test('a line without end is shown all the same', () => {
  const { say, shown } = view();
  say(0, 'x\n');
  say(1, 'y'.repeat(5000));
  assert.equal(shown(), `x\nright| ${'y'.repeat(4096)}\n`);
});

test('the keyboard moves and comes back: each unfinished line is shown again', () => {
  let focus = 0;
  const { consoles, say, shown } = view({ focus: () => focus, colours: true });
  const [red, green] = ['\x1b[31mleft|\x1b[0m ', '\x1b[32mright|\x1b[0m '];
  say(0, '# ');
  say(1, '$ ');
  for (const [to, line] of [
    [1, `${green}$ `],
    [0, `${red}# `],
  ] as const) {
    consoles.interrupt();
    focus = to;
    consoles.resume();
    assert.ok(shown().endsWith(line), JSON.stringify(shown()));
  }
  const before = shown();
  consoles.end();
  assert.equal(shown(), before, 'what has been on the screen is not shown again at the end');
});
