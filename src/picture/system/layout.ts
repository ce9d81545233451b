/**
 * The diagram as a plain value: boxes, edges and lanes at their coordinates. dagre orders the boxes of a row, so that few edges cross, and says
 * where they stand; the rows are ours (`rows.ts`), and so are the ways of edges (`routes.ts`).
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { SizedBox } from './box-lines.ts';
import { boxesOf } from './boxes.ts';
import type { SystemFacts } from './facts.ts';
import { type DiagramEdge, type Point, routed } from './routes.ts';
import { BOX_GAP_PX, type LaneRows, rowsOf } from './rows.ts';

/** A box at its place, by its left upper corner. */
export interface DiagramBox extends SizedBox, Point {}

/** The rows of one priority. */
export interface DiagramLane {
  readonly label: string;
  readonly y: number;
  readonly heightPx: number;
}

/** Boxes, edges and lanes, in pixels from the left upper corner. */
export interface SystemDiagram {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly boxes: readonly DiagramBox[];
  readonly edges: readonly DiagramEdge[];
  readonly lanes: readonly DiagramLane[];
}

/** Between two rows. */
const ROW_GAP_PX = 48;
const EDGE_GAP_PX = 14;
/** Above and below the boxes of a lane. */
const LANE_PADDING_PX = 10;
/** dagre draws no edge between neighbouring ranks; every second one is left empty. */
const RANK_STEP = 2;
/** Beyond so many, nothing is joined. */
const JOINED_BOXES_LIMIT = 300;
/** How much an edge should be short and straight. */
const WEIGHTS = { guest: 8, link: 3, region: 1 } as const;

/** dagre's labels: what it is told, and where it says that it lies. */
interface PlacedNode extends Point {
  readonly width: number;
  readonly height: number;
  readonly rank: number;
}
interface PlacedEdge {
  readonly weight: number;
  readonly points: readonly Point[];
}

/** Where everything of a system stands. */
export function systemDiagram(facts: SystemFacts): SystemDiagram {
  const parts = boxesOf(facts);
  const { ranks, lanes } = rowsOf(facts, parts);
  const boxes = parts.boxes.filter(({ id }) => ranks.has(id));
  const ties = [
    ...parts.ties,
    ...parts.links.flatMap((link) => link.ties),
    ...parts.shared.flatMap((region) => region.ties),
  ].filter(({ from, to }) => ranks.has(from) && ranks.has(to));
  const rankOf = (id: string): number => RANK_STEP * (ranks.get(id) ?? 0);
  // No system that Microkit's tool builds is so large (it takes 63 domains), and dagre's time grows with the square.
  if (boxes.length > JOINED_BOXES_LIMIT) return diagramOf(sideBySide(boxes, rankOf), [], lanes, rankOf);
  const graph = new Graph<object, PlacedNode, PlacedEdge>({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    rankalign: 'top',
    nodesep: BOX_GAP_PX,
    edgesep: EDGE_GAP_PX,
    ranksep: ROW_GAP_PX,
    ranker: 'none',
  });
  for (const { id, widthPx, heightPx } of boxes)
    graph.setNode(id, { width: widthPx, height: heightPx, rank: rankOf(id), x: 0, y: 0 });
  const edges = ties.map((tie, index) => {
    const [upper, lower] = rankOf(tie.from) <= rankOf(tie.to) ? [tie.from, tie.to] : [tie.to, tie.from];
    graph.setEdge(upper, lower, { weight: WEIGHTS[tie.kind], points: [] }, String(index));
    return { tie, upper, lower, name: String(index) };
  });
  layout(graph);
  const placed = boxes.map((box): DiagramBox => {
    const { x, y } = graph.node(box.id);
    return { ...box, x: Math.round(x - box.widthPx / 2), y: Math.round(y - box.heightPx / 2) };
  });
  const rows = rowExtents(placed, rankOf);
  const routes = routed(
    placed,
    edges.map(({ tie, upper, lower, name }) => ({
      tie,
      upper,
      lower,
      // The first and the last are dagre's own idea of where an edge meets a box; one in between stands for a rank.
      bends: graph
        .edge(upper, lower, name)
        .points.slice(1, -1)
        .flatMap(({ x }: Point, index: number) => {
          const row = rows.get(rankOf(upper) + 1 + index);
          return row === undefined ? [] : [{ x, ...row }];
        }),
    })),
    (id) => rows.get(rankOf(id)),
  );
  return diagramOf(placed, routes, lanes, rankOf);
}

function diagramOf(
  boxes: readonly DiagramBox[],
  edges: readonly DiagramEdge[],
  lanes: readonly LaneRows[],
  rankOf: (id: string) => number,
): SystemDiagram {
  const rows = rowExtents(boxes, rankOf);
  return {
    widthPx: Math.max(0, ...boxes.map(({ x, widthPx }) => x + widthPx)),
    heightPx: Math.max(0, ...boxes.map(({ y, heightPx }) => y + heightPx)) + LANE_PADDING_PX,
    boxes,
    edges,
    lanes: lanes.map(({ label, from, to }) => {
      const inside = Array.from({ length: to - from }, (_, index) =>
        rows.get(RANK_STEP * (from + index)),
      ).filter((row) => row !== undefined);
      const y = Math.min(...inside.map(({ top }) => top)) - LANE_PADDING_PX;
      const bottom = Math.max(...inside.map(({ bottom }) => bottom)) + LANE_PADDING_PX;
      return { label, y, heightPx: bottom - y };
    }),
  };
}

/** Rows of boxes that nothing joins. */
function sideBySide(boxes: readonly SizedBox[], rankOf: (id: string) => number): readonly DiagramBox[] {
  const rows = new Map<number, SizedBox[]>();
  for (const box of boxes) rows.set(rankOf(box.id), [...(rows.get(rankOf(box.id)) ?? []), box]);
  let y = 0;
  return [...rows]
    .sort(([a], [b]) => a - b)
    .flatMap(([, row]) => {
      const top = y;
      y += Math.max(...row.map(({ heightPx }) => heightPx)) + ROW_GAP_PX;
      let x = 0;
      return row.map((box): DiagramBox => {
        const left = x;
        x += box.widthPx + BOX_GAP_PX;
        return { ...box, x: left, y: top };
      });
    });
}

/** From the top of the highest box of a rank to the bottom of its lowest. */
interface RowExtent {
  readonly top: number;
  readonly bottom: number;
}

function rowExtents(
  boxes: readonly DiagramBox[],
  rankOf: (id: string) => number,
): ReadonlyMap<number, RowExtent> {
  const rows = new Map<number, RowExtent>();
  for (const { id, y, heightPx } of boxes) {
    const known = rows.get(rankOf(id)) ?? { top: y, bottom: y };
    rows.set(rankOf(id), { top: Math.min(known.top, y), bottom: Math.max(known.bottom, y + heightPx) });
  }
  return rows;
}
