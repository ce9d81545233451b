/** Sizes as people read them. */

/** A kibibyte: 2¹⁰ bytes. */
export const KIB = 1024;

/** A mebibyte: 2²⁰ bytes. */
export const MIB = 1024 * KIB;

/** A gibibyte: 2³⁰ bytes. */
export const GIB = 1024 * MIB;

/** The sizes of page that seL4 maps on AArch64 and that Microkit's descriptions may name. */
export const SMALL_PAGE_BYTES = 4 * KIB;

/** A large page of AArch64 with the 4 KiB granule, and Microkit's: 2 MiB (Arm ARM DDI 0487 D8.2). */
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

const SIZE = /^(0x[0-9a-fA-F_]{1,20}|[0-9]{1,16}(?:\.[0-9]{1,6})?) *(KiB|MiB|GiB|K|M|G)?$/;
const UNIT_BYTES: Readonly<Record<string, number>> = { K: KIB, M: MIB, G: GIB };

/** `512 MiB`, `1G`, `0x2000_0000`: a positive number of bytes, or `undefined`. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim());
  if (match === null) return undefined;
  const bytes = Number((match[1] ?? '').replaceAll('_', '')) * (UNIT_BYTES[(match[2] ?? '').charAt(0)] ?? 1);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
