import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SDDF_DRIVERS_REQUEST, sharedPlan } from '../../../test/support/shared-board.ts';
import { rangesOverlap } from '../../base/index.ts';
import type { Plan } from '../plan.ts';
import { planReport } from '../report.ts';
import type { SddfPlan } from './shape.ts';

const GUESTS = `guests:
  - { name: left, pass: [serial0], ram: { size: 128 MiB }, virtio: [console, block, net] }
  - { name: right, pass: [], ram: { size: 128 MiB }, virtio: [console, { kind: net, buffers: 100 }, { kind: block, partition: 1, buffers: 20 }] }
  - { name: third, pass: [], ram: { size: 64 MiB }, virtio: [{ kind: net, reaches: [left] }, block, rng] }
`;

function shared(request: string): { readonly plan: Plan; readonly sddf: SddfPlan } {
  const plan = sharedPlan(request);
  assert.ok(plan.sddf !== undefined);
  return { plan, sddf: plan.sddf };
}

test('drivers are above virtualisers, those above the switch and copiers, those above monitors, and guests lowest', () => {
  const { plan, sddf } = shared(GUESTS + SDDF_DRIVERS_REQUEST);
  const of = (...roles: readonly string[]) =>
    sddf.domains.filter(({ role }) => roles.includes(role)).map(({ priority }) => priority);
  const monitors = plan.guests.map(({ monitor }) => monitor.priority);
  const net = (role: string) =>
    sddf.domains.filter((each) => each.class === 'net' && each.role === role).map(({ priority }) => priority);
  assert.ok(Math.min(...of('driver')) > Math.max(...of('virt', 'virt-tx', 'virt-rx')));
  assert.ok(Math.min(...net('virt-tx'), ...net('virt-rx')) > Math.max(...net('vswitch')));
  assert.ok(Math.min(...net('vswitch')) > Math.max(...net('copy')));
  assert.ok(Math.min(...of('copy', 'virt', 'virt-tx', 'virt-rx')) > Math.max(...monitors));
  assert.ok(plan.guests.every(({ vm }) => vm.priority < Math.min(...monitors)));
  // Consoles' and disks' are those of the same name for a run.
  for (const { name, priority } of plan.sharing.virtualisers) {
    const same = sddf.domains.find((domain) => domain.name === name);
    if (same !== undefined) assert.equal(same.priority, priority, name);
  }
});

test('regions lie apart in every domain, channels have numbers of their own, and devices reach RAM that nobody has', () => {
  const { plan, sddf } = shared(GUESTS + SDDF_DRIVERS_REQUEST);
  const pds = [...sddf.domains.map(({ name }) => name), ...plan.guests.map(({ monitor }) => monitor.pd)];
  for (const pd of pds) {
    const maps = sddf.regions.flatMap(({ sizeBytes, maps: all }) =>
      all.filter((map) => map.pd === pd).map(({ vaddr }) => ({ base: vaddr, size: sizeBytes })),
    );
    for (const [index, map] of maps.entries())
      assert.ok(!maps.slice(0, index).some((other) => rangesOverlap(other, map)), pd);
    const interrupts = [
      ...plan.drivers.filter(({ name }) => name === pd),
      ...plan.guests.filter(({ monitor }) => monitor.pd === pd),
    ].flatMap((owner) => owner.interrupts.map(({ channel }) => channel));
    const channels = sddf.links.flatMap(({ ends }) =>
      ends.filter((end) => end.pd === pd).map(({ channel }) => channel),
    );
    const all = [...channels, ...interrupts];
    assert.equal(new Set(all).size, all.length, pd);
  }
  const dma = sddf.regions.flatMap(({ physAddr, sizeBytes }) =>
    physAddr === undefined ? [] : [{ base: physAddr, size: sizeBytes }],
  );
  const rams = plan.guests.map(({ ram }) => ram);
  for (const [index, region] of dma.entries()) {
    assert.ok(![...rams, ...dma.slice(0, index)].some((other) => rangesOverlap(other, region)));
    assert.ok(region.base + region.size <= 2 ** 32);
  }
  const reached = sddf.regions.filter(({ physAddr }) => physAddr !== undefined).map(({ name }) => name);
  assert.deepEqual(reached, [
    'disk_virtio_headers',
    'disk_virtio_metadata',
    'ether_device_rx_ring',
    'ether_device_tx_ring',
    'disk_tables',
    'left_block_data',
    'right_block_data',
    'third_block_data',
    'left_net_tx_data',
    'right_net_tx_data',
    'third_net_tx_data',
    'ether_rx_data',
  ]);
});

test('a driver finds its registers where they are in their page, and its own of several interrupts', () => {
  const { plan, sddf } = shared(GUESTS + SDDF_DRIVERS_REQUEST);
  const disk = sddf.drivers.find(({ pd }) => pd === 'disk');
  assert.equal(disk?.directory, 'blk/virtio/mmio');
  assert.equal((disk?.registers.vaddr ?? 0) % 0x1000, 0xe00);
  assert.equal((disk?.registers.physAddr ?? 0) % 0x1_0000, 0x6e00);
  const ether = sddf.drivers.find(({ pd }) => pd === 'ether');
  const third = plan.drivers
    .find(({ name }) => name === 'ether')
    ?.interrupts.find(({ intid }) => intid === 24 + 32);
  assert.equal(ether?.channel, third?.channel);
});

