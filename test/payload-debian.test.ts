/** `payload debian`, whole: from Debian's packages to a kernel and an initial ramdisk that boot under QEMU. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { debianBoards, debianKernelPackage } from './support/debian.ts';
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
  assert.ok(said.initrdSizeBytes < 3 << 20);
  assert.equal(said.mountsShares, true);
  assert.equal((await drivervm('payload', 'debian', '-o', join(directory, 'b'))).status, 0);
  assert.ok(read('a', 'initrd.cpio').equals(read('b', 'initrd.cpio')));
  const listed = runOracle('cpio', ['-it', '--quiet'], read('a', 'initrd.cpio'));
  assert.deepEqual(listed.stdout.toString().split('\n').slice(0, 5), [
    'bin',
    'bin/busybox',
    'bin/console',
    'bin/sh',
    'dev',
  ]);
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

test('a kernel that Debian splits over packages, as sid does: its image, configuration and boards', async () => {
  const made = await drivervm('payload', 'debian', '--suite', 'sid', '-o', join(directory, 's'), '--json');
  assert.deepEqual([made.status, made.err], [0, '']);
  const said = JSON.parse(made.out);
  assert.match(said.release, /^\d+\.\d+\.\d+\+deb\d+-arm64$/);
  assert.equal(said.kernel.release, said.release);
  assert.ok(said.boards.length > 1000, `${said.boards.length} boards`);
  assert.match(read('s', 'config').toString(), /^CONFIG_ARM64=y$/m);
  assert.equal(read('s', 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb').readUInt32BE(0), 0xd00dfeed);
});

test('package files of a split kernel, by comma: modules out of one, what is built in out of another', async () => {
  const from = await debianKernelPackage();
  const [release = ''] = readdirSync(join(from, 'lib', 'modules'));
  const own = `usr/lib/modules/${release}`;
  const module = 'kernel/drivers/virtio/virtio_mmio.ko';
  const parts: Record<string, Record<string, string>> = {
    binary: { [`${own}/vmlinuz`]: `boot/vmlinuz-${release}` },
    base: {
      [`${own}/config`]: `boot/config-${release}`,
      [`${own}/modules.builtin`]: `lib/modules/${release}/modules.builtin`,
      [`${own}/dtb/amlogic/a.dtb`]: `usr/lib/linux-image-${release}/amlogic/meson-sm1-odroid-c4.dtb`,
    },
    modules: { [`${own}/${module}`]: `lib/modules/${release}/${module}` },
  };
  const debs = Object.entries(parts).map(([part, files]) => {
    const tree = join(directory, 'split', part);
    for (const [to, file] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, to)), { recursive: true });
      cpSync(join(from, file), join(tree, to));
    }
    mkdirSync(join(tree, 'DEBIAN'));
    const fields = {
      Package: `linux-${part}`,
      Version: '1',
      Architecture: 'arm64',
      Maintainer: 'a',
      Description: 'b',
    };
    const control = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
    writeFileSync(join(tree, 'DEBIAN', 'control'), control.join(''));
    assert.equal(runOracle('dpkg-deb', ['-Znone', '--build', tree, `${tree}.deb`]).status, 0);
    return `${tree}.deb`;
  });
  const args = ['--kernel-package', debs.join(','), '--modules', 'virtio_mmio,virtio', '--json'];
  const made = await drivervm('payload', 'debian', '-o', join(directory, 'd'), ...args);
  assert.deepEqual([made.status, made.err], [0, '']);
  const said = JSON.parse(made.out);
  assert.deepEqual(said.boards, ['amlogic/a.dtb']);
  assert.deepEqual(said.modules, [{ name: 'virtio_mmio', path: module }]);
  assert.ok(read('d', 'Image').equals(read('a', 'Image')));
  assert.ok(read('d', 'config').equals(read('a', 'config')));
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
