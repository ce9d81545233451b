import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappedRegion } from '../../test/support/mapped-region.ts';
import { MIB } from '../base/index.ts';
import { GuestRam } from './guest-ram.ts';
import { type GuestImages, type ImagePlacement, placeLinuxImages } from './linux-images.ts';

const RAM = 0x4000_0000;
const RAM_BYTES = 16 * MIB;

function guestRam(gpaStart = RAM) {
  const bytes = new Uint8Array(RAM_BYTES);
  const written: string[] = [];
  const note = (offset: number, sizeBytes: number) => written.push(`${offset}+${sizeBytes}`);
  const memory = mappedRegion('guest_ram', 0, bytes, note, gpaStart);
  return { ram: new GuestRam([{ gpaStart, sizeBytes: RAM_BYTES, memory }]), bytes, written };
}

/** An Image header (booting.rst) with nothing behind it. */
function kernelImage({
  textOffset = 0,
  imageSize = 4 * MIB,
  flags = 0xa,
  magic = 0x644d_5241,
} = {}): Uint8Array {
  const image = new Uint8Array(4096);
  const view = new DataView(image.buffer);
  view.setUint32(8, textOffset, true);
  view.setUint32(16, imageSize, true);
  view.setUint32(24, flags, true);
  view.setUint32(56, magic, true);
  return image;
}

function dtbImage(sizeBytes = 64, magic = 0xd00d_feed, said = sizeBytes): Uint8Array {
  const dtb = new Uint8Array(sizeBytes);
  new DataView(dtb.buffer).setUint32(0, magic);
  new DataView(dtb.buffer).setUint32(4, said);
  return dtb;
}

const GOOD: GuestImages = { kernel: kernelImage(), dtb: dtbImage(), initrd: new Uint8Array(100).fill(7) };
const PLACES: ImagePlacement = { ramStart: RAM, dtb: RAM + 8 * MIB, initrd: RAM + 10 * MIB };

test('good images are copied, and the processor is told', () => {
  const { ram, bytes, written } = guestRam();
  const placed = placeLinuxImages(ram, { ...GOOD, kernel: kernelImage({ textOffset: 0x8_0000 }) }, PLACES);
  assert.deepEqual(placed, { entryPoint: RAM + 0x8_0000, problems: [] });
  assert.equal(bytes[0x8_0000 + 56], 0x41);
  assert.equal(bytes[10 * MIB + 99], 7);
  assert.deepEqual(written, [`${0x8_0000}+4096`, `${8 * MIB}+64`, `${10 * MIB}+100`]);
});

/** Each mistake with its exact words; nothing is copied. */
const MISTAKES: readonly (readonly [Partial<GuestImages>, Partial<ImagePlacement>, readonly string[]])[] = [
  [{ kernel: kernelImage({ magic: 0 }) }, {}, ['the kernel is no arm64 Image: its header has no "ARM\\x64"']],
  [{ kernel: kernelImage({ flags: 0xb }) }, {}, ['the kernel is built for big-endian processors']],
  [{}, { dtb: RAM + 8 * MIB + 4 }, ["the device tree's address 0x40800004 is no multiple of 8"]],
  [{ dtb: dtbImage(64, 0) }, {}, ['the device tree is no DTB: its magic number is wrong']],
  [
    { dtb: dtbImage(64, 0xd00d_feed, 4096) },
    {},
    ['the device tree is cut short: it says 4096 bytes and has 64'],
  ],
  [
    { dtb: dtbImage(2 * MIB + 8) },
    { initrd: RAM + 12 * MIB },
    ['the device tree has 2097160 bytes; Linux takes 2 MiB at most'],
  ],
  [
    {},
    { dtb: RAM + 2 * MIB },
    ['the kernel at 0x40000000..0x40400000 overlaps the device tree at 0x40200000..0x40200040'],
  ],
  [
    {},
    { initrd: RAM + RAM_BYTES - 50 },
    ['the initial ramdisk at 0x40ffffce..0x41000032 is not in guest RAM (0x40000000..0x41000000)'],
  ],
  [{}, { ramStart: RAM + MIB }, ['Linux needs guest RAM to begin at a multiple of 2 MiB, not at 0x40100000']],
];

for (const [images, placement, problems] of MISTAKES) {
  test(`refused: ${problems[0]}`, () => {
    const { ram, written } = guestRam();
    const placed = placeLinuxImages(ram, { ...GOOD, ...images }, { ...PLACES, ...placement });
    assert.deepEqual(placed, { entryPoint: undefined, problems });
    assert.deepEqual(written, []);
  });
}
