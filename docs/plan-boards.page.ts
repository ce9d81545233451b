/** `docs/plan-boards.md`: what comes of "pass everything" on each of Debian's boards. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { debianBoards } from '../test/support/debian.ts';
import { planBoard, planBoardsPage } from '../test/support/planned-boards.ts';

export async function render(): Promise<string> {
  const boards = [...(await debianBoards())].sort(([a], [b]) => (a < b ? -1 : 1));
  return planBoardsPage(boards.map(([, path]) => planBoard(basename(path), readFileSync(path))));
}
