import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { bytesOfLatin1, latin1OfBytes } from './hex.ts';
import { encodePacket, PACKET_LIMIT_BYTES, PacketReader } from './packets.ts';

const read = (text: string) => new PacketReader().take(bytesOfLatin1(text));

test('packets, the byte that asks for a stop, and nothing else', () => {
  assert.deepEqual(read('+$OK#9a\x03-$#00noise'), [
    { kind: 'packet', body: 'OK' },
    { kind: 'interrupt' },
    { kind: 'packet', body: '' },
  ]);
});

test('a wrong checksum is a damaged packet; one that is cut off by another is none', () => {
  assert.deepEqual(read('$OK#00'), [{ kind: 'damaged' }]);
  assert.deepEqual(read('$OK#zz'), [{ kind: 'damaged' }]);
  assert.deepEqual(read('$X$OK#9a'), [{ kind: 'packet', body: 'OK' }]);
});

test('a packet comes in pieces', () => {
  const reader = new PacketReader();
  const arrivals = [...'$m1,2#fc'].flatMap((character) => reader.take(bytesOfLatin1(character)));
  assert.deepEqual(arrivals, [{ kind: 'packet', body: 'm1,2' }]);
});

test('any bytes go through a packet', () => {
  const body = latin1OfBytes(Uint8Array.from({ length: 512 }, (_, index) => index & 0xff));
  assert.deepEqual(new PacketReader().take(encodePacket(body)), [{ kind: 'packet', body }]);
});

test('what does not end is given up', () => {
  const reader = new PacketReader();
  const arrivals = reader.take(bytesOfLatin1(`$${'a'.repeat(PACKET_LIMIT_BYTES + 1)}`));
  assert.deepEqual(arrivals, [{ kind: 'damaged' }]);
  assert.deepEqual(reader.take(bytesOfLatin1('$OK#9a')), [{ kind: 'packet', body: 'OK' }]);
});

test('random bytes are never more than packets', () => {
  const random = seededRandom(3);
  const reader = new PacketReader();
  for (let count = 0; count < 200; count += 1) reader.take(random.bytes(random.below(300)));
});
