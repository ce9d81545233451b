import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import {
  FEATURE,
  RAM_BASE,
  RAM_BYTES,
  REG,
  STATUS,
  VirtioDriver,
} from '../../../test/support/virtio-driver.ts';
import { takeChains, type VirtioDevice, type VirtioTransport } from './device.ts';
import type { DescriptorChain } from './virtqueue.ts';

/** Takes what it is given and gives it back when it is told to. */
class Holder implements VirtioDevice {
  readonly name = 'holder';
  readonly deviceId = 42;
  readonly features = [3];
  readonly queueSizes = [16, 8];
  readonly held: DescriptorChain[] = [];
  started: ReadonlySet<number> | undefined;
  resets = 0;
  transport: VirtioTransport | undefined;

  attach(transport: VirtioTransport): void {
    this.transport = transport;
  }

  config(): Uint8Array {
    return Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55);
  }

  start(features: ReadonlySet<number>): void {
    this.started = features;
  }

  queueNotify(index: number): void {
    takeChains(
      this.transport?.queue(index),
      () => true,
      (_queue, chain) => this.held.push(chain),
    );
  }

  reset(): void {
    this.resets += 1;
  }

  giveBack(writtenBytes = 0): void {
    this.transport?.turn(() => {
      for (const chain of this.held.splice(0)) this.transport?.complete(0, chain, writtenBytes);
    });
  }
}

function bench(features?: readonly number[]) {
  const device = new Holder();
  const driver = new VirtioDriver(device);
  if (features !== undefined) driver.start(2, features);
  return { device, driver };
}

const V1 = [FEATURE.VERSION_1];

test('what a driver reads before it does anything (§4.2.2)', () => {
  const { driver } = bench();
  assert.equal(driver.read(REG.MagicValue), 0x7472_6976);
  assert.equal(driver.read(REG.Version), 2);
  assert.equal(driver.read(REG.DeviceID), 42);
  assert.equal(driver.read(REG.VendorID), 0x344c_6573);
  assert.equal(driver.read(REG.Status), 0);
  assert.equal(driver.read(REG.SHMLenLow), 0xffff_ffff);
  assert.equal(driver.deviceFeatures(), (1n << 3n) | (1n << 28n) | (1n << 29n) | (1n << 32n));
  driver.write(REG.DeviceFeaturesSel, 7);
  assert.equal(driver.read(REG.DeviceFeatures), 0);
  assert.equal(driver.read(REG.QueueNumMax), 16);
  driver.write(REG.QueueSel, 1);
  assert.equal(driver.read(REG.QueueNumMax), 8);
  driver.write(REG.QueueSel, 2);
  assert.equal(driver.read(REG.QueueNumMax), 0);
});

test('the configuration space, in every width, and beyond its end', () => {
  const { driver } = bench();
  assert.equal(driver.mmio.read(REG.Config, 1), 0x11);
  assert.equal(driver.mmio.read(REG.Config + 2, 2), 0x4433);
  assert.equal(driver.mmio.read(REG.Config, 4), 0x4433_2211);
  assert.equal(driver.mmio.read(REG.Config + 4, 4), 0x55);
  assert.equal(driver.mmio.read(0x1fc, 4), 0);
});

test('features: without VERSION_1, or with one that was not offered, FEATURES_OK does not stick (§3.1.1)', () => {
  for (const wrong of [[], [3], [...V1, 4], [...V1, 40]]) {
    const { driver, device } = bench();
    driver.write(REG.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER);
    driver.setFeatures(wrong);
    driver.write(REG.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK);
    assert.equal(driver.status & STATUS.FEATURES_OK, 0, JSON.stringify(wrong));
    driver.write(REG.Status, driver.status | STATUS.DRIVER_OK);
    assert.equal(driver.status & STATUS.DRIVER_OK, 0);
    assert.equal(device.started, undefined);
  }
  const { device, driver } = bench([...V1, 3]);
  assert.deepEqual(device.started, new Set([3, 32]));
  driver.setFeatures(V1);
  assert.match(driver.log.join(), /ignored: features after FEATURES_OK/);
});

test('a status bit that was set stays until the reset (§2.1.1); NEEDS_RESET is not the driver’s', () => {
  const { driver } = bench(V1);
  const before = driver.status;
  driver.write(REG.Status, STATUS.ACKNOWLEDGE | STATUS.NEEDS_RESET);
  assert.equal(driver.status, before);
  driver.write(REG.Status, 0);
  assert.equal(driver.status, 0);
});

