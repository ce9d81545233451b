/** `docs/passed-devices.md`: what `plan --pass DEVICE` brings or warns of, for each board's Ethernet, eMMC, SD and USB. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { debianBoards, debianKernelVersion } from '../test/support/debian.ts';
import { passDevices, passedDevicesPage } from '../test/support/passed-devices.ts';
import { madeFromSentence } from './pages.ts';

export const madeFrom = debianKernelVersion;

export async function render(): Promise<string> {
  const boards = [...(await debianBoards())].sort(([a], [b]) => (a < b ? -1 : 1));
  const passed = boards.map(([, path]) => ({
    name: basename(path),
    devices: passDevices(basename(path), readFileSync(path)),
  }));
  return passedDevicesPage(passed, madeFromSentence(await madeFrom()));
}
