/** What the benchmarks share: a guest of ours and one of QEMU's with the same kernel, initrd and RAM, and medians. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

const RAM_MIB = 512;

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A command of ours in this process; throws where it doesn't end well. */
export async function drivervm(...args: readonly string[]): Promise<void> {
  const quiet = { write: () => true };
  const status = await runCommandLine(args, { host: nodeHost(), stdout: quiet, stderr: process.stderr });
  if (status !== 0) throw new Error(`drivervm ${args.join(' ')} ended with ${status}`);
}

/** Calls `use` with a directory of its own. */
export async function inDirectory(name: string, use: (place: string) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), `drivervm-bench-${name}-`));
  try {
    await use(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export interface Guests {
  /** Arguments of Node, up to what is to be run. */
  readonly ours: readonly string[];
  readonly qemu: readonly string[];
}

/** The Odroid C4's driver VM, planned in a directory, and QEMU alone on its own board. */
export async function planGuests(place: string, bootargs: string): Promise<Guests> {
  await drivervm('payload', 'debian', '-o', place);
  const [kernel, initrd, project] = ['Image', 'initrd.cpio', 'plan'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  const board = join(place, 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
  const plan = ['--board', 'odroidc4', '--ram', `${RAM_MIB} MiB`, '--bootargs', bootargs];
  await drivervm('plan', '--dtb', board, '--kernel', kernel, '--initrd', initrd, ...plan, '-o', project);
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
  const append = `console=ttyAMA0 ${bootargs}`;
  return {
    ours: [join(PROJECT_ROOT, 'bin', 'drivervm.js'), 'run', project],
    qemu: [...machine, '-serial', 'stdio', '-kernel', kernel, '-initrd', initrd, '-append', append],
  };
}
