/**
 * `npm run boots`: boots each board of the list, and one of each chip, and writes `docs/boots.json`, from which `docs/boots.md`
 * is made.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHost } from '../src/cli/node/host.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { BOARDS_TO_BOOT, type BootResult, type Boots, bootBoard } from './support/booted-boards.ts';
import { boardsOfChips, bootChip } from './support/chips.ts';
import { debianKernelVersion } from './support/debian.ts';
import { exampleWorkplace } from './support/example-projects.ts';
import { PROJECT_ROOT } from './support/files.ts';

const payload = mkdtempSync(join(tmpdir(), 'drivervm-boots-payload-'));
const workplace = await exampleWorkplace();
try {
  const streams = { host: nodeHost(), stdout: process.stdout, stderr: process.stderr };
  if ((await runCommandLine(['payload', 'debian', '-o', payload], streams)) !== 0) process.exit(1);
  const boards: BootResult[] = [];
  for (const board of BOARDS_TO_BOOT) {
    const result = await bootBoard(board, { payload, examples: join(workplace, 'examples') });
    const { reached, console: name, note } = result;
    console.log(`${board.family}: ${board.dtb}: ${reached ? `shell on ${name}` : note}`);
    boards.push(result);
  }
  const chips: (BootResult & { readonly chip: string })[] = [];
  for (const board of boardsOfChips(payload)) {
    const result = await bootChip(board, { payload });
    console.log(`${board.family}: ${result.reached ? `shell on ${result.console}` : result.note}`);
    chips.push({ chip: board.family, ...result });
  }
  const boots: Boots = { kernel: await debianKernelVersion(), boards, chips };
  writeFileSync(join(PROJECT_ROOT, 'docs', 'boots.json'), `${JSON.stringify(boots, undefined, 2)}\n`);
} finally {
  rmSync(payload, { recursive: true });
  rmSync(workplace, { recursive: true });
}
