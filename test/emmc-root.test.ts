/**
 * `examples/odroidc4/emmc.yaml`, whole: Debian's unmodified kernel drives the board's eMMC by DMA with its own module, mounts
 * a Debian root filesystem there by UUID, and the init on it gives a shell.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DiagnosticSink, GIB, MIB } from '../src/base/index.ts';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { runOracle } from './support/oracles.ts';
import { loadProject, ProjectRun } from './support/project-run.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-emmc-'));
after(() => rmSync(directory, { recursive: true }));
const path = (...names: readonly string[]) => join(directory, ...names);
const MODULES = 'fixed,gpio-regulator,meson_gx_mmc,ext4,crc32c_generic';
const IMAGE = path('payload', 'root.img');
const SD_BYTES = 3 * GIB;

/** The filesystem in the image's partition, for e2fsprogs. */
function filesystem(): string {
  runOracle('dd', [`if=${IMAGE}`, `of=${path('fs')}`, 'bs=1M', 'skip=1', 'conv=sparse', 'status=none']);
  return path('fs');
}

before(async () => {
  const { out: made } = await drivervm([
    ...['payload', 'debian', '-o', path('payload'), '--modules', MODULES],
    ...['--root', IMAGE, '--root-size', '256 MiB'],
  ]);
  assert.match(made, /root=UUID=d21e5e12-0c4d-4a5b-9f10-6d656d6d6301/);
  mkdirSync(path('odroidc4'));
  cpSync(join(PROJECT_ROOT, 'examples', 'odroidc4', 'emmc.yaml'), path('odroidc4', 'emmc.yaml'));
  await drivervm(['plan', path('odroidc4', 'emmc.yaml'), '-o', path('project')]);
});

test('the image: a partition that sfdisk knows, a filesystem without a fault', () => {
  const listed = JSON.parse(runOracle('sfdisk', ['--json', IMAGE]).stdout.toString());
  const [partition] = listed.partitiontable.partitions;
  assert.deepEqual([partition.start, partition.size, partition.type], [2048, 255 * 2048, '83']);
  const checked = runOracle('e2fsck', ['-fn', filesystem()]);
  assert.equal(checked.status, 0, `${checked.stdout}`);
});

test('sizes and UUIDs that are none, and an image that is too small, are refused', async () => {
  const made = (...flags: readonly string[]) =>
    drivervm(['payload', 'debian', '-o', path('other'), '--root', path('small.img'), ...flags], {
      status: 1,
    });
  const wrong = await made('--root-size', 'big', '--root-uuid', 'mine');
  assert.equal(
    wrong.err,
    'error[debian/not-a-size]: --root-size big: that is no size\n' +
      '    hint: write it as 512 MiB or 2G\n' +
      'error[debian/not-a-uuid]: --root-uuid mine: that is no UUID\n' +
      '    hint: it has 32 hexadecimal digits, as 01234567-89ab-cdef-0123-456789abcdef\n',
  );
  const small = await made('--root-size', '40 MiB');
  assert.equal(existsSync(path('small.img')), false);
  assert.match(
    small.err,
    /error\[debian\/root-too-small\]: the packages do not fit into \S+, which is to have 40 MiB\n/,
  );
});

test('the card is found, its root mounted by UUID, its init runs; what is written there stays', async () => {
  const typed = [
    'readlink /proc/1/exe; cat /etc/debian_version; findmnt -no SOURCE,FSTYPE,OPTIONS /',
    'stat -c "%a %u %n" /usr/bin/su /root /tmp',
    'dd if=/dev/mmcblk1 of=/dev/null bs=1M count=64 2>/dev/null; grep -c mmc1 /proc/interrupts',
    `echo "at the end" | dd of=/dev/mmcblk0 bs=1M seek=${SD_BYTES / MIB - 1} conv=fsync 2>/dev/null`,
    'echo "from inside" > /root/inside; poweroff',
  ];
  // And in the SD slot a card of three GiB, which the guest writes to at its end.
  const card = path('sd.img');
  writeFileSync(card, '');
  truncateSync(card, SD_BYTES);
  const run = ['run', path('project'), '--timeout', '200', '--json', '--disk', `mmc0=${card}:write-through`];
  const { out } = await drivervm(run, { input: `${typed.join('\n')}\n` });
  const { console, end: ending, account } = JSON.parse(out);
  assert.equal(ending, 'off', console.slice(-3000));
  assert.match(console, /mmc1: new HS200 MMC card at address 0001/);
  assert.match(console, /mmcblk1: mmc1:0001 DRVRVM 256 MiB/);
  assert.match(console, /mmc0: new high speed SDHC card at address 0001/);
  const written = openSync(card, 'r');
  const end = Buffer.alloc(11);
  readSync(written, end, 0, end.length, SD_BYTES - MIB);
  closeSync(written);
  assert.equal(end.toString(), 'at the end\n');
  assert.match(console, /\/usr\/sbin\/init\r\n12\.\d+\r\n\/dev\/mmcblk1p1 ext4 +rw,/);
  assert.match(console, /4755 0 \/usr\/bin\/su\r\n700 0 \/root\r\n1777 0 \/tmp/);
  assert.match(console, /reboot: Power down/);
  const use = account.disks['/soc/mmc@ffe07000'];
  assert.ok(use.readBytes > 64 * 2 ** 20 && use.writtenBytes > 0, JSON.stringify(use));
  const fs = filesystem();
  const checked = runOracle('e2fsck', ['-fn', fs]);
  assert.equal(checked.status, 0, `${checked.stdout}`);
  assert.equal(runOracle('debugfs', ['-R', 'cat /root/inside', fs]).stdout.toString(), 'from inside\n');
});

