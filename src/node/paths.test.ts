import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { nameFromBytes, systemPath } from './paths.ts';

function roundTrip(bytes: Buffer): Buffer {
  return Buffer.from(systemPath(nameFromBytes(bytes)));
}

test('names in UTF-8 are themselves', () => {
  assert.equal(nameFromBytes(Buffer.from('größe@0')), 'größe@0');
  assert.equal(systemPath('größe@0'), 'größe@0');
});

test('stray bytes are kept', () => {
  const bytes = Buffer.of(0x61, 0xff, 0xc3, 0xbc, 0xc3, 0x62, 0xe2, 0x82);
  assert.equal(nameFromBytes(bytes), 'a\udcffü\udcc3b\udce2\udc82');
  assert.deepEqual(roundTrip(bytes), bytes);
});

test('any bytes survive', () => {
  const random = seededRandom(7);
  for (let run = 0; run < 2000; run++) {
    const bytes = Buffer.from(
      random.bytes(random.below(12)).map((byte) => (byte < 0x40 ? byte + 0xc0 : byte)),
    );
    assert.deepEqual(roundTrip(bytes), bytes);
  }
});
