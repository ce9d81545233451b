/** The real stack and ours, as commands: Microkit's SDK with libvmm by the projects' own Makefiles, QEMU's virt, and drivervm. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/files.ts';

export interface Stack {
  readonly sdk: string;
  readonly libvmm: string;
  /** The board's directory in the SDK, where it is another than the plan's. */
  readonly board?: string;
}

export interface Outcome {
  readonly failed: boolean;
  readonly out: string;
  readonly err: string;
}

const cli = join(PROJECT_ROOT, 'bin', 'drivervm.js');
/** As a Makefile calls it. */
export const CALL = `${process.execPath} ${cli}`;
/** How long a guest may say nothing; not how long it boots, since that depends on what else the machine does. */
const SILENCE_LIMIT_MS = Number(process.env.DRIVERVM_SILENCE_SECONDS ?? 900) * 1000;

const UP = 'drivervm: the guest is up';
export const DOWN = 'reboot: Power down';

/** Why there is no stack to compare with: a sentence for whoever forgot to say where it is. */
export function missingOf(sdk: string | undefined, libvmm: string | undefined): string | undefined {
  if (!sdk || !libvmm)
    return 'MICROKIT_SDK and LIBVMM are to name a Microkit SDK 2.3 and libvmm 0.2 with its submodule dep/sddf';
  if (!existsSync(join(sdk, 'bin', 'microkit'))) return `MICROKIT_SDK: ${sdk} has no bin/microkit`;
  if (!existsSync(join(libvmm, 'vmm.mk'))) return `LIBVMM: ${libvmm} has no vmm.mk`;
  if (!existsSync(join(libvmm, 'dep', 'sddf', 'util', 'util.mk')))
    return `LIBVMM: ${libvmm} has no dep/sddf: run "git submodule update --init" in it`;
  return undefined;
}

function command(name: string, args: readonly string[], cwd: string, input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { cwd });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', ({ message }) => resolve({ failed: true, out, err: message }));
    child.on('close', (status) => resolve({ failed: status !== 0, out, err }));
    // Who doesn't read to the end closes the pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export const drivervm = (args: readonly string[], cwd: string, input?: string): Promise<Outcome> =>
  command(process.execPath, [cli, ...args], cwd, input);

/** The line of a failed command that says why. */
export function reason(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(echo|clang) /.test(line));
  const index = lines.findIndex((line) => /error|panicked|\*\*\* /i.test(line));
  const found = lines.slice(index, /panicked/.test(lines[index] ?? '') ? index + 2 : index + 1);
  return index < 0 ? (lines.at(-1) ?? '') : found.join(' ');
}

/** QEMU's virt with a version 3 GIC, as an SDK may have it. */
export const GICV3_BOARD = 'qemu_virt_aarch64_gicv3';
export const gicOf = (board: string): 2 | 3 => (board === GICV3_BOARD ? 3 : 2);

const virt = (gic: 2 | 3): string => `virt,virtualization=on,gic-version=${gic}`;
const machine = (cores: number, gic: 2 | 3): readonly string[] => [
  ...['-machine', virt(gic), '-cpu', 'cortex-a53', '-smp', String(cores), '-m', '2G'],
  ...['-display', 'none', '-net', 'none'],
];

/** The tree of QEMU's virt with that many cores. */
export function dumpTree(file: string, cores: number, gic: 2 | 3 = 2): void {
  const [, , ...rest] = machine(cores, gic);
  spawnSync('qemu-system-aarch64', ['-machine', `${virt(gic)},dumpdtb=${file}`, ...rest]);
}

export const makeImage = (
  project: string,
  { sdk, libvmm, board }: Stack,
  settings: readonly string[] = [],
): Promise<Outcome> => {
  const named = board === undefined ? [] : [`MICROKIT_BOARD=${board}`];
  return command(
    'make',
    ['-C', project, `MICROKIT_SDK=${sdk}`, `LIBVMM=${libvmm}`, ...named, ...settings],
    project,
  );
};

/** Boots an image on seL4 under QEMU, types each line when the one before was answered, and gives what the serial port said. */
export function bootReal(
  image: string,
  cores: number,
  typed: readonly string[],
  more: readonly string[] = [],
  gic: 2 | 3 = 2,
): Promise<string> {
  const loader = ['-device', `loader,file=${image},addr=0x70000000,cpu-num=0`];
  const qemu = spawn('qemu-system-aarch64', [
    ...machine(cores, gic),
    ...loader,
    ...more,
    '-serial',
    'stdio',
    '-monitor',
    'none',
  ]);
  const left = [...typed];
  let said = '';
  let answered = -1;
  return new Promise((resolve) => {
    const limit = setTimeout(() => qemu.kill(), SILENCE_LIMIT_MS);
    qemu.on('error', (error) => resolve(error.message));
    qemu.on('close', () => {
      clearTimeout(limit);
      resolve(said);
    });
    qemu.stderr.on('data', (bytes: Buffer) => {
      if (!qemu.killed) said += bytes.toString('latin1');
    });
    qemu.stdout.on('data', (bytes: Buffer) => {
      limit.refresh();
      said += bytes.toString('latin1');
      const from = answered < 0 ? said.indexOf(UP) : answered;
      // A prompt ends what was asked for before it; the echo of a line is not one.
      const [lineEnd, hasAnswered] = [said.indexOf('\n', from), answered >= 0];
      const isEcho = hasAnswered && lineEnd < 0;
      const prompt = from < 0 || isEcho ? -1 : said.indexOf('# ', hasAnswered ? lineEnd : from);
      if (prompt >= 0) {
        const line = left.shift();
        answered = said.length;
        if (line !== undefined) qemu.stdin.write(`${line}\n`);
      }
      if (said.includes(DOWN) || said.includes('Kernel panic')) qemu.kill();
    });
  });
}
