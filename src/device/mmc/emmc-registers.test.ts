import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cid, csd, extCsd, geometryFor, ocr } from './emmc-registers.ts';

const [KIB, MIB, GIB] = [2 ** 10, 2 ** 20, 2 ** 30];

/** What a host makes of a register: bits `high` to `low`. */
function field(words: readonly number[], high: number, low: number): number {
  const value = words.reduce((all, word, index) => all | (BigInt(word) << BigInt(32 * index)), 0n);
  return Number(BigInt.asUintN(high - low + 1, value >> BigInt(low)));
}

test('a size is told by the CSD up to 2 GiB, by EXT_CSD beyond; nothing is cut off', () => {
  for (const sizeBytes of [1, 512, 3 * KIB, 34 * MIB, 8 * MIB + 512, GIB, GIB + MIB, 2 * GIB]) {
    const geometry = geometryFor(sizeBytes);
    const words = csd(geometry, false);
    const blocks = (field(words, 73, 62) + 1) * 2 ** (field(words, 49, 47) + 2);
    const capacity = blocks * 2 ** field(words, 83, 80);
    assert.equal(capacity, geometry.capacityBytes, `${sizeBytes}`);
    assert.ok(capacity >= sizeBytes && capacity - sizeBytes < MIB);
    if (sizeBytes % MIB === 0) assert.equal(capacity, sizeBytes);
    assert.equal(geometry.sectorAddresses, false);
    assert.equal(ocr(geometry), 0x80ff_8080);
  }
  const large = geometryFor(7 * GIB + 1);
  assert.equal(ocr(large), 0xc0ff_8080);
  assert.equal(field(csd(large, false), 73, 62), 0xfff);
  assert.equal(new DataView(extCsd(large).buffer).getUint32(212, true), (7 * GIB) / 512 + 1);
});

test('CID and CSD: fields at their places, and the CRC', () => {
  const words = cid();
  const name = [96, 88, 80, 72, 64, 56]
    .map((low) => String.fromCharCode(field(words, low + 7, low)))
    .join('');
  assert.equal(name, 'DRVRVM');
  // CRC7 of B51 §8.2.1, worked out another way: the polynomial's division leaves nothing.
  const bits = (register: readonly number[]) => {
    let value = register.reduce((all, word, index) => all | (BigInt(word) << BigInt(32 * index)), 0n) >> 1n;
    for (let bit = 126n; bit >= 7n; bit -= 1n) {
      if (((value >> bit) & 1n) === 1n) value ^= 0x89n << (bit - 7n);
    }
    return value;
  };
  for (const register of [words, csd(geometryFor(MIB), false)]) {
    assert.equal(bits(register), 0n);
    assert.equal(field(register, 0, 0), 1);
  }
  assert.equal(field(csd(geometryFor(MIB), false), 95, 84), 0x35);
  assert.equal(field(csd(geometryFor(MIB), true), 95, 84), 0x05, 'read only: no classes to write with');
});
