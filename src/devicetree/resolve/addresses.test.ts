/** `reg` through `ranges`: each kind of wall, window and address that the specification or a real board has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts, deviceAt, regsText } from '../../../test/support/trees.ts';
import { busWindows } from './addresses.ts';

function regs(source: string, path: string): readonly string[] {
  return regsText(deviceAt(boardOfDts(source), path));
}

test('registers at the root are where they say', () => {
  const source = `/ { #address-cells = <2>; #size-cells = <2>;
    dev@1ff803000 { reg = <0x1 0xff803000 0x0 0x18>, <0x0 0x1000 0x1 0x0>; reg-names = "one", "two"; }; };`;
  const device = deviceAt(boardOfDts(source), '/dev@1ff803000');
  assert.deepEqual(regsText(device), ['0x1ff803000+0x18', '0x1000+0x100000000']);
  assert.deepEqual(
    device.regs.map(({ name }) => name),
    ['one', 'two'],
  );
});

test('cell counts are the parent’s own; absent they are 2 and 1, whatever is further up', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>;
    bus { ranges; dev@0 { reg = <0x0 0x4000 0x20>; }; }; };`;
  assert.deepEqual(regs(source, '/bus/dev@0'), ['0x4000+0x20']);
});

test('an empty ranges is identity, a missing one is a wall, also further up', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>;
    open { #address-cells = <1>; #size-cells = <1>; ranges; dev@10 { reg = <0x10 4>; }; };
    shut { #address-cells = <1>; #size-cells = <1>; dev@10 { reg = <0x10 4>; };
      inner { #address-cells = <1>; #size-cells = <1>; ranges; dev@20 { reg = <0x20 4>; }; }; }; };`;
  assert.deepEqual(regs(source, '/open/dev@10'), ['0x10+0x4']);
  assert.deepEqual(regs(source, '/shut/dev@10'), ['other-bus registers']);
  assert.deepEqual(regs(source, '/shut/inner/dev@20'), ['no-ranges registers']);
});

test('ranges move a window; what lies outside, or partly so, is said', () => {
  const source = `/ { #address-cells = <2>; #size-cells = <1>;
    bus { #address-cells = <1>; #size-cells = <1>;
      ranges = <0x0 0x1 0x80000000 0x1000>, <0x1000 0x1 0x80001000 0x1000>, <0x2000 0x2 0x0 0x1000>;
      in@10 { reg = <0x10 0x10>; };
      joined@f00 { reg = <0xf00 0x200>; };
      scattered@1f00 { reg = <0x1f00 0x200>; };
      past@2f00 { reg = <0x2f00 0x200>; };
      out@5000 { reg = <0x5000 0x10>; }; }; };`;
  assert.deepEqual(regs(source, '/bus/in@10'), ['0x180000010+0x10']);
  assert.deepEqual(regs(source, '/bus/joined@f00'), ['0x180000f00+0x200']);
  assert.deepEqual(regs(source, '/bus/scattered@1f00'), ['scattered']);
  assert.deepEqual(regs(source, '/bus/past@2f00'), ['partly-outside']);
  assert.deepEqual(regs(source, '/bus/out@5000'), ['outside-ranges']);
});

test('a chip select is the first of three or of two cells', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>;
    three { #address-cells = <3>; #size-cells = <1>; ranges = <5 0 0 0x9000 0x1000>;
      dev@5 { reg = <5 0 0x10 4>; }; other@6 { reg = <6 0 0x10 4>; }; };
    eim { #address-cells = <2>; #size-cells = <1>; ranges = <1 0 0x8000000 0x1000>;
      flash@1 { reg = <1 0x20 0x10>; }; flash@0 { reg = <0 0x20 0x10>; }; }; };`;
  assert.deepEqual(regs(source, '/three/dev@5'), ['0x9010+0x4']);
  assert.deepEqual(regs(source, '/three/other@6'), ['outside-ranges']);
  assert.deepEqual(regs(source, '/eim/flash@1'), ['0x8000020+0x10']);
  assert.deepEqual(regs(source, '/eim/flash@0'), ['outside-ranges']);
});

test('a PCI host’s windows tell I/O from memory; its devices have no addresses before they are set up', () => {
  const source = `/ { #address-cells = <2>; #size-cells = <2>;
    pcie@40000000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>; reg = <0 0x40000000 0 0x1000>;
      ranges = <0x81000000 0 0 0 0x3eff0000 0 0x10000>, <0xc2000000 0 0x10000000 0 0x10000000 0 0x1000000>;
      nic@1,0 { reg = <0x800 0 0 0 0>; }; }; };`;
  const board = boardOfDts(source);
  assert.deepEqual(regsText(deviceAt(board, '/pcie@40000000/nic@1,0')), ['pci-device pci']);
  const host = deviceAt(board, '/pcie@40000000');
  const io = board.addresses.translate(host.node, { space: 1, addr: 0x10 }, 4);
  const memory = board.addresses.translate(host.node, { space: 2, addr: 0x1000_0010 }, 4);
  assert.deepEqual(io.cpu, { base: 0x3eff0010, size: 4 });
  assert.deepEqual(memory.cpu, { base: 0x1000_0010, size: 4 });
  assert.deepEqual(
    busWindows(host.node, 'ranges')?.map(({ child }) => child.space),
    [1, 2],
  );
});

test('buses that are not mapped are named by their kind', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>;
    cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { reg = <0>; }; };
    soc { #address-cells = <1>; #size-cells = <1>; ranges;
      i2c@0 { #address-cells = <1>; #size-cells = <0>; chip@50 { reg = <0x50>; }; };
      spi@0 { #address-cells = <1>; #size-cells = <0>; flash@0 { reg = <0>; }; };
      net@0 { #address-cells = <1>; #size-cells = <0>; ethernet-phy@7 { reg = <7>; };
        ports { #address-cells = <1>; #size-cells = <0>; port@0 { reg = <0>; }; }; };
      efuse { #address-cells = <1>; #size-cells = <1>; mac@34 { reg = <0x34 6>; }; };
    }; };`;
  const board = boardOfDts(source);
  const kinds = [
    '/cpus/cpu@0',
    '/soc/i2c@0/chip@50',
    '/soc/spi@0/flash@0',
    '/soc/net@0/ethernet-phy@7',
  ].concat('/soc/net@0/ports/port@0', '/soc/efuse/mac@34');
  assert.deepEqual(
    kinds.map((path) => regsText(deviceAt(board, path))[0]),
    [
      'other-bus cpus',
      'other-bus i2c',
      'other-bus spi',
      'other-bus mdio',
      'other-bus graph',
      'other-bus nvmem-cells',
    ],
  );
});

test('what can’t be read or named carries its reason', () => {
  const source = `/ { #address-cells = <2>; #size-cells = <2>;
    short@0 { reg = <0 0 0>; };
    empty@0 { reg = <0 0x1000 0 0>; };
    high@0 { reg = <0x00100000 0 0 0x1000>; };
    many { #address-cells = <7>; #size-cells = <0>; dev@0 { reg = <0 0 0 0 0 0 0>; }; };
    bad { #address-cells = <1>; #size-cells = <1>; ranges = <0 0>; dev@0 { reg = <0 4>; }; }; };`;
  const board = boardOfDts(source);
  const paths = ['/short@0', '/empty@0', '/high@0', '/many/dev@0', '/bad/dev@0'];
  assert.deepEqual(
    paths.map((path) => regsText(deviceAt(board, path))[0]),
    ['bad-cells', 'no-size', 'too-high', 'bad-cell-counts', 'bad-ranges'],
  );
});
