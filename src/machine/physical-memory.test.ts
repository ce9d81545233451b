import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MissedDma, PhysicalMemory } from './physical-memory.ts';

function memory() {
  const physical = new PhysicalMemory();
  const written: string[] = [];
  const missed: MissedDma[] = [];
  physical.onMissed = (miss) => missed.push(miss);
  const ram = (base: number, size: number) => ({
    range: { base, size },
    bytes: new Uint8Array(size),
    written: (offset: number, sizeBytes: number) =>
      written.push(`${base.toString(16)}+${offset} ${sizeBytes}`),
  });
  const [low, high] = [ram(0x8000_0000, 0x100), ram(0x8000_0100, 0x100)];
  physical.place([low, high]);
  return { physical, low, high, written, missed };
}

test('a master reads and writes RAM by physical address, and what it wrote is told', () => {
  const { physical, low, written, missed } = memory();
  const master = physical.masterFor('/mmc');
  assert.ok(master.write(0x8000_0010, Uint8Array.of(1, 2, 3)));
  assert.deepEqual([...low.bytes.subarray(0x0f, 0x14)], [0, 1, 2, 3, 0]);
  assert.deepEqual(written, ['80000000+16 3']);
  const target = new Uint8Array(2);
  assert.ok(master.read(0x8000_0011, target));
  assert.deepEqual([...target], [2, 3]);
  assert.deepEqual(missed, []);
});

test('an access goes on from one region into the next', () => {
  const { physical, low, high, written } = memory();
  const master = physical.masterFor('/mmc');
  assert.ok(master.write(0x8000_00fe, Uint8Array.of(1, 2, 3)));
  assert.deepEqual([low.bytes[0xfe], low.bytes[0xff], high.bytes[0]], [1, 2, 3]);
  assert.deepEqual(written, ['80000000+254 2', '80000100+0 1']);
});

test('what is not wholly in RAM moves nothing and is told', () => {
  const { physical, low, high, missed } = memory();
  const master = physical.masterFor('/mmc');
  assert.equal(master.write(0x8000_01fe, Uint8Array.of(9, 9, 9, 9)), false);
  assert.equal(master.read(0x7fff_ffff, new Uint8Array(2)), false);
  assert.ok([...low.bytes, ...high.bytes].every((byte) => byte === 0));
  assert.deepEqual(missed, [
    { path: '/mmc', kind: 'write', physAddr: 0x8000_01fe, sizeBytes: 4 },
    { path: '/mmc', kind: 'read', physAddr: 0x7fff_ffff, sizeBytes: 2 },
  ]);
});
