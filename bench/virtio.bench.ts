/**
 * What virtio devices carry: block writes and reads, TCP between two guests, console output. Ours are the two guests of
 * `examples/shared/two-guests` behind their virtualisers; against them two QEMUs with the same kernel, initrd and RAM, their
 * network devices joined by a socket. Each workload is a shell command, timed from typing it to its last word, in turns.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB } from '../src/base/index.ts';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { loadProject, ProjectRun } from '../test/support/project-run.ts';
import { drivervm, median } from './machines.ts';

const ROUNDS = 3;
const DISK_BYTES = 64 * MIB;
const STREAM_BYTES = 16 * MIB;
const CONSOLE_BYTES = MIB / 2;
const GUEST_RAM = '256';
const MODULES = 'virtio_mmio,virtio_console,virtio_blk,virtio_net,ext4,crc32c_generic';
const BOOTARGS = 'console=hvc0 cryptomgr.notests';
const PROMPT = '# ';
const GUESTS = [0, 1] as const;

interface Workload {
  readonly name: string;
  readonly bytes: number;
  /** What is typed, to which guest; the last is timed until the word comes. */
  readonly typed: readonly Typed[];
  /** What must hold afterwards: a test, for the shell. */
  readonly check?: Typed;
}

type Typed = readonly [guest: number, command: string];

const dd = (rest: string) => `dd ${rest} 2>/dev/null`;
const WORKLOADS: readonly Workload[] = [
  {
    name: 'block write',
    bytes: DISK_BYTES,
    typed: [[0, dd(`if=/dev/zero of=/dev/vda bs=1M count=${DISK_BYTES / MIB} conv=fsync`)]],
  },
  {
    name: 'block read',
    bytes: DISK_BYTES,
    typed: [
      [0, 'echo 3 > /proc/sys/vm/drop_caches'],
      [0, dd(`if=/dev/vda of=/dev/null bs=1M count=${DISK_BYTES / MIB}`)],
    ],
  },
  {
    name: 'network (TCP)',
    bytes: STREAM_BYTES,
    typed: [
      // Its input stays open, or it would hang up at once.
      [1, '{ sleep 999 | nc -l -p 5000 > /received & }'],
      [0, `${dd(`if=/dev/zero bs=64k count=${STREAM_BYTES / 65536}`)} | nc 10.0.0.2 5000`],
    ],
    check: [1, `sleep 1; [ $(stat -c %s /received) = ${STREAM_BYTES} ]`],
  },
  {
    name: 'console output',
    bytes: CONSOLE_BYTES,
    typed: [[0, `${dd(`if=/dev/zero bs=1k count=${CONSOLE_BYTES / 1024}`)} | tr '\\0' x`]],
  },
];

/** Two guests with a shell each. */
interface Machines {
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

class Ours implements Machines {
  readonly #run: ProjectRun;
  #guest = 0;

  constructor(run: ProjectRun) {
    this.#run = run;
    for (const _ of GUESTS) this.#until(PROMPT);
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

class Qemu implements Machines {
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

interface Measure {
  readonly seconds: number;
  readonly instructions: number | undefined;
}

async function measure(machines: Machines, { typed, check }: Workload): Promise<Measure> {
  for (const [guest, command] of typed.slice(0, -1)) await machines.run(guest, command);
  const [guest, command] = typed.at(-1) ?? [0, ''];
  const before = machines.instructions;
  const startMs = performance.now();
  await machines.run(guest, command);
  const seconds = (performance.now() - startMs) / 1000;
  const { instructions } = machines;
  if (check !== undefined) await machines.run(...check);
  return {
    seconds,
    instructions: instructions === undefined || before === undefined ? undefined : instructions - before,
  };
}

const place = mkdtempSync(join(tmpdir(), 'drivervm-bench-virtio-'));
const path = (...parts: readonly string[]): string => join(place, ...parts);
const ADDRESSES = GUESTS.map((guest) => `ip addr add 10.0.0.${guest + 1}/24 dev eth0; ip link set eth0 up`);

let qemu: Qemu | undefined;
try {
  await drivervm('payload', 'debian', '--modules', MODULES, '-o', path('payload'));
  cpSync(join(PROJECT_ROOT, 'examples', 'shared'), path('shared'), { recursive: true });
  await drivervm(
    'plan',
    path('shared', 'two-guests', 'request.yaml'),
    '-o',
    path('shared', 'two-guests', 'project'),
  );
  const disk = path('disk.img');
  writeFileSync(disk, '');
  truncateSync(disk, DISK_BYTES);
  const zeros: BlockStore = {
    sizeBytes: DISK_BYTES,
    readOnly: true,
    read: (_offset, target) => target.fill(0),
    write: () => {},
    flush: () => {},
  };
  const project = loadProject(path('shared', 'two-guests', 'project'));
  const stores = new Map(
    project.description.protectionDomains
      .filter(({ name }) => name.startsWith('blk_virt'))
      .map(({ name }) => [name, copyOnWrite(zeros)]),
  );
  const ours = new Ours(new ProjectRun(project, { stores }));
  qemu = await Qemu.start(path('payload', 'Image'), path('payload', 'initrd.cpio'), disk, path('wire'));
  for (const guest of GUESTS) {
    await ours.run(guest, ADDRESSES[guest] ?? '');
    await qemu.run(guest, ADDRESSES[guest] ?? '');
  }
  for (const workload of WORKLOADS) {
    const rounds: { readonly ours: Measure; readonly qemu: Measure }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({ ours: await measure(ours, workload), qemu: await measure(qemu, workload) });
    }
    const rate = (who: 'ours' | 'qemu') =>
      workload.bytes / MIB / median(rounds.map((round) => round[who].seconds));
    const instructions = median(rounds.map((round) => round.ours.instructions ?? 0));
    const perMillion = workload.bytes / 1024 / (instructions / 1e6);
    const ratio = median(rounds.map((round) => round.ours.seconds / round.qemu.seconds));
    console.log(
      `${workload.name.padEnd(15)} ours ${rate('ours').toFixed(2)} MiB/s, ${perMillion.toFixed(1)} KiB a million ` +
        `instructions; QEMU ${rate('qemu').toFixed(2)} MiB/s; ours takes ${ratio.toFixed(2)} times as long`,
    );
  }
} finally {
  qemu?.stop();
  rmSync(place, { recursive: true, force: true });
}
