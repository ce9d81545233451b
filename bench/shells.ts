/**
 * Guests with a shell each, ours and QEMU's, and workloads for them: a workload is a shell command, timed from typing it to its last word.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { ProjectRun } from '../test/support/project-run.ts';

/** RAM of each, MiB, as the requests have it. */
const GUEST_RAM = '256';
export const BOOTARGS = 'console=hvc0 cryptomgr.notests';
const PROMPT = '# ';
export const GUESTS = [0, 1] as const;

export interface Workload {
  readonly name: string;
  readonly bytes: number;
  /** What is typed, to which guest; the last is timed until the word comes. */
  readonly typed: readonly Typed[];
  /** What must hold afterwards: a test, for the shell. */
  readonly check?: Typed;
  /** What must hold afterwards outside of the guests. */
  readonly holds?: () => boolean;
}

export type Typed = readonly [guest: number, command: string];

/** Two guests with a shell each. */
export interface Machines {
  /** Types a command and comes back when it is done. */
  run(guest: number, command: string): Promise<void>;
  /** Instructions so far, where they are counted. */
  readonly instructions: number | undefined;
}

let commands = 0;

/** A command that says when it is done, in a word that its own echo doesn't hold. */
function marked(command: string): { readonly line: string; readonly word: string } {
  commands += 1;
  return { line: `${command}; echo do""ne $? ${commands}.\n`, word: `done 0 ${commands}.` };
}

export class Ours implements Machines {
  readonly #run: ProjectRun;
  #guest = 0;

  /** Comes back when each of so many guests has its shell. */
  constructor(run: ProjectRun, guests: number = GUESTS.length) {
    this.#run = run;
    for (let guest = 0; guest < guests; guest += 1) this.#until(PROMPT);
  }

  async run(guest: number, command: string): Promise<void> {
    if (guest !== this.#guest) this.#run.type(`\x1c${guest}\n`);
    this.#guest = guest;
    const { line, word } = marked(command);
    this.#run.type(line);
    this.#until(word);
  }

  get instructions(): number {
    return this.#run.instructions;
  }

  #until(text: string): void {
    this.#run.console = '';
    this.#run.until(text);
    if (!this.#run.console.includes(text)) throw new Error(`no ${text}:\n${this.#run.console.slice(-2000)}`);
    // What was written by a guest that has gone on since then is not to be found again.
    this.#run.console = '';
  }
}

export class Qemu implements Machines {
  readonly instructions = undefined;
  readonly #consoles: readonly QemuConsole[];

  constructor(consoles: readonly QemuConsole[]) {
    this.#consoles = consoles;
  }

  static async start(kernel: string, initrd: string, disk: string, socket: string): Promise<Qemu> {
    const machine = ['-M', 'virt', '-cpu', 'cortex-a53', '-m', GUEST_RAM, '-display', 'none', '-nodefaults'];
    const linux = ['-kernel', kernel, '-initrd', initrd, '-append', BOOTARGS];
    const console = [
      '-chardev',
      'stdio,id=c',
      '-device',
      'virtio-serial-device',
      '-device',
      'virtconsole,chardev=c',
    ];
    const drive = [
      '-drive',
      `if=none,file=${disk},format=raw,cache=unsafe,id=d`,
      '-device',
      'virtio-blk-device,drive=d',
    ];
    const consoles: QemuConsole[] = [];
    for (const guest of GUESTS) {
      const server = guest === 0 ? 'on' : 'off';
      const wire = [
        '-netdev',
        `stream,id=n,server=${server},addr.type=unix,addr.path=${socket}`,
        '-device',
        `virtio-net-device,netdev=n,mac=02:00:00:00:00:0${guest + 1}`,
      ];
      const disks = guest === 0 ? drive : [];
      const args = [...machine, ...linux, ...console, ...disks, ...wire];
      consoles.push(new QemuConsole(spawn('qemu-system-aarch64', args)));
      await consoles.at(-1)?.until(PROMPT);
    }
    return new Qemu(consoles);
  }

  async run(guest: number, command: string): Promise<void> {
    const { line, word } = marked(command);
    this.#consoles[guest]?.type(line);
    await this.#consoles[guest]?.until(word);
  }

  stop(): void {
    for (const console of this.#consoles) console.stop();
  }
}

class QemuConsole {
  readonly #process: ChildProcessWithoutNullStreams;
  #text = '';
  #wake: () => void = () => {};

  constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    process.stdout.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    process.stderr.on('data', (chunk: Buffer) => console.error(`QEMU: ${chunk}`));
    process.on('close', () => this.#wake());
  }

  async until(word: string): Promise<void> {
    // Only the end is looked at: a workload writes much.
    let from = 0;
    for (;;) {
      const at = this.#text.indexOf(word, from);
      if (at >= 0) {
        this.#text = this.#text.slice(at + word.length);
        return;
      }
      if (this.#process.exitCode !== null) throw new Error(`QEMU has ended before ${word}`);
      from = Math.max(0, this.#text.length - word.length);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  type(text: string): void {
    this.#process.stdin.write(text);
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

export interface Measure {
  readonly seconds: number;
  readonly instructions: number | undefined;
}

export async function measure(machines: Machines, { name, typed, check, holds }: Workload): Promise<Measure> {
  for (const [guest, command] of typed.slice(0, -1)) await machines.run(guest, command);
  const [guest, command] = typed.at(-1) ?? [0, ''];
  const before = machines.instructions;
  const startMs = performance.now();
  await machines.run(guest, command);
  const seconds = (performance.now() - startMs) / 1000;
  const { instructions } = machines;
  if (check !== undefined) await machines.run(...check);
  if (holds?.() === false) throw new Error(`${name}: not all has come`);
  return {
    seconds,
    instructions: instructions === undefined || before === undefined ? undefined : instructions - before,
  };
}
