/** Boards of `docs/boots.md`, booted again: they reach what the page says. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { BOARDS_TO_BOOT, type Boots, bootBoard } from './support/booted-boards.ts';
import { PROJECT_ROOT } from './support/files.ts';

const payload = mkdtempSync(join(tmpdir(), 'drivervm-family-boots-'));
after(() => rmSync(payload, { recursive: true }));
const quiet = { write: () => true };
const streams = { host: nodeHost(), stdout: quiet, stderr: process.stderr };
assert.equal(await runCommandLine(['payload', 'debian', '-o', payload], streams), 0);

const measured = JSON.parse(readFileSync(join(PROJECT_ROOT, 'docs', 'boots.json'), 'utf8')) as Boots;

test('every board of the list is measured', () => {
  assert.deepEqual(
    measured.boards.map(({ dtb, request }) => [dtb, request]),
    BOARDS_TO_BOOT.map(({ dtb, request }) => [dtb, request]),
  );
});

for (const family of [
  'SBSA',
  'Qualcomm MSM',
  'Qualcomm GENI',
  'Tegra',
  'LPUART',
  'Armada 3700',
  'aux-uart',
]) {
  test(`${family}: the shell, on the console that the page names`, async () => {
    const board = BOARDS_TO_BOOT.find((candidate) => candidate.family === family);
    assert.ok(board !== undefined);
    const { reached, console, note } = await bootBoard(board, { payload });
    assert.ok(reached, note);
    assert.equal(console, measured.boards.find(({ dtb }) => dtb === board.dtb)?.console);
  });
}
