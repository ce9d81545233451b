/** `payload debian`, whole: from Debian's packages to a kernel and an initial ramdisk that boot under QEMU. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { debianBoards } from './support/debian.ts';
import { runOracle } from './support/oracles.ts';
import { startQemu } from './support/qemu.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-payload-'));
after(() => rmSync(directory, { recursive: true }));

async function drivervm(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const status = await runCommandLine(args, {
    host: nodeHost(),
    stdout: { write: (text: string | Uint8Array) => (out += String(text)) },
    stderr: { write: (text: string | Uint8Array) => (err += String(text)) },
  });
  return { status, out, err };
}

function read(...parts: readonly string[]): Buffer {
  return readFileSync(join(directory, ...parts));
}

test('the payload: kernel, config, every board, and an initrd that is the same each time', async () => {
  const first = await drivervm('payload', 'debian', '-o', join(directory, 'a'), '--json');
  assert.deepEqual([first.status, first.err], [0, '']);
  const said = JSON.parse(first.out);
  assert.match(said.release, /^6\.1\.\d+-\d+-arm64$/);
  assert.equal(said.kernel.release, said.release);
  assert.equal(said.kernel.pageSizeBytes, 4096);
  assert.equal(said.boards.length, (await debianBoards()).size);
  assert.equal(read('a', 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb').readUInt32BE(0), 0xd00dfeed);
  assert.ok(said.initrdSizeBytes < 2 << 20);
  assert.equal((await drivervm('payload', 'debian', '-o', join(directory, 'b'))).status, 0);
  assert.ok(read('a', 'initrd.cpio').equals(read('b', 'initrd.cpio')));
  const listed = runOracle('cpio', ['-it', '--quiet'], read('a', 'initrd.cpio'));
  assert.deepEqual(listed.stdout.toString().split('\n').slice(0, 4), ['bin', 'bin/busybox', 'bin/sh', 'dev']);
});

test('modules: for a board, by name, with what they need before them', async () => {
  const board = join(directory, 'a', 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
  const list = `for:${board},virtio-mmio,virtio_console`;
  const made = await drivervm('payload', 'debian', '-o', join(directory, 'm'), '--modules', list, '--json');
  assert.deepEqual([made.status, made.err], [0, '']);
  const said = JSON.parse(made.out);
  const names: readonly string[] = said.modules.map((module: { name: string }) => module.name);
  const isBefore = (a: string, b: string): boolean =>
    names.indexOf(a) >= 0 && names.indexOf(a) < names.indexOf(b);
  assert.ok(isBefore('stmmac', 'stmmac_platform'));
  assert.ok(isBefore('stmmac_platform', 'dwmac_meson8b'));
  assert.ok(names.includes('virtio_mmio'));
  const mmc = said.devices.find((device: { path: string }) => device.path === '/soc/mmc@ffe07000');
  assert.deepEqual(mmc.modules, ['meson_gx_mmc']);
  const wrong = await drivervm('payload', 'debian', '-o', join(directory, 'w'), '--modules', 'nosuch,ext4');
  assert.equal(wrong.status, 1);
  assert.match(wrong.err, /^error\[payload\/unknown-module\]: the kernel has no module nosuch below /);
});

test('the initrd boots to its line and a shell with job control; poweroff ends the machine', async () => {
  const guest = startQemu({
    kernel: join(directory, 'a', 'Image'),
    initrd: join(directory, 'a', 'initrd.cpio'),
  });
  try {
    await guest.waitFor(INITRD_UP_LINE);
    await guest.waitFor('# ');
    guest.type('echo "$((6 * 7)) $(tty)"; sleep 77 &\n');
    await guest.waitFor('42 /dev/ttyAMA0');
    guest.type('jobs\n');
    await guest.waitFor('Running                    sleep 77');
    // The foreground's own process says so: the interrupt that follows can hit nothing else.
    guest.type('sh -c \'echo "begins"; exec sleep 1000\'\n');
    await guest.waitFor('\nbegins');
    guest.type('\x03');
    await guest.waitFor('# ');
    guest.type('cat /proc/mounts\n');
    await guest.waitFor('devtmpfs /dev devtmpfs');
    assert.doesNotMatch(guest.console(), /can't access tty/);
    guest.type('poweroff\n');
    await guest.waitFor('reboot: Power down');
    assert.equal(await guest.ended, 0);
  } finally {
    guest.kill();
  }
});

test('modules are loaded in order at boot, and reboot restarts the machine', async () => {
  const made = await drivervm(
    'payload',
    'debian',
    '-o',
    join(directory, 'v'),
    '--modules',
    'virtio_mmio,virtio_blk',
  );
  assert.deepEqual([made.status, made.err], [0, '']);
  const guest = startQemu({
    kernel: join(directory, 'v', 'Image'),
    initrd: join(directory, 'v', 'initrd.cpio'),
  });
  try {
    await guest.waitFor(INITRD_UP_LINE);
    guest.type('lsmod | cut -d" " -f1 | sort | tr "\\n" " "\n');
    await guest.waitFor('Module virtio_blk virtio_mmio ');
    assert.doesNotMatch(guest.console(), /was not loaded/);
    guest.type('reboot\n');
    await guest.waitFor('reboot: Restarting system');
    assert.equal(await guest.ended, 0);
  } finally {
    guest.kill();
  }
});
