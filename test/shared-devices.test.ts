/**
 * Two of Debian's kernels that share a board through a native UART driver and virtualisers: hvc0, a disk that keeps what
 * was written, a network with a capture, and entropy. The example's own request, planned, written and run by commands.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from './support/command.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-shared-'));
after(() => rmSync(directory, { recursive: true }));
const file = (...names: readonly string[]) => join(directory, ...names);
const MODULES = 'virtio_mmio,virtio_console,virtio_blk,virtio_net,virtio_rng,ext4,crc32c_generic';

/** Several times around the queues, which hold 512 frames. */
const FILE_BYTES = 4 * 1024 * 1024;
const TYPED = [
  'cat /sys/class/misc/hw_random/rng_current; head -c 4096 /dev/hwrng | md5sum; dmesg | grep crng',
  'mkdir /d; mount /dev/vda /d; cat /d/outside; echo from inside > /d/inside; umount /d',
  'ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up',
  '(nc -l -p 5000 > /g; md5sum /g; echo al""l done) &',
  // Ctrl-A 1: the rest is for the second guest.
  '\x011true',
  'ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; ping -c 2 10.0.0.1',
  `for i in 1 2 3 4; do cat /bin/busybox; done | head -c ${FILE_BYTES} > /f`,
  'md5sum /f; nc 10.0.0.1 5000 < /f',
];

test('hvc0 for two guests, a disk that keeps what was written, 4 MiB by TCP with equal checksums', async () => {
  await drivervm(['payload', 'debian', '--modules', MODULES, '-o', file('payload')]);
  mkdirSync(file('shared', 'two-guests', 'root'), { recursive: true });
  writeFileSync(file('shared', 'two-guests', 'root', 'outside'), 'from outside\n');
  const disk = file('shared', 'two-guests', 'disk.img');
  runOracle('mke2fs', ['-q', '-t', 'ext4', '-d', file('shared', 'two-guests', 'root'), disk, '16M']);
  const request = readFileSync(
    new URL('../../examples/shared/two-guests/request.yaml', import.meta.url),
    'utf8',
  );
  writeFileSync(file('shared', 'two-guests', 'request.yaml'), request);
  await drivervm([
    'plan',
    file('shared', 'two-guests', 'request.yaml'),
    '-o',
    file('shared', 'two-guests', 'project'),
  ]);

  const capture = file('capture.pcap');
  const { out: console } = await drivervm(
    [
      'run',
      file('shared', 'two-guests', 'project'),
      '--until',
      'left:all done',
      '--timeout',
      '300',
      '--capture',
      capture,
    ],
    { input: `${TYPED.join('\n')}\n` },
  );
  assert.match(console, /^left\| virtio_rng\.\d\r$/m);
  // Without the device the kernel is busy for eight seconds to collect as much, once somebody asks.
  assert.match(console, /^left\| \[ {4}[0-2]\.\d+\] random: crng init done\r$/m);
  assert.match(console, /^left\| from outside\r$/m);
  assert.match(console, /^right\| 2 packets transmitted, 2 packets received/m);
  const sums = [...console.matchAll(/([0-9a-f]{32}) {2}\/[fg]/g)].map(([, sum]) => sum);
  assert.equal(sums.length, 2, console.slice(-3000));
  assert.equal(sums[0], sums[1]);
  assert.match(`${runOracle('debugfs', ['-R', 'cat /inside', disk]).stdout}`, /from inside/);
  assert.ok(readFileSync(capture).length > FILE_BYTES);
});
