/**
 * The loop closed: what a plan warns of, a real kernel says of its devices, and `run` names the device, what it lost and the
 * line of the request. Debian's kernel on the Odroid C4, with the modules of its devices.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KERNEL_MESSAGE_ROWS } from '../src/run/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards, debianDrivers } from './support/debian.ts';
import { newestDrivers } from './support/newest-debian.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-complaints-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
const board = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', file('payload'), '--modules', `for:${board}`]);

async function planned(name: string, lines: string): Promise<string> {
  const common = `board: ${board}\nkernel: payload/Image\ninitrd: payload/initrd.cpio\n`;
  writeFileSync(file(`${name}.yaml`), common + lines);
  return (await drivervm(['plan', file(`${name}.yaml`), '-o', file(name)])).err;
}

test('an eMMC without the supply that it takes its voltages from', async () => {
  const warned = await planned(
    'slot',
    'pass: [serial0, /soc/mmc@ffe07000]\ncut: ["/soc/mmc@ffe07000 vmmc-supply"]\n',
  );
  assert.match(
    warned,
    /plan\/cut-insisted\]: .* \/soc\/mmc@ffe07000 \(vmmc-supply\), which knows no voltage/,
  );
  writeFileSync(file('disk.img'), '');
  truncateSync(file('disk.img'), 64 * 2 ** 20);
  const { err } = await drivervm([
    'run',
    file('slot'),
    '--disk',
    `/soc/mmc@ffe07000=${file('disk.img')}`,
    '--until',
    'whilst initialising MMC card\r\n',
  ]);
  assert.match(
    err,
    /run\/kernel-complains\]: linux: \/soc\/mmc@ffe07000: the kernel says ".* no support for card's volts"/,
  );
  assert.match(err, /it has no vmmc-supply any more, which was \/regulator-vcc_3v3's/);
  assert.match(err, /in the request: take what names vmmc-supply of mmc@ffe07000 out of "cut"/);
});

test('USB PHYs without their resets, and the controller that waits', async () => {
  const warned = await planned(
    'usb',
    'pass: [serial0, /soc/usb@ffe09000]\nexcept: ["/soc/bus@ffd00000/reset-controller@1004"]\ncut: ["/soc/bus@ff600000/phy@* resets"]\n',
  );
  assert.match(
    warned,
    /plan\/cut-insisted\]: .* \/soc\/bus@ff600000\/phy@36000 \(resets\), which fails to probe without it/,
  );
  const { err } = await drivervm([
    'run',
    file('usb'),
    '--until',
    'deferred probe pending\r\n',
    '--timeout',
    '400',
  ]);
  assert.match(
    err,
    /run\/probe-failed\]: \/soc\/bus@ff600000\/phy@36000 has no driver in linux: its probe failed with -2 .*; it has no resets any more, which was \/soc\/bus@ffd00000\/reset-controller@1004's/,
  );
  assert.match(
    err,
    /run\/probe-deferred\]: \/soc\/usb@ffe09000 .*reset-controller@1004 \(resets\) is not passed, .*phy@36000 \(phys\) has no driver either/,
  );
  assert.match(err, /in the request: take reset-controller@1004 out of "except"/);
});

test('the same from the log in RAM, where the command line keeps it from the console', async () => {
  await planned(
    'quiet',
    'bootargs: quiet\npass: [serial0, /soc/usb@ffe09000]\ncut: ["/soc/bus@ff600000/phy@* resets"]\n',
  );
  const { out, err } = await drivervm(['run', file('quiet'), '--until', 'guest is up', '--timeout', '400']);
  assert.doesNotMatch(out, /failed with error/);
  assert.match(
    err,
    /run\/probe-failed\]: \/soc\/bus@ff600000\/phy@36000 has no driver in linux: .* it has no resets any more, which was/,
  );
});

test('each message is in the file that its row names, in one of the releases', async () => {
  const trees = [await debianDrivers(), await newestDrivers()];
  const texts = (path: string) =>
    trees
      .map((tree) => `${tree}/${path}`)
      .flatMap((each) => (existsSync(each) ? [readFileSync(each, 'latin1')] : []));
  const missing = KERNEL_MESSAGE_ROWS.filter(({ source, format }) => {
    const [path = ''] = source.split(/[ ,]/);
    return path.startsWith('drivers/') && !texts(path).some((text) => text.includes(format));
  });
  assert.deepEqual(missing, []);
});
