/**
 * `examples/served/disk`, whole: the first guest drives the Odroid C4's eMMC by the unmodified kernel's own driver and lends it; the second
 * has only virtio, and boots Debian from a partition of it, writes, and turns itself off: what it wrote is on the image afterwards, and a run is
 * the same each time. And what is said where the program, the modules, the device or the partition is missing.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-served-disk-'));
after(() => rmSync(directory, { recursive: true }));
const path = (...names: readonly string[]) => join(directory, ...names);
const [payload, example] = [path('payload'), path('served', 'disk')];
const CONTROL = 'gpio_keys,evdev';
const MODULES = `fixed,gpio-regulator,meson_gx_mmc,${CONTROL},virtio_mmio,virtio_console,virtio_blk,ext4,crc32c_generic`;
const [root, card] = [join(payload, 'root.img'), join(example, 'card.img')];

await drivervm([
  'payload',
  'debian',
  '-o',
  payload,
  '--server',
  '--root',
  root,
  '--root-size',
  '256 MiB',
  '--modules',
  MODULES,
]);
cpSync(join(PROJECT_ROOT, 'examples', 'served'), path('served'), { recursive: true });

async function planned(name: string, change: (request: string) => string = (same) => same): Promise<string> {
  const request = join(example, `${name}.yaml`);
  writeFileSync(request, change(readFileSync(join(example, 'request.yaml'), 'utf8')));
  await drivervm(['plan', request, '-o', join(example, name)]);
  return join(example, name);
}

interface Ran {
  readonly end: string;
  readonly said: string;
}

async function ran(project: string, typed: readonly string[], ...flags: readonly string[]): Promise<Ran> {
  const input = typed.map((line) => `${line}\n`).join('');
  const { out } = await outcomeOf(['run', project, '--timeout', '300', '--json', ...flags], input);
  const { end, console } = JSON.parse(out);
  return { end, said: JSON.stringify(console) };
}

const TYPED = [
  '\x1c1',
  'findmnt -no SOURCE,FSTYPE /; grep -c mmc /proc/partitions; dd if=/dev/urandom of=/root/much bs=1M count=4; md5sum /root/much > /root/sum; poweroff',
  '\x1c0',
  'poweroff -f',
];

test('the second guest boots from the eMMC of the first and writes to it; twice the same', async () => {
  const project = await planned('project');
  const runs: Ran[] = [];
  for (let run = 0; run < 2; run += 1) {
    runOracle('cp', ['--sparse=always', root, card]);
    runs.push(await ran(project, TYPED));
  }
  const [first, second] = runs;
  assert.equal(first?.end, 'off', first?.said.slice(-3000));
  assert.match(first?.said ?? '', /serves \/dev\/mmcblk1, 65536 blocks of 4 KiB, by \/dev\/mem/);
  assert.match(first?.said ?? '', /vda +ext4/);
  assert.match(first?.said ?? '', /other\| 0\\r/);
  assert.deepEqual(second, first);
  const fs = path('fs');
  runOracle('dd', [`if=${card}`, `of=${fs}`, 'bs=1M', 'skip=1', 'conv=sparse', 'status=none']);
  assert.equal(runOracle('e2fsck', ['-fn', fs]).status, 0);
  const read = (file: string) => runOracle('debugfs', ['-R', `dump ${file} ${path('out')}`, fs]);
  read('/root/sum');
  const [sum] = readFileSync(path('out'), 'utf8').split(' ');
  read('/root/much');
  assert.equal(
    runOracle('md5sum', [path('out')])
      .stdout.toString()
      .split(' ')[0],
    sum,
  );
});

test('the first guest is rebooted while the second writes: that waits, and goes on, and nothing is lost', async () => {
  const project = await planned('project');
  runOracle('cp', ['--sparse=always', root, card]);
  const { said } = await ran(
    project,
    [
      '\x1c0',
      '(sleep 1; reboot -f) &',
      '\x1c1',
      `i=0; while [ $i -lt 200 ]; do head -c 65536 /dev/zero | tr '\\0' x | dd of=/root/much bs=64k seek=$i conv=notrunc oflag=sync 2>/dev/null; i=$((i+1)); done; md5sum /root/much; dmesg | grep -ci 'i/o error'; echo al""l written`,
    ],
    '--until',
    'all written',
  );
  const whole = createHash('md5')
    .update(Buffer.alloc(200 * 65_536, 'x'))
    .digest('hex');
  assert.equal(said.match(/serves \/dev\/mmcblk1/g)?.length, 2, said.slice(-3000));
  assert.match(said, new RegExp(`${whole} {2}/root/much`));
  assert.match(said, /other\| 0\\r\\n/);
});

/** Of the guest whose disk is served. */
const WRITES = `read from _ </proc/uptime; i=0; while [ $i -lt 20 ]; do head -c 65536 /dev/zero | tr '\\0' x | dd of=/root/much bs=64k seek=$i conv=notrunc oflag=sync 2>/dev/null; i=$((i+1)); done`;
/** The second guest is up by then, and begins to write when the server is gone. */
const [GONE_AFTER_S, WRITES_AFTER_S] = [10, 12];
/** Programs that are not in memory yet would be waited for in a way that counts as no hanging. */
const LATER = `head -c 1 /dev/zero | tr x y | dd of=/root/much oflag=sync 2>/dev/null; read -t ${WRITES_AFTER_S} -n 1`;
/** The kernel looks for tasks that hang as often as they must have hung. */
const HUNG_TASK_S = 120;
const STOPPED_S = 2 * HUNG_TASK_S + 60;

