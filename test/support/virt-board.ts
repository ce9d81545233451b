/** QEMU's board `virt`, as QEMU itself describes it, and a guest for it with the UART and nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink } from '../../src/base/index.ts';
import { type DeviceTree, readDtb } from '../../src/devicetree/index.ts';
import { type BoardGuest, type GuestOptions, guestOfBoard } from './guest-of-board.ts';
import { runOracle } from './oracles.ts';

export function treeOfBytes(bytes: Uint8Array, name: string): DeviceTree {
  const tree = readDtb(bytes, name, new DiagnosticSink());
  assert.ok(tree !== undefined, name);
  return tree;
}

/** `directory`: where QEMU may leave the blob. */
export function virtTree(directory: string, gicVersion: 2 | 3, cpuCount: number): DeviceTree {
  const file = join(directory, `virt-${gicVersion}-${cpuCount}.dtb`);
  const machine = `virt,virtualization=on,gic-version=${gicVersion},dumpdtb=${file}`;
  const size = ['-cpu', 'cortex-a53', '-m', '2048', '-smp', `${cpuCount}`];
  runOracle('qemu-system-aarch64', ['-M', machine, ...size, '-net', 'none', '-display', 'none']);
  return treeOfBytes(readFileSync(file), 'virt');
}

const RAM = { base: 0x6000_0000, size: 0x1000_0000 };
const LEFT_OUT = /^(virtio_mmio|pcie|flash|fw-cfg|platform-bus|pl061|pl031|gpio-keys)/;

export function virtGuest(
  tree: DeviceTree,
  vcpuCount: number,
  payload: Pick<GuestOptions, 'kernel' | 'initrd'>,
): BoardGuest {
  return guestOfBoard(tree, {
    ...payload,
    ram: RAM,
    bootargs: 'earlycon cryptomgr.notests',
    vcpuCount,
    passes: (path) => path === 'GICV' || path.includes('pl011'),
    edit: (root) => {
      for (const node of [...root.children.values()])
        if (LEFT_OUT.test(node.name)) root.removeChild(node.name);
    },
  });
}
