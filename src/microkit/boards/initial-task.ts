/**
 * Where the initial task lies, which carries every program and what regions are filled with: Microkit's tool puts it above the kernel,
 * into the first RAM that holds it whole (Microkit 2.3, `main.rs`, `allocate_from`), and refuses an image whose loader is in its way
 * (`loader.rs`, `check_non_overlapping`). Numbers are of seL4 16 and the initialiser of Microkit 2.3, and rounded down: what lies
 * over this lies over the real one.
 */
import { type AddrRange, mergeRanges, SMALL_PAGE_BYTES } from '../../base/index.ts';
import type { MicrokitBoard } from './board.ts';

/** The kernel's image with its tables, to `ki_end`: 0x240000 in release configurations, to 0x264000 in `smp-debug`. */
const KERNEL_IMAGE_BYTES = 0x24_0000;
/** What it needs only to start, which is handed out again (`ki_boot_end`). */
const KERNEL_BOOT_BYTES = 0x1_0000;

/** What seL4 keeps of its own image, which lies where the RAM that it is told of begins. */
export function keptKernel({ ram }: Pick<MicrokitBoard, 'ram'>): AddrRange | undefined {
  const [first] = ram ?? [];
  if (first === undefined) return undefined;
  return { base: first.base + KERNEL_BOOT_BYTES, size: KERNEL_IMAGE_BYTES - KERNEL_BOOT_BYTES };
}

/** The initialiser's own segments are 0x4f000 bytes. */
const INITIALISER_BYTES = 0x4_8000;
/**
 * What a page takes beside its content, whether it has any: its row in the description that the initialiser reads, and a capability in a
 * table for each address space; more where names are long.
 */
const PAGE_ROW_BYTES = 88;
const PAGE_CAPABILITY_BYTES = 36;

/** The initialiser's rows of so many pages, of whatever size, that are mapped so often. */
export const pageRowBytes = (pages: number, maps = 1): number =>
  pages * (PAGE_ROW_BYTES + maps * PAGE_CAPABILITY_BYTES);

/** How much of RAM the initial task takes at least that carries so many pages, and has that many bytes of rows. */
export function initialTaskBytes(pages: number, rowBytes = pageRowBytes(pages)): number {
  const rows = Math.ceil(rowBytes / SMALL_PAGE_BYTES) * SMALL_PAGE_BYTES;
  return INITIALISER_BYTES + rows + pages * SMALL_PAGE_BYTES;
}

/** Where an initial task of that size is; `undefined` where no RAM holds it, or RAM is not known. */
export function initialTaskIn({ ram }: Pick<MicrokitBoard, 'ram'>, sizeBytes: number): AddrRange | undefined {
  const [kernelAddr] = ram?.map(({ base }) => base) ?? [];
  if (ram === undefined || kernelAddr === undefined) return undefined;
  const kernelEnd = kernelAddr + KERNEL_IMAGE_BYTES;
  for (const window of mergeRanges(ram)) {
    const base = Math.max(window.base, kernelEnd);
    if (window.base + window.size - base >= sizeBytes) return { base, size: sizeBytes };
  }
  return undefined;
}
