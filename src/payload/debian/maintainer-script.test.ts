import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsOf } from './maintainer-script.ts';

function check(script: string, expected: readonly (readonly string[])[]): void {
  assert.deepEqual(commandsOf(script), expected, script);
}

test('words: quotes, escapes, lines that go on, comments, redirections, here-documents', () => {
  check(`a 'b c' "d 'e'" f\\ g # h\n\\\n  i \\\n j # k`, [
    ['a', 'b c', "d 'e'", 'f g'],
    ['i', 'j'],
  ]);
  check('a >/dev/null 2>&1 || true', [['a'], ['true']]);
  check('cat <<-EOF >file\n\tupdate-alternatives x\n\tEOF\nb', [['cat'], ['b']]);
  check('a "" $', [['a', '', '$']]);
});

test('both sides of conditions, and every case', () => {
  check('if [ "$1" = configure ] && x; then a; elif b; then c; else d; fi', [
    ['x'],
    ['a'],
    ['b'],
    ['c'],
    ['d'],
  ]);
  check('case "$1" in\n(configure|triggered)\n a;;\n *) b ;;\nesac', [
    ['configure'],
    ['triggered'],
    ['a'],
    ['*'],
    ['b'],
  ]);
});

test('variables, parameters of functions, loops over words', () => {
  check(`V=/usr; W="$V/bin"; a "$W/x" $\{V}/y $\{U:-z} $DPKG_ROOT/w`, [
    ['a', '/usr/bin/x', '/usr/y', 'z', '/w'],
  ]);
  check('L="one two"; for i in $L three; do a $i; done; b', [
    ['a', 'one'],
    ['a', 'two'],
    ['a', 'three'],
    ['b'],
  ]);
  check('f() {\n  if x; then { a "$1-$2"; }; fi\n}\nf p q; f r s', [
    ['x'],
    ['a', 'p-q'],
    ['x'],
    ['a', 'r-s'],
  ]);
  check('for i in 1; do while x; do a; done; done; b', [['x'], ['a'], ['b']]);
});

test('what only running would tell is left out, and what comes after is not', () => {
  check('a $(b "c)" ) d; e', [['e']]);
  check(`a \`b\`; c $1; d "$@"; e $\{x%y}; f`, [['f']]);
  check('for i in /x/*; do a "$i"; done; for i in $(l); do b $i; done; c', [['c']]);
  check('V=$(x); a $V; b', [['b']]);
});

test('no script is too much: unbalanced, endless calls, loops in loops', () => {
  for (const script of ['a "b', "a 'b", 'for i in', 'f() {', 'a $(', 'a `', 'done; }; )', 'a <<E', '${'])
    commandsOf(script);
  check('f() { f; f; }; f', []);
  const loop = 'for i in a b c d e f g h; do '.repeat(12);
  assert.ok(commandsOf(`${loop}x${'; done'.repeat(12)}`).length <= 20_000);
});
