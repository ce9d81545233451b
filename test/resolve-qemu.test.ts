/**
 * Resolved addresses against QEMU's own idea of the same boards: its memory maps come from the manuals of the chips, not
 * from device trees.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Board, resolveTree } from '../src/devicetree/index.ts';
import { debianBoards } from './support/debian.ts';
import { runOracle } from './support/oracles.ts';
import { interruptsText, treeOfDtb } from './support/trees.ts';

interface Region {
  readonly base: number;
  readonly name: string;
}

/** The regions of QEMU's memory map, as its monitor prints them: `00000000ff000000-… (prio 0, i/o): uart`. */
function memoryMap(...machine: readonly string[]): readonly Region[] {
  const args = [...machine, '-nic', 'none', '-display', 'none', '-serial', 'none', '-S', '-monitor', 'stdio'];
  const { stdout } = runOracle('qemu-system-aarch64', args, Buffer.from('info mtree -f\nquit\n'));
  const lines = stdout
    .toString('latin1')
    .matchAll(/^ *([0-9a-f]{16})-[0-9a-f]{16} \(prio -?\d+, [^)]*\): (\S+)/gm);
  return [...lines].map(([, base = '', name = '']) => ({ base: Number.parseInt(base, 16), name }));
}

/** For each enabled device with the compatible: its path and the region that QEMU has where its first registers are. */
function regionsOf(board: Board, map: readonly Region[], compatible: string): readonly string[] {
  return board.devices
    .filter((device) => device.status.enabled && device.compatible.includes(compatible))
    .map(({ path, regs }) => {
      const names = map.filter(({ base }) => base === regs[0]?.cpu?.base).map(({ name }) => name);
      return `${path.slice(path.lastIndexOf('/') + 1)} ${[...new Set(names)].join(' ')}`;
    });
}

async function debianBoard(name: string): Promise<Board> {
  return resolveTree(treeOfDtb(readFileSync((await debianBoards()).get(name) ?? ''), name));
}

test('ZCU102: Debian’s tree against QEMU’s xlnx-zcu102', async () => {
  const board = await debianBoard('zynqmp-zcu102-rev1.0.dtb');
  const map = memoryMap('-M', 'xlnx-zcu102', '-m', '1G');
  assert.deepEqual(regionsOf(board, map, 'cdns,uart-r1p12'), [
    'serial@ff000000 uart',
    'serial@ff010000 uart',
  ]);
  assert.deepEqual(regionsOf(board, map, 'cdns,zynqmp-gem'), ['ethernet@ff0e0000 enet']);
  assert.deepEqual(regionsOf(board, map, 'arasan,sdhci-8.9a'), ['mmc@ff170000 sdhci']);
  assert.deepEqual(regionsOf(board, map, 'xlnx,zynq-can-1.0'), ['can@ff070000 xlnx.zynqmp-can']);
  assert.deepEqual(regionsOf(board, map, 'xlnx,zynqmp-rtc'), ['rtc@ffa60000 xlnx-zynmp.rtc']);
  const frames = [board.gic?.gicd, board.gic?.gicc].map(
    (frame) => map.find(({ base }) => base === frame?.base)?.name,
  );
  assert.deepEqual(frames, ['gic_dist', 'gic_cpu']);
});

test('Raspberry Pi 3: its bus addresses 0x7e… come out where QEMU’s raspi3b has the devices', async () => {
  const board = await debianBoard('bcm2837-rpi-3-b.dtb');
  const map = memoryMap('-M', 'raspi3b');
  assert.deepEqual(regionsOf(board, map, 'arm,pl011'), ['serial@7e201000 pl011']);
  assert.deepEqual(regionsOf(board, map, 'brcm,bcm2835-gpio'), ['gpio@7e200000 bcm2835_gpio']);
  assert.deepEqual(regionsOf(board, map, 'brcm,bcm2835-sdhost'), ['mmc@7e202000 bcm2835-sdhost']);
  assert.deepEqual(regionsOf(board, map, 'brcm,bcm2835-usb'), ['usb@7e980000 dwc2-io']);
});

test('virt: the tree that QEMU itself gives its guests', () => {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-virt-'));
  try {
    const file = join(directory, 'virt.dtb');
    const machine = 'virt,virtualization=on,gic-version=2';
    const { status, stderr } = runOracle(
      'qemu-system-aarch64',
      `-M ${machine},dumpdtb=${file} -cpu cortex-a53 -display none -nic none`.split(' '),
    );
    assert.equal(status, 0, stderr);
    const board = resolveTree(treeOfDtb(readFileSync(file), 'virt.dtb'));
    const map = memoryMap('-M', machine, '-cpu', 'cortex-a53');
    assert.deepEqual(regionsOf(board, map, 'arm,pl011'), ['pl011@9000000 pl011']);
    assert.deepEqual(regionsOf(board, map, 'arm,pl031'), ['pl031@9010000 pl031']);
    assert.equal(
      regionsOf(board, map, 'virtio,mmio').filter((text) => text.endsWith(' virtio-mmio')).length,
      32,
    );
    const { gic } = board;
    assert.deepEqual(
      [gic?.version, gic?.gicd?.base, gic?.gicc?.base, gic?.gich?.base, gic?.gicv?.base],
      [2, 0x800_0000, 0x801_0000, 0x803_0000, 0x804_0000],
    );
    const uart = board.devices.find(({ compatible }) => compatible.includes('arm,pl011'));
    assert.ok(uart);
    assert.deepEqual(interruptsText(uart), ['direct 33 level-high']);
    const host = board.devices.find(({ compatible }) => compatible.includes('pci-host-ecam-generic'));
    assert.ok(host);
    // Four slots of four wires each, swizzled over SPIs 3–6.
    assert.deepEqual(
      interruptsText(host).map((text) => Number(text.split(' ')[1])),
      [35, 36, 37, 38, 36, 37, 38, 35, 37, 38, 35, 36, 38, 35, 36, 37],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});
