/**
 * Consoles of real boards from `pass: [serialN]` alone: what the guest needs comes in, what answers no guest stays out,
 * and clocks whose controller stays out run at a rate that says where it comes from.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { type Board, resolveTree } from '../src/devicetree/index.ts';
import type { GuestPlan } from '../src/plan/index.ts';
import { debianBoards } from './support/debian.ts';
import { goodPlan, planOf, smallBoard } from './support/small-board.ts';
import { treeOfDtb } from './support/trees.ts';

const boards = await debianBoards();

function boardNamed(name: string): Board {
  return resolveTree(treeOfDtb(readFileSync(boards.get(name) ?? name), name));
}

function guestOf(board: Board, request: string): GuestPlan {
  const [guest] = goodPlan(board, request).guests;
  assert.ok(guest !== undefined);
  return guest;
}

const pathsOf = ({ devices }: GuestPlan) => devices.map(({ path }) => path);

/** What became of a device's references, by property, with the reasons of those that have a fixed clock. */
function outcomesOf({ dependencies }: GuestPlan, consumer: string): readonly string[] {
  return dependencies
    .filter((dependency) => dependency.consumer === consumer)
    .map(({ property, outcome, reason }) =>
      outcome === 'fixed-clock'
        ? `${property}: ${reason.slice(reason.indexOf('a fixed'))}`
        : `${property}: ${outcome}`,
    );
}

test('the ZCU102 does without the power management firmware: its rates are those of U-Boot', () => {
  const guest = guestOf(boardNamed('zynqmp-zcu102-rev1.0.dtb'), 'pass: [serial0]');
  assert.equal(guest.monitor.forwardsSmc, false);
  const clock =
    "clocks: a fixed clock of 100000000 Hz stands in for it, as U-Boot's psu_init_gpl.c for the ZCU102 sets it";
  assert.deepEqual(outcomesOf(guest, '/axi/serial@ff000000'), [
    'power-domains: cut',
    clock,
    clock,
    'pinctrl-0: cut',
  ]);
  assert.ok(pathsOf(guest).every((path) => !path.includes('firmware')));
});

test('what has no known rate still has its firmware: Ethernet on the ZCU102', () => {
  const guest = guestOf(boardNamed('zynqmp-zcu102-rev1.0.dtb'), 'pass: [serial0, ethernet0]');
  assert.equal(guest.monitor.forwardsSmc, true);
  assert.ok(pathsOf(guest).some((path) => path.endsWith('/zynqmp-firmware')));
});