/** The file as it is now, with what a run writes kept beside it. */
function disks(): ReadonlyMap<string, BlockStore> {
  const bytes = readFileSync(IMAGE);
  const file: BlockStore = {
    sizeBytes: bytes.length,
    readOnly: true,
    read: (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
    write: () => assert.fail('the file is only read'),
    flush: () => {},
  };
  return new Map([['/soc/mmc@ffe07000', copyOnWrite(file)]]);
}

/** On until something holds, for a minute of the guest's time at most. */
function stepped(run: ProjectRun, holds: () => boolean): void {
  const { time } = run.session.machine;
  const limitNs = time.nowNs + 60e9;
  const done = () => holds() || time.nowNs > limitNs;
  while (!done()) {
    const status = run.session.run(done);
    if (status.kind === 'idle' && status.untilNs !== undefined) run.session.skipIdle(status.untilNs);
    else if (status.kind !== 'running') break;
  }
  assert.ok(holds(), run.console.slice(-2000));
}

/** Lets the shell's line editor start: before, it throws away what is typed. */
function quiet(run: ProjectRun): void {
  const untilNs = run.session.machine.time.nowNs + 50e6;
  stepped(run, () => run.session.machine.time.nowNs >= untilNs);
}

test('two runs are the same, and one that was saved in mid-transfer and went on elsewhere', () => {
  const project = loadProject(path('project'));
  const started = () => new ProjectRun(project, {}, { machine: { disks: disks() } });
  const half = (run: ProjectRun) => {
    run.type('dd if=/dev/zero of=/root/zeros bs=64k count=64 conv=fsync 2>/dev/null; echo "do""ne"\n');
    const use = run.session.machine.diskUse.get('/soc/mmc@ffe07000');
    const halfway = (use?.writtenBytes ?? 0) + 2 ** 20;
    stepped(run, () => (use?.writtenBytes ?? 0) >= halfway);
  };
  const end = (run: ProjectRun) => {
    run.until('done');
    quiet(run);
    run.type('sync; echo 3 > /proc/sys/vm/drop_caches; md5sum /root/zeros /usr/bin/bash; poweroff\n');
    run.until('Power down');
    return { console: run.console, instructions: run.instructions, timeNs: run.session.machine.time.nowNs };
  };
  const loaded = (snapshot: Uint8Array, console: string) => {
    const run = started();
    assert.ok(run.session.load(snapshot, new DiagnosticSink()));
    run.console = console;
    return run;
  };
  const first = started();
  first.until(':~# ');
  quiet(first);
  // The second begins here too: that two boots are the same, `boot.test.ts` says.
  const booted = [first.session.save(), first.console] as const;
  half(first);
  const inTransfer = [first.session.save(), first.console] as const;
  const outcome = end(first);
  assert.match(outcome.console, /b5cfa9d6c8febd618f91ac2843d50a1c {2}\/root\/zeros/, 'four MiB of zeros');
  const second = loaded(...booted);
  half(second);
  assert.deepEqual(end(second), outcome);
  assert.deepEqual(end(loaded(...inTransfer)), outcome);
});

for (const [root, said] of [
  ['PARTUUID=d21e5e12-01', 'root= is known here as UUID=, LABEL= or a path below /dev'],
  ['/dev/mmcblk7p1', 'waiting for root=/dev/mmcblk7p1, which is not there yet'],
  ['LABEL=drivervm init=/sbin/no-init', "/sbin/no-init of root=LABEL=drivervm can't be run"],
] as const) {
  test(`root=${root} is not to be had: the ramdisk says so and leaves a shell`, async () => {
    const request = readFileSync(path('odroidc4', 'emmc.yaml'), 'utf8');
    const other = request.replace(/root=\S+ rootwait/, `root=${root}`);
    writeFileSync(path('odroidc4', 'other.yaml'), other);
    await drivervm(['plan', path('odroidc4', 'other.yaml'), '-o', path('other-root')]);
    const run = new ProjectRun(loadProject(path('other-root')), {}, { machine: { disks: disks() } });
    run.until(INITRD_UP_LINE, 100);
    assert.ok(run.console.includes(said), run.console.slice(-1000));
    assert.ok(run.console.includes(INITRD_UP_LINE));
  });
}

test('RAM that is not mapped 1:1: the card fails as on the board, and the run says why', async () => {
  const request = readFileSync(path('odroidc4', 'emmc.yaml'), 'utf8');
  const elsewhere = 'ram: { size: 1 GiB, base: 0x8000_0000, one-to-one: false }';
  writeFileSync(path('odroidc4', 'elsewhere.yaml'), request.replace(/^ram: .*$/m, elsewhere));
  await drivervm(['plan', path('odroidc4', 'elsewhere.yaml'), '-o', path('elsewhere')]);
  const run = new ProjectRun(loadProject(path('elsewhere')), {}, { machine: { disks: disks() } });
  run.until('whilst initialising MMC card');
  assert.match(run.console, /mmc1: error -84 whilst initialising MMC card/);
  const said = run.diagnosis().join('\n');
  assert.match(
    said,
    /error\[run\/dma-missed\]: \/soc\/mmc@ffe07000 read 16 bytes at physical address 0x[0-9a-f]+ by DMA/,
  );
  assert.match(said, /hint: map the guest's RAM 1:1, by phys_addr on its memory region/);
});
