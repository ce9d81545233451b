/**
 * Puts a Linux guest's images into its RAM, after checking what would otherwise show as a silent guest (Linux,
 * Documentation/arm64/booting.rst). Every check's sentence says which number is wrong.
 */
import {
  type AddrRange,
  alignDown,
  GIB,
  hex,
  type Intid,
  type Ipa,
  isAligned,
  MIB,
  rangeEnd,
  rangesOverlap,
} from '../base/index.ts';
import { readArm64ImageHeader } from '../payload/index.ts';
import type { GuestRam } from './guest-ram.ts';
import type { VirtioDevice, VirtqueueUse } from './virtio/index.ts';

/** What a monitor is built with: libvmm's `_guest_kernel_image` and its like. */
export interface GuestImages {
  readonly kernel: Uint8Array;
  readonly dtb: Uint8Array;
  readonly initrd?: Uint8Array;
  /** What a run adds to the machine that the description has: its tree is in `dtb`. None on hardware. */
  readonly added?: readonly AddedVirtioDevice[];
  /** Who looks on, in a run. */
  readonly watcher?: GuestWatcher;
}

/** Hears what a guest's devices do; may be set and taken away at any time. */
export interface GuestWatcher {
  onVirtqueue?: ((use: VirtqueueUse) => void) | undefined;
}

/** A virtio device that the description does not know, with its place in the guest. */
export interface AddedVirtioDevice {
  readonly base: number;
  readonly sizeBytes: number;
  readonly intid: Intid;
  /** Made anew for each run. */
  readonly createDevice: () => VirtioDevice;
}

/** Where device tree and ramdisk go, in guest physical addresses; the kernel goes where its header says. */
export interface ImagePlacement {
  /** Where guest RAM begins: the kernel goes to its `text_offset` above. */
  readonly ramStart: number;
  readonly dtb: number;
  readonly initrd?: number;
}

/** The kernel's entry point, or what is wrong, in sentences. */
export type PlacedImages =
  | { readonly entryPoint: number; readonly problems: readonly [] }
  | { readonly entryPoint: undefined; readonly problems: readonly string[] };

const KERNEL_ALIGNMENT = 2 * MIB;
const DTB_LIMIT_BYTES = 2 * MIB;
const DTB_ALIGNMENT = 8;
const DTB_MAGIC = 0xd00d_feed;
/** Kernel and initrd lie in one window of 32 GiB, aligned to 1 GiB (booting.rst, "The initrd"). */
const INITRD_WINDOW_BYTES = 32 * GIB;

/** Checks everything, then copies everything; nothing is copied where anything is wrong. */
export function placeLinuxImages(
  ram: GuestRam,
  images: GuestImages,
  placement: ImagePlacement,
): PlacedImages {
  const problems: string[] = [];
  const header = readArm64ImageHeader(images.kernel);
  if (header === undefined) return refused(['the kernel is no arm64 Image: its header has no "ARM\\x64"']);
  if (header.endianness === 'big') problems.push('the kernel is built for big-endian processors');
  if (!isAligned(placement.ramStart, KERNEL_ALIGNMENT)) {
    problems.push(`Linux needs guest RAM to begin at a multiple of 2 MiB, not at ${hex(placement.ramStart)}`);
  }
  const entryPoint = placement.ramStart + header.textOffsetBytes;
  const kernel: AddrRange<Ipa> = {
    base: entryPoint,
    size: Math.max(header.imageSizeBytes, images.kernel.length),
  };
  const dtb: AddrRange<Ipa> = { base: placement.dtb, size: images.dtb.length };
  problems.push(...dtbProblems(images.dtb, dtb));
  const ranges: [string, AddrRange<Ipa>][] = [
    ['the kernel', kernel],
    ['the device tree', dtb],
  ];
  if (images.initrd !== undefined && placement.initrd !== undefined) {
    const initrd = { base: placement.initrd, size: images.initrd.length };
    ranges.push(['the initial ramdisk', initrd]);
    problems.push(...initrdProblems(kernel, initrd));
  }
  problems.push(...placeProblems(ram, ranges));
  if (problems.length > 0) return refused(problems);
  ram.copyIn(entryPoint, images.kernel);
  ram.copyIn(placement.dtb, images.dtb);
  if (images.initrd !== undefined && placement.initrd !== undefined)
    ram.copyIn(placement.initrd, images.initrd);
  return { entryPoint, problems: [] };
}

function refused(problems: readonly string[]): PlacedImages {
  return { entryPoint: undefined, problems };
}

function dtbProblems(content: Uint8Array, { base, size }: AddrRange<Ipa>): readonly string[] {
  const problems: string[] = [];
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (size < 8 || view.getUint32(0) !== DTB_MAGIC)
    problems.push('the device tree is no DTB: its magic number is wrong');
  else if (view.getUint32(4) > size) {
    problems.push(`the device tree is cut short: it says ${view.getUint32(4)} bytes and has ${size}`);
  }
  if (size > DTB_LIMIT_BYTES) problems.push(`the device tree has ${size} bytes; Linux takes 2 MiB at most`);
  if (!isAligned(base, DTB_ALIGNMENT))
    problems.push(`the device tree's address ${hex(base)} is no multiple of 8`);
  return problems;
}

function initrdProblems(kernel: AddrRange<Ipa>, initrd: AddrRange<Ipa>): readonly string[] {
  const windowBase = alignDown(Math.min(kernel.base, initrd.base), GIB);
  const end = Math.max(rangeEnd(kernel), rangeEnd(initrd));
  return end - windowBase > INITRD_WINDOW_BYTES
    ? ['kernel and initial ramdisk are more than 32 GiB apart']
    : [];
}

function placeProblems(
  ram: GuestRam,
  ranges: readonly (readonly [string, AddrRange<Ipa>])[],
): readonly string[] {
  const problems: string[] = [];
  for (const [index, [name, range]] of ranges.entries()) {
    if (ram.at(range) === undefined) {
      problems.push(`${name} at ${span(range)} is not in guest RAM (${ram.describe()})`);
    }
    for (const [otherName, other] of ranges.slice(index + 1)) {
      if (rangesOverlap(range, other))
        problems.push(`${name} at ${span(range)} overlaps ${otherName} at ${span(other)}`);
    }
  }
  return problems;
}

function span(range: AddrRange<Ipa>): string {
  return `${hex(range.base)}..${hex(rangeEnd(range))}`;
}