test('a co-processor that the console does not need stays out; one that is asked for is passed', () => {
  const board = boardNamed('k3-am654-base-board.dtb');
  const guest = guestOf(board, 'pass: [serial2]');
  assert.ok(pathsOf(guest).every((path) => !/mailbox|system-controller/.test(path)));
  const sci = '/bus@100000/bus@28380000/bus@42040000/system-controller@44083000';
  const power = guest.leftOut.find(({ path }) => path === `${sci}/power-controller`);
  assert.match(power?.reason ?? '', /TI's system controller by mailbox/);
  const asked = guestOf(board, `pass: [serial2, "${sci}"]`);
  assert.ok(pathsOf(asked).includes(sci));
  assert.ok(pathsOf(asked).some((path) => path.includes('mailbox@')));
});

test('AM62: the first UART of the main domain has the rate that TF-A counts on', () => {
  const guest = guestOf(boardNamed('k3-am625-sk.dtb'), 'pass: ["/bus@f0000/serial@2800000"]');
  assert.deepEqual(outcomesOf(guest, '/bus@f0000/serial@2800000').slice(0, 2), [
    'power-domains: cut',
    "clocks: a fixed clock of 48000000 Hz stands in for it, as TF-A's console counts on it (K3_USART_CLK_SPEED in plat/ti/k3)",
  ]);
  assert.ok(pathsOf(guest).every((path) => !/mailbox|system-controller/.test(path)));
});

test("Qualcomm's SDM845: no always-on processor, no IOMMU; the clock controller runs from the crystal", () => {
  const guest = guestOf(
    boardNamed('sdm845-db845c.dtb'),
    'pass: [serial0]\nram: { size: 512 MiB, base: 0xc0000000 }',
  );
  const paths = pathsOf(guest);
  assert.ok(paths.every((path) => !/\/rsc@|\/iommu@|\/phy@|interrupt-controller@b220000/.test(path)));
  const xo =
    "clocks: a fixed clock of 19200000 Hz stands in for it, as Linux's clk-rpmh.c derives it from the crystal";
  assert.deepEqual(
    outcomesOf(guest, '/soc@0/clock-controller@100000').filter((line) => line.startsWith('clocks')),
    [xo, xo, 'clocks: given', 'clocks: cut', 'clocks: cut'],
  );
  assert.ok(guest.interrupts.length < 10);
});

test('what a driver looks for without a reference comes along; what early code would touch is deleted', () => {
  const tegra = guestOf(boardNamed('tegra210-p3450-0000.dtb'), 'pass: [serial0]');
  assert.deepEqual(tegra.devices.find(({ path }) => path === '/pmc@7000e400')?.why.via, {
    device: '/clock@60006000',
    property: 'its driver looks for it',
  });
  const deleted = (guest: GuestPlan) =>
    guest.edits.flatMap((edit) => (edit.kind === 'delete-node' ? [edit.path] : []));
  assert.ok(deleted(tegra).includes('/apbmisc@70000800') && deleted(tegra).includes('/fuse@7000f800'));
  const renesas = guestOf(boardNamed('r8a774a1-hihope-rzg2m.dtb'), 'pass: [serial0]');
  assert.ok(pathsOf(renesas).includes('/soc/reset-controller@e6160000'));
  const virtio = guestOf(
    boardNamed('rk3399-rockpro64.dtb'),
    'pass: none\nvirtio: [console]\nram: { size: 512 MiB, base: 0x10000000 }',
  );
  assert.ok(deleted(virtio).includes('/syscon@ff770000'), 'rockchip_grf_init writes to it in any guest');
});

test('an IOMMU comes in when it is asked for, and then keeps its users', () => {
  const board = smallBoard({
    more: `mmu: iommu@5000 { compatible = "test,mmu"; reg = <0x5000 4>; #iommu-cells = <1>; };
      dma@6000 { compatible = "test,dma"; reg = <0x6000 4>; iommus = <&mmu 1>; };`,
  });
  const outcome = (pass: string) =>
    outcomesOf(guestOf(board, `pass: [${pass}]\nstdout: none`), '/bus@ff800000/dma@6000');
  assert.deepEqual(outcome('dma@6000'), ['iommus: cut']);
  assert.deepEqual(outcome('dma@6000, iommu@5000'), ['iommus: given']);
});

test('rates: the serial node’s own, assigned ones, and none of an I2C bus', () => {
  const board = smallBoard({
    more: `far: far@5000 { compatible = "test,clkc"; reg = <0x5000 4>; #clock-cells = <1>; };
      serial@6000 { compatible = "test,uart"; reg = <0x6000 4>; clocks = <&far 1>, <&far 2>; clock-frequency = <48000000>; };
      i2c@7000 { compatible = "test,i2c"; reg = <0x7000 4>; clocks = <&far 3>; clock-frequency = <400000>; };
      spi@8000 { compatible = "test,spi"; reg = <0x8000 4>; clocks = <&far 2>; assigned-clocks = <&far 2>; assigned-clock-rates = <80000000>; };`,
  });
  const guest = guestOf(board, 'pass: [serial@6000, i2c@7000, spi@8000]\nexcept: [far@5000]\nstdout: none');
  const clocks = (name: string) =>
    outcomesOf(guest, `/bus@ff800000/${name}`).filter((line) => line.startsWith('clocks'));
  assert.deepEqual(clocks('serial@6000'), [
    'clocks: a fixed clock of 48000000 Hz stands in for it, as /bus@ff800000/serial@6000 says (clock-frequency)',
    'clocks: a fixed clock of 80000000 Hz stands in for it, as /bus@ff800000/spi@8000 says (assigned-clock-rates)',
  ]);
  assert.deepEqual(clocks('i2c@7000'), ['clocks: missing']);
});

test('what the kernel has no driver for does not keep the console waiting: i.MX93 and i.MX8QXP', () => {
  const compatibles = new Set(['fsl,imx7ulp-lpuart', 'fsl,imx8qxp-lpuart']);
  const imx93 = goodPlan(
    boardNamed('imx93-11x11-evk.dtb'),
    'pass: [serial0]\nram: { size: 512 MiB, base: 0x84000000 }',
    { compatibles },
  ).guests[0];
  assert.ok(imx93 !== undefined);
  assert.deepEqual(outcomesOf(imx93, '/soc@0/bus@44000000/serial@44380000'), [
    "clocks: a fixed clock of 24000000 Hz stands in for it, as U-Boot's arch-imx9/clock.c sets it, from the oscillator",
    'pinctrl-0: cut',
  ]);
  const imx8qxp = goodPlan(boardNamed('imx8qxp-mek.dtb'), 'pass: [serial0]', { compatibles }).guests[0];
  assert.ok(imx8qxp !== undefined);
  const console = '/bus@5a000000/serial@5a060000';
  assert.deepEqual(
    outcomesOf(imx8qxp, console).filter((line) => line.startsWith('clocks')),
    [
      'clocks: a fixed clock of 120000000 Hz stands in for it, as /bus@5a000000/clock-dma-ipg says (clock-frequency)',
      `clocks: a fixed clock of 80000000 Hz stands in for it, as ${console} says (assigned-clock-rates)`,
    ],
  );
});

test('a provider that something else needs too is kept, whoever has its driver', () => {
  const board = smallBoard();
  const compatibles = new Set(['test,uart', 'test,mac']);
  const both = goodPlan(board, 'pass: [serial0, ethernet]', { compatibles }).guests[0];
  assert.ok(both !== undefined && pathsOf(both).includes('/bus@ff800000/clock-controller@0'));
  const alone = goodPlan(board, 'pass: [serial0]', { compatibles }).guests[0];
  assert.deepEqual(
    alone?.leftOut.find(({ path }) => path === '/bus@ff800000/pinctrl@1000')?.reason,
    'the kernel has no driver for test,pins, nor has its ramdisk',
  );
});

test('the place that is proposed where the tree leaves RAM to the firmware makes a plan', () => {
  for (const [name, base] of [
    ['apq8016-sbc.dtb', '0x90000000'],
    ['sdm845-db845c.dtb', '0xa0000000'],
    ['fsl-ls1046a-rdb.dtb', '0x84000000'],
    ['imx93-11x11-evk.dtb', '0x84000000'],
    ['sun50i-a64-pine64-plus.dtb', '0x44000000'],
  ] as const) {
    const sink = new DiagnosticSink();
    const board = boardNamed(name);
    assert.equal(planOf(board, 'pass: [serial0]', sink), undefined);
    const line = /ram: \{.*? \}/.exec(sink.sorted()[0]?.hint ?? '')?.[0];
    assert.equal(line, `ram: { size: 512 MiB, base: ${base} }`, name);
    guestOf(board, `pass: [serial0]\n${line}`);
  }
});

test('what Linux finds by its own status alone is disabled by its own status: timers, clocks, system controllers', () => {
  const guest = guestOf(boardNamed('imx8mq-evk.dtb'), 'pass: [serial0]');
  const disabled = guest.edits.flatMap((edit) =>
    edit.kind === 'set' && edit.property === 'status' ? [edit.path] : [],
  );
  assert.ok(disabled.includes('/soc@0/bus@30400000'));
  assert.ok(disabled.includes('/soc@0/bus@30400000/timer@306a0000'), 'timer_probe does not look above it');
  assert.ok(!disabled.includes('/soc@0/bus@30400000/pwm@30660000'), 'a driver that waits for its bus');
  assert.ok(pathsOf(guest).includes('/soc@0/bus@30000000/syscon@30360000'), "the clock driver's anatop");
  const juno = guestOf(boardNamed('juno-r1-scmi.dtb'), 'pass: [serial0]');
  assert.ok(
    juno.edits.some(({ path, kind }) => kind === 'set' && path === '/memory-controller@7ffd0000'),
    'a memory controller is no memory',
  );
});

test('an interrupt that only messages could bring keeps its device waiting, and is named', () => {
  const sink = new DiagnosticSink();
  const console = '/soc/uart@602b0000';
  assert.ok(planOf(boardNamed('hip07-d05.dtb'), `pass: ["${console}"]`, sink) !== undefined);
  assert.match(
    sink.sorted()[0]?.message ?? '',
    /interrupt-controller@60080000 is not passed .*msi-parent.*keeps \/soc\/uart@602b0000 from probing/,
  );
});
