import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIB, MIB } from '../base/index.ts';
import { mostRam, placeBanks, placeRam } from './ram.ts';

/** As the ZCU102's: 2 GiB low, of which something in the middle is taken, and 2 GiB high. */
const BOARD = {
  windows: [
    { base: 0, size: 2 * GIB },
    { base: 0x8_0000_0000, size: 2 * GIB },
  ],
  avoided: [{ base: 0x4000_0000, size: 64 * MIB, why: 'the loader is there' }],
};

test('what fits in one place is in one; more is in the fewest banks, cut at the top', () => {
  assert.deepEqual(placeRam({ sizeBytes: GIB }, BOARD), { base: 0 });
  assert.deepEqual(placeRam({ sizeBytes: 2 * GIB }, BOARD), { base: 0x8_0000_0000 });
  assert.deepEqual(placeBanks(2.5 * GIB, BOARD), [
    { base: 0, size: GIB },
    { base: 0x8_0000_0000, size: 1.5 * GIB },
  ]);
  assert.deepEqual(placeBanks(3.5 * GIB, BOARD), [
    { base: 0, size: GIB },
    { base: 0x4400_0000, size: 960 * MIB },
    { base: 0x8_0000_0000, size: 3.5 * GIB - GIB - 960 * MIB },
  ]);
});

test('there are no more banks than libvmm knows of', () => {
  assert.equal(placeBanks(4 * GIB, BOARD), undefined);
  const many = Array.from({ length: 5 }, (_, index) => ({ base: index * 256 * MIB, size: 128 * MIB }));
  assert.deepEqual(mostRam({ windows: many, avoided: [] }), { inOne: 128 * MIB, inBanks: 384 * MIB });
  assert.equal(placeBanks(512 * MIB, { windows: many, avoided: [] }), undefined);
});
