/** The board as a whole: status, names, memory, the GIC's frames, and who shares a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts, deviceAt } from '../../../test/support/trees.ts';

test('status in all its values, and under a node that is off', () => {
  const source = `/ { a { compatible = "x"; }; b { compatible = "x"; status = "ok"; }; c { compatible = "x"; status = "reserved"; };
    d { compatible = "x"; status = "fail-sss"; }; e { compatible = "x"; status = "disabled"; f { compatible = "x"; g { compatible = "x"; status = "okay"; }; }; };
    h { compatible = "x"; status = "fail"; }; i { compatible = "x"; status = "Okay"; }; };`;
  const board = boardOfDts(source);
  const of = (path: string) => {
    const { own, text, enabled, disabledBy } = deviceAt(board, path).status;
    return [own, text, enabled, disabledBy?.name];
  };
  assert.deepEqual(of('/a'), ['okay', undefined, true, undefined]);
  assert.deepEqual(of('/b'), ['okay', 'ok', true, undefined]);
  assert.deepEqual(of('/c'), ['reserved', 'reserved', false, undefined]);
  assert.deepEqual(of('/d'), ['fail', 'fail-sss', false, undefined]);
  assert.deepEqual(of('/e'), ['disabled', 'disabled', false, undefined]);
  assert.deepEqual(of('/e/f'), ['okay', undefined, false, 'e']);
  assert.deepEqual(of('/e/f/g'), ['okay', 'okay', false, 'e']);
  assert.deepEqual(of('/h'), ['fail', 'fail', false, undefined]);
  assert.deepEqual(of('/i'), ['unknown', 'Okay', false, undefined]);
});

test('aliases, labels and the console', () => {
  const source = `/ { model = "Test"; compatible = "acme,board", "acme,soc"; aliases { serial0 = &uart; lost = "/nowhere"; };
    chosen { stdout-path = "serial0:115200n8"; bootargs = "quiet"; };
    __symbols__ { uart = "/serial@0"; }; uart: serial@0 { compatible = "x"; }; };`;
  const board = boardOfDts(source);
  assert.deepEqual(
    [board.model, board.compatible, board.bootargs],
    ['Test', ['acme,board', 'acme,soc'], 'quiet'],
  );
  assert.deepEqual([...board.aliases.keys()], ['serial0']);
  assert.equal(board.labels.get('uart')?.name, 'serial@0');
  assert.deepEqual([board.stdout?.path, board.stdout?.options], ['/serial@0', '115200n8']);
});

test('memory, reserved memory and the reservation block', () => {
  const source = `/memreserve/ 0x1000 0x2000; / { #address-cells = <2>; #size-cells = <2>;
    memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x40000000>, <0 0xc0000000 0 0x1000>; };
    reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;
      secmon@5000000 { reg = <0 0x5000000 0 0x300000>; no-map; };
      linux,cma { compatible = "shared-dma-pool"; reusable; size = <0 0x10000000>; alignment = <0 0x400000>;
        alloc-ranges = <0 0 0 0x40000000>; }; }; };`;
  const board = boardOfDts(source);
  assert.deepEqual(board.ram, [{ base: 0x8000_0000, size: 0x4000_1000 }]);
  assert.deepEqual(board.memreserve, [{ base: 0x1000, size: 0x2000 }]);
  const [secmon, cma] = board.reserved;
  assert.deepEqual([secmon?.noMap, secmon?.regs[0]?.cpu], [true, { base: 0x500_0000, size: 0x30_0000 }]);
  assert.deepEqual(
    [cma?.reusable, cma?.dynamic],
    [
      true,
      { sizeBytes: 0x1000_0000, alignmentBytes: 0x40_0000, allocRanges: [{ base: 0, size: 0x4000_0000 }] },
    ],
  );
});

test('a GICv3 with two redistributor regions, a stride and an ITS', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    gic: gic@0 { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>; #redistributor-regions = <2>;
      redistributor-stride = <0 0x40000>; #address-cells = <1>; #size-cells = <1>; ranges;
      reg = <0x0 0x10000>, <0x100000 0x80000>, <0x200000 0x80000>, <0x300000 0x2000>, <0x310000 0x2000>, <0x320000 0x2000>;
      its@400000 { compatible = "arm,gic-v3-its"; reg = <0x400000 0x20000>; }; }; };`;
  const gic = boardOfDts(source).gic;
  assert.equal(gic?.version, 3);
  assert.deepEqual(gic?.gicd, { base: 0, size: 0x1_0000 });
  assert.deepEqual(gic?.gicr, [
    { base: 0x10_0000, size: 0x8_0000 },
    { base: 0x20_0000, size: 0x8_0000 },
  ]);
  assert.deepEqual([gic?.gicc?.base, gic?.gich?.base, gic?.gicv?.base], [0x30_0000, 0x31_0000, 0x32_0000]);
  assert.equal(gic?.redistributorStride, 0x4_0000);
  assert.deepEqual(gic?.its[0]?.frame, { base: 0x40_0000, size: 0x2_0000 });
});

test('who shares a page: small pages, large pages, ranges that straddle; never the disabled', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>;
    a@1000 { compatible = "x"; reg = <0x1000 0x10>; }; b@1ff0 { compatible = "x"; reg = <0x1ff0 0x20>; };
    c@2800 { compatible = "x"; reg = <0x2800 0x10>; }; off@1100 { compatible = "x"; reg = <0x1100 0x10>; status = "disabled"; };
    far@200000 { compatible = "x"; reg = <0x200000 4>; }; };`;
  const board = boardOfDts(source);
  const sharing = (path: string, bytes: number) =>
    board.coTenants(deviceAt(board, path), bytes).map((device) => device.path);
  assert.deepEqual(sharing('/a@1000', 0x1000), ['/b@1ff0']);
  assert.deepEqual(sharing('/b@1ff0', 0x1000), ['/a@1000', '/c@2800']);
  assert.deepEqual(sharing('/c@2800', 0x1000), ['/b@1ff0']);
  assert.deepEqual(sharing('/far@200000', 0x20_0000), []);
  assert.deepEqual(sharing('/a@1000', 0x20_0000), ['/b@1ff0', '/c@2800']);
  assert.deepEqual(
    board.devicesAt({ base: 0x1100, size: 0x1000 }).map(({ path }) => path),
    ['/b@1ff0'],
  );
});
