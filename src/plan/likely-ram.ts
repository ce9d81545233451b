/**
 * Where RAM probably is on a board whose tree leaves that to the firmware: for the line that a diagnostic proposes, never
 * for a plan.
 */
import { type AddrRange, alignDown, alignUp, GIB, MIB, mergeRanges, rangeEnd } from '../base/index.ts';
import { type Board, stringProperty } from '../devicetree/index.ts';
import { withoutAll } from './pages.ts';

export interface LikelyPlace {
  readonly base: number;
  /** What speaks for it. */
  readonly why: string;
}

/** RAM is searched so far above its likely start; guests see no more than 40 bits. */
const REACH_BYTES = 4 * GIB;
/** seL4 and its loader lie at the start of RAM. */
const BOTTOM_BYTES = 64 * MIB;
/** As low as it goes, for boards have less RAM than their largest relatives. */
const ALIGNMENT_BYTES = 64 * MIB;

/** A place for so much RAM, apart from devices and reserved memory. */
export function likelyPlace(
  board: Board,
  sizeBytes: number,
  taken: readonly AddrRange[],
): LikelyPlace | undefined {
  const { start, why } = likelyStart(board);
  const window = { base: start + BOTTOM_BYTES, size: REACH_BYTES };
  const place = withoutAll(window, mergeRanges(taken))
    .map((part) => ({ base: alignUp(part.base, ALIGNMENT_BYTES), end: rangeEnd(part) }))
    .find(({ base, end }) => base + sizeBytes <= end);
  return place === undefined ? undefined : { base: place.base, why };
}

/** Where RAM begins on chips whose trees say nothing at all, by a `compatible` of the root. */
const STARTS: Readonly<Record<string, { readonly start: number; readonly why: string }>> = {
  'fsl,imx93': { start: 0x8000_0000, why: "as the i.MX 93's memory map has it" },
};

function likelyStart(board: Board): { readonly start: number; readonly why: string } {
  const known = board.compatible.find((name) => Object.hasOwn(STARTS, name));
  if (known !== undefined) return STARTS[known] as (typeof STARTS)[string];
  for (const node of board.tree.root.children.values()) {
    const said = /^memory@([0-9a-f]{1,10})$/.exec(node.name)?.[1];
    if (said === undefined || stringProperty(node, 'device_type') !== 'memory') continue;
    return { start: Number.parseInt(said, 16), why: `the tree has an empty ${node.path}` };
  }
  const reserved = board.reserved.flatMap(({ regs, path }) =>
    regs.flatMap(({ cpu }) =>
      cpu === undefined || rangeEnd(cpu) > 2 ** 40 ? [] : [{ base: cpu.base, path }],
    ),
  );
  const [lowest] = reserved.sort((a, b) => a.base - b.base);
  if (lowest !== undefined) {
    return { start: alignDown(lowest.base, GIB), why: `${lowest.path} reserves some nearby` };
  }
  return { start: GIB, why: 'no device is there' };
}
