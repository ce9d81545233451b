/**
 * "Pass everything" on every board that Debian has, as `docs/plan-boards.md` holds it (`docs.test.ts` makes that page anew
 * and compares): a plan that our own checker accepts without a finding, at once or with the remedy that the diagnostic
 * names, unless the board can run no guest at all.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from './support/files.ts';

/** Boards that cannot run a guest, whatever the request says. */
const HOPELESS = /refused: `plan\/no-(gic|virtual-cpu-interface)`/;

test('every board has a plan that the checker accepts, or can run no guest', () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs/plan-boards.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `') && line.includes('.dtb'));
  assert.equal(rows.length, 577);
  assert.deepEqual(
    rows.filter((row) => row.includes('findings') || (row.includes('refused') && !HOPELESS.test(row))),
    [],
  );
});
