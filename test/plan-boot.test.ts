/**
 * What a plan gives boots: Debian's kernel, unmodified, on simulated boards, with the description, the device tree and the
 * placement that `plan` made. The examples' requests, with the payload measured.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { planAndLoad } from './support/boot-request.ts';
import { exampleWorkplace } from './support/example-projects.ts';
import type { GuestRun } from './support/guest-run.ts';

const payload = mkdtempSync(join(tmpdir(), 'drivervm-plan-boot-'));
const place = await exampleWorkplace();
after(() => {
  rmSync(payload, { recursive: true });
  rmSync(place, { recursive: true });
});

async function drivervm(...args: readonly string[]): Promise<void> {
  const quiet = { write: () => true };
  const status = await runCommandLine(args, { host: nodeHost(), stdout: quiet, stderr: process.stderr });
  assert.equal(status, 0, args.join(' '));
}

await drivervm('payload', 'debian', '-o', payload);
for (const name of ['Image', 'initrd.cpio']) {
  symlinkSync(join(payload, name), join(place, 'examples', 'payload', name));
}

/** Plans an example and runs what was written until the initrd speaks. */
async function boots(board: string, example: string): Promise<GuestRun> {
  const request = join(place, 'examples', board, `${example}.yaml`);
  const dtb = join(place, 'examples', board, /dtb: ([^,]+),/.exec(readFileSync(request, 'utf8'))?.[1] ?? '');
  const output = join(place, 'boot', board, example);
  const planned = await planAndLoad({ request, dtb, payload, output });
  assert.ok('guest' in planned, planned.said);
  const run = planned.guest;
  run.until(INITRD_UP_LINE, 20);
  assert.ok(
    run.console.includes(INITRD_UP_LINE),
    `${run.console.slice(-2000)}\n${run.diagnosis().join('\n')}`,
  );
  return run;
}

test('odroidc4, everything: a shell on the Meson UART, whose interrupt counts', async () => {
  const run = await boots('odroidc4', 'everything');
  run.type('cat /proc/device-tree/model /proc/interrupts; echo end $((1+1))\n');
  run.until('end 2', 5);
  assert.match(run.console, /Hardkernel ODROID-C4/);
  assert.match(run.console, / [1-9]\d* +GIC-0 225 Edge +ttyAML0/);
});

test('odroidc4, console and Ethernet', async () => {
  await boots('odroidc4', 'uart-ethernet');
});

test('maaxboard, everything: GICv3', async () => {
  await boots('maaxboard', 'everything');
});

test('qemu_virt_aarch64, everything', async () => {
  await boots('qemu_virt_aarch64', 'everything');
});

test('zcu102, the console on a fixed clock', async () => {
  await boots('zcu102', 'uart-fixed-clock');
});
