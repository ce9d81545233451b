import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { SDDF_DRIVERS_REQUEST, sharedPlan } from '../../../test/support/shared-board.ts';

import { configurationFile } from './configuration-c.ts';
import { diskFiles, diskRules, qemuDevices } from './makefile.ts';

const MIB = 1024 * 1024;
const guests = (count: number): string =>
  `guests:\n${Array.from(
    { length: count },
    (_, index) =>
      `  - { name: g${index}, pass: [], ram: { size: 48 MiB }, virtio: [console, { kind: block${index === 1 ? '' : `, image: g${index}.img`} }, net] }\n`,
  ).join('')}`;

/** The disk as make makes it, and what sfdisk reads in it. */
function made(count: number) {
  const plan = sharedPlan(guests(count) + SDDF_DRIVERS_REQUEST);
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-disk-'));
  try {
    const [file = ''] = diskFiles(plan.sddf);
    const [disk] = plan.sddf?.block ?? [];
    writeFileSync(join(directory, configurationFile(disk?.virt ?? '')), '');
    for (let index = 0; index < count; index += 1)
      writeFileSync(join(directory, `g${index}.img`), new Uint8Array(MIB + 1).fill(0x40 + index));
    writeFileSync(join(directory, 'Makefile'), `PROJECT_DIR := .\n${diskRules(plan).join('\n\n')}\n`);
    const { status, stderr } = spawnSync('make', ['-C', directory, file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const table: { partitiontable: { label: string; partitions: { start: number; size: number }[] } } =
      JSON.parse(String(runOracle('sfdisk', ['--json', join(directory, file)]).stdout));
    return { plan, bytes: readFileSync(join(directory, file)), table: table.partitiontable };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a partition for each guest with what the request names in it, in a table that sfdisk reads', () => {
  const { bytes, table } = made(3);
  assert.equal(table.label, 'dos');
  // Whole MiB; an empty one for the guest without an image.
  assert.deepEqual(
    table.partitions.map(({ start, size }) => [start / 2048, size / 2048]),
    [
      [1, 2],
      [3, 64],
      [67, 2],
    ],
  );
  assert.deepEqual(
    [MIB, 2 * MIB, 3 * MIB, 67 * MIB].map((at) => bytes[at]),
    [0x40, 0x40, 0, 0x42],
  );
});

test('more than four have a GPT', () => {
  const { table } = made(5);
  assert.equal(table.label, 'gpt');
  assert.equal(table.partitions.length, 5);
});

test('QEMU finds disk and card where the drivers look for them', () => {
  const plan = sharedPlan(guests(2) + SDDF_DRIVERS_REQUEST);
  const words = qemuDevices(plan);
  assert.equal(words[0], '-global virtio-mmio.force-legacy=false');
  assert.match(
    words.join('\n'),
    /-drive file=disk\.img,format=raw,if=none,id=disk\n-device virtio-blk-device,drive=disk,bus=/,
  );
  assert.match(words.join('\n'), /-netdev user,id=ether\n-device virtio-net-device,netdev=ether,bus=/);
  const { sddf: _, ...others } = plan;
  assert.deepEqual(qemuDevices(others), []);
  assert.deepEqual(diskFiles(undefined), []);
});

const SERVED = (disk: string, device = 'virtio@6000', word = '') => `guests:
  - { name: server, pass: [${device}], stdout: none, ram: { size: 48 MiB }, bootargs: quiet${word}, ${disk} }
  - { name: client, pass: [], stdout: none, ram: { size: 48 MiB }, virtio: [net, { kind: block, driver: card, partition: 2 }] }
`;
const LENT = 'virtio: [net], serves: [{ device: virtio@6000, name: card }]';

test('a disk that a guest serves is where that guest looks for it, with what the request puts there', () => {
  const plan = sharedPlan(`${SERVED(LENT)}disks: [{ device: virtio@6000, image: /card.img }]\n`);
  const bus = (0xff80_6e00 - 0x0a00_0000) / 0x200;
  assert.deepEqual(qemuDevices(plan).slice(1), [
    '-drive file=card.img,format=raw,if=none,id=card',
    `-device virtio-blk-device,drive=card,bus=virtio-mmio-bus.${bus}`,
  ]);
  assert.match(diskRules(plan).join('\n'), /card\.img: \/card\.img\n\tcp --sparse=always \$< \$@/);
  assert.match(diskRules(sharedPlan(SERVED(LENT))).join('\n'), /\$\(error card\.img: put the disk/);
});

test('a guest that is a bridge has a card in the transport that it does not serve, and is the last port of the switch', () => {
  const plan = sharedPlan(
    SERVED('virtio: [net]', 'virtio@6000', ' drivervm.bridge').replace(/, \{ kind: block[^}]*\}/, ''),
  );
  assert.match(
    qemuDevices(plan).join('\n'),
    /-netdev user,id=server\n-device virtio-net-device,netdev=server,bus=/,
  );
  const [net] = plan.sddf?.net ?? [];
  assert.deepEqual([net?.bridge, net?.ports.at(-1)?.pd], ['server_vmm', 'server_vmm']);
  const without = sharedPlan(SERVED(LENT, 'virtio@6000', ' drivervm.bridge'));
  assert.doesNotMatch(qemuDevices(without).join('\n'), /netdev/);
});
