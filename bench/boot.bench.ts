/**
 * From a command to the line that the initrd prints: `drivervm run` on the Odroid C4's driver VM, without translations and with those of
 * an earlier run, against QEMU alone on its own board, with the same kernel, initrd, RAM and command line, in turns. Memory is the peak
 * of the process; of its time that of its first thread, which the guest waits for, is told apart, for a machine that is not at rest.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { inDirectory, median, planGuests } from './machines.ts';

const ROUNDS = 3;
/** The short boot leaves the kernel's tests of its ciphers out. */
const BOOTS = { short: 'cryptomgr.notests', default: '' } as const;

interface Boot {
  readonly seconds: number;
  /** Of the processor, for the thread that the process began with; of all its threads together. */
  readonly firstThreadSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
  /** Millions, where the program says so at its end; QEMU doesn't. */
  readonly instructions: number | undefined;
}

/** The highest resident set that a living process has had (proc(5), VmHWM). */
function peakMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

const NS_PER_SECOND = 1e9;

/** What a living process, or one of its threads, had of the processor (proc(5), schedstat). */
function cpuSeconds(pid: number, thread: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / NS_PER_SECOND;
}

/** Runs a program until it prints the line. One that doesn't end then by itself is ended. */
function boot(
  command: string,
  args: readonly string[],
  { endsItself, cache }: { readonly endsItself: boolean; readonly cache: string },
): Promise<Boot> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child: ChildProcessByStdio<null, Readable, null> = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, XDG_CACHE_HOME: cache },
    });
    let text = '';
    let up: Omit<Boot, 'instructions'> | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (up !== undefined || !text.includes(INITRD_UP_LINE)) return;
      const pid = child.pid ?? 0;
      const threads = readdirSync(`/proc/${pid}/task`).map((thread) => cpuSeconds(pid, thread));
      up = {
        seconds: (performance.now() - startMs) / 1000,
        firstThreadSeconds: cpuSeconds(pid, String(pid)),
        cpuSeconds: threads.reduce((sum, each) => sum + each, 0),
        peakMib: peakMib(pid),
      };
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
  const [cache, node] = [join(place, 'cache'), process.execPath];
  const runs = {
    cold: () => boot(node, [...ours, '--no-keep-translations'], { endsItself: true, cache }),
    kept: () => boot(node, ours, { endsItself: true, cache }),
    qemu: () => boot('qemu-system-aarch64', guests.qemu, { endsItself: false, cache }),
  };
  // What is compiled of the command, and what is translated of the guest, is kept.
  await runs.kept();
  const boots: Record<keyof typeof runs, Boot>[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    boots.push({ cold: await runs.cold(), kept: await runs.kept(), qemu: await runs.qemu() });
  for (const who of ['cold', 'kept', 'qemu'] as const) {
    const of = (what: 'seconds' | 'firstThreadSeconds' | 'cpuSeconds' | 'peakMib') =>
      boots.map((round) => round[who][what]);
    const seconds = of('seconds');
    const range = `${Math.min(...seconds).toFixed(1)}–${Math.max(...seconds).toFixed(1)}`;
    const cpu = `${median(of('firstThreadSeconds')).toFixed(1)} of ${median(of('cpuSeconds')).toFixed(1)} s of the processor in the first thread`;
    const [counted] = boots.map((round) => round[who].instructions);
    const rate =
      counted === undefined
        ? ''
        : `, ${counted.toFixed(0)} million instructions, ${(counted / median(seconds)).toFixed(0)} MIPS from the command on`;
    console.log(
      `${who.padEnd(6)} ${median(seconds).toFixed(1)} s (${range}), ${cpu}, ${median(of('peakMib')).toFixed(0)} MiB${rate}`,
    );
  }
  for (const who of ['cold', 'kept'] as const) {
    const ratio = median(boots.map((round) => round[who].seconds / round.qemu.seconds));
    // QEMU computes in a thread of its vCPU's, and in no other.
    const ofCpu = median(boots.map((round) => round[who].firstThreadSeconds / round.qemu.cpuSeconds));
    console.log(
      `${who} takes ${ratio.toFixed(2)} times as long as QEMU (median of ${ROUNDS} rounds, in turns), its first thread ${ofCpu.toFixed(2)} times QEMU's of the processor`,
    );
  }
}

for (const name of ['short', 'default'] as const) {
  await inDirectory('boot', (place) => compare(name, place));
}
