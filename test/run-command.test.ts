/** `drivervm run`, whole: from files to an exit status. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { readDtb } from '../src/devicetree/index.ts';
import { writeDescription } from '../src/microkit/index.ts';
import { imageSymbols } from '../src/payload/index.ts';
import { outcomeOf as drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { guestOfBoard } from './support/guest-of-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-run-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);

const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
const payload = await drivervm(['payload', 'debian', '-o', directory]);
assert.equal(payload.status, 0, payload.err);
const tree = readDtb(readFileSync(boardPath), 'board', new DiagnosticSink());
assert.ok(tree !== undefined);
const guest = guestOfBoard(tree, {
  kernel: readFileSync(file('Image')),
  initrd: readFileSync(file('initrd.cpio')),
  ram: { base: 0x8000_0000, size: 0x1000_0000 },
  bootargs: 'earlycon cryptomgr.notests',
});
writeFileSync(file('guest.dtb'), guest.payload.images.dtb);
writeFileSync(file('driver.system'), writeDescription(guest.description));

const ARGS = [
  'run',
  file('driver.system'),
  ...['--dtb', boardPath, '--guest-dtb', file('guest.dtb')],
  ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
];

test('commands from a pipe are typed when the shell waits for them; the account follows', async () => {
  const { status, out, err } = await drivervm(
    [...ARGS, '--stats'],
    'cat /proc/device-tree/model\npoweroff -f\n',
  );
  assert.equal(status, 0, err);
  assert.match(out, /the guest is up[\s\S]*Hardkernel ODROID-C4[\s\S]*Power down/);
  assert.match(out, /million instructions, \d+ MIPS/);
  assert.match(out, /region bus_ffe05000 at 0xffe05000: never touched/);
  assert.match(out, /interrupt 225 \(channel 0 of VMM\): \d+ times, \/soc\/bus@ff800000\/serial@3000/);
  assert.match(err, /^VMM: the guest called/m);
});

test('how a run ended shows in its status, and is said', async () => {
  const late = await drivervm(ARGS, 'sleep 100; echo LATE; poweroff -f\n');
  assert.equal(late.status, 0, late.err);
  assert.match(late.out, /^LATE\r$/m);
  const waits = await drivervm([...ARGS, '--idle-limit', '30'], 'sleep 100; echo LATE\n');
  assert.equal(waits.status, 3);
  assert.match(waits.err, /warning\[run\/still-waits\]: for 30 seconds/);
  const cut = await drivervm([...ARGS, '--timeout', '0.5']);
  assert.equal(cut.status, 124);
  assert.match(cut.err, /warning\[run\/timed-out\]: the run was ended after 0.5 seconds/);
});

test('--until ends well, in JSON; a text that never comes is an error', async () => {
  const good = await drivervm([...ARGS, '--until', 'Booting Linux', '--json']);
  assert.equal(good.status, 0, good.err);
  const said = JSON.parse(good.out);
  assert.deepEqual([said.end, said.diagnostics], ['until', []]);
  assert.match(said.console, /Booting Linux/);
  assert.ok(said.account.instructions > 1e6);

  const bad = await drivervm([...ARGS, '--until', 'login:', '--trace', 'vcpu'], 'poweroff -f\n');
  assert.equal(bad.status, 1);
  assert.match(bad.err, /linux vCPU 0: starts pc=0x80000000/);
  assert.match(bad.err, /error\[run\/until-not-said\].*"login:"; the guest turned itself off/);
});

test("the kernel's own symbols are read from its Image, and are those that the guest shows", async () => {
  const symbols = imageSymbols(readFileSync(file('Image')));
  assert.ok(symbols !== undefined);
  const { out, err } = await drivervm(
    [...ARGS, '--trace', 'vcpu', '--stats'],
    'grep -E " (vectors|.*_(idle|timeout|init|probe))$" /proc/kallsyms\npoweroff -f\n',
  );
  const shown = [...out.matchAll(/^([0-9a-f]{16}) [Tt] (\S+)\r$/gm)];
  const places = new Map<string, Set<number>>();
  const start = BigInt(`0x${shown.find(([, , name]) => name === 'vectors')?.[1] ?? 0}`);
  const vectors = symbols.offsetOf('vectors') ?? 0;
  for (const [, address, name = ''] of shown) {
    const offset = Number(BigInt(`0x${address}`) - start) + vectors;
    places.set(name, (places.get(name) ?? new Set()).add(offset));
    // One of several of that name, or another name of the same place: never one that lies before.
    assert.equal(symbols.at(offset)?.offset, 0, name);
  }
  assert.ok(places.size > 100, out.slice(-2000));
  for (const [name, offsets] of places) {
    assert.ok(offsets.has(symbols.offsetOf(name) ?? -1), name);
  }
  assert.match(out, /vCPU 0 of linux: \w+ at 0xffff8\w+ \([a-z_]\w*\+0x[0-9a-f]+\) after/);
  assert.match(err, /^ {3}0\.000000000 linux vCPU 0: starts pc=0x80000000$/m);
});

test("registers begin with a collector's dumps, found beside the board's tree", async () => {
  const place = file('collected');
  const map = join(place, 'live', 'regmap', 'dummy-sys-ctrl@0x00000000ff800000');
  mkdirSync(map, { recursive: true });
  writeFileSync(join(map, 'registers'), '0010: 0badcafe\n0018: XXXXXXXX\n');
  copyFileSync(boardPath, join(place, 'live.dtb'));
  const args = ARGS.map((word) => (word === boardPath ? join(place, 'live.dtb') : word));
  const { out } = await drivervm(
    [...args, '--stats'],
    'mount -t debugfs d /sys/kernel/debug; grep 0badcafe /sys/kernel/debug/regmap/*/registers\npoweroff -f\n',
  );
  assert.match(
    out,
    /^\/sys\/kernel\/debug\/regmap\/dummy-sys-ctrl@0x00000000ff800000\/registers:10: 0badcafe\r$/m,
  );
  assert.match(out, /^ {2}1 registers begin as the collector found them on the board$/m);
  const nothing = await drivervm([...ARGS, '--registers', directory]);
  assert.equal(nothing.status, 1);
  assert.match(nothing.err, /error\[run\/no-registers\]/);
});

