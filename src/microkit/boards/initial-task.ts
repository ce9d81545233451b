/**
 * Where the initial task lies, which carries every program and what regions are filled with: Microkit's tool puts it above the kernel,
 * into the first RAM that holds it whole (Microkit 2.3, `main.rs`, `allocate_from`), and refuses an image whose loader is in its way
 * (`loader.rs`, `check_non_overlapping`). Numbers are of seL4 16 and the initialiser of Microkit 2.3, and rounded down: what lies
 * over this lies over the real one.
 */
import { type AddrRange, mergeRanges, SMALL_PAGE_BYTES } from '../../base/index.ts';
import type { MicrokitBoard } from './board.ts';

/** The kernel's image with its tables, to `ki_end`: 0x240000 in release configurations, to 0x264000 in `smp-debug`. */
export const KERNEL_IMAGE_BYTES = 0x24_0000;
/** The initialiser's own segments are 0x4f000 bytes. */
const INITIALISER_BYTES = 0x4_8000;
/** What a page takes beside its content: its row in the description that the initialiser reads, 70 to 140 bytes. */
const PAGE_ROW_BYTES = 64;

/** How much of RAM the initial task takes at least that carries so many pages. */
export function initialTaskBytes(pages: number): number {
  const rows = Math.ceil((pages * PAGE_ROW_BYTES) / SMALL_PAGE_BYTES) * SMALL_PAGE_BYTES;
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
