/** The generated pages are committed as they would be generated now; codes are declared where the pages look. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedPages } from '../docs/pages.ts';
import { filesUnder, PROJECT_ROOT, projectPath } from './support/files.ts';

for (const { path, render } of await generatedPages()) {
  test(`${path} is up to date`, async () => {
    const file = join(PROJECT_ROOT, path);
    const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';
    assert.ok(committed === (await render()), `${path} is not what "npm run docs" makes; run it and commit`);
  });
}

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
