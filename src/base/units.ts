/** Sizes as people read them. */

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** The sizes of page that seL4 maps on AArch64 and that Microkit's descriptions may name. */
export const SMALL_PAGE_BYTES = 4 * KIB;
export const LARGE_PAGE_BYTES = 2 * MIB;

/** `4 KiB`, `2 MiB`, `1.5 GiB`: exact where that is short, else to one decimal. */
export function formatSize(sizeBytes: number): string {
  const units: readonly [number, string][] = [
    [GIB, 'GiB'],
    [MIB, 'MiB'],
    [KIB, 'KiB'],
  ];
  for (const [unitBytes, name] of units) {
    if (sizeBytes >= unitBytes) return `${Number((sizeBytes / unitBytes).toFixed(1))} ${name}`;
  }
  return `${sizeBytes} B`;
}
