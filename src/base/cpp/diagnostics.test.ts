/** Every diagnostic of the preprocessor: source → exact text and position. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from '../../../test/support/memory-files.ts';
import { DiagnosticSink, formatDiagnostic } from '../diagnostic.ts';
import { HostError } from '../host.ts';
import { cppCodes } from './diagnostics.ts';
import { type PreprocessLimits, preprocess } from './preprocess.ts';

interface Fixture {
  readonly source: string;
  readonly language?: 'assembler' | 'c';
  readonly limits?: Partial<PreprocessLimits>;
  readonly files?: Readonly<Record<string, string>>;
  readonly expected: readonly string[];
}

const INCLUDE_HINT = '    hint: name the directory that holds it with -I';

const FIXTURES: Readonly<Record<keyof typeof cppCodes, Fixture>> = {
  'include-not-found': {
    source: 'a\n  #include "none.h"\n#include <inc.h>',
    files: { 'dir/inc.h': '\n#include <deeper.h>' },
    expected: [
      'dir/inc.h:2:1: error[cpp/include-not-found]: there is no file deeper.h in any of the directories searched',
      '    note: main:3:1: included from here',
      INCLUDE_HINT,
      'main:2:3: error[cpp/include-not-found]: there is no file none.h in any of the directories searched',
      INCLUDE_HINT,
    ],
  },
  'include-unreadable': {
    source: '#include "locked.h"',
    expected: ["main:1:1: error[cpp/include-unreadable]: locked.h can't be read: permission denied"],
  },
  'include-too-deep': {
    source: '#include "loop.h"',
    files: { 'loop.h': '#include "loop.h"' },
    limits: { includeDepth: 3 },
    expected: [
      'loop.h:1:1: error[cpp/include-too-deep]: files include each other more than 3 deep',
      '    note: loop.h:1:1: included from here',
      '    note: main:1:1: included from here',
      '    hint: a file that includes itself needs an include guard',
    ],
  },
  'too-many-includes': {
    source: '#include "a.h"\n#include "a.h"\n#include "a.h"\nx',
    files: { 'a.h': 'a' },
    limits: { includeCount: 2 },
    expected: [
      'main:3:1: error[cpp/too-many-includes]: more than 2 files were included; the rest is not read',
    ],
  },
  'output-too-large': {
    source: '0123456789\n0123456789\n#\nmore',
    limits: { outputChars: 20 },
    expected: [
      'main:1:1: error[cpp/output-too-large]: the preprocessed text is larger than 20 characters; the rest is not read',
    ],
  },
  'expansion-too-large': {
    source: '#define A B B B B\n#define B C C C C\n#define C c c c c\nx A y',
    limits: { expansionTokens: 50 },
    expected: ['main:4:3: error[cpp/expansion-too-large]: the expansion of A takes more than 50 tokens'],
  },
  'expansion-too-deep': {
    source: '#define F(x) x\nF(F(F(F(1))))',
    limits: { argumentDepth: 3 },
    expected: [
      'main:2:1: error[cpp/expansion-too-deep]: macro arguments nest more than 3 deep in the use of F',
    ],
  },
  'unterminated-arguments': {
    source: '#define F(x) x\n  F(1, (2)',
    expected: ['main:2:3: error[cpp/unterminated-arguments]: the arguments of F have no closing parenthesis'],
  },
  'wrong-argument-count': {
    source:
      '#define F(x, y) x\n#define V(x, ...) x\n#define Z() z\nF(1) F(1,2,3) F()\nZ(1)\n#define W(a,b,...) a\nW(1)',
    expected: [
      'main:4:1: error[cpp/wrong-argument-count]: F takes 2 arguments, but 1 given',
      'main:4:6: error[cpp/wrong-argument-count]: F takes 2 arguments, but 3 given',
      'main:4:15: error[cpp/wrong-argument-count]: F takes 2 arguments, but 0 given',
      'main:5:1: error[cpp/wrong-argument-count]: Z takes 0 arguments, but 1 given',
      'main:7:1: error[cpp/wrong-argument-count]: W takes at least 2 arguments, but 1 given',
    ],
  },
  'bad-paste': {
    source: '#define P(a, b) a ## b\nP(+, 1)',
    language: 'c',
    expected: ['main:2:3: error[cpp/bad-paste]: + ## 1 makes no single token'],
  },
  'bad-macro-definition': {
    source:
      '#define\n#define 1\n#define F(a\n#define G(a, a) a\n#define H(1) 1\n#define I ## a\n#define J a ##\n#define K(a) #b\n#define defined',
    language: 'c',
    expected: [
      'main:1:8: error[cpp/bad-macro-definition]: this #define is not one: it has no name',
      'main:2:9: error[cpp/bad-macro-definition]: this #define is not one: it has no name',
      'main:3:12: error[cpp/bad-macro-definition]: this #define is not one: its parameters have no closing parenthesis',
      'main:4:14: error[cpp/bad-macro-definition]: this #define is not one: the parameter a is there twice',
      'main:5:11: error[cpp/bad-macro-definition]: this #define is not one: its parameters are not a list of names',
      'main:6:9: error[cpp/bad-macro-definition]: this #define is not one: ## stands at its beginning',
      'main:7:9: error[cpp/bad-macro-definition]: this #define is not one: ## stands at its end',
      'main:8:9: error[cpp/bad-macro-definition]: this #define is not one: # is not followed by a parameter',
      'main:9:9: error[cpp/bad-macro-definition]: this #define is not one: defined is no name for a macro',
    ],
  },
  'macro-redefined': {
    source: '#define A 1\n#define A  1 /* the same */\n#define A 2',
    expected: [
      'main:3:9: warning[cpp/macro-redefined]: A is defined differently before',
      '    hint: put #undef A before it where that is meant',
    ],
  },
  'unknown-directive': {
    source: '#address-cells\n#if 0\n#unknown\n#endif',
    language: 'c',
    expected: ['main:1:1: error[cpp/unknown-directive]: there is no directive #address'],
  },
  'malformed-directive': {
    source: '#include file\n#ifdef\n#endif\n#undef 1\n#line x',
    expected: [
      'main:1:1: error[cpp/malformed-directive]: #include wants "FILE" or <FILE>',
      "main:2:1: error[cpp/malformed-directive]: #ifdef wants a macro's name",
      "main:4:8: error[cpp/malformed-directive]: #undef wants a macro's name",
      'main:5:1: error[cpp/malformed-directive]: #line wants a line number, and perhaps a file name in quotes',
    ],
  },
  'extra-tokens': {
    source: '#ifdef A B\n#else // fine\n#endif A',
    expected: [
      'main:1:10: warning[cpp/extra-tokens]: what follows #ifdef is not read',
      'main:3:8: warning[cpp/extra-tokens]: what follows #endif is not read',
    ],
  },
  'unmatched-conditional': {
    source: '#if 1\n#include "a.h"\n#endif\n#endif',
    files: { 'a.h': '#else' },
    expected: [
      'a.h:1:1: error[cpp/unmatched-conditional]: #else without #if',
      '    note: main:2:1: included from here',
      'main:4:1: error[cpp/unmatched-conditional]: #endif without #if',
    ],
  },
  'conditional-after-else': {
    source: '#if 1\n#else\n#else\n#elif 1\n#endif',
    expected: [
      'main:3:1: error[cpp/conditional-after-else]: #else after #else',
      'main:4:1: error[cpp/conditional-after-else]: #elif after #else',
    ],
  },
  'unterminated-conditional': {
    source: '#if 1\n#ifdef A\n',
    expected: [
      'main:1:1: error[cpp/unterminated-conditional]: this #if has no #endif',
      'main:2:1: error[cpp/unterminated-conditional]: this #ifdef has no #endif',
    ],
  },
  'bad-condition': {
    source: [
      ...['', '1 +', '(1', '1 1', '1 / 0', '1.5', '99999999999999999999', '"a"', "''", 'defined', '+'],
      `${'('.repeat(300)}1${')'.repeat(300)}`,
      '__has_include(x)',
    ]
      .map((expression) => `#if ${expression}\n#endif\n`)
      .join(''),
    expected: [
      [1, 1, 'there is nothing to evaluate'],
      [3, 1, 'an operand is missing at its end'],
      [5, 1, ') is missing'],
      [7, 7, '1 is not expected here'],
      [9, 7, 'it divides by zero'],
      [11, 5, '1.5 is no integer'],
      [13, 5, '99999999999999999999 needs more than 64 bits'],
      [15, 5, '"a" is no operand'],
      [17, 5, 'an empty character constant'],
      [19, 5, 'defined wants a name'],
      [21, 1, 'an operand is missing at its end'],
      [23, 261, 'it nests more than 256 deep'],
      [25, 5, '__has_include wants "FILE" or <FILE>'],
    ].map(
      ([line, column, reason]) =>
        `main:${line}:${column}: error[cpp/bad-condition]: this condition can't be evaluated: ${reason}`,
    ),
  },
  'error-directive': {
    source: '#error  this is   wrong\n#if 0\n#error not this\n#endif',
    expected: ['main:1:1: error[cpp/error-directive]: #error this is wrong'],
  },
  'warning-directive': {
    source: ' # warning',
    expected: ['main:1:2: warning[cpp/warning-directive]: #warning'],
  },
  'unterminated-comment': {
    source: 'a /* b',
    expected: ['main:1:3: error[cpp/unterminated-comment]: this comment never ends'],
  },
};

for (const [name, fixture] of Object.entries(FIXTURES)) {
  test(`cpp/${name}`, () => {
    const memory = memoryFiles({ ...fixture.files, 'locked.h': '' });
    const files = {
      ...memory,
      read(path: string): Uint8Array {
        if (path === 'locked.h') throw new HostError('EACCES', path, 'permission denied');
        return memory.read(path);
      },
    };
    const sink = new DiagnosticSink();
    const { language = 'assembler', limits = {} } = fixture;
    const content = new TextEncoder().encode(fixture.source);
    const options = { files, includeDirectories: ['dir'], language, encoding: 'bytes', limits } as const;
    preprocess('main', content, options, sink);
    assert.equal(sink.sorted().map(formatDiagnostic).join('\n'), fixture.expected.join('\n'));
    assert.ok(sink.sorted().some(({ code }) => code === `cpp/${name}`));
  });
}

test('every code of the preprocessor has a fixture', () => {
  assert.deepEqual(Object.keys(FIXTURES).sort(), Object.keys(cppCodes).sort());
});
