/** What one node needs and who needs it, as a picture: users at the left, the node, what it needs at the right. The lists below say the same in words. */
import { Graph, layout } from '@dagrejs/dagre';
import { PICTURE_CSS } from '../../../../src/picture/palette.ts';
import { textWidthPx } from '../../../../src/picture/text-width.ts';
import { addressOf } from '../../session/navigation.ts';
import type { BoardNode } from '../../worker/board-picture.ts';

/** More are in the lists. */
const SHOWN = 14;
const FONT_PX = 12;
const BOX_PX = 22;

interface Placed {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

const nameOf = (path: string): string => (path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1));

export function NodeGraph({ node }: { readonly node: BoardNode }) {
  const [users, needs] = [node.neededBy.slice(0, SHOWN), node.needs.slice(0, SHOWN)];
  if (users.length + needs.length === 0) return undefined;
  const graph = new Graph<
    { width?: number; height?: number },
    Placed,
    { points: readonly { x: number; y: number }[] }
  >({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 8, ranksep: 70, marginx: 4, marginy: 4 } as never);
  const paths = [...new Set([node.path, ...users.map(({ path }) => path), ...needs.map(({ path }) => path)])];
  for (const path of paths)
    graph.setNode(path, {
      width: Math.ceil(textWidthPx(nameOf(path), FONT_PX)) + 14,
      height: BOX_PX,
      x: 0,
      y: 0,
    });
  for (const { path } of users) graph.setEdge(path, node.path, { points: [] }, `user ${path}`);
  for (const { path } of needs) graph.setEdge(node.path, path, { points: [] }, `need ${path}`);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const edges = graph
    .edges()
    .map((edge) => ({ name: `${edge.v} ${edge.w}`, points: graph.edge(edge).points }));
  return (
    <div class="graph">
      <style>{PICTURE_CSS}</style>
      <svg class="picture" width={width} height={height} aria-hidden="true">
        {edges.map(({ name, points }) => (
          <path
            key={name}
            class="edge"
            d={points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
          />
        ))}
        {paths.map((path) => {
          const { x, y, width: widthPx } = graph.node(path);
          const isOwn = path === node.path;
          return (
            <a key={path} href={addressOf('board', { node: path })} tabindex={-1}>
              <rect
                class={isOwn ? 'driver' : 'domain'}
                x={x - widthPx / 2}
                y={y - BOX_PX / 2}
                width={widthPx}
                height={BOX_PX}
                rx={3}
              />
              <text x={x - widthPx / 2 + 7} y={y + 4}>
                {nameOf(path)}
              </text>
            </a>
          );
        })}
      </svg>
    </div>
  );
}
