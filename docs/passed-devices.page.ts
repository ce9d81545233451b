/** `docs/passed-devices.md`: what `plan --pass DEVICE` brings or warns of, for each board's Ethernet, eMMC, SD and USB. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianBoards, debianKernelVersion } from '../test/support/debian.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { passDevices, passedDevicesPage } from '../test/support/passed-devices.ts';
import type { PassedRun } from '../test/support/passed-runs.ts';
import { madeFromSentence } from './pages.ts';

export const madeFrom = debianKernelVersion;

export async function render(): Promise<string> {
  const boards = [...(await debianBoards())].sort(([a], [b]) => (a < b ? -1 : 1));
  const passed = boards.map(([, path]) => ({
    name: basename(path),
    devices: passDevices(basename(path), readFileSync(path)),
  }));
  const { kernel, runs } = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'docs', 'passed-runs.json'), 'utf8'),
  ) as { readonly kernel: string; readonly runs: readonly PassedRun[] };
  return passedDevicesPage(passed, madeFromSentence(await madeFrom()), runsSection(kernel, runs));
}

function runsSection(kernel: string, runs: readonly PassedRun[]): string {
  const rows = runs.map(
    ({ chip, class: deviceClass, compatible, devices, board, path, found, findings }) =>
      `| ${chip} | ${deviceClass} | \`${compatible}\` | ${devices} | \`${board}\` ${path} | ${found || 'nothing'}${findings.length === 0 ? '' : `; ${findings.join(', ')}`} |`,
  );
  return `## Run

For each chip with devices of which \`run\` has a model, one of each kind was passed beside the console, and Linux ${kernel} with the
modules booted with what the plan brings: what its driver made of the device. \`npm run passed\` measures it.

| chip | class | \`compatible\` | devices it stands for | device | found |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
