/**
 * `drivervm run` at a terminal, as a process of its own: a pseudo-terminal by script(1), keys as a person types them, and the
 * terminal as it is left. And without one: signals and pipes.
 */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-terminal-'));
after(() => rmSync(directory, { recursive: true }));
const COMMAND = join(PROJECT_ROOT, 'bin', 'drivervm.js');
const project = join(directory, 'project');
await drivervm(['payload', 'debian', '-o', directory]);
const BOARD = join(directory, 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
await drivervm([
  ...['plan', '--dtb', BOARD, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
  ...['--kernel', join(directory, 'Image'), '--initrd', join(directory, 'initrd.cpio')],
  ...['--bootargs', 'earlycon cryptomgr.notests'],
]);
const RUN = [process.execPath, COMMAND, 'run', project, '--dtb', BOARD, '--timeout', '100'] as const;

/** Begins where an earlier one was up: what is tested comes after the boot. */
const BOOTED = [...RUN, '--from-boot'];
const ENVIRONMENT = { ...process.env, XDG_CACHE_HOME: join(directory, 'cache') };

class Talk {
  readonly child: ChildProcessWithoutNullStreams;
  output = '';
  #ended: Promise<number | string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { env: ENVIRONMENT });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString('latin1')));
    }
    this.#ended = once(this.child, 'close').then(([status, signal]) => status ?? signal);
  }

  /** Waits until something new is said that fits. */
  async until(what: RegExp, from = 0): Promise<number> {
    while (!what.test(this.output.slice(from))) {
      const ended = await Promise.race([once(this.child.stdout, 'data').then(() => undefined), this.#ended]);
      assert.equal(ended, undefined, `it ended before ${what}: ${this.output.slice(-2000)}`);
    }
    return this.output.length;
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  async end(): Promise<number | string> {
    return await this.#ended;
  }
}

/** In a pseudo-terminal whose settings are shown before and after. */
function atTerminal(flags: readonly string[] = [], environment = ''): Talk {
  const command = [...BOOTED, ...flags].map((word) => `'${word}'`).join(' ');
  const line = `stty -g; ${environment} ${command}; status=$?; stty -g; exit $status`;
  return new Talk('script', ['-qefc', line, '/dev/null']);
}

function assertTerminalAsBefore({ output }: Talk): void {
  const settings = [...output.matchAll(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm)].map(([line]) => line);
  assert.equal(settings.length, 2, output.slice(-2000));
  assert.equal(settings[0], settings[1]);
}

test('at a terminal: Ctrl-C is the guest’s, Ctrl-A is ours, and the terminal is given back', async () => {
  const talk = atTerminal();
  let at = await talk.until(/# /);
  talk.type('echo beg""in; sleep 1000\r');
  at = await talk.until(/begin\r/, at);
  talk.type('\x03echo status $?\r');
  at = await talk.until(/status 130\r/, at);
  talk.type('\x01s');
  at = await talk.until(/vCPU 0 of linux: \w+ at 0x\w+ \(\w+\+0x/, at);
  talk.type('\x01n\x01h');
  at = await talk.until(/the keyboard is for linux \(0 linux\)[\s\S]*Ctrl-A x {3}leaves/, at);
  talk.type('\x01x');
  assert.equal(await talk.end(), 0, talk.output.slice(-2000));
  assertTerminalAsBefore(talk);
});

test('at a terminal without colours: no escapes of ours', async () => {
  const talk = atTerminal([], 'TERM=dumb NO_COLOR=1');
  const at = await talk.until(/# /);
  talk.type('\x01s');
  await talk.until(/million instructions/, at);
  assert.ok(!talk.output.slice(at).includes('\x1b[K'));
  talk.type('\x01x');
  assert.equal(await talk.end(), 0);
  assertTerminalAsBefore(talk);
});

test('at a terminal with the real clock: time goes by while the guest waits', async () => {
  const talk = atTerminal(['--clock', 'real']);
  const at = await talk.until(/# /);
  talk.type('cut -d. -f1 /proc/uptime; sleep 2; cut -d. -f1 /proc/uptime; echo e""nd\r');
  await talk.until(/end\r/, at);
  const [before = 0, later = 0] = [...talk.output.slice(at).matchAll(/^(\d+)\r$/gm)].map(([, s]) =>
    Number(s),
  );
  assert.ok(later - before >= 2, talk.output.slice(at));
  talk.type('poweroff -f\r');
  assert.equal(await talk.end(), 0);
});

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends an unattended run with its account and ${status}`, async () => {
    const talk = new Talk(RUN[0], [...BOOTED.slice(1), '--stats']);
    await talk.until(/# /);
    talk.child.kill(signal);
    assert.equal(await talk.end(), status);
    assert.match(talk.output, /million instructions, \d+ MIPS/);
  });
}

test('a pipe that stays open is listened to; its end ends the run', async () => {
  const talk = new Talk(RUN[0], BOOTED.slice(1));
  let at = await talk.until(/# /);
  talk.type('echo fir""st\n');
  at = await talk.until(/first\r/, at);
  talk.type('echo sec""ond\n');
  await talk.until(/second\r/, at);
  talk.child.stdin.end();
  // The guest still waits at its prompt.
  assert.equal(await talk.end(), 3);
});

test('a reader that goes away ends the run', async () => {
  const talk = new Talk('sh', ['-c', `${RUN.map((word) => `'${word}'`).join(' ')} | head -n 2`]);
  assert.equal(await talk.end(), 0);
  assert.match(talk.output, /Booting Linux/);
});

test('halt ends an unattended run', async () => {
  const run = ['run', project, '--dtb', BOARD, '--stats'];
  const { out, err } = await drivervm(run, { input: 'halt -f\n', status: 3 });
  assert.match(err, /warning\[run\/never-wakes\]/);
  assert.match(out, /System halted[\s\S]*vCPU 0 of linux: halted at \S+ \(machine_halt\+0x/);
});
