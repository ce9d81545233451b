/** Every fixture gives exactly its diagnostics, and every code of its table has one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { projectPath } from './support/files.ts';
import { fixtureFiles, textsOf } from './support/fixtures.ts';

for (const [path, { codes, fixtures }] of await fixtureFiles()) {
  test(`fixtures of ${projectPath(path)}`, async (context) => {
    for (const { code, input, expected, run, fixed } of fixtures) {
      await context.test(`${code}: ${input}`, async () => {
        const sink = new DiagnosticSink();
        await run(sink);
        assert.deepEqual(textsOf(sink), expected);
        assert.ok(
          sink.sorted().some((found) => found.code === code),
          'the code itself is not among them',
        );
        if (fixed === undefined) return;
        const fixedSink = new DiagnosticSink();
        await fixed.run(fixedSink);
        assert.ok(!fixedSink.sorted().some((found) => found.code === code), 'the fixed input still earns it');
      });
    }
    await context.test('every declared code has a fixture', () => {
      const covered = new Set(fixtures.map(({ code }) => code));
      const missing = Object.values(codes).filter(({ code }) => !covered.has(code));
      assert.deepEqual(
        missing.map(({ code }) => code),
        [],
      );
    });
  });
}
