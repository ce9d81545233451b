/**
 * `npm run boots`: boots each board of the list, and one of each chip, and writes `docs/boots.json`, from which `docs/boots.md`
 * is made. `npm run boots -- rk3368 tegra` boots those whose trees' paths contain one of the words, and keeps what was
 * measured of the others with the same kernel.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { BOARDS_TO_BOOT, type BootResult, type Boots, bootBoard } from './support/booted-boards.ts';
import { boardsOfChips, bootChip } from './support/chips.ts';
import { debianKernelVersion } from './support/debian.ts';
import { exampleWorkplace } from './support/example-projects.ts';
import { PROJECT_ROOT } from './support/files.ts';

const RESULTS = join(PROJECT_ROOT, 'docs', 'boots.json');
const kernel = await debianKernelVersion();
const words = process.argv.slice(2);
const earlier = JSON.parse(readFileSync(RESULTS, 'utf8')) as Boots;

/** An earlier result that is to be kept. */
function kept<R extends BootResult>(
  results: readonly R[],
  matches: (result: R) => boolean,
  dtb: string,
): R | undefined {
  if (words.length === 0 || earlier.kernel !== kernel || words.some((word) => dtb.includes(word)))
    return undefined;
  return results.find(matches);
}

function say(name: string, { reached, console: speaks, note }: BootResult): void {
  console.log(`${name}: ${reached ? `shell on ${speaks}` : note}`);
}

const payload = mkdtempSync(join(tmpdir(), 'drivervm-boots-payload-'));
const workplace = await exampleWorkplace();
try {
  const streams = { host: nodeHost(), stdout: process.stdout, stderr: process.stderr };
  if ((await runCommandLine(['payload', 'debian', '-o', payload], streams)) !== 0) process.exit(1);
  const places = { payload, examples: join(workplace, 'examples') };
  const boards: BootResult[] = [];
  for (const board of BOARDS_TO_BOOT) {
    const { dtb, request } = board;
    const known = kept(earlier.boards, (result) => result.dtb === dtb && result.request === request, dtb);
    const result = known ?? (await bootBoard(board, places));
    if (known === undefined) say(`${board.family}: ${dtb}`, result);
    boards.push(result);
  }
  const chips: (BootResult & { readonly chip: string })[] = [];
  for (const board of boardsOfChips(payload)) {
    const { dtb, family: chip } = board;
    const known = kept(earlier.chips, (result) => result.dtb === dtb && result.chip === chip, dtb);
    const result = known ?? { chip, ...(await bootChip(board, places)) };
    if (known === undefined) say(chip, result);
    chips.push(result);
  }
  const boots: Boots = { kernel, boards, chips };
  writeFileSync(RESULTS, `${JSON.stringify(boots, undefined, 2)}\n`);
} finally {
  rmSync(payload, { recursive: true });
  rmSync(workplace, { recursive: true });
}
