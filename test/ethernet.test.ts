/**
 * Debian's kernel drives the Odroid C4's Ethernet in a driver VM, by DMA and interrupt, on one wire with a guest that has
 * virtio alone: `examples/shared/wire`, planned, written and run by commands. And where guest RAM is not mapped 1:1, the
 * controller's DMA finds none, and the run says so.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatMacAddress, MIB } from '../src/base/index.ts';
import { drivervm } from './support/command.ts';
import { debianKernels } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { loadProject } from './support/project-run.ts';
import { checkSameRuns, WatchedRun } from './support/watched-run.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-ethernet-'));
after(() => rmSync(place, { recursive: true }));
const file = (...names: readonly string[]) => join(place, ...names);
/** 6.1.192's stmmac clears the pointer to its per-CPU counters, which ends in an oops; 6.1.187 has no such counters yet. */
const isBroken = (version: string) => /^6\.1\.(18[89]|19[0-2])-/.test(version);
const KERNEL = (await debianKernels()).find(({ version }) => !isBroken(version))?.name;
assert.ok(KERNEL !== undefined, "no kernel of the mirror's has an stmmac that works");
const MODULES = 'virtio_mmio,virtio_console,virtio_net,dwmac-meson8b,mdio-mux-meson-g12a,realtek';
await drivervm(['payload', 'debian', '--kernel', KERNEL, '--modules', MODULES, '-o', file('payload')]);
cpSync(join(PROJECT_ROOT, 'examples', 'shared'), file('shared'), { recursive: true });

/** Several times around the rings, which hold 768 KiB. */
const THERE_BYTES = 4 * MIB;
const BACK_BYTES = 2 * MIB;
/** Lines are typed whenever the guests rest, so each guest is given all of its work at once. */
const TYPED = [
  'ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up',
  `back() { md5sum /g; head -c ${BACK_BYTES} /g > /b; md5sum /b; nc 10.0.0.2 5001 < /b; }`,
  '(nc -l -p 5000 > /g; back; cat /proc/interrupts /proc/net/dev) &',
  '\x1c1',
  `for i in 1 2 3 4; do cat /bin/busybox; done | head -c ${THERE_BYTES} > /f; md5sum /f`,
  'ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; ping -c 2 10.0.0.1',
  'nc 10.0.0.1 5000 < /f; nc -l -p 5001 > /h; md5sum /h; sleep 1; echo al""l done',
];

test('a link, ping, 4 MiB by TCP there and 2 MiB back with equal checksums, between the DWC MAC and virtio', async () => {
  const project = file('shared', 'wire', 'project');
  await drivervm(['plan', file('shared', 'wire', 'request.yaml'), '-o', project]);
  const capture = file('wire.pcap');
  const { out } = await drivervm(
    ['run', project, '--until', 'all done', '--timeout', '400', '--capture', capture],
    { input: `${TYPED.join('\n')}\n` },
  );
  assert.match(out, /driver \[RTL8211F Gigabit Ethernet\]/);
  assert.match(out, /eth0: Link is Up - 1Gbps\/Full/);
  assert.match(out, /2 packets transmitted, 2 packets received/);
  const sums = (name: string) =>
    [...out.matchAll(new RegExp(`([0-9a-f]{32}) {2}${name}`, 'g'))].map(([, sum]) => sum);
  const [sent, received, part, back] = ['/f', '/g', '/b', '/h'].flatMap(sums);
  assert.ok(sent !== undefined && part !== undefined, out.slice(-3000));
  assert.deepEqual([received, back], [sent, part]);
  assert.match(out, / [1-9]\d{2,} +GIC-0 +40 Level +eth0/);
  const counts = /eth0: *(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +\d+ +(\d+) +(\d+) +(\d+) +(\d+)/.exec(
    out,
  );
  const [receivedBytes, , ...rest] = (counts ?? []).slice(1).map(Number);
  assert.ok((receivedBytes ?? 0) > THERE_BYTES);
  assert.deepEqual(
    [rest[0], rest[1], rest[2], rest[5], rest[6]],
    [0, 0, 0, 0, 0],
    'no errors, nothing dropped',
  );
  assert.deepEqual(sendersIn(readFileSync(capture), THERE_BYTES + BACK_BYTES), [
    '02:00:00:00:00:10',
    '02:00:00:00:00:20',
  ]);
});

/** Who sent the frames of a capture, which together are at least so many bytes. */
function sendersIn(capture: Uint8Array, leastBytes: number): readonly string[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const senders = new Set<string>();
  let total = 0;
  for (let at = 24; at < capture.length; ) {
    const sizeBytes = view.getUint32(at + 8, true);
    senders.add(formatMacAddress(capture.subarray(at + 22, at + 28)));
    total += sizeBytes;
    at += 16 + sizeBytes;
  }
  assert.ok(total > leastBytes);
  return [...senders].sort();
}

test('two runs are the same, and one that was saved while frames were under way and went on elsewhere', () => {
  const project = loadProject(file('shared', 'wire', 'project'));
  const { first, halfFrames } = checkSameRuns(
    () => new WatchedRun(project),
    2,
    (run) => {
      run.say('ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up; echo le""ft\n', 'left');
      run.say('\x1c1\nip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; echo ri""ght\n', 'right');
      run.say('{ sleep 99 | nc -l -p 5000 > /g & }; ping -c 1 10.0.0.1; echo pi""nged\n', 'pinged');
      run.run.type('\x1c0\nnc 10.0.0.2 5000 < /bin/busybox; sleep 1; echo se""nt\n');
      const enough = run.frames.length + 300;
      run.run.while(() => run.frames.length < enough);
    },
    (run) => {
      run.say('', 'sent');
      run.say('\x1c1\nmd5sum /g /bin/busybox; echo do""ne\n', 'done');
    },
  );
  assert.ok(first.frames.length > halfFrames + 300);
  const [got, had] = [...first.run.console.matchAll(/([0-9a-f]{32}) {2}\//g)].map(([, sum]) => sum);
  assert.ok(got !== undefined && got === had, first.run.console.slice(-500));
});

test('guest RAM that is not mapped 1:1: the DMA finds no RAM, and the run says what to map', async () => {
  const request = [
    `board: { dtb: ${file('payload', 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb')}, microkit: odroidc4 }`,
    `kernel: ${file('payload', 'Image')}`,
    `initrd: ${file('payload', 'initrd.cpio')}`,
    'pass: [serial0, ethernet0]',
    'ram: { size: 256 MiB, one-to-one: false }',
    'bootargs: cryptomgr.notests',
  ];
  writeFileSync(file('elsewhere.yaml'), request.join('\n'));
  await drivervm(['plan', file('elsewhere.yaml'), '-o', file('elsewhere')]);
  const { err } = await drivervm(['run', file('elsewhere'), '--until', 'tried', '--timeout', '200'], {
    input: 'ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up; ping -c 1 -W 1 10.0.0.2; echo tri""ed\n',
    status: 1,
  });
  assert.match(err, /run\/dma-missed[^\n]*\/soc\/ethernet@ff3f0000/);
});
