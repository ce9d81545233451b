/**
 * What virtio devices carry: block writes and reads, TCP between two guests, console output. Ours are the two guests of
 * `examples/shared/two-guests` behind their virtualisers; against them two QEMUs with the same kernel, initrd and RAM, their
 * network devices joined by a socket, in turns. Then the same of a guest whose disk and network another guest serves, by the board's own
 * devices: QEMU has nothing of the kind, so its virtio is what they are beside.
 */
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB } from '../src/base/index.ts';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { loadProject, ProjectRun } from '../test/support/project-run.ts';
import { drivervm, median } from './machines.ts';
import { servedGuests, servedWorkloads } from './served.ts';
import { GUESTS, type Measure, measure, Ours, Qemu, type Workload } from './shells.ts';

const ROUNDS = 3;
const DISK_BYTES = 64 * MIB;
const STREAM_BYTES = 16 * MIB;
const CONSOLE_BYTES = MIB / 2;
const MODULES = 'virtio_mmio,virtio_console,virtio_blk,virtio_net,ext4,crc32c_generic';

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

const rate = ({ bytes }: Workload, rounds: readonly Measure[]): string =>
  (bytes / MIB / median(rounds.map(({ seconds }) => seconds))).toFixed(2);

/** Bytes by time here, and by what the guests executed. */
function words(workload: Workload, rounds: readonly Measure[]): string {
  const instructions = median(rounds.map((round) => round.instructions ?? 0));
  const perMillion = workload.bytes / 1024 / (instructions / 1e6);
  return `${rate(workload, rounds)} MiB/s, ${perMillion.toFixed(1)} KiB a million instructions`;
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
  const own = new Map<string, string>();
  for (const workload of WORKLOADS) {
    const rounds: { readonly ours: Measure; readonly qemu: Measure }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({ ours: await measure(ours, workload), qemu: await measure(qemu, workload) });
    }
    const qemuRate = rate(
      workload,
      rounds.map((round) => round.qemu),
    );
    const told = words(
      workload,
      rounds.map((round) => round.ours),
    );
    const ratio = median(rounds.map((round) => round.ours.seconds / round.qemu.seconds));
    own.set(workload.name, `its own virtio ${told}; QEMU ${qemuRate} MiB/s`);
    console.log(
      `${workload.name.padEnd(22)} ours ${told}; QEMU ${qemuRate} MiB/s; ours takes ${ratio.toFixed(2)} times as long`,
    );
  }
  qemu.stop();
  const { guests: served, outside } = await servedGuests(path('board'), DISK_BYTES);
  const servedSizes = { diskBytes: DISK_BYTES, streamBytes: STREAM_BYTES, outside };
  for (const { workload, beside } of servedWorkloads(servedSizes)) {
    const rounds: Measure[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(served, workload));
    console.log(
      `${workload.name.padEnd(22)} ours ${words(workload, rounds)}; ${beside}: ${own.get(beside) ?? ''}`,
    );
  }
} finally {
  qemu?.stop();
  rmSync(place, { recursive: true, force: true });
}
