import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset } from '../../../test/support/devices.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { MdioBus } from './mdio.ts';
import { MesonMdioMux } from './meson-mdio-mux.ts';
import { AMLOGIC_INTERNAL_PHY, Phy, RTL8211F } from './phy.ts';

const [BMCR, BMSR, ANLPAR, CTRL1000, STAT1000, ESTATUS, PAGE] = [0, 1, 5, 9, 10, 15, 31];

test('an RTL8211F: identity, abilities, a link of 1 Gbit/s from the start and after a reset', () => {
  const phy = new Phy(RTL8211F);
  assert.deepEqual([phy.read(2), phy.read(3)], [0x001c, 0xc916]);
  assert.equal(phy.read(BMCR), 0x1140);
  assert.equal(phy.read(BMSR), 0x796d);
  assert.equal(phy.read(ANLPAR), 0x41e1);
  assert.deepEqual([phy.read(CTRL1000), phy.read(STAT1000), phy.read(ESTATUS)], [0x0200, 0x3800, 0x2000]);
  phy.write(BMCR, 0x9140);
  assert.equal(phy.read(BMCR), 0x1140, 'reset clears itself');
  phy.write(BMCR, 0x1340);
  assert.equal(phy.read(BMCR), 0x1140, 'so does the restart of auto-negotiation');
});

test('no link without power, in isolation, or with nothing in common', () => {
  const phy = new Phy(RTL8211F);
  for (const control of [0x1940, 0x1540]) {
    phy.write(BMCR, control);
    assert.equal(phy.linkUp, false);
    assert.equal(phy.read(BMSR) & 0x24, 0);
    assert.equal(phy.read(ANLPAR), 0);
  }
  phy.write(BMCR, 0x1140);
  phy.write(CTRL1000, 0);
  assert.ok(phy.linkUp, '100 Mbit/s is left');
  phy.write(4, 1);
  assert.equal(phy.linkUp, false);
  phy.write(BMCR, 0x2100);
  assert.ok(phy.linkUp, 'a speed that is forced');
});

test("the vendor's registers are in pages and remember; PHYSR says what was agreed on", () => {
  const phy = new Phy(RTL8211F);
  phy.write(PAGE, 0xd08);
  phy.write(0x11, 0x0109);
  phy.write(PAGE, 0xa43);
  assert.equal(phy.read(0x11), 0);
  assert.deepEqual([phy.read(0x1a), phy.read(0x12)], [0x2c, 0x2c]);
  phy.write(CTRL1000, 0);
  assert.equal(phy.read(0x1a), 0x1c);
  phy.write(PAGE, 0xd08);
  assert.equal(phy.read(0x11), 0x0109);
  const copy = new Phy(RTL8211F);
  loadSaved(copy.saved, savedCopy(phy.saved));
  assert.deepEqual(copy.saved.save(), phy.saved.save());
  phy.reset();
  assert.equal(phy.read(PAGE), 0);
});

test('the multiplexer lays the bus to one branch or the other, and its PLL locks', () => {
  const bus = new MdioBus();
  const mux = new MesonMdioMux(bus);
  bus.connect(0, 0, new Phy(RTL8211F), true);
  bus.connect(1, 8, new Phy(AMLOGIC_INTERNAL_PHY));
  assert.deepEqual([bus.read(0, 2), bus.read(8, 2), bus.read(1, 2)], [0x001c, 0xffff, 0xffff]);
  mux.write(0x44, 0x29c0_040a, 4);
  assert.equal(mux.read(0x44, 4), 0x2080_040a, 'in reset; bits without a name are none');
  mux.write(0x44, 0x1000_040a, 4);
  assert.equal(mux.read(0x44, 4), 0xd000_040a);
  mux.write(0x88, 0x260, 4);
  assert.deepEqual([bus.read(0, 2), bus.read(8, 2), bus.read(8, 3)], [0xffff, 0x0180, 0x3301]);
  assert.equal(bus.read(8, BMSR) & 4, 0, 'no cable leads to the internal one');
  assert.ok(bus.linkUp, "frames go through the board's");
  touchEveryOffset(mux);
  checkResetAndState(() => new MesonMdioMux(new MdioBus()));
});
