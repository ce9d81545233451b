/** `docs/plan-boards.md`: what comes of "pass everything" on each of Debian's boards. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { debianBoards, debianKernelVersion } from '../test/support/debian.ts';
import { planBoard, planBoardsPage } from '../test/support/planned-boards.ts';
import { madeFromSentence } from './pages.ts';

export const madeFrom = debianKernelVersion;

export async function render(): Promise<string> {
  const boards = [...(await debianBoards())].sort(([a], [b]) => (a < b ? -1 : 1));
  const planned = boards.map(([, path]) => planBoard(basename(path), readFileSync(path)));
  return planBoardsPage(planned, madeFromSentence(await madeFrom()));
}
