/**
 * Guests with several vCPUs: Debian's kernel brings them up by PSCI on both GICs, schedules on each, and a snapshot of one
 * goes on as if nothing had been. On QEMU's board, and on the Odroid C4 from a plan.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { drivervm } from './support/command.ts';
import { GuestRun } from './support/guest-run.ts';
import { virtGuest, virtTree } from './support/virt-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-smp-'));
after(() => rmSync(directory, { recursive: true }));
await drivervm(['payload', 'debian', '-o', directory]);
const payload = {
  kernel: readFileSync(join(directory, 'Image')),
  initrd: readFileSync(join(directory, 'initrd.cpio')),
};

/** A load bound to each CPU, which says where it ran (field 39 of stat: the processor, proc(5)); then the CPUs' interrupts. */
function commands(cpus: number): string {
  const loads = Array.from(
    { length: cpus },
    (_, cpu) =>
      `taskset ${(1 << cpu).toString(16)} sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; echo ran on $(cut -d" " -f39 /proc/self/stat)' &`,
  );
  return `nproc; cat /sys/devices/system/cpu/online\n${loads.join(' ')} wait; grep -E "arch_timer|IPI0" /proc/interrupts\necho al""l done\n`;
}

function assertAllRan(console: string, cpus: number): void {
  assert.match(console, new RegExp(`Brought up 1 node, ${cpus} CPUs`));
  assert.match(console, new RegExp(`\\n${cpus}\\r\\n0-${cpus - 1}\\r\\n`));
  const ran = [...console.matchAll(/^ran on (\d)\r$/gm)].map(([, cpu]) => Number(cpu));
  assert.deepEqual(
    ran.sort(),
    Array.from({ length: cpus }, (_, cpu) => cpu),
    console.slice(-2000),
  );
  const counts = (line: RegExp) => (line.exec(console)?.[1] ?? '').trim().split(/ +/).map(Number);
  const timer = counts(/^ *\d+: +([\d ]+) GIC\S* +27 Level +arch_timer/m);
  assert.equal(timer.length, cpus, console.slice(-2000));
  assert.ok(
    timer.every((count) => count > 0),
    timer.join(' '),
  );
  const reschedulings = counts(/^IPI0: +([\d ]+) Rescheduling/m);
  assert.ok(reschedulings.reduce((sum, count) => sum + count, 0) > 0, 'no SGI came');
}

for (const gicVersion of [2, 3] as const) {
  for (const cpus of [2, 4]) {
    test(`${cpus} vCPUs on a version ${gicVersion} GIC: all online, each with its load and its timer`, () => {
      const run = new GuestRun(virtGuest(virtTree(directory, gicVersion, cpus), cpus, payload));
      run.until('# ');
      run.type(commands(cpus));
      run.until('all done');
      assertAllRan(run.console, cpus);
    });
  }
}

test('saved while four vCPUs work on a version 3 GIC, loaded elsewhere: the same bytes, times and instructions', () => {
  const guest = virtGuest(virtTree(directory, 3, 4), 4, payload);
  const [straight, second] = [new GuestRun(guest), new GuestRun(guest)];
  straight.until('# ');
  straight.type(commands(4));
  straight.until('ran on');
  assert.ok(second.session.load(straight.session.save(), new DiagnosticSink()));
  second.console = straight.console;
  for (const run of [straight, second]) run.until('all done');
  assert.equal(second.console, straight.console);
  assert.equal(second.instructions, straight.instructions);
  assert.equal(second.session.machine.time.nowNs, straight.session.machine.time.nowNs);
  assertAllRan(second.console, 4);
});

const BOARD = join(directory, 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
const IMAGES = ['--kernel', join(directory, 'Image'), '--initrd', join(directory, 'initrd.cpio')];

for (const [how, planned, ran] of [
  ['planned', ['--vcpus', '4'], []],
  ['planned with one, and four asked for when it runs', [], ['--vcpus', '4']],
] as const) {
  test(`four vCPUs on the Odroid C4, ${how}`, async () => {
    const project = join(directory, `project-${ran.length}`);
    const request = ['--pass', 'serial0', '--ram', '256 MiB', '--bootargs', 'earlycon cryptomgr.notests'];
    await drivervm(['plan', '--dtb', BOARD, ...IMAGES, ...request, ...planned, '-o', project]);
    const run = ['run', project, '--dtb', BOARD, ...ran, '--until', 'all done', '--timeout', '120'];
    const { out } = await drivervm(run, { input: commands(4) });
    assertAllRan(out, 4);
  });
}

test('more vCPUs than the board has CPUs are refused', async () => {
  const { err } = await drivervm(['run', join(directory, 'project-0'), '--dtb', BOARD, '--vcpus', '5'], {
    status: 1,
  });
  assert.match(err, /error\[run\/too-many-vcpus\]: --vcpus 5: the board has 4 CPUs/);
});
