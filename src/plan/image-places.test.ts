import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIB } from '../base/index.ts';
import { layOutImages } from './image-places.ts';

const RAM = { base: 0x4000_0000, size: 64 * MIB };
const SIZES = { textOffset: 0x7_0000, imageSizeBytes: 3 * MIB, initrdBytes: 5 * MIB, dtbBytes: 0x8000 };

test('images lie one after the other, each on a large page', () => {
  const { kernel, initrd, dtb, endOffset, faults } = layOutImages(RAM, SIZES);
  assert.deepEqual([kernel.base, initrd?.base, dtb.base], [0x4007_0000, 0x4040_0000, 0x40a0_0000]);
  assert.deepEqual([dtb.size, endOffset, faults], [2 * MIB, 12 * MIB, []]);
});

test('what has a place of its own keeps it, with the room that there is, and the others go around it', () => {
  const below = layOutImages(RAM, SIZES, { dtb: 0x4000_0000 });
  assert.deepEqual([below.dtb, below.initrd?.base], [{ base: 0x4000_0000, size: 0x7_0000 }, 0x4040_0000]);
  const between = layOutImages(RAM, SIZES, { dtb: 0x4040_0000 });
  assert.deepEqual([between.dtb.size, between.initrd?.base], [2 * MIB, 0x4060_0000]);
  const high = layOutImages(RAM, SIZES, { initrd: 0x4300_0000 });
  assert.deepEqual([high.initrd?.base, high.dtb.base, high.faults], [0x4300_0000, 0x4040_0000, []]);
  const last = layOutImages(RAM, SIZES, { dtb: 0x43ff_0000 });
  assert.deepEqual([last.dtb, last.faults], [{ base: 0x43ff_0000, size: 0x1_0000 }, []]);
});

test('a place that is none is named with what is wrong there', () => {
  const why = (chosen: { readonly dtb?: number; readonly initrd?: number }) =>
    layOutImages(RAM, SIZES, chosen).faults.map(({ image, why }) => `${image}: ${why}`);
  assert.deepEqual(why({ dtb: 0x4000_0004 }), ['dtb: it is no multiple of 0x8']);
  assert.deepEqual(why({ dtb: 0x4006_c000 }), [
    'dtb: the kernel is in the way, from 0x40070000 to 0x40370000',
  ]);
  assert.deepEqual(why({ dtb: 0x3000_0000 }), ['dtb: RAM is from 0x40000000 to 0x44000000']);
  assert.deepEqual(why({ initrd: 0x43e0_0000 }), ['initrd: RAM is from 0x40000000 to 0x44000000']);
  assert.deepEqual(why({ dtb: 0x4050_0000, initrd: 0x4040_0000 }), [
    'initrd: the device tree is in the way, from 0x40500000 to 0x40700000',
  ]);
});
