/**
 * `npm run passed`: for each chip with devices that `run` has models of, passes one of each kind and boots Linux with it; writes
 * `docs/passed-runs.json`, which `docs/passed-devices.md` shows. Some ten minutes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drivervm } from './support/command.ts';
import { debianBoards, debianKernelVersion } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { candidates, type PassedRun, runPassed } from './support/passed-runs.ts';

const workplace = mkdtempSync(join(tmpdir(), 'drivervm-passed-'));
try {
  const chosen = candidates(await debianBoards());
  const payload = join(workplace, 'payload');
  const modules = [...new Set(chosen.map(({ dtb }) => `for:${dtb}`))].join(',');
  await drivervm(['payload', 'debian', '-o', payload, '--modules', modules]);
  const runs: PassedRun[] = [];
  for (const candidate of chosen) {
    const run = await runPassed(candidate, payload, workplace);
    console.log(
      `${run.chip} ${run.compatible} (${run.board}): ${run.found || 'nothing'} ${run.findings.join(' ')}`,
    );
    runs.push(run);
  }
  const text = JSON.stringify({ kernel: await debianKernelVersion(), runs }, undefined, 2);
  writeFileSync(join(PROJECT_ROOT, 'docs', 'passed-runs.json'), `${text}\n`);
} finally {
  rmSync(workplace, { recursive: true });
}
