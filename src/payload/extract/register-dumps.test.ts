import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from '../../../test/support/memory-files.ts';
import { boardOfDts } from '../../../test/support/trees.ts';
import { parseRegisterDump, readRegisterDumps, registerMapBase } from './register-dumps.ts';

const board = boardOfDts(`/ { #address-cells = <1>; #size-cells = <1>;
  bus@ff634400 { compatible = "simple-bus"; reg = <0xff634400 0x400>; #address-cells = <1>; #size-cells = <1>;
    ranges = <0 0xff634400 0x400>;
    pinctrl@40 { compatible = "amlogic,meson-g12a-periphs-pinctrl"; #address-cells = <1>; #size-cells = <1>; ranges;
      bank@40 { compatible = "x"; reg = <0x40 0x4c>, <0xe8 0x18>; reg-names = "gpio", "pull"; }; }; };
  phy@ff63a000 { compatible = "x,phy"; reg = <0xff63a000 0x2000>; };
  sys-ctrl@ff800000 { compatible = "x,sysctrl", "syscon"; reg = <0xff800000 0x100>; }; };`);

test('a map belongs to the device that its name means, or to nobody', () => {
  for (const [name, base] of [
    ['ff63a000.phy', 0xff63a000],
    ['ff63a000.other', undefined],
    ['ff63a004.phy', undefined],
    ['dummy-sys-ctrl@0x00000000ff800000', 0xff800000],
    ['dummy-sys-ctrl@ff800000', 0xff800000],
    ['dummy-sys-ctrl@0x00000000ff900000', undefined],
    ['ff634400.bus:pinctrl@40-bank-gpio', 0xff634440],
    ['ff634400.bus:pinctrl@40-bank-pull', 0xff6344e8],
    ['ff634400.bus:pinctrl@40-bank-mux', undefined],
    ['0-0020', undefined],
    ['dummy', undefined],
  ] as const) {
    assert.equal(registerMapBase(board, name), base, name);
  }
});

test('words are taken; what could not be read and registers of other sizes are not', () => {
  const dump = '00: 00000011\n04: XXXXXXXX\n08: ff\n0c: ffffffff\n0e: 00000001\nnonsense\n10: 0x000001\n';
  assert.deepEqual(
    [...parseRegisterDump(dump)],
    [
      [0, 0x11],
      [12, 0xffff_ffff],
    ],
  );
});

test("a collector's directory: words by address", () => {
  const files = memoryFiles({
    'live/regmap/ff63a000.phy/registers': '00: 00000001\n04: 0000000a\n',
    'live/regmap/ff63a000.phy/name': 'phy\n',
    'live/regmap/0-0020/registers': '00: 00000007\n',
    'live/regmap/dummy-sys-ctrl@0x00000000ff800000/range': '0-fc\n',
  });
  assert.deepEqual(
    [...(readRegisterDumps(files, 'live', board) ?? [])],
    [
      [0xff63a000, 1],
      [0xff63a004, 10],
    ],
  );
  assert.equal(readRegisterDumps(files, 'elsewhere', board), undefined);
});
