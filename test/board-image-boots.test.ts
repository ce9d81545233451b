/**
 * An image as it comes from a board's card: laid out as Armbian does, with a root that boots. `payload extract` takes kernel,
 * ramdisk, tree and `root=UUID=…` out of it, `plan` makes a driver VM of them, and `run` puts the whole image into the eMMC's
 * socket, from which the guest mounts it by that UUID.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import {
  ARMBIAN_RELEASE,
  ARMBIAN_ROOT_UUID,
  armbianLayout,
  compress,
  type Layout,
  Workbench,
} from './support/board-image.ts';
import { drivervm } from './support/command.ts';
import { runOracle } from './support/oracles.ts';

const bench = new Workbench();
after(() => bench.remove());
const MODULES = 'fixed,gpio-regulator,meson_gx_mmc,ext4,crc32c_generic';

/** The files of Debian's root and, below /boot, what Armbian has there, with a kernel and a ramdisk that are real. */
function rootTree(payload: string, release: string): string {
  const tree = bench.path('tree');
  const shell = `dd if=${payload}/root.img of=${payload}/root.ext4 bs=1M skip=1 conv=sparse status=none &&
    mkdir ${tree} && debugfs -R 'rdump / ${tree}' ${payload}/root.ext4`;
  assert.equal(runOracle('sh', ['-c', shell]).status, 0);
  const dtb = readFileSync(`${payload}/dtbs/amlogic/meson-sm1-odroid-c4.dtb`);
  const boot: Record<string, Layout[string]> = {};
  for (const [path, content] of Object.entries(armbianLayout(bench, dtb))) {
    if (!path.startsWith('boot/')) continue;
    const name = path.replaceAll(ARMBIAN_RELEASE, release);
    const linked = typeof content === 'object' && 'link' in content;
    boot[name] = linked ? { link: content.link.replaceAll(ARMBIAN_RELEASE, release) } : content;
  }
  boot[`boot/vmlinuz-${release}`] = readFileSync(`${payload}/Image`);
  const initrd = compress('zstd', readFileSync(`${payload}/initrd.cpio`));
  boot[`boot/uInitrd-${release}`] = bench.uboot('ramdisk', initrd);
  boot['boot/armbianEnv.txt'] =
    `console=serial\nrootdev=UUID=${ARMBIAN_ROOT_UUID}\nfdtfile=amlogic/meson-sm1-odroid-c4.dtb\nextraargs=cryptomgr.notests\n`;
  assert.equal(runOracle('cp', ['-a', `${bench.lay(boot)}/.`, tree]).status, 0);
  return tree;
}

test('a board’s image boots from the eMMC with what was extracted from it', async () => {
  const payload = bench.path('payload');
  const root = ['--root', `${payload}/root.img`, '--root-size', '256 MiB'];
  const made = await drivervm(['payload', 'debian', '-o', payload, '--modules', MODULES, ...root, '--json']);
  const tree = rootTree(payload, JSON.parse(made.out).release);
  const image = bench.disk('dos', [bench.ext(tree, 400, ['-U', ARMBIAN_ROOT_UUID])]);

  const extracted = bench.path('extracted');
  const { out } = await drivervm(['payload', 'extract', image, '-o', extracted, '--json']);
  const { chosen, written } = JSON.parse(out);
  const { bootargs } = chosen;
  assert.match(
    bootargs,
    new RegExp(`^root=UUID=${ARMBIAN_ROOT_UUID} rootwait rootfstype=ext4 console=ttyAML0`),
  );
  const images = ['--dtb', written.dtb, '--kernel', written.kernel, '--initrd', written.initrd];
  const project = bench.path('project');
  await drivervm([
    'plan',
    ...images,
    '--board',
    'odroidc4',
    '--pass',
    'all',
    '--bootargs',
    bootargs,
    '-o',
    project,
  ]);

  const input = 'findmnt -no SOURCE,FSTYPE /; ls /boot; poweroff\n';
  const run = ['run', project, '--disk', `mmc1=${image}`, '--timeout', '200'];
  const { out: console } = await drivervm(run, { input });
  assert.match(console, /\/dev\/mmcblk1p1 ext4/);
  assert.match(console, /armbianEnv\.txt/);
  assert.match(console, /reboot: Power down/);
});
