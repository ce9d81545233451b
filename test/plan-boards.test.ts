/**
 * "Pass everything" on every board that Debian has: a plan that our own checker accepts without a finding, at once or with
 * the remedy that the diagnostic names, unless the board can run no guest at all. `docs/plan-boards.md` says what came of
 * each; where it was made from the package that is here, `docs.test.ts` compares it with that, and its rows serve. Where the
 * package is another, the boards are planned here.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { versionOf } from '../docs/pages.ts';
import { madeFrom, render } from '../docs/plan-boards.page.ts';
import { debianBoards } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';

/** Boards that cannot run a guest, whatever the request says. */
const HOPELESS = /refused: `plan\/no-(gic|virtual-cpu-interface)`/;

test('every board has a plan that the checker accepts, or can run no guest', async (t) => {
  const committed = readFileSync(join(PROJECT_ROOT, 'docs/plan-boards.md'), 'utf8');
  const isSame = versionOf(committed) === (await madeFrom());
  if (!isSame) t.diagnostic(`Debian's kernel is ${await madeFrom()} now: every board of it is planned`);
  const page = isSame ? committed : await render();
  const rows = page.split('\n').filter((line) => line.startsWith('| `') && line.includes('.dtb'));
  const names = rows.map((row) => row.slice(3, row.indexOf('`', 3)));
  assert.deepEqual(names.sort(), [...(await debianBoards()).keys()].sort());
  assert.deepEqual(
    rows.filter((row) => row.includes('findings') || (row.includes('refused') && !HOPELESS.test(row))),
    [],
  );
});
