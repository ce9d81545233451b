/**
 * Coverage by room, of the tests that are quick: those beside their sources, and a few of whole commands. Node's own counts (V8's) are
 * taken while they run, which makes them slower by a third, so the long boots run without. c8 brings the counts back to the
 * sources; `coverage-floors.json` has what each room must have, in per cent of lines and branches.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { PROJECT_ROOT } from './support/files.ts';

/** Beside all of `src/`: what goes through commands, sessions and the processor without long boots. */
const COMMANDS =
  /^dist\/test\/(?:fixtures|mission|plan|sharing|run-mistakes|run-command|gdb|scripts|traces|board-hands|shares|payload-(?:collect|extract|inspect)|boot-constructs|bundle|format-command|resolve-boards|generated-c|library|engine|vcpu-entry|bundled-components|code-coverage|run-snapshots)\.test\.js$|^dist\/test\/aarch64\/(?:decode|exits|guests|mmu|walk|qemu|debug|translator)\.test\.js$/;

/** Whether a compiled test, by its path in the project, is one that counts. */
export function counts(path: string): boolean {
  return path.startsWith('dist/src/') || COMMANDS.test(path);
}

/** Whether anything is left of a source when it is compiled: what only declares has nothing to cover. */
function hasCode(path: string): boolean {
  const compiled = join(PROJECT_ROOT, 'dist', relative(PROJECT_ROOT, path).replace(/\.ts$/, '.js'));
  if (!existsSync(compiled)) return true;
  const text = readFileSync(compiled, 'utf8').replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
  return text.trim() !== 'export {};';
}

interface Share {
  readonly total: number;
  readonly covered: number;
}
interface FileSummary {
  readonly lines: Share;
  readonly branches: Share;
}
type Kind = keyof FileSummary;
type Floors = Readonly<Record<string, Readonly<Record<Kind, number>>>>;

const KINDS: readonly Kind[] = ['lines', 'branches'];

/** Says what each room has, and which rooms have less than they must; `undefined` where c8 failed. */
export function judge(
  directory: string,
): { readonly text: string; readonly missed: readonly string[] } | undefined {
  const reports = join(directory, 'report');
  const c8 = spawnSync(
    process.execPath,
    [
      createRequire(import.meta.url).resolve('c8/bin/c8.js'),
      'report',
      ...['--temp-directory', directory, '--reports-dir', reports, '--reporter', 'json-summary'],
    ],
    { cwd: PROJECT_ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (c8.status !== 0) return undefined;
  const summary: Readonly<Record<string, FileSummary>> = JSON.parse(
    readFileSync(join(reports, 'coverage-summary.json'), 'utf8'),
  );
  const floors: Floors = JSON.parse(readFileSync(join(PROJECT_ROOT, 'test', 'coverage-floors.json'), 'utf8'));
  const lines: string[] = [];
  const missed = Object.keys(summary)
    .map((path) => /\/src\/(\w+)\//.exec(path)?.[1])
    .filter((room, at, all) => room !== undefined && all.indexOf(room) === at && floors[room] === undefined)
    .map((room) => `${room} has no floor in test/coverage-floors.json`);
  for (const [room, floor] of Object.entries(floors)) {
    const files = Object.entries(summary).filter(([path]) => path.includes(`/src/${room}/`) && hasCode(path));
    const has = (kind: Kind): number => {
      const sum = (member: keyof Share) => files.reduce((all, [, file]) => all + file[kind][member], 0);
      return (100 * sum('covered')) / Math.max(1, sum('total'));
    };
    lines.push(
      `  ${room.padEnd(11)} ${KINDS.map((kind) => `${has(kind).toFixed(1).padStart(5)} % of ${kind}`).join(', ')}`,
    );
    for (const kind of KINDS.filter((each) => has(each) < floor[each]))
      missed.push(
        `${room} has ${has(kind).toFixed(1)} % of its ${kind} covered, and must have ${floor[kind]} %`,
      );
  }
  return { text: `coverage of the quick tests\n${lines.join('\n')}\n`, missed };
}
