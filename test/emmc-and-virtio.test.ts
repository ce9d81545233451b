/**
 * `examples/shared/emmc`, whole: a driver VM that boots from the Odroid C4's eMMC and a guest with virtio devices alone, each
 * with its own monitor and its own Debian root filesystem, in one description.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-emmc-and-virtio-'));
after(() => rmSync(directory, { recursive: true }));
const path = (...names: readonly string[]) => join(directory, ...names);
const MODULES = 'fixed,gpio-regulator,meson_gx_mmc,virtio_mmio,virtio_console,virtio_blk,ext4,crc32c_generic';

/** What a guest wrote into its root, once e2fsck has found nothing amiss. */
function written(image: string, file: string): string {
  const fs = path('fs');
  runOracle('dd', [`if=${image}`, `of=${fs}`, 'bs=1M', 'skip=1', 'conv=sparse', 'status=none']);
  const checked = runOracle('e2fsck', ['-fn', fs]);
  assert.equal(checked.status, 0, `${checked.stdout}`);
  return runOracle('debugfs', ['-R', `cat ${file}`, fs]).stdout.toString();
}

test('both roots are mounted, both are written, both guests end by themselves', async () => {
  const [card, disk] = [path('payload', 'root.img'), path('shared', 'emmc', 'disk.img')];
  await drivervm([
    ...['payload', 'debian', '-o', path('payload'), '--modules', MODULES],
    ...['--root', card, '--root-size', '256 MiB'],
  ]);
  cpSync(join(PROJECT_ROOT, 'examples', 'shared'), path('shared'), { recursive: true });
  runOracle('cp', ['--sparse=always', card, disk]);
  const project = path('shared', 'emmc', 'project');
  await drivervm(['plan', path('shared', 'emmc', 'request.yaml'), '-o', project]);
  const typed = [
    'findmnt -no SOURCE,FSTYPE /; cat /proc/device-tree/model; echo from the board > /root/mine; poweroff',
    '\x1c1',
    'findmnt -no SOURCE,FSTYPE /; ls /sys/class/mmc_host; echo from the other > /root/mine; poweroff',
  ];
  const run = ['run', project, '--timeout', '300', '--json'];
  const { out } = await drivervm(run, { input: `${typed.join('\n')}\n` });
  const { end, console } = JSON.parse(out);
  const said = JSON.stringify(console);
  assert.equal(end, 'off', said.slice(-3000));
  assert.match(said, /mmcblk1p1 ext4/);
  assert.match(said, /vda1 +ext4/);
  assert.match(said, /Hardkernel ODROID-C4/);
  assert.equal(written(card, '/root/mine'), 'from the board\n');
  assert.equal(written(disk, '/root/mine'), 'from the other\n');
});
