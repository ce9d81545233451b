import assert from 'node:assert/strict';
import { test } from 'node:test';
import { touchEveryOffset } from '../../test/support/devices.ts';
import { CONTROLLERS, controllerFor } from './control/catalogue.ts';
import { createController } from './control/controller.ts';
import { PollDetector } from './poll-detector.ts';
import { RememberedRegisters } from './remembered.ts';

test('remembers in every width, starts from its seeds, and names each first use once', () => {
  const uses: string[] = [];
  const device = new RememberedRegisters({
    name: 'efuse@30',
    sizeBytes: 0x100,
    seeds: new Map([[0x10, 0xdead_beef]]),
    onFirstUse: (kind, offset) => uses.push(`${kind} ${offset}`),
  });
  assert.equal(device.read(0x10, 4), 0xdead_beef);
  device.write(0x12, 0x55, 1);
  assert.equal(device.read(0x10, 4), 0xde55_beef);
  assert.equal(device.read(0x12, 2), 0xde55);
  assert.equal(device.read(0x20, 4), 0);
  assert.deepEqual(uses, ['read 16', 'read 32']);
  touchEveryOffset(device);
});

test('every controller: every offset, reset, state', () => {
  for (const table of CONTROLLERS) {
    touchEveryOffset(createController(table, 0x400));
    const fresh = createController(table, 0x400);
    fresh.write(0, 5, 4);
    fresh.reset();
    assert.deepEqual(fresh.saved.save(), createController(table, 0x400).saved.save());
  }
});

test("Meson's PLL locks by enable and reset, whatever is written over its lock bit", () => {
  const table = controllerFor(['amlogic,sm1-clkc']);
  assert.ok(table !== undefined);
  const hhi = createController(table, 0x400);
  const PCIE = 0x98;
  assert.equal(hhi.read(PCIE, 4) >>> 31, 0);
  hhi.write(PCIE, 0x2009_0496, 4);
  hhi.write(PCIE, 0x3009_0496, 4);
  assert.equal(hhi.read(PCIE, 4) >>> 31, 0, 'still in reset');
  hhi.write(PCIE, 0x1009_0496, 4);
  assert.equal(hhi.read(PCIE, 4), 0x9009_0496);
  assert.equal(hhi.read(0x2f4, 4) >>> 31, 1, 'the system PLL runs from the start');
});

test('a vain poll is reported once, and any change starts anew', () => {
  const polls: number[] = [];
  const detector = new PollDetector(
    ({ offset }) => polls.push(offset),
    () => 0,
    3,
  );
  for (let round = 0; round < 10; round += 1) detector.read(8, 0);
  assert.deepEqual(polls, [8]);
  detector.read(8, 1);
  detector.read(8, 1);
  detector.write();
  detector.read(8, 1);
  assert.deepEqual(polls, [8]);
  detector.read(8, 1);
  detector.read(8, 1);
  assert.deepEqual(polls, [8, 8]);
});

test('a slow loop is reported when it goes on; a look now and then is not', () => {
  const polls: number[] = [];
  let nowNs = 0;
  const detector = new PollDetector(
    ({ reads }) => polls.push(reads),
    () => nowNs,
  );
  for (let second = 0; second < 100; second += 1) {
    detector.read(8, 0);
    nowNs += 1e9;
  }
  assert.deepEqual(polls, []);
  // A read each 10 ms: named before a second is over.
  for (let read = 0; read < 99; read += 1) {
    detector.read(12, 0);
    nowNs += 10e6;
  }
  assert.deepEqual(polls, [33]);
  // A read each microsecond: named after a tenth of a second, if it was not by their number.
  detector.write();
  for (let read = 0; read < 5000; read += 1) {
    detector.read(16, 0);
    nowNs += 1e3;
  }
  assert.deepEqual(polls, [33, 2000]);
});

test("Rockchip's registers: the upper half masks what is written, but for the word with the lock", () => {
  const table = controllerFor(['rockchip,rk3399-cru']);
  assert.ok(table !== undefined);
  const cru = createController(table, 0x1000);
  cru.write(0x100, 0x00ff_1234, 4);
  cru.write(0x100, 0x0f00_0f56, 4);
  assert.equal(cru.read(0x100, 4), 0x0f34);
  cru.write(0x28, 0x0012_3456, 4);
  assert.equal(cru.read(0x28, 4), 0x8012_3456);
});