test('what a request says of partitions, buffers and who reaches whom', () => {
  const { sddf } = shared(GUESTS + SDDF_DRIVERS_REQUEST);
  const [disk] = sddf.block;
  assert.deepEqual(
    disk?.clients.map(({ pd, partition }) => [pd, partition]),
    [
      ['left_vmm', 1],
      ['right_vmm', 0],
      ['third_vmm', 2],
    ],
  );
  const entries = (name: string | undefined) => sddf.links.find((link) => link.name === name)?.entries;
  assert.equal(entries(disk?.clients[1]?.link), 32);
  assert.equal(entries(disk?.link), 512);
  const [net] = sddf.net;
  assert.deepEqual(
    net?.ports.map(({ reaches }) => reaches),
    [[1, 2, 3], [0, 2, 3], [0]],
  );
  assert.equal(entries(net?.ports[1]?.tx), 128);
  assert.deepEqual(
    net?.ports.map(({ mac }) => mac),
    ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'],
  );
  const uart =
    'drivers: [{ name: uart, pass: [serial@5000], colours: false, switch-key: ctrl-t, baud: 9600 }]\n';
  const [serial] = shared(`${GUESTS}${uart}`).sddf.serial;
  assert.deepEqual([serial?.colours, serial?.switchByte, serial?.baud], [false, 0x14, 9600]);
});

test('a run has queues of the sizes that the request says, and the usual ones elsewhere', () => {
  const { plan } = shared(GUESTS + SDDF_DRIVERS_REQUEST);
  const sizeOf = (name: string) =>
    plan.sharing.links.flatMap(({ regions }) => regions).find((region) => region.name === name)?.sizeBytes;
  assert.equal(sizeOf('right_net0_queue'), 0x1000 + 128 * 2 * 0x800);
  assert.equal(sizeOf('right_block0_queue'), 0x2000 + 32 * 0x1_0000);
  assert.equal(sizeOf('left_net0_queue'), 2 ** 21);
});

test('without an Ethernet device guests have a network of their own, and what nobody serves is said', () => {
  const { sddf } = shared(`${GUESTS}drivers: [{ name: card, pass: [serial@5000], class: block }]\n`);
  assert.equal(sddf.net[0]?.outside, undefined);
  assert.deepEqual(
    sddf.net[0]?.ports.map(({ reaches }) => reaches),
    [[1, 2], [0, 2], [0]],
  );
  assert.ok(sddf.regions.every(({ physAddr }) => physAddr === undefined));
  const reasons = sddf.unserved.map(({ pd, device, reason }) => `${pd} ${device.split('@')[0]}: ${reason}`);
  assert.match(
    reasons.join('\n'),
    /left_vmm \/virtio-console: no driver of the request is one of the class serial/,
  );
  assert.match(
    reasons.join('\n'),
    /left_vmm \/virtio-block: sDDF has no driver for card's device \(amlogic,meson-gx-uart\); it has some for virtio,mmio/,
  );
  assert.match(reasons.join('\n'), /third_vmm \/virtio-rng: sDDF shares no devices of the class entropy/);
});

test('a driver that asks for the time has a timer above it, which runs when it is called; without one it serves nobody', () => {
  const request = (more: string) =>
    `pass: []\nvirtio: [block]\ndrivers: [{ name: disk, pass: [mmc@8000] }${more}]\n`;
  const { sddf } = shared(request(', { name: clock, pass: [timer@9000] }'));
  const [clock, disk] = ['clock', 'disk'].map((name) => sddf.domains.find((domain) => domain.name === name));
  assert.equal(clock?.passive, true);
  assert.ok((clock?.priority ?? 0) > (disk?.priority ?? 0));
  const link = sddf.links.find(({ name }) => name === sddf.drivers.find(({ pd }) => pd === 'disk')?.timer);
  assert.deepEqual(
    link?.ends.map(({ pd }) => pd),
    ['clock', 'disk'],
  );
  assert.equal(link?.calls, true);
  assert.match(
    shared(request('')).sddf.unserved[0]?.reason ?? '',
    /asks a timer's driver for the time: add one/,
  );
});

test('of two drivers whose programs have one name, the first that is asked for is there', () => {
  const { sddf } = shared(
    'pass: []\nvirtio: [{ kind: block, driver: card }, { kind: block, driver: disk }]\ndrivers: [{ name: disk, pass: [virtio@6000], class: block }, { name: card, pass: [mmc@8000] }, { name: clock, pass: [timer@9000] }]\n',
  );
  assert.deepEqual(
    sddf.block.map(({ driver }) => driver),
    ['card'],
  );
  assert.match(
    sddf.unserved[0]?.reason ?? '',
    /blk\/mmc\/imx and blk\/virtio\/mmio both make blk_driver\.elf/,
  );
});

test('the report says which programs serve on seL4, and where devices reach RAM', () => {
  const report = planReport(sharedPlan(GUESTS + SDDF_DRIVERS_REQUEST));
  assert.match(report, /^ {2}serial_virt_tx {3}serial_virt_tx\.elf {7}priority 101$/m);
  assert.match(report, /^ {2}devices reach 0x[0-9a-f]+ to 0x[0-9a-f]+ by DMA$/m);
});

test('a program that the request brings is not replaced by one of sDDF’s', () => {
  const { sddf } = shared(
    'pass: []\nvirtio: [console]\ndrivers: [{ name: uart, pass: [serial@5000], program: mine.elf }]\n',
  );
  assert.deepEqual(sddf.serial, []);
  assert.equal(sddf.unserved.length, 1);
});
