import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DEVICE_CLASSES,
  driverIrqSymbol,
  driverRegionSymbol,
  endsIn,
  nativeDriverFor,
  SDDF_DRIVERS,
  sddfClass,
  sddfClientChannels,
  sddfComponent,
  sddfDriverFor,
  sddfDriverIn,
  sharedClass,
} from './index.ts';

test('each of sDDF’s drivers is found by each of its names, and by its directory', () => {
  for (const driver of SDDF_DRIVERS) {
    for (const name of driver.compatible)
      assert.ok(sddfDriverFor(driver.class, ['acme,other', name]) !== undefined, name);
    assert.equal(sddfDriverIn(driver.directory).makefile, driver.makefile);
  }
  assert.equal(sddfDriverFor('serial', ['acme,uart']), undefined);
  assert.throws(() => sddfDriverIn('serial/acme'), /no driver of sDDF's/);
});

test('what sDDF has for a class: its programs by role, above the monitors as in a run', () => {
  for (const name of DEVICE_CLASSES) {
    if (sddfClientChannels(name) === 0) {
      assert.throws(() => sddfClass(name), /shares no device/);
      continue;
    }
    for (const { role } of sharedClass(name).components)
      if (role !== 'client' && role !== 'driver' && role !== 'server') {
        const has = sddfClass(name).components.some((component) => component.role === role);
        if (has) assert.equal(sddfComponent(name, role).role, role);
        else assert.throws(() => sddfComponent(name, role), /sDDF has no/);
      }
  }
});

test('a link seen from either end, and from elsewhere', () => {
  const link = { ends: [{ pd: 'a' }, { pd: 'b' }] } as const;
  assert.deepEqual(endsIn<{ readonly pd: string }>(link, 'a'), { own: { pd: 'a' }, other: { pd: 'b' } });
  assert.deepEqual(endsIn<{ readonly pd: string }>(link, 'b'), { own: { pd: 'b' }, other: { pd: 'a' } });
  assert.equal(endsIn<{ readonly pd: string }>(link, 'c'), undefined);
});

test('native drivers’ symbols count from the second on', () => {
  assert.deepEqual([0, 1].map(driverRegionSymbol), ['regs', 'regs1']);
  assert.deepEqual([0, 1].map(driverIrqSymbol), ['irq_ch', 'irq1_ch']);
  assert.equal(nativeDriverFor(['acme,uart']), undefined);
});
