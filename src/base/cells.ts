/**
 * Typed arrays on one buffer, by a table of their kinds and lengths: each follows the one before it at the next address that its kind is
 * aligned to, as the arrays of a C struct do (AAPCS64 §5.9). So code that was compiled to C finds them where TypeScript does.
 */
import { alignUp } from './range.ts';

const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array } as const;

/** What cells there are: whole numbers without a sign, of 8, 16 or 32 bits. */
export type CellKind = keyof typeof KINDS;

/** By name: what each cell is, and how many there are. */
export type CellLayout = Readonly<Record<string, readonly [kind: CellKind, count: number]>>;

/** The arrays of a layout. */
export type Cells<Layout extends CellLayout> = {
  readonly [Name in keyof Layout]: InstanceType<(typeof KINDS)[Layout[Name][0]]>;
};

/** How many bytes a cell has. */
export function cellBytes(kind: CellKind): number {
  return KINDS[kind].BYTES_PER_ELEMENT;
}

/** How much memory a layout takes. */
export function layoutBytes(layout: CellLayout): number {
  let end = 0;
  let alignment = 1;
  for (const [kind, count] of Object.values(layout)) {
    end = alignUp(end, cellBytes(kind)) + count * cellBytes(kind);
    alignment = Math.max(alignment, cellBytes(kind));
  }
  return alignUp(end, alignment);
}

/** The arrays, on memory of their own or on what is given, from an aligned address on. */
export function cellsOf<const Layout extends CellLayout>(
  layout: Layout,
  memory: ArrayBuffer = new ArrayBuffer(layoutBytes(layout)),
  from = 0,
): Cells<Layout> {
  let end = from;
  const arrays = Object.entries(layout).map(([name, [kind, count]]) => {
    const start = alignUp(end, cellBytes(kind));
    end = start + count * cellBytes(kind);
    return [name, new KINDS[kind](memory, start, count)];
  });
  return Object.fromEntries(arrays) as Cells<Layout>;
}
