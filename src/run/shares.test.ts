/** Where the devices of shared directories go: beside what the tree and the description have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts } from '../../test/support/trees.ts';
import { resolveTree } from '../devicetree/index.ts';
import type { SystemDescription } from '../microkit/index.ts';
import { treeWithShares } from './shares.ts';

const DTS = `/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  gic: interrupt-controller@8000000 { compatible = "arm,cortex-a15-gic"; interrupt-controller; #interrupt-cells = <3>;
    phandle = <1>; reg = <0x8000000 0x1000>, <0x8010000 0x2000>; };
  serial@2000000 { compatible = "arm,pl011"; reg = <0x2000000 0x1000>; interrupts = <0 223 1>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x10000000>; }; };`;

const DESCRIPTION: SystemDescription = {
  memoryRegions: [{ name: 'mapped', sizeBytes: 0x1000 }],
  ioAddressSpaces: [],
  channels: [],
  protectionDomains: [
    {
      name: 'VMM',
      maps: [],
      irqs: [{ kind: 'platform', irq: 254, id: 1, trigger: 'edge' }],
      ioports: [],
      setvars: [],
      capMaps: [],
      children: [],
      virtualMachine: { name: 'linux', vcpus: [{ id: 0 }], maps: [{ mr: 'mapped', vaddr: 0x201_0000 }] },
    },
  ],
};

test('addresses and interrupts that nobody has, and a node for each', () => {
  const guest = boardOfDts(DTS);
  const derived = treeWithShares({ description: DESCRIPTION, vm: 'linux', guest }, 2);
  assert.deepEqual(derived?.places, [
    { base: 0x202_0000, sizeBytes: 0x1000, intid: 253 },
    { base: 0x203_0000, sizeBytes: 0x1000, intid: 252 },
  ]);
  const devices = resolveTree(derived?.tree ?? guest.tree).devices.filter(({ compatible }) =>
    compatible.includes('virtio,mmio'),
  );
  assert.deepEqual(
    devices.map(({ path, regs }) => [path, regs[0]?.cpu?.base]),
    [
      ['/virtio-9p@2020000', 0x202_0000],
      ['/virtio-9p@2030000', 0x203_0000],
    ],
  );
  assert.equal(guest.devices.length, resolveTree(guest.tree).devices.length, 'the tree that was given stays');
});

test('a guest without an interrupt controller gets none', () => {
  const guest = boardOfDts('/ { #address-cells = <1>; #size-cells = <1>; };');
  assert.equal(treeWithShares({ description: DESCRIPTION, vm: 'linux', guest }, 1), undefined);
});
