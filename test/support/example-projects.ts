/**
 * The examples, planned as a user does it, in a copy of `examples/` beside Debian's trees. What they show of each project is
 * our own: the guest's whole tree is Linux's, and is left out; so is what repeats for every board. No image is measured,
 * so that the files do not change with a kernel.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommandLine } from '../../src/cli/program.ts';
import { nodeHost } from '../../src/node/host.ts';
import type { Plan } from '../../src/plan/index.ts';
import { debianBoards } from './debian.ts';
import { PROJECT_ROOT } from './files.ts';
import { runOracle } from './oracles.ts';

export interface Example {
  readonly board: string;
  /** The name of the request without its ending. */
  readonly request: string;
}

export interface PlannedExample extends Example {
  readonly plan: Plan;
  /** Relative to `examples/`. */
  readonly files: ReadonlyMap<string, string>;
  /** What `drivervm check` says, in one line. */
  readonly checked: string;
}

const EXAMPLES = join(PROJECT_ROOT, 'examples');
const SHOWN = /\.(system|c|overlay\.dts)$/;
/** One project is shown whole. */
const SHOWN_WHOLE = 'odroidc4/everything';
const TREES = /^linux\.(dts|dtb)$|^plan\.json$|^\.drivervm\.json$/;

export function examples(): readonly Example[] {
  return readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: board }) =>
      readdirSync(join(EXAMPLES, board))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => ({ board, request: file.slice(0, -'.yaml'.length) })),
    );
}

/** The examples are planned without a kernel and a ramdisk, and the plan says so; notes are about `run` alone. */
const EXPECTED = /^(?:warning\[plan\/no-image\]|note\[plan\/console-asks-firmware\]).*\n {4}hint: .*\n/gm;

async function drivervm(...args: readonly string[]): Promise<string> {
  let [out, err] = ['', ''];
  const status = await runCommandLine(args, {
    host: nodeHost(),
    stdout: { write: (text: string | Uint8Array) => (out += String(text)) },
    stderr: { write: (text: string | Uint8Array) => (err += String(text)) },
  });
  const unexpected = err.replaceAll(EXPECTED, '');
  if (status !== 0 || unexpected !== '')
    throw new Error(`drivervm ${args.join(' ')}: ${status}\n${err}${out}`);
  return out;
}

/** A copy of the examples in a directory of its own, with the trees that they ask for. */
export async function exampleWorkplace(): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-examples-'));
  // What `npm start` left there is not part of them.
  const started = join(EXAMPLES, 'payload');
  cpSync(EXAMPLES, join(place, 'examples'), { recursive: true, filter: (path) => path !== started });
  const [tree] = [...(await debianBoards()).values()];
  const dtbs = dirname(dirname(tree ?? ''));
  mkdirSync(join(place, 'examples', 'payload'), { recursive: true });
  symlinkSync(dtbs, join(place, 'examples', 'payload', 'dtbs'));
  const virt = join(place, 'examples', 'qemu_virt_aarch64', 'virt.dtb');
  const machine = `virt,virtualization=on,dumpdtb=${virt}`;
  const args = ['-machine', machine, '-cpu', 'cortex-a53', '-m', '2G', '-display', 'none', '-net', 'none'];
  runOracle('qemu-system-aarch64', args);
  await drivervm(
    'dt',
    'merge',
    join(dtbs, 'freescale', 'imx8mq-evk.dtb'),
    join(EXAMPLES, 'maaxboard', 'maaxboard.overlay.dts'),
    '-o',
    join(place, 'examples', 'maaxboard', 'maaxboard.dtb'),
  );
  return place;
}

export async function planExample(place: string, example: Example): Promise<PlannedExample> {
  const { board, request } = example;
  const directory = join(place, 'examples', board);
  const output = join(place, 'out', board, request);
  await drivervm('plan', join(directory, `${request}.yaml`), '-o', output);
  const plan = JSON.parse(readFileSync(join(output, 'plan.json'), 'utf8')) as Plan;
  const text = readFileSync(join(directory, `${request}.yaml`), 'utf8');
  const dtb = join(directory, /dtb: ([^,]+),/.exec(text)?.[1] ?? '');
  const said = await drivervm(
    'check',
    join(output, `${plan.name}.system`),
    '--board',
    board,
    '--dtb',
    dtb,
    '--guest-dtb',
    join(output, 'linux.dtb'),
  );
  const whole = `${board}/${request}` === SHOWN_WHOLE;
  const files = readdirSync(output)
    .filter((name) => !TREES.test(name) && (whole || SHOWN.test(name)))
    .map((name) => [`${board}/${request}/${name}`, readFileSync(join(output, name), 'utf8')] as const);
  return { ...example, plan, files: new Map(files), checked: said.trim().split('\n').at(-1) ?? '' };
}
