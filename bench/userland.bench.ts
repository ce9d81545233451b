/**
 * Programs in the guest: `drivervm run` on the Odroid C4's driver VM against QEMU alone on its own board, with the same kernel, initrd and
 * RAM, in turns. A command is typed when the one before has ended, and timed to what it prints at its end.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { inDirectory, median, planGuests } from './machines.ts';

const ROUNDS = 3;
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

await inDirectory('userland', async (place) => {
  const guests = await planGuests(place, BOOTARGS);
  const rounds: { readonly ours: Seconds; readonly qemu: Seconds }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      ours: await session(process.execPath, guests.ours),
      qemu: await session('qemu-system-aarch64', guests.qemu),
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
});
