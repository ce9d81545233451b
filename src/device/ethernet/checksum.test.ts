import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKSUM_INSERTION, checkChecksums, insertChecksums } from './checksum.ts';

const ADDRESSES = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

/** An IPv4 frame; the header's checksum is left zero. */
function ipv4(
  protocol: number,
  payload: readonly number[],
  options: readonly number[] = [],
  fragment = 0,
): Uint8Array {
  const headerBytes = 20 + options.length;
  const total = headerBytes + payload.length;
  const header = [
    0x40 | (headerBytes / 4),
    0,
    total >> 8,
    total & 0xff,
    0,
    1,
    fragment >> 8,
    fragment & 0xff,
    64,
    protocol,
    0,
    0,
    192,
    168,
    0,
    1,
    192,
    168,
    0,
    199,
    ...options,
  ];
  return Uint8Array.from([...ADDRESSES, 8, 0, ...header, ...payload]);
}

function ipv6(protocol: number, payload: readonly number[]): Uint8Array {
  const addresses = Array.from({ length: 32 }, (_, at) => at * 7);
  const header = [0x60, 0, 0, 0, payload.length >> 8, payload.length & 0xff, protocol, 64, ...addresses];
  return Uint8Array.from([...ADDRESSES, 0x86, 0xdd, ...header, ...payload]);
}

const payloadOf = (sizeBytes: number) => Array.from({ length: sizeBytes }, (_, at) => (at * 31) & 0xff);

test('the header of a worked example, and a UDP datagram with its sum from outside', () => {
  // 4500 0073 0000 4000 4011 .... c0a8 0001 c0a8 00c7 has the checksum b861.
  const frame = ipv4(17, payloadOf(0x73 - 20));
  frame.set([0, 0, 0x40, 0], 18);
  frame[23] = 17;
  assert.ok(insertChecksums(frame, CHECKSUM_INSERTION.header));
  assert.deepEqual([frame[24], frame[25]], [0xb8, 0x61]);
  // RFC 1071's own numbers: 0001 f203 f4f5 f6f7 sum to ddf2, so that with the rest zero the field is 220d.
  const icmp = ipv4(1, [0x00, 0x01, 0, 0, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
  assert.ok(insertChecksums(icmp, CHECKSUM_INSERTION.full));
  assert.deepEqual([icmp[36], icmp[37]], [0x22, 0x0d]);
});

test('what was inserted is found good, and any changed byte bad: TCP, UDP, ICMP, odd sizes, options, IPv6', () => {
  const frames = [
    ...[20, 21, 1460].flatMap((size) => [ipv4(6, payloadOf(size)), ipv6(6, payloadOf(size))]),
    ...[8, 9, 700].flatMap((size) => [ipv4(17, payloadOf(size)), ipv6(17, payloadOf(size))]),
    ipv4(1, payloadOf(64)),
    ipv6(58, payloadOf(65)),
    ipv4(6, payloadOf(40), [7, 4, 0, 0, 1, 1, 1, 1]),
  ];
  for (const frame of frames) {
    assert.ok(insertChecksums(frame, CHECKSUM_INSERTION.full));
    assert.deepEqual(checkChecksums(frame), { ip: true, headerError: false, payload: 'good' });
    const changed = frame.slice();
    changed[frame.length - 1] = (changed[frame.length - 1] ?? 0) ^ 0x10;
    assert.equal(checkChecksums(changed).payload, 'bad');
  }
  const [frame] = frames;
  assert.ok(frame !== undefined);
  frame[24] = (frame[24] ?? 0) ^ 1;
  assert.equal(checkChecksums(frame).headerError, true);
});

test('padding behind the packet is none of it; a tag before it is stepped over', () => {
  const frame = ipv4(17, payloadOf(8));
  insertChecksums(frame, CHECKSUM_INSERTION.full);
  const long = new Uint8Array(60).fill(0xee);
  long.set(frame);
  assert.equal(checkChecksums(long).payload, 'good');
  const tagged = Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12)]);
  assert.equal(checkChecksums(tagged).payload, 'good');
});

test('a sum that the driver began is finished; UDP that comes to zero is sent as ones', () => {
  const full = ipv4(6, payloadOf(100));
  const begun = full.slice();
  insertChecksums(full, CHECKSUM_INSERTION.full);
  // The pseudo-header's sum, as Linux leaves it in the field.
  const pseudo = [0xc0a8, 0x0001, 0xc0a8, 0x00c7, 6, 100].reduce((sum, word) => sum + word, 0);
  const folded = (pseudo & 0xffff) + (pseudo >>> 16);
  begun.set([folded >> 8, folded & 0xff], 34 + 16);
  insertChecksums(begun, CHECKSUM_INSERTION.payload);
  assert.deepEqual(begun, full);
  const datagram = ipv4(17, [0, 0, 0, 0, 0, 10, 0, 0, 0, 0]);
  insertChecksums(datagram, CHECKSUM_INSERTION.full);
  const sum = ((datagram[40] ?? 0) << 8) | (datagram[41] ?? 0);
  datagram.set([sum >> 8, sum & 0xff], 42);
  insertChecksums(datagram, CHECKSUM_INSERTION.full);
  assert.deepEqual([datagram[40], datagram[41]], [0xff, 0xff]);
});

test('what is not for the engine is left alone: fragments, other protocols, other frames, headers without sense', () => {
  for (const frame of [
    ipv4(6, payloadOf(30), [], 0x2000),
    ipv4(6, payloadOf(30), [], 3),
    ipv4(47, payloadOf(30)),
    ipv6(0, payloadOf(30)),
    ipv4(6, payloadOf(10)),
  ]) {
    const payload = frame.slice(34);
    assert.ok(insertChecksums(frame, CHECKSUM_INSERTION.full));
    assert.deepEqual(frame.slice(34), payload);
    assert.deepEqual(checkChecksums(frame), { ip: true, headerError: false, payload: 'bypassed' });
  }
  const arp = Uint8Array.from([...ADDRESSES, 8, 6, ...payloadOf(46)]);
  assert.deepEqual(checkChecksums(arp), { ip: false, headerError: false, payload: 'bypassed' });
  const unsummed = ipv4(17, [0, 1, 0, 2, 0, 9, 0, 0, 5]);
  insertChecksums(unsummed, CHECKSUM_INSERTION.header);
  assert.equal(checkChecksums(unsummed).payload, 'bypassed');
  for (const [at, byte] of [
    [14, 0x65],
    [14, 0x44],
    [14, 0x4f],
    [16, 0xff],
    [16, 0x00],
  ] as const) {
    const frame = ipv4(6, payloadOf(20));
    frame[at] = byte;
    frame[17] = at === 16 && byte === 0 ? 3 : (frame[17] ?? 0);
    assert.equal(insertChecksums(frame, CHECKSUM_INSERTION.full), false);
    assert.equal(checkChecksums(frame).headerError, true);
  }
  for (const size of [0, 13, 14, 15, 20, 33]) checkChecksums(ipv4(6, payloadOf(20)).subarray(0, size));
});
