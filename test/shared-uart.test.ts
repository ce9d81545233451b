/**
 * The Odroid C4 with everything passed through but the UART, which a native driver has: the guest's console is hvc0 behind
 * virtualisers, and the UART's page is out of its reach. The example's own request, by commands.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-shared-uart-'));
after(() => rmSync(place, { recursive: true }));
const file = (...names: readonly string[]) => join(place, ...names);
const BOARD = file('payload', 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
const UART_ADDR = '0xff803000';

const modules = 'virtio_mmio,virtio_console';
await drivervm(['payload', 'debian', '--modules', modules, '-o', file('payload')]);
cpSync(join(PROJECT_ROOT, 'examples', 'odroidc4'), file('odroidc4'), { recursive: true });
const request = file('odroidc4', 'shared-uart.yaml');
await drivervm(['plan', request, '-o', file('project'), '--bootargs', 'console=hvc0 cryptomgr.notests']);

test('the description has no mistakes, and gives the page of the UART to its driver alone', async () => {
  const system = file('project', 'odroidc4.system');
  const trees = ['--dtb', BOARD, '--guest-dtb', file('project', 'linux.dtb')];
  const { out } = await drivervm(['check', system, '--board', 'odroidc4', ...trees]);
  assert.match(out, /found: 0 errors, 0 warnings/);
  const { out: explained } = await drivervm(['explain', system, '--dtb', BOARD]);
  const regions = explained.split('\n\n').filter((region) => region.includes(UART_ADDR));
  const [own] = regions.filter((region) => region.includes('serial@3000') && region.includes('uncached'));
  assert.match(
    own ?? '',
    /^ {2}uart_serial_ff803000 {2}0xff803000–0xff804000[\s\S]*\n {4}uart {2}rw {2}uncached/,
  );
  assert.doesNotMatch(own ?? '', /linux/);
});

test('a shell on hvc0, characters by way of the driver; a guest that reaches for the UART stops', async () => {
  const typed = ['cat /proc/consoles; tty', 'cat /proc/interrupts', `busybox devmem ${UART_ADDR}`, ''];
  const { out, err } = await drivervm(['run', file('project'), '--timeout', '120'], {
    input: typed.join('\n'),
    status: 1,
  });
  assert.match(out, /hvc0 +-W- \(EC/);
  assert.match(out, /\/dev\/hvc0\r\n/);
  assert.match(out, / [1-9]\d* +GIC-0 \d+ Edge +virtio0/);
  assert.match(
    err,
    /run\/unmapped-device[^\n]*it read 0xff803000, which is \/soc\/bus@ff800000\/serial@3000/,
  );
  assert.match(err, /hint: it is uart's, and a device has one owner/);
});
