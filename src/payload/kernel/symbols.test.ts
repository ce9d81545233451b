import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../fuzz/random.ts';
import { imageSymbols, parseSystemMap } from './symbols.ts';

const MAP = `ffff800008000000 t _head
ffff800008000000 T _text
ffff800008010000 T _stext
0000000000000010 A an_absolute_number
ffff800008010800 T vectors
ffff800008010800 t $x
ffff800008cda260 T cpu_do_idle
nonsense
`;

test('a System.map: the symbol at or before a place, and how far behind it', () => {
  const symbols = parseSystemMap(MAP);
  assert.deepEqual(symbols?.at(0xcda26c), { name: 'cpu_do_idle', offset: 12 });
  assert.deepEqual(symbols?.at(0x10800), { name: 'vectors', offset: 0 });
  assert.deepEqual(symbols?.at(0x107ff), { name: '_stext', offset: 0x7ff });
  assert.equal(symbols?.at(-1), undefined);
  assert.equal(symbols?.offsetOf('vectors'), 0x10800);
  assert.equal(symbols?.offsetOf('an_absolute_number'), undefined);
});

test("Debian's System.map says only where the real one is", () => {
  const stub = 'ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n';
  assert.equal(parseSystemMap(stub), undefined);
});

/** A table of tokens in which each byte is its own token, with its offsets. */
function tokens(): number[] {
  const table: number[] = [];
  const offsets: number[] = [];
  for (let token = 0; token < 256; token += 1) {
    offsets.push(table.length);
    table.push(token === 0 ? 0x54 : token, 0);
  }
  while (table.length % 8 !== 0) table.push(0);
  return [...table, ...offsets.flatMap((offset) => [offset & 0xff, offset >> 8])];
}

test('files that look like kernels with symbols all over are given up soon', () => {
  const random = seededRandom(5);
  const image = new Uint8Array(4 << 20);
  const view = new DataView(image.buffer);
  // A number of symbols at every place where one may stand, and one-letter names between.
  for (let at = 0; at + 8 <= image.length; at += 8) view.setUint32(at, 4_000_000 - random.below(1000), true);
  const table = tokens();
  for (let at = 1 << 20; at + table.length < image.length; at += 1 << 16) image.set(table, at);
  assert.equal(imageSymbols(image), undefined);
  const names = new Uint8Array(4 << 20).fill(0x54);
  for (let at = 0; at < names.length; at += 2) names[at] = 1;
  new DataView(names.buffer).setUint32(0, 1_000_000, true);
  names.set(table, names.length - table.length);
  assert.equal(imageSymbols(names), undefined);
});

test('random bytes hold no symbols', () => {
  assert.equal(imageSymbols(seededRandom(1).bytes(1 << 16)), undefined);
});
