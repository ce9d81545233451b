import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BareKernel, imageOf, ramBaseOf, readBareKernel } from './bare.ts';
import { readArm64ImageHeader } from './image.ts';

const NOP = 0xd503_201f;

interface Segment {
  readonly vaddr: number;
  readonly paddr: number;
  readonly bytes: readonly number[];
  readonly memoryBytes: number;
}

/** An executable with these segments (gABI 4.1, chapters 4 and 5). */
function elf(entry: number, segments: readonly Segment[], machine = 183): Uint8Array {
  const file = new Uint8Array(0x1000);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(56, segments.length, true);
  for (const [index, { vaddr, paddr, bytes, memoryBytes }] of segments.entries()) {
    const at = 64 + 56 * index;
    const offset = 0x400 + 0x100 * index;
    view.setUint32(at, 1, true);
    const numbers = [offset, vaddr, paddr, bytes.length, memoryBytes];
    for (const [field, number] of numbers.entries())
      view.setBigUint64(at + 8 + 8 * field, BigInt(number), true);
    file.set(bytes, offset);
  }
  return file;
}

function bare(bytes: Uint8Array): BareKernel {
  return readBareKernel(bytes);
}

const TEXT = { vaddr: 0xffff_0000, paddr: 0x4008_0000, bytes: [1, 2, 3, 4, 5, 6, 7, 8], memoryBytes: 8 };
const DATA = { vaddr: 0xffff_2000, paddr: 0x4008_2000, bytes: [9], memoryBytes: 0x3000 };

/** Where the first instruction of an Image goes: the target of its branch. */
function branchTarget(image: Uint8Array): number {
  const opcode = new DataView(image.buffer).getUint32(0, true);
  assert.equal(opcode >>> 26, 0b000101);
  return (opcode & 0x3ff_ffff) * 4;
}

test('an ELF file: segments at their physical addresses, entered where its entry point lies', () => {
  const kernel = bare(elf(0xffff_0004, [TEXT, DATA]));
  assert.deepEqual([kernel.loadAddress, kernel.sizeBytes, kernel.entryOffset], [0x4008_0000, 0x5000, 4]);
  const { image, ramBase } = imageOf(kernel);
  const header = readArm64ImageHeader(image);
  assert.ok(header !== undefined);
  assert.equal(ramBase, 0x4000_0000);
  assert.equal(ramBaseOf(image), ramBase);
  const start = ramBase + header.textOffsetBytes;
  assert.equal(start + branchTarget(image), 0x4008_0004);
  assert.deepEqual([...image.subarray(0x4008_0000 - start, 0x4008_0008 - start)], TEXT.bytes);
  assert.equal(image[0x4008_2000 - start], 9);
  assert.ok(start + header.imageSizeBytes >= 0x4008_5000, 'room for what it clears');
  assert.equal(header.placement, 'near-start-of-ram');
});

test('wherever a kernel wants to be, the header fits before it and RAM begins at 2 MiB', () => {
  for (const at of [
    0x4000_0000, 0x4000_0020, 0x4000_0040, 0x4000_1000, 0x4001_0000, 0x4020_0000, 0x6012_3450,
  ]) {
    const kernel = { ...bare(elf(0xffff_0000, [TEXT])), loadAddress: at };
    const { image, ramBase = 0 } = imageOf(kernel);
    const offset = readArm64ImageHeader(image)?.textOffsetBytes ?? 0;
    assert.equal(ramBase % 0x20_0000, 0);
    assert.equal(ramBase + offset + branchTarget(image), at);
    assert.ok(branchTarget(image) >= 64);
  }
});

test('a flat binary goes anywhere, or where it is told', () => {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 256; at += 4) view.setUint32(at, NOP, true);
  const { image, ramBase } = imageOf(bare(bytes));
  assert.equal(ramBase, undefined);
  assert.equal(ramBaseOf(image), undefined);
  const header = readArm64ImageHeader(image);
  assert.equal((header?.textOffsetBytes ?? 0) + branchTarget(image), 0x8_0000);
  assert.equal(header?.placement, 'anywhere');
  assert.equal(imageOf(bare(bytes), 0x4000_0000).ramBase, 0x3fe0_0000);
});

test('what can’t be started says why', () => {
  const refusals: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(10), /too short/],
    [new Uint8Array(256), /does not begin with instructions/],
    [new TextEncoder().encode('#!/bin/sh\n'.padEnd(100)), /it is a text/],
    [elf(0, [TEXT], 62), /another processor/],
    [elf(0, []), /nothing to load/],
    [elf(0x1234, [TEXT]), /entry point, 0x1234/],
    [elf(0xffff_0000, [TEXT, { ...DATA, paddr: 2 ** 50 }]), /apart/],
    [elf(0xffff_0000, [{ ...TEXT, memoryBytes: 4 }]), /beyond its end/],
    [elf(0xffff_0000, [TEXT]).subarray(0, 0x404), /beyond its end/],
  ];
  for (const [bytes, reason] of refusals) {
    assert.throws(() => readBareKernel(bytes), reason);
  }
});

test('what is something else is refused, though its first words could be instructions', () => {
  const flat = new Uint8Array(0x100);
  const view = new DataView(flat.buffer);
  for (let at = 0; at < flat.length; at += 4) view.setUint32(at, NOP, true);
  assert.equal(bare(flat).kind, 'flat');
  const { image } = imageOf(bare(flat));
  assert.throws(() => bare(image), /it is an arm64 Image already/);
  const text = (words: string): Uint8Array => new TextEncoder().encode(words.padEnd(0x100, ' x'));
  assert.throws(() => bare(text('.text\n b start\n')), /it is a text/);
  assert.throws(() => bare(text('070701')), /it is a cpio archive/);
  for (const [magic, words] of [
    [[0x1f, 0x8b, 8, 0], /compressed by gzip/],
    [[0xd0, 0x0d, 0xfe, 0xed], /a device tree or a FIT/],
    [[0x27, 0x05, 0x19, 0x56], /a U-Boot image/],
    [[0x28, 0xb5, 0x2f, 0xfd], /compressed by zstd/],
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /compressed by xz/],
  ] as const) {
    const other = flat.slice();
    other.set(magic);
    assert.throws(() => bare(other), words);
  }
});
