/**
 * Nothing that a driver may insist on is lost in silence: one board in twenty, each Ethernet, eMMC, SD and USB host passed alone.
 * `docs/passed-devices.md` has all of them; where it was made from the package that is here, its rows are looked at too.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianBoards } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { passDevices } from './support/passed-devices.ts';

const SAMPLED = 20;

test('each device brings what its driver insists on, or the plan warns', async () => {
  const boards = [...(await debianBoards())].filter((_, at) => at % SAMPLED === 0);
  const devices = boards.flatMap(([name, path]) =>
    passDevices(name, readFileSync(path)).map((device) => ({ name, ...device })),
  );
  assert.deepEqual(
    devices.filter(({ silent }) => silent.length > 0),
    [],
  );
  assert.ok(devices.some(({ result }) => result.kind === 'given'));
  assert.ok(devices.some(({ result }) => result.kind === 'warned'));
});

test('so do all of the page', () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs/passed-devices.md'), 'utf8');
  assert.doesNotMatch(page, /silent:/);
});
