/**
 * Debian's kernel on simulated boards, to a shell: the whole of `machine`, `sel4`, `vmm` and `run` over the real CPU. The
 * descriptions are made by hand (`support/guest-of-board.ts`); what `plan` makes is tested where it is made.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiagnosticSink, MIB } from '../src/base/index.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { debianBoards } from './support/debian.ts';
import { type BoardGuest, type GuestOptions, guestOfBoard } from './support/guest-of-board.ts';
import { GuestRun } from './support/guest-run.ts';
import { treeOfBytes, virtGuest, virtTree } from './support/virt-board.ts';

const RAM_BYTES = 0x1000_0000;
const directory = mkdtempSync(join(tmpdir(), 'drivervm-boot-'));
after(() => rmSync(directory, { recursive: true }));

const ignored = { write: () => true };
await runCommandLine(['payload', 'debian', '-o', directory], {
  host: nodeHost(),
  stdout: ignored,
  stderr: process.stderr,
});
const kernel = readFileSync(join(directory, 'Image'));
const initrd = readFileSync(join(directory, 'initrd.cpio'));

const boards = await debianBoards();
const odroidTree = treeOfBytes(readFileSync(boards.get('meson-sm1-odroid-c4.dtb') ?? ''), 'odroid-c4');

const PAYLOAD = { kernel, initrd, ram: { base: 0x8000_0000, size: RAM_BYTES } };

function odroid(changes: Partial<GuestOptions> = {}): BoardGuest {
  return guestOfBoard(odroidTree, { ...PAYLOAD, bootargs: 'earlycon cryptomgr.notests', ...changes });
}

test('the Odroid C4: a shell that answers, its interrupts counted, power off, and a second boot the same', () => {
  const boot = () => {
    const run = new GuestRun(odroid());
    run.until(INITRD_UP_LINE);
    run.until('# ');
    run.type('cat /proc/device-tree/model; echo; grep ttyAML /proc/interrupts; poweroff -f\n');
    const status = run.until('Power down');
    return { run, status };
  };
  const { run } = boot();
  assert.match(run.console, /Hardkernel ODROID-C4/);
  const counted = /(\d+) +GIC-0 225 Edge +ttyAML0/.exec(run.console);
  assert.ok(Number(counted?.[1]) > 10, run.console.slice(-2000));
  assert.match(run.console, /reboot: Power down/);
  assert.deepEqual(
    run.session.run(() => false),
    { kind: 'off' },
  );
  assert.deepEqual(run.diagnosis(), []);

  const again = boot().run;
  assert.equal(again.console, run.console);
  assert.equal(again.instructions, run.instructions);
});

test('saved in the middle of the boot, loaded elsewhere and continued: the same bytes and instructions', () => {
  const guest = odroid();
  const [straight, first, second] = [new GuestRun(guest), new GuestRun(guest), new GuestRun(guest)];
  first.until('Root IRQ handler');
  const snapshot = first.session.save();
  const sink = new DiagnosticSink();
  assert.ok(second.session.load(snapshot, sink));
  second.console = first.console;
  const end = 'clocksource: Switched to';
  straight.until(end);
  second.until(end);
  assert.equal(second.console, straight.console);
  assert.equal(second.session.machine.time.nowNs, straight.session.machine.time.nowNs);
  // What was never written is not in it: of the guest's 512 MiB the kernel has touched a tenth.
  assert.ok(snapshot.length < 100 * MIB, `${snapshot.length} bytes`);
  assert.ok(!second.session.load(snapshot.subarray(0, 100), sink));
  assert.deepEqual(
    sink.sorted().map(({ code }) => code),
    ['run/snapshot-damaged'],
  );
});

test('with a monitor as libvmm 0.2 is: SMCCC 1.0, SMP, the same each time, saved and loaded', () => {
  const guest = virtGuest(virtTree(directory, 2, 2), 2, PAYLOAD);
  const [straight, other] = [new GuestRun(guest, { libvmm: true }), new GuestRun(guest, { libvmm: true })];
  straight.until('Brought up 1 node, 2 CPUs');
  assert.ok(other.session.load(straight.session.save(), new DiagnosticSink()));
  other.console = straight.console;
  for (const run of [straight, other]) {
    run.until('# ');
    run.type('poweroff -f\n');
    run.until('Power down');
  }
  assert.match(straight.console, /psci: SMC Calling Convention v1\.0/);
  assert.equal(other.console, straight.console);
  assert.equal(other.instructions, straight.instructions);
  assert.deepEqual(
    straight.session.run(() => false),
    { kind: 'off' },
  );
  assert.deepEqual(straight.diagnosis(), []);
});

test('a reset boots again, with both vCPUs', () => {
  const run = new GuestRun(virtGuest(virtTree(directory, 3, 2), 2, PAYLOAD));
  run.until('# ');
  run.type('reboot -f\n');
  run.console = '';
  run.until('# ');
  assert.match(run.console, /Brought up 1 node, 2 CPUs[\s\S]*the guest is up/);
});
