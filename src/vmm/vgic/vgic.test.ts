import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { VgicDevice } from './device.ts';
import { REDISTRIBUTOR_SIZE_BYTES } from './redistributor.ts';

function controller(version: 2 | 3, vcpuCount = 2) {
  const injected: string[] = [];
  const acknowledged: number[] = [];
  const redistributors = [{ base: 0x1000_0000, size: vcpuCount * REDISTRIBUTOR_SIZE_BYTES }];
  const frames = { distributor: 0x800_0000, redistributors };
  const ids = Array.from({ length: vcpuCount }, (_, vcpu) => vcpu + 1);
  const vgic = new VgicDevice(version === 2 ? { version, ...frames } : { version, ...frames }, ids, {
    injectIrq: (id, intid, _priority, _group, index) => injected.push(`${intid}->${id - 1}.${index}`),
    irqAck: (channel) => acknowledged.push(channel),
    ackVppi: () => {},
    timerControl: () => 0,
    acknowledge: () => {},
  });
  const [gicd, gicr] = vgic.frames().map(({ handler }) => handler);
  assert.ok(gicd);
  return { vgic, gicd, gicr, injected, acknowledged };
}

interface RegisterCase {
  readonly name: string;
  readonly offset: number;
  readonly write?: number;
  /** What it reads after the write. */
  readonly reads: number;
  readonly sizeBytes?: 1 | 2 | 4;
}

/** GICD of version 2 (IHI 0048B table 4-1): value after reset where nothing is written, else after the write. */
const V2_CASES: readonly RegisterCase[] = [
  { name: 'GICD_CTLR', offset: 0x000, write: 0xffff_ffff, reads: 1 },
  { name: 'GICD_TYPER', offset: 0x004, write: 0, reads: 31 | (1 << 5) },
  { name: 'GICD_IGROUPR<n>', offset: 0x080, write: 0xffff_ffff, reads: 0 },
  { name: 'GICD_ISENABLER<n>', offset: 0x100, reads: 0xffff },
  { name: 'GICD_ISENABLER<n>', offset: 0x104, write: 0x8000_0001, reads: 0x8000_0001 },
  { name: 'GICD_ICENABLER<n>', offset: 0x180, write: 0xffff_ffff, reads: 0xffff },
  { name: 'GICD_ISPENDR<n>', offset: 0x208, write: 0x10, reads: 0x10 },
  { name: 'GICD_ISPENDR<n>', offset: 0x200, write: 0xffff, reads: 0 },
  { name: 'GICD_ISACTIVER<n>', offset: 0x304, write: 0x3, reads: 0x3 },
  { name: 'GICD_IPRIORITYR<n>', offset: 0x420, write: 0x12_34_56_ff, reads: 0x10_30_50_f8 },
  { name: 'GICD_IPRIORITYR<n>', offset: 0x425, write: 0xa7, reads: 0xa0, sizeBytes: 1 },
  { name: 'GICD_ITARGETSR<n>', offset: 0x800, write: 0xffff_ffff, reads: 0x0101_0101 },
  { name: 'GICD_ITARGETSR<n>', offset: 0x820, write: 0x0201_0302, reads: 0x0201_0302 },
  { name: 'GICD_ITARGETSR<n>', offset: 0x824, write: 0xff1e_0405, reads: 0x0302_0001 },
  { name: 'GICD_ICFGR<n>', offset: 0xc00, write: 0, reads: 0xaaaa_aaaa },
  { name: 'GICD_ICFGR<n>', offset: 0xc08, write: 0xffff_ffff, reads: 0xaaaa_aaaa },
  { name: 'GICD_SGIR', offset: 0xf00, reads: 0 },
  { name: 'ICPIDR2', offset: 0xfe8, reads: 0x2b },
];

/** GICD of version 3 (IHI 0069H table 12-25). */
const V3_CASES: readonly RegisterCase[] = [
  { name: 'GICD_CTLR', offset: 0x0000, write: 3, reads: 0x53 },
  { name: 'GICD_TYPER', offset: 0x0004, reads: 31 | (9 << 19) | (1 << 24) | (1 << 25) },
  { name: 'GICD_IGROUPR<n>', offset: 0x084, write: 0xf, reads: 0xf },
  { name: 'GICD_ISENABLER<n>', offset: 0x104, write: 0x3, reads: 0x3 },
  { name: 'GICD_ICFGR<n>', offset: 0xc08, write: 0xffff_ffff, reads: 0xaaaa_aaaa },
  { name: 'GICD_IROUTER<n>', offset: 0x6100, write: 0xffff_ffff, reads: 0x80ff_ffff },
  { name: 'GICD_IROUTER<n>', offset: 0x6104, write: 0xffff_ffff, reads: 0xff },
  { name: 'GICD_PIDR2', offset: 0xffe8, reads: 0x3b },
];