test('a chain there and back, an interrupt until it is acknowledged', () => {
  const { device, driver } = bench(V1);
  const head = driver.offer(0, [Uint8Array.of(1, 2, 3), { room: 5 }]);
  driver.notify(0);
  assert.deepEqual(
    device.held[0]?.readable.map(({ size }) => size),
    [3],
  );
  assert.deepEqual(
    device.held[0]?.writable.map(({ size }) => size),
    [5],
  );
  assert.equal(driver.interrupts, 0);
  device.giveBack(5);
  assert.deepEqual(
    driver.used(0).map((used) => [used.head, used.writtenBytes]),
    [[head, 5]],
  );
  assert.equal(driver.interrupts, 1);
  assert.equal(driver.read(REG.InterruptStatus), 1);
  assert.ok(driver.mmio.interruptPending);
  driver.write(REG.InterruptACK, 1);
  assert.equal(driver.read(REG.InterruptStatus), 0);
  assert.equal(driver.mmio.interruptPending, false);
});

test('rings wrap: more chains than the queue has entries, one after the other', () => {
  const { device, driver } = bench(V1);
  for (let count = 0; count < 70_000; count += 1) {
    driver.offer(0, [Uint8Array.of(count & 0xff)]);
    driver.notify(0);
    device.giveBack();
    assert.equal(driver.used(0).length, 1);
  }
  assert.ok(!driver.needsReset);
});

test('an indirect table, where it was negotiated', () => {
  const buffers = [Uint8Array.of(1), { room: 7 }];
  const { device, driver } = bench([...V1, FEATURE.INDIRECT_DESC]);
  driver.offer(0, buffers, { indirect: true });
  // A table may hold as many descriptors as the queue (§2.7.5.3.1).
  driver.offer(
    0,
    Array.from({ length: 16 }, () => ({ room: 1 })),
    { indirect: true },
  );
  driver.notify(0);
  assert.deepEqual(
    device.held.map(({ writable }) => writable.length),
    [1, 16],
  );

  const other = bench(V1);
  other.driver.offer(0, buffers, { indirect: true });
  other.driver.notify(0);
  assert.ok(other.driver.needsReset);
});

test('the driver’s flag and the event index say when an interrupt is wanted (§2.7.7)', () => {
  const plain = bench(V1);
  plain.driver.setAvailFlags(0, 1);
  plain.driver.offer(0, [{ room: 1 }]);
  plain.driver.notify(0);
  plain.device.giveBack();
  assert.equal(plain.driver.interrupts, 0);

  const { device, driver } = bench([...V1, FEATURE.EVENT_IDX]);
  driver.setUsedEvent(0, 1);
  const one = () => {
    driver.offer(0, [{ room: 1 }]);
    driver.notify(0);
    device.giveBack();
    return driver.interrupts;
  };
  assert.deepEqual([one(), one(), one()], [0, 1, 1], 'only when index 1 has been used');
  assert.equal(driver.availEvent(0), 3, 'the device asks to hear of the next');
});

test('a reset in flight: what comes back afterwards touches nothing', () => {
  const { device, driver } = bench(V1);
  driver.offer(0, [{ room: 4 }]);
  driver.notify(0);
  driver.write(REG.Status, 0);
  assert.equal(device.resets, 1 + 1, 'one for the start, one now');
  const before = driver.memory.slice();
  device.giveBack(4);
  assert.deepEqual(driver.memory, before);
  assert.equal(driver.interrupts, 0);
  driver.start(2);
  assert.ok(!driver.needsReset);
});

test('out of order: ignored, and said', () => {
  const { driver } = bench();
  driver.notify(0);
  driver.setUpQueue(0);
  assert.equal(driver.read(REG.QueueReady), 0, 'features are not settled');
  driver.start(0);
  driver.write(REG.QueueSel, 0);
  for (const size of [0, 3, 32, 0xffff_ffff]) driver.write(REG.QueueNum, size);
  driver.write(REG.QueueSel, 0xffff_fff0);
  driver.write(REG.QueueReady, 0);
  driver.write(REG.QueueSel, 9);
  driver.write(REG.QueueReady, 1);
  driver.write(REG.QueueNum, 4);
  driver.notify(9);
  driver.setUpQueue(0);
  driver.write(REG.QueueNum, 8);
  const log = driver.log.join('\n');
  for (const said of [
    /a notification of queue 0, which is not ready/,
    /a queue before FEATURES_OK/,
    /a queue of 3 entries/,
    /a queue of 32 entries/,
    /queue 9, which there is not/,
    /changes to queue 0, which is ready/,
  ]) {
    assert.match(log, said);
  }
  assert.ok(!driver.needsReset);
});

