/**
 * The ways of a diagram's edges: straight down past the boxes of a row, curved in the empty space between two rows. So no edge crosses a box.
 * Edges leave a box side by side, in the order of where they go.
 */
import type { Arrow, SizedBox, Tie } from './box-lines.ts';
import type { Change } from './facts.ts';

/** A place in a picture, in pixels from its left upper corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An edge with its way. */
export interface DiagramEdge {
  readonly kind: Tie['kind'];
  readonly from: string;
  readonly to: string;
  /** At the end that is told or called. */
  readonly arrow: Arrow;
  /** Where that end is, and whether the edge comes from above. */
  readonly head: Point & { readonly down: boolean };
  readonly change?: Change;
  /** In pairs from the top to the bottom: straight from the first to the second, curved from there to the next pair. */
  readonly points: readonly Point[];
}

/** Where an edge passes the boxes of a row. */
interface Bend {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

interface Unrouted {
  readonly tie: Tie;
  readonly upper: string;
  readonly lower: string;
  readonly bends: readonly Bend[];
}

type PlacedBox = SizedBox & Point;

export function routed(
  boxes: readonly PlacedBox[],
  edges: readonly Unrouted[],
  rowOf: (id: string) => { readonly bottom: number } | undefined,
): readonly DiagramEdge[] {
  const byId = new Map(boxes.map((box) => [box.id, box] as const));
  const centre = (id: string): number => {
    const box = byId.get(id);
    return box === undefined ? 0 : box.x + box.widthPx / 2;
  };
  const starts = ports(
    byId,
    edges,
    ({ upper }) => upper,
    ({ bends, lower }) => bends[0]?.x ?? centre(lower),
  );
  const ends = ports(
    byId,
    edges,
    ({ lower }) => lower,
    ({ bends, upper }) => bends.at(-1)?.x ?? centre(upper),
  );
  return edges.flatMap((edge): readonly DiagramEdge[] => {
    const { tie, upper, lower, bends } = edge;
    const [above, below] = [byId.get(upper), byId.get(lower)];
    if (above === undefined || below === undefined) return [];
    const [start, end] = [starts.get(edge) ?? 0, ends.get(edge) ?? 0];
    const bottom = above.y + above.heightPx;
    const points = [
      { x: start, y: bottom },
      { x: start, y: rowOf(upper)?.bottom ?? bottom },
      ...bends.flatMap(({ x, top, bottom }) => [
        { x, y: top },
        { x, y: bottom },
      ]),
      { x: end, y: below.y },
      { x: end, y: below.y },
    ];
    const down = tie.to === lower;
    return [
      {
        kind: tie.kind,
        from: tie.from,
        to: tie.to,
        arrow: tie.toTo,
        head: down ? { x: end, y: below.y, down } : { x: start, y: bottom, down },
        ...(tie.change === undefined ? {} : { change: tie.change }),
        points,
      },
    ];
  });
}

/** Where edges meet one side of their boxes: spread over it, in the order of where they come from or go to. */
function ports(
  boxes: ReadonlyMap<string, PlacedBox>,
  edges: readonly Unrouted[],
  boxOf: (edge: Unrouted) => string,
  towards: (edge: Unrouted) => number,
): ReadonlyMap<Unrouted, number> {
  const bySide = new Map<string, Unrouted[]>();
  for (const edge of edges) bySide.set(boxOf(edge), [...(bySide.get(boxOf(edge)) ?? []), edge]);
  const result = new Map<Unrouted, number>();
  for (const [id, side] of bySide) {
    const box = boxes.get(id);
    if (box === undefined) continue;
    const sorted = side
      .map((edge, index) => ({ edge, index, x: towards(edge) }))
      .sort((a, b) => a.x - b.x || a.index - b.index);
    for (const [index, { edge }] of sorted.entries())
      result.set(edge, box.x + (box.widthPx * (index + 1)) / (sorted.length + 1));
  }
  return result;
}
