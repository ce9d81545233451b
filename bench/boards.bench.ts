/**
 * Which boards reach a shell: for each, `plan` with nothing but its tree and the payload, then `run` until the initrd's line.
 * Prints the table that is committed as `docs/boards-run.md`; `DRIVERVM_BOARDS` names other boards, by comma.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticSink } from '../src/base/index.ts';
import { nodeHost } from '../src/cli/node/host.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { readDtb, resolveTree } from '../src/devicetree/index.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { debianBoards } from '../test/support/debian.ts';

/** At least one board for each family of UARTs. */
const BOARDS = [
  'meson-sm1-odroid-c4.dtb',
  'meson-gxl-s905x-libretech-cc.dtb',
  'meson-axg-s400.dtb',
  'zynqmp-zcu102-rev1.0.dtb',
  'imx8mq-evk.dtb',
  'imx8mm-evk.dtb',
  'imx8mp-evk.dtb',
  'imx8qxp-mek.dtb',
  'juno.dtb',
  'hi6220-hikey.dtb',
  'bcm2711-rpi-4-b.dtb',
  'rk3399-rockpro64.dtb',
  'rk3328-rock64.dtb',
  'tegra210-p2371-2180.dtb',
  'armada-3720-espressobin.dtb',
  'armada-8040-mcbin.dtb',
  'fsl-ls1043a-rdb.dtb',
  'apq8016-sbc.dtb',
  'sdm845-db845c.dtb',
  'r8a774a1-hihope-rzg2m.dtb',
  'k3-am654-base-board.dtb',
  'sun50i-a64-pine64-plus.dtb',
] as const;

const TIMEOUT_SECONDS = '20';
const RAM_BASE = '0x80000000';
const BOOTARGS = 'earlycon keep_bootcon cryptomgr.notests';

interface CommandOutcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function drivervm(...args: readonly string[]): Promise<CommandOutcome> {
  let [out, err] = ['', ''];
  const { terminal: _, ...host } = nodeHost();
  const status = await runCommandLine(args, {
    host,
    stdout: { write: (chunk: string | Uint8Array) => (out += String(chunk)) },
    stderr: { write: (chunk: string | Uint8Array) => (err += String(chunk)) },
  });
  return { status, out, err };
}

const directory = mkdtempSync(join(tmpdir(), 'drivervm-boards-'));
await drivervm('payload', 'debian', '-o', directory);
const images = ['--kernel', join(directory, 'Image'), '--initrd', join(directory, 'initrd.cpio')];
const trees = await debianBoards();

function stdoutOf(path: string): string | undefined {
  const tree = readDtb(readFileSync(path), path, new DiagnosticSink());
  return tree === undefined ? undefined : resolveTree(tree).stdout?.path;
}

interface RunAnswer {
  readonly end: string;
  readonly console: string;
  readonly account: { readonly hostSeconds: number; readonly instructions: number };
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
}

async function boot(board: string): Promise<string> {
  const path = trees.get(board);
  if (path === undefined) return `| ${board} | there is no such tree | | |`;
  const project = join(directory, board);
  const request = [...images, '--ram', '256 MiB', '--bootargs', BOOTARGS, '--force', '-o', project];
  const stdout = stdoutOf(path);
  // Everything; with RAM where the tree leaves it to the firmware; at last the console alone.
  const wishes = ['all', ...(stdout === undefined ? [] : [stdout])].flatMap((pass) => [
    ['--pass', pass],
    ['--pass', pass, '--ram-base', RAM_BASE],
  ]);
  let pass = '';
  let why: string | undefined = 'not planned';
  for (const wish of wishes) {
    const planned = await drivervm('plan', '--dtb', path, ...request, ...wish);
    why = planned.status === 0 ? undefined : (/error\[([^\]]+)\]/.exec(planned.err)?.[1] ?? 'not planned');
    pass = wish[1] === 'all' ? 'all' : 'console';
    if (why === undefined) break;
  }
  if (why !== undefined) return `| ${board} | ${pass} | not planned: ${why} | |`;
  const ran = await drivervm(
    'run',
    project,
    '--dtb',
    path,
    '--until',
    INITRD_UP_LINE,
    '--timeout',
    TIMEOUT_SECONDS,
    '--json',
  );
  const answer: RunAnswer = JSON.parse(ran.out);
  const cost = `${(answer.account.instructions / 1e6).toFixed(0)} million instructions, ${answer.account.hostSeconds.toFixed(1)} s`;
  return `| ${board} | ${pass} | ${resultOf(answer)} | ${cost} |`;
}

function resultOf({ end, console, diagnostics }: RunAnswer): string {
  if (end === 'until') return '**shell**';
  const error = diagnostics.find(({ code }) => code.startsWith('run/') && code !== 'run/until-not-said');
  if (console.includes('Run /init as init process')) {
    const waits = /platform (\S+(?:serial|uart)\S*): deferred probe pending/.exec(console)?.[1];
    return waits === undefined
      ? '`/init` runs; its console stays silent'
      : `\`/init\` runs; ${waits} waits for a provider`;
  }
  if (console.length > 0)
    return `stops at "${lastLine(console)}"${error === undefined ? '' : ` (${error.code})`}`;
  return `silent${error === undefined ? '' : ` (${error.code}: ${error.message})`}`;
}

function lastLine(console: string): string {
  return (console.trimEnd().split('\n').at(-1) ?? '')
    .replace(/^\[ *[\d.]+\] /, '')
    .trim()
    .slice(0, 70);
}

const wanted = process.env['DRIVERVM_BOARDS']?.split(',') ?? BOARDS;
const rows: string[] = [];
for (const board of wanted) {
  const row = await boot(board);
  console.log(row);
  rows.push(row);
}
rmSync(directory, { recursive: true });
if (process.env['DRIVERVM_BOARDS'] === undefined) {
  const head = `# Boards that were run

What comes of \`drivervm plan --dtb BOARD --pass all\` (or of the console alone, where a board has more interrupts than a
monitor has channels) and \`drivervm run\` of the project, with Debian's kernel and the initrd of \`payload debian\`. Written by
\`npm run bench -- boards\`.

| board | passed | result | cost |
| --- | --- | --- | --- |
`;
  writeFileSync(join(process.cwd(), 'docs', 'boards-run.md'), `${head}${rows.join('\n')}\n`);
}
