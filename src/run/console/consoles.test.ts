import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts } from '../../../test/support/trees.ts';
import type { ProtectionDomain, SystemDescription } from '../../microkit/index.ts';
import { Consoles } from './consoles.ts';

const board = boardOfDts(`/ { #address-cells = <1>; #size-cells = <1>;
  aliases { serial1 = &b; };
  serial@1000 { compatible = "arm,pl011"; reg = <0x1000 0x1000>; };
  b: serial@2000 { compatible = "arm,pl011"; reg = <0x2000 0x1000>; };
  serial@3000 { compatible = "arm,pl011"; reg = <0x3000 0x1000>; }; };`);
const guest = (uart: string) =>
  boardOfDts(`/ { chosen { stdout-path = "${uart}"; };
  serial@1000 { compatible = "arm,pl011"; reg = <0x1000 0x1000>; };
  serial@3000 { compatible = "arm,pl011"; reg = <0x3000 0x1000>; }; };`);

function domain(name: string, parts: Partial<ProtectionDomain> = {}): ProtectionDomain {
  return { name, maps: [], irqs: [], ioports: [], setvars: [], capMaps: [], children: [], ...parts };
}

function monitor(name: string, vm: string): ProtectionDomain {
  return domain(name, { virtualMachine: { name: vm, vcpus: [{ id: 0 }], maps: [] } });
}

function heardBy(
  description: SystemDescription,
  guestTrees: ReadonlyMap<string, typeof board>,
  until?: string,
) {
  const heard: string[] = [];
  const typed: string[] = [];
  const consoles: Consoles = new Consoles({
    board,
    description,
    guestTrees,
    onByte: (source, byte) => heard.push(`${consoles.sources[source]?.name} ${String.fromCharCode(byte)}`),
    type: (bytes, uart) => typed.push(`${uart} ${JSON.stringify(String.fromCharCode(...bytes))}`),
    ...(until === undefined ? {} : { until }),
  });
  return { consoles, heard, typed };
}

const EMPTY = { memoryRegions: [], ioAddressSpaces: [], channels: [] };
const bytes = (text: string) => new TextEncoder().encode(text);

test('guests by the UARTs that their trees call consoles; other UARTs when they speak', () => {
  const description = { ...EMPTY, protectionDomains: [monitor('a', 'left'), monitor('b', 'right')] };
  const trees = new Map([
    ['left', guest('/serial@1000')],
    ['right', guest('/serial@3000')],
  ]);
  const { consoles, heard, typed } = heardBy(description, trees, 'right:ok');
  for (const character of 'ok') consoles.sent('/serial@1000', character.charCodeAt(0));
  assert.equal(consoles.found, false);
  for (const character of 'ok') consoles.sent('/serial@3000', character.charCodeAt(0));
  assert.equal(consoles.found, true);
  assert.deepEqual(
    ['left', 'right', 'serial1'].map((name) => consoles.hasSpoken(name)),
    [true, true, undefined],
  );
  consoles.sent('/serial@2000', 0x7a);
  assert.deepEqual(heard, ['left o', 'left k', 'right o', 'right k', 'serial1 z']);
  consoles.type([0x61]);
  assert.equal(consoles.focusOn(1), true);
  consoles.type([0x62]);
  assert.equal(consoles.focusOn(2), true);
  assert.equal(consoles.focusOn(3), false);
  consoles.type([0x63]);
  assert.deepEqual(typed, ['/serial@1000 "a"', '/serial@3000 "b"', '/serial@2000 "c"']);
});

test('a UART that is no guest’s console can be waited for, by its alias or node', () => {
  const { consoles } = heardBy({ ...EMPTY, protectionDomains: [] }, new Map(), 'serial1:ok');
  for (const uart of ['/serial@1000', '/serial@2000']) {
    assert.equal(consoles.found, false);
    for (const character of 'ok') consoles.sent(uart, character.charCodeAt(0));
  }
  assert.equal(consoles.found, true);
});

test('a kernel that has given up is known by its last line', () => {
  const description = { ...EMPTY, protectionDomains: [monitor('a', 'left')] };
  const { consoles } = heardBy(description, new Map([['left', guest('/serial@1000')]]));
  const say = (text: string) => {
    for (const character of text) consoles.sent('/serial@1000', character.charCodeAt(0));
  };
  say('[ 1.0] Kernel panic - not syncing: no root\r\n');
  assert.deepEqual(consoles.panics, []);
  say('[ 1.0] ---[ end Kernel panic - not syncing: no root ]---\r\n');
  assert.deepEqual(consoles.panics, [{ name: 'left', reason: 'no root' }]);
});

test('clients of serial virtualisers: heard there, typed to by choosing them', () => {
  const channel = (pd: string, setvarId: string, peer: string, id: number) => ({
    ends: [
      { pd, id, setvarId },
      { pd: peer, id },
    ] as const,
  });
  const description: SystemDescription = {
    memoryRegions: [{ name: 'uart', sizeBytes: 0x1000, physAddr: 0x1000 }],
    ioAddressSpaces: [],
    channels: [
      channel('tx', 'driver_ch', 'driver', 0),
      channel('tx', 'client0_ch', 'b', 1),
      channel('tx', 'client1_ch', 'a', 2),
      channel('rx', 'driver_ch', 'driver', 0),
      channel('rx', 'client0_ch', 'a', 1),
      channel('rx', 'client1_ch', 'b', 2),
    ],
    protectionDomains: [
      domain('driver', { maps: [{ mr: 'uart', vaddr: 0x2000_0000, perms: 'rw' }] }),
      domain('tx', { programImage: { path: 'serial_virt_tx.elf' } }),
      domain('rx', { programImage: { path: 'serial_virt_rx.elf' } }),
      monitor('a', 'left'),
      monitor('b', 'right'),
    ],
  };
  const { consoles, heard, typed } = heardBy(description, new Map([['left', guest('/serial@1000')]]));
  consoles.passed('tx', 0, bytes('x'));
  consoles.passed('tx', 1, bytes('y'));
  consoles.passed('tx', 2, bytes('z'));
  // What the driver sends is what the virtualiser has passed on.
  consoles.sent('/serial@1000', 0x78);
  assert.deepEqual(heard, ['right x', 'left y']);
  consoles.focusOn(0);
  consoles.type([0x61]);
  consoles.focusOn(1);
  consoles.type([0x62]);
  assert.deepEqual(typed, [
    '/serial@1000 "\\u001c1\\r"',
    '/serial@1000 "a"',
    '/serial@1000 "\\u001c0\\r"',
    '/serial@1000 "b"',
  ]);
});