/** What a driver may do wrong with a queue in order, and what the device says. */
const BROKEN: readonly (readonly [name: string, act: (driver: VirtioDriver) => void, said: RegExp])[] = [
  ['a loop', (d) => d.descriptor(0, 0, RAM_BASE, 1, 1, 0), /more than 16 descriptors/],
  ['beyond RAM', (d) => d.descriptor(0, 0, RAM_BASE + RAM_BYTES - 1, 2, 0, 0), /not in guest RAM/],
  ['in a device', (d) => d.descriptor(0, 0, 0x0a00_0000, 4, 0, 0), /not in guest RAM/],
  ['a wild address', (d) => d.descriptor(0, 0, 0xffff_ffff_ffff_fff0n, 32, 2, 0), /not in guest RAM/],
  [
    'read after write',
    (d) => {
      d.descriptor(0, 0, RAM_BASE, 4, 3, 1);
      d.descriptor(0, 1, RAM_BASE, 4, 0, 0);
    },
    /to be read, after one/,
  ],
  ['next beyond the table', (d) => d.descriptor(0, 0, RAM_BASE, 4, 1, 16), /beyond its table/],
  ['an empty indirect table', (d) => d.descriptor(0, 0, RAM_BASE, 0, 4, 0), /table of 0 bytes/],
  ['an indirect table that leads on', (d) => d.descriptor(0, 0, RAM_BASE, 16, 5, 0), /leads on/],
  [
    'nested indirect tables',
    (d) => {
      d.descriptor(0, 0, RAM_BASE + 0x9000, 16, 4, 0);
      d.descriptor(0x9000, 0, RAM_BASE + 0x9000, 16, 4, 0);
    },
    /in an indirect table/,
  ],
];

for (const [name, act, said] of BROKEN) {
  test(`broken: ${name}; the device needs a reset, says so, and works after it`, () => {
    const features = [...V1, FEATURE.INDIRECT_DESC];
    const { device, driver } = bench(features);
    act(driver);
    driver.publish(0, 0);
    driver.notify(0);
    assert.ok(driver.needsReset);
    assert.match(driver.log.join(), said);
    assert.equal(driver.read(REG.InterruptStatus) & 2, 2, 'told by a configuration change (§2.1.2)');
    driver.notify(0);
    assert.equal(device.held.length, 0);
    driver.start(2, features);
    driver.offer(0, [{ room: 1 }]);
    driver.notify(0);
    assert.equal(device.held.length, 1);
  });
}

test('broken: more available than the queue holds, and a head beyond it', () => {
  for (const act of [
    (driver: VirtioDriver) => {
      driver.queue(0).avail = 40;
      driver.publish(0, 0);
    },
    (driver: VirtioDriver) => driver.publish(0, 77),
  ]) {
    const { driver } = bench(V1);
    act(driver);
    driver.notify(0);
    assert.ok(driver.needsReset);
  }
});

test('queues that are misaligned or outside RAM are refused', () => {
  for (const [register, value] of [
    [REG.QueueDescLow, RAM_BASE + 8],
    [REG.QueueDriverLow, RAM_BASE + 1],
    [REG.QueueDeviceLow, RAM_BASE + 2],
    [REG.QueueDeviceLow, RAM_BASE + RAM_BYTES - 16],
    [REG.QueueDescHigh, 0xffff_ffff],
  ] as const) {
    const { driver } = bench();
    driver.start(0);
    driver.setUpQueue(0);
    driver.write(REG.QueueReady, 0);
    driver.write(register, value);
    driver.write(REG.QueueReady, 1);
    assert.equal(driver.read(REG.QueueReady), 0);
    assert.ok(driver.needsReset);
  }
});

test('a changed configuration: a new generation and an interrupt', () => {
  const { device, driver } = bench(V1);
  const before = driver.read(REG.ConfigGeneration);
  device.transport?.configChanged();
  assert.notEqual(driver.read(REG.ConfigGeneration), before);
  assert.equal(driver.read(REG.InterruptStatus), 2);
});

test('saved and loaded: queues go on where they were', () => {
  const features = [...V1, FEATURE.EVENT_IDX];
  const { device, driver } = bench(features);
  for (let count = 0; count < 5; count += 1) driver.offer(0, [{ room: 1 }]);
  driver.notify(0);
  device.giveBack();
  driver.used(0);
  const kept = savedCopy(driver.mmio.saved);

  const other = new Holder();
  const loaded = new VirtioDriver(other, driver.memory);
  loadSaved(loaded.mmio.saved, kept);
  assert.deepEqual(savedCopy(loaded.mmio.saved), kept);
  driver.offer(0, [Uint8Array.of(9)]);
  loaded.notify(0);
  assert.equal(other.held.length, 1);
  other.giveBack();
  assert.equal(driver.used(0).length, 1);
});
