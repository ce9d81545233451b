/**
 * The examples: every request below `examples/` is planned, checked with the board's tree and the guest's, and gives the
 * files that the example shows. `npm run examples` renews them.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { examplePage } from './support/example-pages.ts';
import { examples, exampleWorkplace, type PlannedExample, planExample } from './support/example-projects.ts';
import { PROJECT_ROOT } from './support/files.ts';

const RENEW = process.env['DRIVERVM_RENEW'] === '1';
/** Its README compares with the description that people wrote by hand, and is written by hand. */
const OWN_PAGE = 'odroidc4';

const place = await exampleWorkplace();
after(() => rmSync(place, { recursive: true }));

function hold(path: string, text: string): void {
  const full = join(PROJECT_ROOT, 'examples', path);
  if (RENEW) {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  assert.equal(readFileSync(full, 'utf8'), text, `examples/${path}: "npm run examples" renews it`);
}

const planned = new Map<string, PlannedExample[]>();
for (const example of examples()) {
  test(`examples/${example.board}/${example.request}`, async () => {
    const result = await planExample(place, example);
    planned.set(example.board, [...(planned.get(example.board) ?? []), result]);
    assert.match(result.checked, /0 errors, 0 warnings/);
    for (const [path, text] of result.files) hold(path, text);
  });
}

test('the pages of the examples', () => {
  for (const [board, results] of planned) {
    if (board !== OWN_PAGE) hold(`${board}/README.md`, examplePage(board, results));
  }
});
