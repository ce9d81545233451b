/** Every fixture gives exactly its diagnostics, and every declared code has one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { declaredCodes } from './support/declared-codes.ts';
import { projectPath } from './support/files.ts';
import { fixtureFiles, textsOf } from './support/fixtures.ts';

const files = await fixtureFiles();

for (const [path, { fixtures }] of files) {
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
  });
}

test('every declared code has a fixture', async () => {
  const covered = new Set([...files.values()].flatMap(({ fixtures }) => fixtures.map(({ code }) => code)));
  const missing = (await declaredCodes()).filter(({ code }) => !covered.has(code));
  assert.deepEqual(
    missing.map(({ code, file }) => `${code} in ${file}`),
    [],
  );
});

test('every fixture is of a declared code', async () => {
  const declared = new Set((await declaredCodes()).map(({ code }) => code));
  const strays = [...files].flatMap(([path, { fixtures }]) =>
    fixtures.filter(({ code }) => !declared.has(code)).map(({ code }) => `${code} in ${projectPath(path)}`),
  );
  assert.deepEqual(strays, []);
});
