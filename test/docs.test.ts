/** The generated pages are committed as they would be generated now; codes are declared where the pages look. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedPages, madeFromSentence, versionOf } from '../docs/pages.ts';
import { filesUnder, PROJECT_ROOT, projectPath } from './support/files.ts';

for (const { path, render, madeFrom } of await generatedPages()) {
  test(`${path} is up to date`, async (t) => {
    const file = join(PROJECT_ROOT, path);
    const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const now = await madeFrom?.();
    const then = versionOf(committed);
    const rendered = await render();
    if (now !== undefined) {
      assert.ok(
        then !== undefined,
        `${path} does not say what it was made from; run "npm run docs" and commit`,
      );
      assert.equal(versionOf(rendered), now);
    }
    if (now !== then) {
      t.diagnostic(
        `${path} was made from Debian's kernel ${then}, and the mirror has ${now}: it was made anew, but not compared. ` +
          'What must hold for every version is tested on this one. "npm run docs" brings the page up to date.',
      );
      return;
    }
    assert.ok(committed === rendered, `${path} is not what "npm run docs" makes; run it and commit`);
  });
}

test('a page says which kernel it was made from', () => {
  const page = `# Page\n\nGenerated. ${madeFromSentence('6.1.192-2')}\n\nMore.`;
  assert.equal(versionOf(page), '6.1.192-2');
  assert.equal(versionOf(madeFromSentence('6.12.1~rc1-1~exp1')), '6.12.1~rc1-1~exp1');
  assert.equal(versionOf('# Page\n'), undefined);
});

test('diagnostics are declared in files called diagnostics.ts', () => {
  const strays = filesUnder(join(PROJECT_ROOT, 'src')).filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      !/(^|\/)diagnostics?\.ts$/.test(file) &&
      readFileSync(file, 'utf8').includes('declareDiagnostics('),
  );
  assert.deepEqual(strays.map(projectPath), []);
});
