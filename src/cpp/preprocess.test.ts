/** The preprocessor against GCC's, and where its output says that it comes from. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryFiles } from '../../test/support/memory-files.ts';
import { runOracle } from '../../test/support/oracles.ts';
import { DiagnosticSink, formatPosition } from '../base/index.ts';
import type { MappedText } from './position-map.ts';
import { type PreprocessOptions, preprocess } from './preprocess.ts';

function ours(
  files: Readonly<Record<string, string>>,
  options: Partial<PreprocessOptions> = {},
  sink = new DiagnosticSink(),
): MappedText {
  const content = Uint8Array.from(files['main.txt'] ?? '', (char) => char.charCodeAt(0));
  return preprocess(
    'main.txt',
    content,
    {
      files: memoryFiles(files),
      includeDirectories: ['.'],
      language: 'assembler',
      encoding: 'bytes',
      ...options,
    },
    sink,
  );
}

/** Lines with single blanks, empty ones dropped: what a reader of the output can tell apart. */
function tokensOf(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

function cppOutput(files: Readonly<Record<string, string>>, language: 'assembler' | 'c'): string {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-cpp-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, 'latin1');
    const kind = language === 'c' ? 'c' : 'assembler-with-cpp';
    const args = ['-P', '-x', kind, '-undef', '-nostdinc', '-I', directory, join(directory, 'main.txt')];
    return runOracle('cpp', args).stdout.toString('latin1');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Name → source; each is preprocessed as assembler and as C. `other.h` is there to include. */
const CASES: Readonly<Record<string, string>> = {
  'the examples of ISO C11 §6.10.3': String.raw`#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };
#define t2(x,y,z) x ## y ## z
int j[] = { t2(1,2,3), t2(,4,5), t2(6,,7), t2(8,9,), t2(10,,), t2(,11,), t2(,,12), t2(,,) };
#define hash_hash # ## #
#define mkstr(a) # a
#define in_between(a) mkstr(a)
#define join(c, d) in_between(c hash_hash d)
char s[] = join(u, v);
#define xstr(s) str(s)
fputs(str(strncmp("abc\0d", "abc", '\4') // this goes away
 == 0) str(: @\n), s);
xstr(strncmp("a\"b", 'c'))`,
  'variable arguments': `#define e(...) fprintf(stderr, __VA_ARGS__)
#define e2(fmt, ...) fprintf(stderr, fmt , ## __VA_ARGS__)
#define e3(fmt, args...) fprintf(stderr, fmt, args)
#define e4(args...) X(a, ## args)
#define show(...) puts(#__VA_ARGS__)
e("a"); e("b", 2); e2("a"); e2("a",); e2("a", 1, 2); e3("b", 1, 2); e4(); e4(1); e4(1,2) show(a, b  c,d); e();`,
  'where standards leave room': `#define NIL(xxx) xxx
#define G_0(arg) NIL(G_1)(arg)
#define G_1(arg) NIL(arg)
G_0(42)
#define fa(a) a*ga
#define ga(a) fa(a)
fa(2)(9)
#define AA BB
#define BB AA
AA BB
#define foo() bar
#define obj foo
#define EMPTY
foo
()
foo EMPTY () obj() obj ()
__LINE__ __COUNTER__ __COUNTER__ __INCLUDE_LEVEL__`,
  'directives within arguments': `#define A(x) [x]
A (
#if 1
 yes
#else
 no
#endif
) tail`,
  'blanks that keep tokens apart': `#define EMPTY
#define minus -
#define one 1
-EMPTY- +EMPTY+ <EMPTY< a EMPTY b x.EMPTY.y -minus minus- a/EMPTY/b 1EMPTY EMPTY 1 EMPTY.5 one.one one-one
serial@one 0xE+one one,one a-one &one`,
  conditions: `#define AA
#if (-1 > 0u) && (1 ? 2 : (0/0)) && defined(AA) && defined AA && !defined CC && '\\x41' == 65 && (-1 >> 1) == -1
good
#elif 1
bad
#endif
#if 0
don't "
#elif defined AA
elif
#else
no
#endif
#ifdef AA /* over
two lines */
in
#endif
#ifndef AA
#if garbage (
#else
#endif
#else
out
#endif
#if 0x10 == 020 && 0b11 == 3 && 5 % 3 == 2 && ~0 == -1 && !0 && (1,2) + 0 == 2 || 1
yes
#endif`,
  'comments, splices and quotes': `a /* c
 */ b // foo \\
 continued
co\\
nt "a // no comment" 'b /* nor here' /* "here */ c
it's AA and "unbalanced
#define AA 5
it's AA and 'AA' AA "AA" don't AA
AA\\  \t
AA`,
  inclusion: `#include "other.h"
#define NAME "other.h"
#include NAME
#define ANGLE <other.h>
#include ANGLE
OTHER
#if __has_include("other.h") && !__has_include("none.h") && defined(__has_include)
seen
#endif`,
};
const OTHER = '#ifndef OTHER\n#define OTHER other 1\nfirst OTHER\n#else\nagain\n#endif';

for (const [name, source] of Object.entries(CASES)) {
  for (const language of ['assembler', 'c'] as const) {
    test(`${name}: as cpp does it, as ${language}`, () => {
      const files = { 'main.txt': source, 'other.h': OTHER };
      assert.equal(tokensOf(ours(files, { language }).text), tokensOf(cppOutput(files, language)));
    });
  }
}

test('lines that begin with # and no directive are text in assembler', () => {
  const files = { 'main.txt': '#define CELLS 2\n#address-cells = <CELLS>;\n\t#size-cells CELLS\n#\n#CELLS' };
  assert.equal(tokensOf(ours(files).text), tokensOf(cppOutput(files, 'assembler')));
});

test('macros of the command line', () => {
  const defines = ['ONE', 'TWO=2', 'SUM(a,b)=a+b', 'NONE='];
  const { text } = ours({ 'main.txt': 'ONE TWO SUM(3,4) [NONE]' }, { defines });
  assert.equal(text, '1 2 3 +4 []\n');
});

function where(map: MappedText, word: string): string {
  return formatPosition(map.positionAt(map.text.indexOf(word)));
}

test('every token leads back to what the user edits', () => {
  const map = ours({
    'main.txt':
      '/* a */ plain \\\n  spliced\n#define USE(x) <x body>\n   USE( argument ) after\n#include "inc.h"\nend',
    'inc.h': '\n  included\n#define NESTED USE(inner)\n  NESTED',
  });
  assert.deepEqual(
    ['plain', 'spliced', 'argument', 'body', 'after', 'included', 'inner', 'end'].map((word) =>
      where(map, word),
    ),
    [
      'main.txt:1:9',
      'main.txt:2:3',
      'main.txt:4:9',
      'main.txt:4:4',
      'main.txt:4:20',
      'inc.h:2:3',
      'inc.h:4:3',
      'main.txt:6:1',
    ],
  );
  const notes = map
    .notesAt(map.text.indexOf('inner'))
    .map((note) => `${formatPosition(note.position)} ${note.message}`);
  assert.deepEqual(notes, [
    'inc.h:3:9 in the expansion of NESTED, defined here',
    'main.txt:5:1 included from here',
  ]);
});

test('columns count what an editor shows, in either encoding', () => {
  const text = '"Gr\u00fc\u00dfe \u{1f600}" here';
  const content = new TextEncoder().encode(text);
  for (const encoding of ['bytes', 'utf-8'] as const) {
    const map = preprocess(
      'f',
      content,
      { files: memoryFiles({}), language: 'c', encoding },
      new DiagnosticSink(),
    );
    assert.equal(where(map, 'here'), `f:1:${text.indexOf('here') + 1}`, encoding);
  }
  const bytes = preprocess(
    'f',
    content,
    { files: memoryFiles({}), language: 'c', encoding: 'bytes' },
    new DiagnosticSink(),
  );
  assert.deepEqual(
    Uint8Array.from(bytes.text.trim(), (char) => char.charCodeAt(0)),
    content,
  );
});

test('line markers and #line move positions', () => {
  const map = ours(
    { 'main.txt': 'a\n# 40 "board.dts" 1\nb\n#line 7\nc\n#line 9 "x.dts"\nd' },
    { language: 'c' },
  );
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((word) => where(map, word)),
    ['main.txt:1:1', 'board.dts:40:1', 'board.dts:7:1', 'x.dts:9:1'],
  );
});

test('a file that includes itself, and one that does so twice, are stopped', () => {
  const sink = new DiagnosticSink();
  ours({ 'main.txt': '#include "main.txt"\n#include "main.txt"\n' }, { limits: { includeCount: 500 } }, sink);
  assert.equal(sink.sorted().filter(({ code }) => code === 'cpp/too-many-includes').length, 1);
});

test('macros that double each other are stopped, and the rest is read', () => {
  const bomb = Array.from({ length: 64 }, (_, index) => `#define B${index + 1} B${index} B${index}`).join(
    '\n',
  );
  const calls = '#define F(x) x x\n';
  const nested = `${'F('.repeat(64)}1${')'.repeat(64)}`;
  const sink = new DiagnosticSink();
  const { text } = ours({ 'main.txt': `#define B0 1\n${bomb}\n${calls}B64\n${nested}\nend\n` }, {}, sink);
  assert.equal(tokensOf(text), 'end');
  assert.deepEqual(
    sink.sorted().map(({ code }) => code),
    ['cpp/expansion-too-large', 'cpp/expansion-too-large'],
  );
});