for (const [version, cases] of [
  [2, V2_CASES],
  [3, V3_CASES],
] as const) {
  test(`version ${version}: the distributor's registers`, () => {
    for (const { name, offset, write, reads, sizeBytes = 4 } of cases) {
      const { gicd } = controller(version);
      if (write !== undefined) gicd.write(offset, write, sizeBytes, 0);
      assert.equal(gicd.read(offset, sizeBytes, 0), reads, `${name} at 0x${offset.toString(16)}`);
    }
  });
}

test('version 3: private interrupts are the redistributors’ alone', () => {
  const { gicd, gicr } = controller(3);
  assert.ok(gicr);
  gicd.write(0x100, 0xffff_ffff, 4, 0);
  assert.equal(gicd.read(0x100, 4, 0), 0, 'RAZ/WI in the distributor');
  gicr.write(REDISTRIBUTOR_SIZE_BYTES + 0x1_0100, 1 << 27, 4, 0);
  assert.equal(gicr.read(0x1_0100, 4, 0), 0);
  assert.equal(gicr.read(REDISTRIBUTOR_SIZE_BYTES + 0x1_0100, 4, 0), 1 << 27);
});

test('routing by target list, rerouting what is pending', () => {
  const { vgic, gicd, injected } = controller(2);
  gicd.write(0x000, 1, 4, 0);
  vgic.inject(0, 40);
  gicd.write(0x828, 0x02, 1, 0);
  gicd.write(0x104, 1 << 8, 4, 0);
  assert.deepEqual(injected, ['40->1.0']);
});

test('routing by affinity', () => {
  const { vgic, gicd, injected } = controller(3);
  gicd.write(0x0000, 2, 4, 0);
  gicd.write(0x6000 + 8 * 40, 1, 4, 0);
  gicd.write(0x104, 1 << 8, 4, 0);
  vgic.inject(0, 40);
  assert.deepEqual(injected, ['40->1.0']);
});

test('four list registers, the rest wait; an end makes room', () => {
  const { vgic, gicd, injected, acknowledged } = controller(2, 1);
  gicd.write(0x000, 1, 4, 0);
  gicd.write(0x104, 0xff, 4, 0);
  for (let intid = 32; intid < 38; intid += 1) vgic.inject(0, intid);
  assert.deepEqual(injected, ['32->0.0', '33->0.1', '34->0.2', '35->0.3']);
  vgic.passedThrough(0, 34, 7);
  vgic.ended(0, 2);
  assert.deepEqual(acknowledged, [7]);
  assert.equal(injected.at(-1), '36->0.2');
});

test('asserted again while in a list register, it comes again after its end, wherever it is routed by then', () => {
  const { vgic, gicd, injected } = controller(2);
  gicd.write(0x000, 1, 4, 0);
  gicd.write(0x104, 1, 4, 0);
  vgic.inject(0, 32);
  gicd.write(0x820, 2, 1, 0);
  vgic.inject(0, 32);
  assert.deepEqual(injected, ['32->0.0'], 'one at a time');
  vgic.ended(0, 0);
  assert.deepEqual(injected, ['32->0.0', '32->1.0']);
});

test('state goes to another controller and back', () => {
  const { vgic, gicd } = controller(3);
  gicd.write(0x0000, 2, 4, 0);
  gicd.write(0x104, 0xffff, 4, 0);
  gicd.write(0x6100, 1, 4, 0);
  for (let intid = 32; intid < 40; intid += 1) vgic.inject(0, intid);
  const state = savedCopy(vgic.saved);
  const other = controller(3);
  loadSaved(other.vgic.saved, state);
  assert.deepEqual(other.vgic.saved.save(), vgic.saved.save());
  other.vgic.ended(0, 0);
  assert.equal(other.injected.length, 1);
});

test('redistributors for which a monitor names no room lie behind the last one', () => {
  const redistributors = [
    { base: 0x1000_0000, size: 0x2_0000 },
    { base: 0x2000_0000, size: 0x2_0000 },
  ];
  const device = new VgicDevice({ version: 3, distributor: 0x800_0000, redistributors }, [0, 1, 2, 3], {
    injectIrq: () => {},
    irqAck: () => {},
    ackVppi: () => {},
    timerControl: () => 0,
    acknowledge: () => {},
  });
  const frames = device.frames().map(({ range, handler }) => ({ range, handler }));
  assert.deepEqual(frames.map(({ range }) => range).slice(1), [
    { base: 0x1000_0000, size: 0x2_0000 },
    { base: 0x2000_0000, size: 0x6_0000 },
  ]);
  // GICR_TYPER: whose it is, and whether it is its region's last (IHI 0069H 12.11.35).
  const typer = (frame: number, offset: number) => frames[frame]?.handler.read(offset + 8, 4, 0);
  assert.deepEqual(
    [typer(1, 0), typer(2, 0), typer(2, 0x2_0000), typer(2, 0x4_0000)],
    [0x10, 0x100, 0x200, 0x310],
  );
});
