/**
 * Where the kernel, the initial ramdisk and the device tree lie in a guest's RAM. After Linux's Documentation/arm64/booting.rst: the
 * Image at `text_offset` from a 2 MiB boundary with `image_size` bytes free, the DTB of at most 2 MiB on an 8-byte boundary, the
 * initrd in one 32 GiB window with the kernel; and after what libvmm 0.2's `linux_setup_images` checks: the kernel goes to the start of
 * RAM plus `text_offset`, and the start is 2 MiB aligned. Other kernels may look for them elsewhere, which the request then says.
 */
import {
  type AddrRange,
  alignUp,
  hex,
  isAligned,
  LARGE_PAGE_BYTES,
  MIB,
  rangeCovers,
  rangeEnd,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../base/index.ts';

/** What is known of the images; sizes of files that were not there are assumed. */
export interface ImageSizes {
  readonly textOffset: number;
  /** `image_size` of the header: the kernel's code, data and BSS. */
  readonly imageSizeBytes: number;
  readonly initrdBytes?: number;
  /** Room that the device tree needs; only looked at where it does not have its usual window. */
  readonly dtbBytes: number;
}

/** Places of the request's. */
export interface ChosenPlaces {
  readonly initrd?: number;
  readonly dtb?: number;
}

/** A place of the request's where the image can't lie. */
export interface PlaceFault {
  readonly image: keyof ChosenPlaces;
  readonly base: number;
  readonly why: string;
}

/** `initrd` is absent where the guest has none. */
export interface ImageLayout {
  readonly kernel: AddrRange;
  readonly initrd?: AddrRange;
  readonly dtb: AddrRange;
  /** How much RAM the images take from its base; more than there is means they do not fit. */
  readonly endOffset: number;
  readonly faults: readonly PlaceFault[];
}

interface Taken {
  readonly what: string;
  readonly range: AddrRange;
}

/** DTBs are at most 2 MiB (booting.rst, "Setup the device tree"). */
const DTB_WINDOW_BYTES = 2 * MIB;
const DTB_ALIGNMENT_BYTES = 8;

/** Kernel, then initrd, then DTB, each on the next 2 MiB boundary, but for those that have a place already. */
export function layOutImages(ram: AddrRange, sizes: ImageSizes, chosen: ChosenPlaces = {}): ImageLayout {
  const kernel = { base: ram.base + sizes.textOffset, size: sizes.imageSizeBytes };
  const taken: Taken[] = [{ what: 'kernel', range: kernel }];
  const faults: PlaceFault[] = [];
  /** At its place, with what room there is up to the next image; or the first large page from `from` on that is free. */
  const place = (image: keyof ChosenPlaces, sizeBytes: number, least = sizeBytes): AddrRange => {
    const base = chosen[image];
    if (base === undefined) return firstFree(taken, sizeBytes);
    const above = [...taken.map(({ range }) => range.base), rangeEnd(ram)].filter((end) => end > base);
    const range = { base, size: Math.max(least, Math.min(sizeBytes, ...above.map((end) => end - base))) };
    const why = faultOf(image, range, ram, taken);
    if (why !== undefined) faults.push({ image, base, why });
    return range;
  };
  const dtbFirst = chosen.dtb === undefined ? undefined : place('dtb', DTB_WINDOW_BYTES, sizes.dtbBytes);
  if (dtbFirst !== undefined) taken.push({ what: 'device tree', range: dtbFirst });
  const initrd = sizes.initrdBytes === undefined ? undefined : place('initrd', sizes.initrdBytes);
  if (initrd !== undefined) taken.push({ what: 'ramdisk', range: initrd });
  const dtb = dtbFirst ?? place('dtb', DTB_WINDOW_BYTES);
  const end = Math.max(...[dtb, ...taken.map(({ range }) => range)].map(rangeEnd));
  return { kernel, ...(initrd === undefined ? {} : { initrd }), dtb, endOffset: end - ram.base, faults };
}

/** The first large page behind one of them that leaves all of them alone. */
function firstFree(taken: readonly Taken[], sizeBytes: number): AddrRange {
  const [kernel] = taken;
  const ends = taken.map(({ range }) => alignUp(rangeEnd(range), LARGE_PAGE_BYTES)).sort((a, b) => a - b);
  const places = ends
    .filter((base) => kernel === undefined || base >= rangeEnd(kernel.range))
    .map((base) => ({ base, size: sizeBytes }));
  const free = places.find((place) => taken.every(({ range }) => !rangesOverlap(range, place)));
  return free ?? { base: 0, size: sizeBytes };
}

function faultOf(
  image: keyof ChosenPlaces,
  range: AddrRange,
  ram: AddrRange,
  taken: readonly Taken[],
): string | undefined {
  const alignment = image === 'dtb' ? DTB_ALIGNMENT_BYTES : SMALL_PAGE_BYTES;
  if (!isAligned(range.base, alignment)) return `it is no multiple of ${hex(alignment)}`;
  const other = taken.find((each) => rangesOverlap(each.range, range));
  if (other !== undefined)
    return `the ${other.what} is in the way, from ${hex(other.range.base)} to ${hex(rangeEnd(other.range))}`;
  if (!rangeCovers(ram, range)) return `RAM is from ${hex(ram.base)} to ${hex(rangeEnd(ram))}`;
  return undefined;
}