test('a server that hangs is waited for, and the kernel says so; when it goes on, nothing is lost', async () => {
  const project = await planned('project');
  runOracle('cp', ['--sparse=always', root, card]);
  const { said } = await ran(
    project,
    [
      '\x1c0',
      `(sleep ${GONE_AFTER_S}; kill -STOP $(pidof disk-server); sleep ${STOPPED_S}; kill -CONT $(pidof disk-server)) &`,
      '\x1c1',
      `${LATER}; ${WRITES}; read to _ </proc/uptime; echo "took $((\${to%.*} - \${from%.*}))"; md5sum /root/much; dmesg | grep -ci 'i/o error'; echo al""l written`,
    ],
    '--until',
    'all written',
  );
  const whole = createHash('md5')
    .update(Buffer.alloc(20 * 65_536, 'x'))
    .digest('hex');
  const [, took] = /took (\d+)/.exec(said) ?? [];
  assert.ok(Number(took) > 2 * HUNG_TASK_S, said.slice(-3000));
  assert.match(said, new RegExp(`blocked for more than ${HUNG_TASK_S} seconds`));
  assert.match(said, new RegExp(`${whole} {2}/root/much`));
  assert.match(said, /other\| 0\\r\\n/);
});

test('a guest whose server has panicked waits, without an error, and is there for whoever types', async () => {
  const project = await planned('project');
  runOracle('cp', ['--sparse=always', root, card]);
  const { said } = await ran(
    project,
    [
      '\x1c0',
      `echo 0 > /proc/sys/kernel/panic; (sleep ${GONE_AFTER_S}; echo c > /proc/sysrq-trigger) &`,
      '\x1c1',
      `${LATER}; { ${WRITES}; echo wri""tten; } & read -t 1 -n 1; echo "still he""re"`,
    ],
    '--until',
    'still here',
  );
  assert.match(said, /Kernel panic - not syncing: sysrq triggered crash/, said.slice(-3000));
  assert.doesNotMatch(said, /written|i\/o error/i);
});

test('what is missing is said: the partition, the interrupt, the disk, the program', async () => {
  const until = ['--until', 'drivervm: the guest is up'];
  const noPartition = await planned('no-partition', (text) => text.replace('partition: 1', 'partition: 3'));
  const { err } = await outcomeOf(['run', noPartition, '--timeout', '60', ...until]);
  assert.match(err, /client 0 is not served: the disk has no partition 3; it has 1/);
  assert.match(err, /no vCPU of other was ever started; its monitor says: the guest starts when the disks/);
  const without = async (modules: string, server: readonly string[]): Promise<string> => {
    const place = path(`payload-${modules.length}-${server.length}`);
    await drivervm(['payload', 'debian', '-o', place, ...server, '--modules', modules]);
    const project = await planned('without', (text) =>
      text.replace('../../payload/initrd.cpio', join(place, 'initrd.cpio')),
    );
    return (await ran(project, [], ...until)).said;
  };
  const server = ['--server'];
  assert.match(
    await without(MODULES.replace(`,${CONTROL}`, ''), server),
    /its interrupt reaches nobody: the kernel has no uio_pdrv_genirq for it, nor gpio_keys and evdev loaded/,
  );
  assert.match(
    await without(MODULES.replace(',meson_gx_mmc', ''), server),
    /after a minute there is no disk of \/soc\/mmc@ffe07000/,
  );
  assert.match(
    await without(MODULES, []),
    /there is no bin\/disk-server in its ramdisk: payload debian --server makes one with it/,
  );
});
