/** The walk over RAM that Microkit's tool makes, where each answer was asked of the tool first (2.3.0, qemu_virt_aarch64). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MICROKIT_BOARDS } from './table.ts';
import { domainBytes, untypedRam, untypedShortage } from './untyped.ts';

const MIB = 0x10_0000;
const board = MICROKIT_BOARDS.get('qemu_virt_aarch64');
const ram = untypedRam({ arch: 'aarch64', ram: board?.ram ?? [] }, { bytes: 0, pages: 0 });
const smallBytes = domainBytes({ count: 1, vcpus: 0, programPages: 1, stackBytes: 0x2000 });
const shortMib = (largeMib: number, fixed: readonly (readonly [number, number])[], small = smallBytes) =>
  Math.round(
    untypedShortage(
      ram,
      fixed.map(([base, size]) => ({ base, size })),
      { largePages: largeMib / 2, smallBytes: small },
    ) / MIB,
  );

test('a region between two large pages costs the rest of its block of RAM, unless small pages fill the gap', () => {
  assert.equal(shortMib(1460, [[0x9020_0000, 0x20_0000]]), 0);
  assert.equal(shortMib(1460, [[0x9010_0000, 0x20_0000]]), 190);
  assert.equal(shortMib(1468, [[0x9010_0000, 0x20_0000]]), 198);
  assert.equal(shortMib(1520, [[0x9010_0000, 0x20_0000]]), 250);
  assert.equal(shortMib(1460, [[0x9010_0000, 0x20_0000]], 8 * MIB), 0);
});

test('twenty of them leave one block of several to large pages', () => {
  const fixed = Array.from(
    { length: 20 },
    (_, index) => [0x7110_0000 + index * 0x100_0000, 0x20_0000] as const,
  );
  assert.equal(shortMib(1448, fixed), 458);
});

test('RAM that nothing is in has no places', () => {
  assert.equal(untypedShortage([], [], { largePages: 1, smallBytes: 1 }), 2 * MIB + 0x1000);
  assert.equal(untypedShortage(ram, [], { largePages: 0, smallBytes: 0 }), 0);
});
