/**
 * Programs in the guest: `drivervm run` on the Odroid C4's driver VM against QEMU alone on its own board, with the same kernel, initrd and
 * RAM, in turns. A command is typed when the one before has ended, and timed to what it prints at its end.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

const ROUNDS = 3;
const RAM_MIB = 512;
const BOOTARGS = 'cryptomgr.notests';
const COMMANDS = {
  true: 'true',
  sha256sum: 'dd if=/dev/zero of=/tmp/z bs=1M count=8; sha256sum /tmp/z',
  gzip: 'gzip -6 -c /bin/busybox | wc -c',
  sort: 'seq 20000 | sort -r | tail -1',
  awk: `seq 40000 | awk '{s+=$1*$1%7; t=t+length($0)} END {print s,t}'`,
} as const;
type Name = keyof typeof COMMANDS;
const NAMES = Object.keys(COMMANDS) as Name[];
type Seconds = Record<Name, number>;

const place = mkdtempSync(join(tmpdir(), 'drivervm-bench-userland-'));
const path = (...parts: readonly string[]): string => join(place, ...parts);
const BOARD = path('dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');

async function drivervm(...args: readonly string[]): Promise<void> {
  const quiet = { write: () => true };
  const status = await runCommandLine(args, { host: nodeHost(), stdout: quiet, stderr: process.stderr });
  if (status !== 0) throw new Error(`drivervm ${args.join(' ')} ended with ${status}`);
}

/** Boots a guest, and gives each command's time. */
function session(program: string, args: readonly string[]): Promise<Seconds> {
  return new Promise((resolve, reject) => {
    const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const seconds: Partial<Seconds> = {};
    let text = '';
    let at = -1;
    let sinceMs = 0;
    const next = (): void => {
      const name = NAMES[++at];
      if (name === undefined) {
        child.kill('SIGKILL');
        resolve(seconds as Seconds);
        return;
      }
      text = '';
      sinceMs = performance.now();
      // What is typed is echoed: the marker is not in it.
      child.stdin.write(`${COMMANDS[name]}; echo "@"@${at}\n`);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const name = NAMES[at];
      if (name === undefined ? !text.includes(INITRD_UP_LINE) : !text.includes(`@@${at}`)) return;
      if (name !== undefined) seconds[name] = (performance.now() - sinceMs) / 1000;
      next();
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error(`${program} ended early:\n${text.slice(-2000)}`)));
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
  const ours = [join(PROJECT_ROOT, 'bin', 'drivervm.js'), 'run', path('plan')];
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
  const rounds: { readonly ours: Seconds; readonly qemu: Seconds }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      ours: await session(process.execPath, ours),
      qemu: await session('qemu-system-aarch64', qemu),
    });
  }
  let product = 1;
  for (const name of NAMES) {
    const [we, they] = (['ours', 'qemu'] as const).map((who) =>
      median(rounds.map((round) => round[who][name])),
    );
    const ratio = (we ?? 0) / (they ?? 1);
    if (name !== 'true') product *= ratio;
    console.log(`${name.padEnd(10)} ${we?.toFixed(2)} s, QEMU ${they?.toFixed(2)} s: ${ratio.toFixed(2)}`);
  }
  console.log(`geometric mean without "true": ${(product ** (1 / (NAMES.length - 1))).toFixed(2)}`);
} finally {
  rmSync(place, { recursive: true });
}
