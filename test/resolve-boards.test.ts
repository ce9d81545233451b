/** The meaning of Debian's arm64 boards: nothing passes in silence, and known boards are as their manuals say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Board,
  INTERRUPT_REASONS,
  needsOf,
  nodeAtPath,
  REG_REASONS,
  resolveTree,
} from '../src/devicetree/index.ts';
import { debianBoards } from './support/debian.ts';
import { deviceAt, interruptsText, regsText, treeOfDtb } from './support/trees.ts';

const boards = await debianBoards();

function board(name: string): Board {
  return resolveTree(treeOfDtb(readFileSync(boards.get(name) ?? ''), name));
}

test('every register range and interrupt of an enabled device is resolved, or says why not', () => {
  const silent: string[] = [];
  for (const name of boards.keys()) {
    const { devices } = board(name);
    for (const { path, node, regs, interrupts, status } of devices) {
      if (!status.enabled) continue;
      const bad =
        (node.properties.has('reg') && regs.length === 0) ||
        regs.some(({ cpu, reason }) => cpu === undefined && !Object.hasOwn(REG_REASONS, reason)) ||
        regs.some(
          ({ cpu }) => cpu !== undefined && !(Number.isSafeInteger(cpu.base + cpu.size) && cpu.size > 0),
        ) ||
        (['interrupts', 'interrupts-extended'].some((own) => node.properties.has(own)) &&
          interrupts.length === 0) ||
        interrupts.some((found) =>
          found.reach === 'none'
            ? !Object.hasOwn(INTERRUPT_REASONS, found.reason)
            : found.gic.length === 0 || found.gic.some(({ intid }) => intid < 16 || intid > 5119),
        );
      if (bad) silent.push(`${name} ${path}`);
    }
  }
  assert.deepEqual(silent, []);
});

test('Odroid C4: the console, the GIC, the Ethernet and the GPIO interrupts', () => {
  const c4 = board('meson-sm1-odroid-c4.dtb');
  const uart = deviceAt(c4, '/soc/bus@ff800000/serial@3000');
  assert.deepEqual(regsText(uart), ['0xff803000+0x18']);
  assert.deepEqual(interruptsText(uart), ['direct 225 edge-rising']);
  assert.deepEqual([c4.stdout?.path, c4.stdout?.options], [uart.path, '115200n8']);
  const { gic } = c4;
  assert.deepEqual(
    [gic?.version, gic?.gicd?.base, gic?.gicc?.base, gic?.gich?.base, gic?.gicv?.base],
    [2, 0xffc0_1000, 0xffc0_2000, 0xffc0_4000, 0xffc0_6000],
  );
  const channels = deviceAt(c4, '/soc/bus@ffd00000/interrupt-controller@f080');
  assert.deepEqual(
    channels.interrupts.map((found) => (found.reach === 'none' ? found.reason : found.gic[0]?.intid)),
    [96, 97, 98, 99, 100, 101, 102, 103],
  );
  const phy = deviceAt(c4, '/soc/bus@ff600000/mdio-multiplexer@4c000/mdio@0/ethernet-phy@0');
  assert.deepEqual(interruptsText(phy), ['allocated 96,97,98,99,100,101,102,103 level-high']);
});

test('Odroid C4: what the Ethernet needs, and why', () => {
  const c4 = board('meson-sm1-odroid-c4.dtb');
  const ethernet = nodeAtPath(c4.tree.root, '/soc/ethernet@ff3f0000');
  assert.ok(ethernet);
  const why = new Map(
    needsOf(c4, [ethernet]).needs.map(({ node, because }) => {
      const { from, reason } = because ?? {};
      const what =
        reason?.kind === 'reference'
          ? `${reason.dependency.property}[${reason.dependency.index}]`
          : reason?.kind;
      return [node.name, from === undefined ? '' : `${from.name} → ${what}`];
    }),
  );
  const expected = {
    'clock-controller': 'ethernet@ff3f0000 → clocks[0]',
    'power-controller': 'ethernet@ff3f0000 → power-domains[0]',
    'eth-rgmii': 'ethernet@ff3f0000 → pinctrl-0[1]',
    'pinctrl@40': 'eth → parent',
    'ethernet-phy@0': 'ethernet@ff3f0000 → phy-handle[0]',
    'mdio-multiplexer@4c000': 'ethernet-phy@0 → parent',
    'bank@40': 'ethernet-phy@0 → reset-gpios[0]',
    'interrupt-controller@f080': 'ethernet-phy@0 → interrupt',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, why.get(name)])), expected);
});

test('ZynqMP: the Ethernet’s interrupt is listed twice', () => {
  const gem = deviceAt(board('zynqmp-zcu102-rev1.0.dtb'), '/axi/ethernet@ff0e0000');
  assert.deepEqual(interruptsText(gem), ['direct 95 level-high', 'direct 95 level-high']);
});

test('i.MX8MQ: nearly everything passes the GPC; the GIC has redistributors and no GICV is needed', () => {
  const evk = board('imx8mq-evk.dtb');
  const uart = deviceAt(evk, '/soc@0/bus@30800000/serial@30860000');
  assert.deepEqual(interruptsText(uart), ['direct 58 level-high']);
  assert.deepEqual(
    uart.interrupts[0]?.chain.map(({ controller, step }) => [controller.baseName, step]),
    [
      ['gpc', 'passes'],
      ['interrupt-controller', 'gic'],
    ],
  );
  assert.deepEqual(
    [evk.gic?.version, evk.gic?.gicd?.base, evk.gic?.gicr[0]],
    [3, 0x3880_0000, { base: 0x3888_0000, size: 0xc_0000 }],
  );
});

test('RK3399: a GICv3 whose PPIs are partitioned, an ITS, and a PCI host whose wires end at its own line', () => {
  const rock = board('rk3399-rock-pi-4b.dtb');
  assert.equal(rock.gic?.its.length, 1);
  const pmu = rock.devices.find(({ compatible }) => compatible.includes('arm,cortex-a72-pmu'));
  const [interrupt] = pmu?.interrupts ?? [];
  assert.ok(interrupt?.reach === 'direct');
  assert.deepEqual(
    [interrupt.gic[0]?.intid, interrupt.gic[0]?.partition?.name],
    [23, 'interrupt-partition-1'],
  );
});

test('BCM2837 has no GIC, and says so', () => {
  const pi = board('bcm2837-rpi-3-b.dtb');
  assert.equal(pi.gic, undefined);
  const uart = pi.devices.find(({ path }) => path === '/soc/serial@7e201000');
  assert.ok(uart);
  assert.deepEqual(regsText(uart), ['0x3f201000+0x200']);
  assert.deepEqual(interruptsText(uart), ['none no-gic']);
});
