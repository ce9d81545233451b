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
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { loadProject } from './support/project-run.ts';
import { checkSameRuns, WatchedRun } from './support/watched-run.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-determinism-'));
after(() => rmSync(place, { recursive: true }));
const MODULES = 'virtio_mmio,virtio_console,virtio_blk,virtio_net,ext4,crc32c_generic';

const ZEROS: BlockStore = {
  sizeBytes: MIB,
  readOnly: true,
  read: (_offset, target) => target.fill(0),
  write: () => {},
  flush: () => {},
};

test('two runs are the same, and one that was saved in the middle and went on elsewhere', async () => {
  await drivervm(['payload', 'debian', '--modules', MODULES, '-o', join(place, 'payload')]);
  cpSync(join(PROJECT_ROOT, 'examples', 'shared'), join(place, 'shared'), { recursive: true });
  const directory = join(place, 'shared', 'two-guests', 'project');
  await drivervm(['plan', join(place, 'shared', 'two-guests', 'request.yaml'), '-o', directory]);
  const project = loadProject(directory);
  const pd =
    project.description.protectionDomains.find(({ name }) => name.startsWith('blk_virt'))?.name ?? '';
  const contents: (() => Uint8Array)[] = [];
  const make = () => {
    const disk = copyOnWrite(ZEROS);
    const content = () => {
      const bytes = new Uint8Array(MIB);
      disk.read(0, bytes);
      return bytes;
    };
    contents.push(content);
    return new WatchedRun(project, { stores: new Map([[pd, disk]]) }, content);
  };
  const { first, halfFrames } = checkSameRuns(
    make,
    2,
    // Both guests have used disk and network, and more of it is under way.
    (run) => {
      run.say(
        'seq 1 40000 > /dev/vda; ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up; echo le""ft\n',
        'left',
      );
      run.say('\x1c1\nip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; echo ri""ght\n', 'right');
      run.say('ping -c 3 -s 1000 10.0.0.1; echo pi""nged\n', '1008 bytes');
    },
    (run) => {
      run.say('', 'pinged');
      run.say('\x1c0\nsync; seq 7 30000 > /dev/vda; sync; md5sum /dev/vda; echo do""ne\n', 'done');
    },
  );
  assert.match(first.run.console, /3 packets transmitted, 3 packets received/);
  assert.ok(halfFrames > 2 && first.frames.length > halfFrames);
  assert.ok(contents[0]?.().includes(0x37));
});
