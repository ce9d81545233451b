/**
 * A Debian root whose init is systemd, on the Odroid C4's eMMC: the unmodified kernel hands over to it, it comes to `login:` with
 * no unit failed, and root logs in.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { loadProject, ProjectRun } from './support/project-run.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-systemd-'));
after(() => rmSync(directory, { recursive: true }));
const path = (...names: readonly string[]) => join(directory, ...names);
const MODULES = 'fixed,gpio-regulator,meson_gx_mmc,ext4,crc32c_generic';
const IMAGE = path('payload', 'root.img');

before(async () => {
  const { out: made } = await drivervm([
    ...['payload', 'debian', '-o', path('payload'), '--modules', MODULES, '--root', IMAGE],
    ...['--init', 'systemd', '--root-packages', 'vim-tiny'],
  ]);
  assert.match(made, /^root {4}\S+: 512 MiB, \d+ packages, systemd; /m);
  mkdirSync(path('odroidc4'));
  cpSync(join(PROJECT_ROOT, 'examples', 'odroidc4', 'emmc.yaml'), path('odroidc4', 'emmc.yaml'));
  await drivervm(['plan', path('odroidc4', 'emmc.yaml'), '-o', path('project')]);
});

function disk(): BlockStore {
  const bytes = readFileSync(IMAGE);
  return copyOnWrite({
    sizeBytes: bytes.length,
    readOnly: true,
    read: (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
    write: () => assert.fail('the file is only read'),
    flush: () => {},
  });
}

test('login: without a failed unit, a session of root’s, the links of update-alternatives', () => {
  const disks = new Map([['/soc/mmc@ffe07000', disk()]]);
  const run = new ProjectRun(loadProject(path('project')), {}, { machine: { disks } });
  const says = (command: string, end: string): string => {
    const from = run.console.length;
    run.type(`${command}; echo "${end.slice(0, 1)}""${end.slice(1)}"\n`);
    run.until(end);
    // Without what readline tells the terminal of pasting.
    return run.console.slice(from).replaceAll('\x1b[?2004l\r', '').replaceAll('\x1b[?2004h', '');
  };
  run.until('drivervm login: ');
  run.type('root\n');
  run.until(':~# ');
  const state = says(
    'systemctl is-system-running --wait; systemctl --failed --no-legend --no-pager | cat',
    'stated',
  );
  assert.match(state, /\r\nrunning\r\nstated/);
  assert.match(
    says('readlink /proc/1/exe; id -un; loginctl --no-legend | cat', 'sessions'),
    /\/systemd\r\nroot\r\n *\S+ +0 root/,
  );
  assert.match(says('wc -c < /etc/machine-id', 'counted'), /\r\n33\r\n/, 'a machine-id of its own');
  assert.match(
    says('vi --version | head -1; which awk; echo 6 7 | awk "{ print \\$1 * \\$2 }"', 'linked'),
    /VIM - Vi IMproved [\s\S]*\/usr\/bin\/awk\r\n42\r\n/,
  );
  run.type('poweroff\n');
  run.until('reboot: Power down');
});