test('what is missing is named', async () => {
  const { status, err } = await drivervm([
    'run',
    file('driver.system'),
    ...['--dtb', boardPath, '--kernel', file('Image')],
  ]);
  assert.equal(status, 1);
  assert.match(err, /error\[run\/no-images\]: linux has no device tree or no kernel/);
  const named = await drivervm([...ARGS, '--initrd', 'other=initrd.cpio']);
  assert.equal(named.status, 2);
  assert.match(named.err, /error\[run\/unknown-machine\]: --initrd other=…/);
  assert.equal((await drivervm(['run', file('driver.system')])).status, 2);
});

test("a project's directory is enough, and its vmm.ts is the program that runs", async () => {
  const project = file('project');
  const planned = await drivervm([
    'plan',
    ...['--dtb', boardPath, '--kernel', file('Image'), '--initrd', file('initrd.cpio')],
    ...['--ram', '256 MiB', '--bootargs', 'earlycon cryptomgr.notests', '-o', project],
  ]);
  assert.equal(planned.status, 0, planned.err);
  const program = join(project, 'vmm.ts');
  const source = readFileSync(program, 'utf8');
  writeFileSync(program, source.replace('init() {', "init() {\n      monitor.log('mine');"));
  const run = ['run', project, '--dtb', boardPath];
  const { status, err } = await drivervm([...run, '--until', 'Booting Linux']);
  assert.equal(status, 0, err);
  assert.match(err, /^VMM: mine$/m);

  writeFileSync(program, 'export const vmm: number = 7;');
  const broken = await drivervm([...run]);
  assert.equal(broken.status, 1);
  assert.match(broken.err, /error\[run\/program-not-loaded\]: .*vmm\.ts can't be run/);
});

test('without a name it is the project here', async () => {
  const { status, err } = await drivervm(['run']);
  assert.equal(status, 1);
  assert.match(err, /^plan\.json: error\[project\/no-plan\]/);
});
