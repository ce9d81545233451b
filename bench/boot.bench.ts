/**
 * From a command to the line that the initrd prints: `drivervm run` on the Odroid C4's driver VM against QEMU alone on its
 * own board, with the same kernel, initrd, RAM and command line, in turns. Memory is the peak of the process.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

const ROUNDS = 3;
const RAM_MIB = 512;
const BOOTARGS = 'cryptomgr.notests';

interface Boot {
  readonly seconds: number;
  readonly peakMib: number;
  /** Millions, where the program says so at its end; QEMU doesn't. */
  readonly instructions: number | undefined;
}

const place = mkdtempSync(join(tmpdir(), 'drivervm-bench-boot-'));
const path = (...parts: readonly string[]): string => join(place, ...parts);
const BOARD = path('dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');

async function drivervm(...args: readonly string[]): Promise<void> {
  const quiet = { write: () => true };
  const status = await runCommandLine(args, { host: nodeHost(), stdout: quiet, stderr: process.stderr });
  if (status !== 0) throw new Error(`drivervm ${args.join(' ')} ended with ${status}`);
}

/** The highest resident set that a living process has had (proc(5), VmHWM). */
function peakMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Runs a program until it prints the line. One that doesn't end then by itself is ended. */
function boot(command: string, args: readonly string[], endsItself: boolean): Promise<Boot> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child: ChildProcessByStdio<null, Readable, null> = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    let up: Omit<Boot, 'instructions'> | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (up !== undefined || !text.includes(INITRD_UP_LINE)) return;
      up = { seconds: (performance.now() - startMs) / 1000, peakMib: peakMib(child.pid ?? 0) };
      if (!endsItself) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      const said = /([\d.]+) million instructions/.exec(text)?.[1];
      if (up === undefined)
        reject(new Error(`${command} ended before the guest was up:\n${text.slice(-2000)}`));
      else resolve({ ...up, instructions: said === undefined ? undefined : Number(said) });
    });
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

try {
  await drivervm('payload', 'debian', '-o', place);
  const [kernel, initrd] = [path('Image'), path('initrd.cpio')];
  const plan = ['--board', 'odroidc4', '--ram', `${RAM_MIB} MiB`, '--bootargs', BOOTARGS];
  await drivervm('plan', '--dtb', BOARD, '--kernel', kernel, '--initrd', initrd, ...plan, '-o', path('plan'));
  const run = [
    'run',
    path('plan', 'odroidc4.system'),
    '--dtb',
    BOARD,
    '--guest-dtb',
    path('plan', 'linux.dtb'),
  ];
  const ours = [
    join(PROJECT_ROOT, 'bin', 'drivervm.js'),
    ...run,
    ...['--kernel', kernel, '--initrd', initrd, '--until', INITRD_UP_LINE, '--stats'],
  ];
  const machine = [
    '-M',
    'virt',
    '-cpu',
    'cortex-a53',
    '-m',
    String(RAM_MIB),
    '-display',
    'none',
    '-net',
    'none',
  ];
  const append = `console=ttyAMA0 ${BOOTARGS}`;
  const qemu = [...machine, '-serial', 'stdio', '-kernel', kernel, '-initrd', initrd, '-append', append];
  const boots: { readonly ours: Boot; readonly qemu: Boot }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    boots.push({
      ours: await boot(process.execPath, ours, true),
      qemu: await boot('qemu-system-aarch64', qemu, false),
    });
  }
  for (const who of ['ours', 'qemu'] as const) {
    const seconds = boots.map((round) => round[who].seconds);
    const memory = median(boots.map((round) => round[who].peakMib));
    const range = `${Math.min(...seconds).toFixed(1)}–${Math.max(...seconds).toFixed(1)}`;
    const [counted] = boots.map((round) => round[who].instructions);
    const rate =
      counted === undefined
        ? ''
        : `, ${counted.toFixed(0)} million instructions, ${(counted / median(seconds)).toFixed(0)} MIPS from the command on`;
    console.log(
      `${who.padEnd(6)} ${median(seconds).toFixed(1)} s (${range}), ${memory.toFixed(0)} MiB${rate}`,
    );
  }
  const ratio = median(boots.map((round) => round.ours.seconds / round.qemu.seconds));
  console.log(`ours takes ${ratio.toFixed(2)} times as long as QEMU (median of ${ROUNDS} rounds, in turns)`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
