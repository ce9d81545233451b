/**
 * Guests that share devices depend on nothing but their inputs: two runs of `examples/shared/two-guests` with its virtual
 * clock write the same console, disk and frames after the same instructions, and so does one that was saved in the middle,
 * disk and all, and goes on elsewhere.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MIB } from '../src/base/index.ts';
import { nodeHost } from '../src/cli/node/host.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { pcapRecord } from '../src/sel4/index.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { type LoadedProject, loadProject, ProjectRun } from './support/project-run.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-determinism-'));
after(() => rmSync(place, { recursive: true }));
const MODULES = 'virtio_mmio,virtio_console,virtio_blk,virtio_net,ext4,crc32c_generic';

async function drivervm(...args: readonly string[]): Promise<void> {
  const quiet = { write: () => true };
  const status = await runCommandLine(args, { host: nodeHost(), stdout: quiet, stderr: process.stderr });
  assert.equal(status, 0, args.join(' '));
}

const ZEROS: BlockStore = {
  sizeBytes: MIB,
  readOnly: true,
  read: (_offset, target) => target.fill(0),
  write: () => {},
  flush: () => {},
};

/** A run with all that it leaves behind. */
class WatchedRun {
  readonly run: ProjectRun;
  readonly #disk = copyOnWrite(ZEROS);
  readonly #frames: Uint8Array[] = [];

  constructor(project: LoadedProject) {
    const virtualiser = project.description.protectionDomains.find(({ name }) => name.startsWith('blk_virt'));
    this.run = new ProjectRun(
      project,
      { stores: new Map([[virtualiser?.name ?? '', this.#disk]]) },
      {
        onFrame: (frame) => this.#frames.push(pcapRecord(this.run.session.machine.time.nowNs, frame.slice())),
      },
    );
  }

  get disk(): Uint8Array {
    const content = new Uint8Array(MIB);
    this.#disk.read(0, content);
    return content;
  }

  /** Everything that two runs must have in common. `framesFrom` leaves out what was on the wire before. */
  outcome(framesFrom = 0): object {
    return {
      console: this.run.console,
      instructions: this.run.session.kernel.vcpus().map(({ cpu }) => cpu.retired),
      timeNs: this.run.session.machine.time.nowNs,
      disk: Buffer.from(this.disk).toString('base64'),
      frames: this.#frames.slice(framesFrom).map((frame) => Buffer.from(frame).toString('hex')),
    };
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  say(text: string, until: string): void {
    this.run.type(text);
    this.run.until(until);
    assert.ok(this.run.console.includes(until), `${until}\n${this.run.console.slice(-2000)}`);
  }

  /** To where both guests have a shell and have used disk and network, and more of it is under way. */
  firstHalf(): void {
    for (const _guest of ['left', 'right']) {
      this.run.console = '';
      this.say('', '# ');
    }
    this.say(
      'seq 1 40000 > /dev/vda; ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up; echo le""ft\n',
      'left',
    );
    this.say('\x1c1\nip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; echo ri""ght\n', 'right');
    this.say('ping -c 3 -s 1000 10.0.0.1; echo pi""nged\n', '1008 bytes');
  }

  secondHalf(): void {
    this.say('', 'pinged');
    this.say('\x1c0\nsync; seq 7 30000 > /dev/vda; sync; md5sum /dev/vda; echo do""ne\n', 'done');
  }
}

test('two runs are the same, and one that was saved in the middle and went on elsewhere', async () => {
  await drivervm('payload', 'debian', '--modules', MODULES, '-o', join(place, 'payload'));
  cpSync(join(PROJECT_ROOT, 'examples', 'shared'), join(place, 'shared'), { recursive: true });
  const directory = join(place, 'shared', 'two-guests', 'project');
  await drivervm('plan', join(place, 'shared', 'two-guests', 'request.yaml'), '-o', directory);
  const project = loadProject(directory);

  const [first, second, elsewhere] = [1, 2, 3].map(() => new WatchedRun(project));
  assert.ok(first !== undefined && second !== undefined && elsewhere !== undefined);
  first.firstHalf();
  const snapshot = first.run.session.save();
  const { frameCount } = first;
  const console = first.run.console;
  first.secondHalf();
  assert.match(first.run.console, /3 packets transmitted, 3 packets received/);
  assert.ok(frameCount > 2 && first.frameCount > frameCount);
  assert.ok(first.disk.includes(0x37));

  second.firstHalf();
  second.secondHalf();
  assert.deepEqual(second.outcome(), first.outcome());

  elsewhere.run.session.load(snapshot);
  elsewhere.run.console = console;
  elsewhere.secondHalf();
  assert.deepEqual(elsewhere.outcome(), first.outcome(frameCount));
});
