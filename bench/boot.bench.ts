/**
 * From a command to the line that the initrd prints: `drivervm run` on the Odroid C4's driver VM against QEMU alone on its
 * own board, with the same kernel, initrd, RAM and command line, in turns. Memory is the peak of the process.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { inDirectory, median, planGuests } from './machines.ts';

const ROUNDS = 3;
/** The short boot leaves the kernel's tests of its ciphers out. */
const BOOTS = { short: 'cryptomgr.notests', default: '' } as const;

interface Boot {
  readonly seconds: number;
  readonly peakMib: number;
  /** Millions, where the program says so at its end; QEMU doesn't. */
  readonly instructions: number | undefined;
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

async function compare(name: keyof typeof BOOTS, place: string): Promise<void> {
  const guests = await planGuests(place, BOOTS[name]);
  const ours = [...guests.ours, '--until', INITRD_UP_LINE, '--stats'];
  console.log(`${name} boot:`);
  const boots: { readonly ours: Boot; readonly qemu: Boot }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    boots.push({
      ours: await boot(process.execPath, ours, true),
      qemu: await boot('qemu-system-aarch64', guests.qemu, false),
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
}

for (const name of ['short', 'default'] as const) {
  await inDirectory('boot', (place) => compare(name, place));
}
