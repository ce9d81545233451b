/** A system's diagram as SVG: lanes by priority, boxes, links and a legend. Text is text, so that it can be found, copied and read aloud. */
import { escapeXmlText } from '../../microkit/index.ts';
import { type Drawing, HEADING_PX, MARGIN_PX } from '../drawing.ts';
import { FONT_PX, LINE_PX } from '../palette.ts';
import { element, px } from '../svg.ts';
import { textWidthPx } from '../text-width.ts';
import { type BoxLine, GAUGE_PX, PADDING_PX } from './box-lines.ts';
import type { DiagramBox, DiagramLane, SystemDiagram } from './layout.ts';
import type { DiagramEdge } from './routes.ts';

const LANE_LABEL_PX = 120;
const SMALLEST_WIDTH_PX = 900;
const ARROW_PX = 9;
const LEGEND_ROW_PX = 22;
const SWATCH_PX = 16;

const CSS = [
  '.system .lane{fill:var(--band)}',
  '.system .box{stroke-width:1.5}.system .guest{stroke-width:3}.system .region,.system .unclaimed{stroke-dasharray:5 3}',
  '.system .link{fill:var(--paper);stroke:var(--rule);stroke-width:.75}',
  '.system .edge{fill:none;stroke:var(--ink);stroke-width:1.2}.system .edge-region{stroke-dasharray:5 3}.system .edge-guest{stroke-width:3}',
  '.system .called{fill:var(--ink);stroke:var(--ink)}.system .notified{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}',
  '.system .gauge{fill:var(--paper);stroke:var(--ink);stroke-width:.75}.system .gauge-used{fill:var(--ink)}',
  '.system .box.added{fill:var(--added-fill);stroke:var(--added-line);stroke-width:3}',
  '.system .box.removed{fill:var(--removed-fill);stroke:var(--removed-line);stroke-dasharray:2 3}.system .text-removed{text-decoration:line-through}',
  '.system .box.changed{fill:var(--changed-fill);stroke:var(--changed-line)}',
  '.system .edge.added{stroke:var(--added-line);stroke-width:2.5}.system .edge.removed{stroke:var(--removed-line);stroke-dasharray:2 3}',
].join('');

/** The diagram as it is drawn: its legend at the top, a lane for each priority, guests below. */
export function systemDrawing(title: string, diagram: SystemDiagram): Drawing {
  const hasChanges = diagram.boxes.some(({ change, lines }) => change ?? lines.some((line) => line.change));
  const widthPx = Math.max(SMALLEST_WIDTH_PX, diagram.widthPx + LANE_LABEL_PX) + 2 * MARGIN_PX;
  const legendTop = MARGIN_PX + HEADING_PX;
  const legend = legendSvg(legendItems(diagram, hasChanges), MARGIN_PX, legendTop, widthPx - 2 * MARGIN_PX);
  const top = legendTop + legend.heightPx + 24;
  return {
    heading: title,
    widthPx,
    heightPx: top + diagram.heightPx + MARGIN_PX,
    className: 'system',
    css: CSS,
    content: [
      legend.svg,
      ...diagram.lanes.map((lane) => laneSvg(lane, top, widthPx)),
      element(
        'g',
        { transform: `translate(${MARGIN_PX + LANE_LABEL_PX} ${px(top)})` },
        ...diagram.edges.map(edgeSvg),
        ...diagram.boxes.map(boxSvg),
        ...diagram.edges.map(arrowSvg),
      ),
    ].join(''),
  };
}

function laneSvg({ label, y, heightPx }: DiagramLane, top: number, widthPx: number): string {
  return (
    element('rect', { class: 'lane', x: 0, y: px(top + y), width: px(widthPx), height: px(heightPx) }) +
    element('text', { class: 'note', x: MARGIN_PX, y: px(top + y + 24) }, escapeXmlText(label))
  );
}

function boxSvg(box: DiagramBox): string {
  const { id, kind, change, x, y, widthPx, heightPx, lines, gauge, title } = box;
  const round = kind === 'guest' ? 12 : kind === 'region' ? 8 : 2;
  const classes = ['box', kind, ...(change === undefined ? [] : [change])].join(' ');
  return element(
    'g',
    { 'data-box': id },
    element('title', {}, escapeXmlText(title)),
    element('rect', {
      class: classes,
      x: px(x),
      y: px(y),
      width: px(widthPx),
      height: px(heightPx),
      rx: round,
    }),
    ...lines.map((line, index) => lineSvg(line, x + PADDING_PX, y + PADDING_PX + (index + 1) * LINE_PX - 4)),
    ...(gauge === undefined
      ? []
      : [gaugeSvg(x + PADDING_PX, y + heightPx - PADDING_PX - GAUGE_PX, widthPx - 2 * PADDING_PX, gauge)]),
  );
}

function lineSvg({ text, style, part, change }: BoxLine, x: number, y: number): string {
  const classes = [style, ...(change === undefined ? [] : [`text-${change}`])].join(' ');
  return element(
    'text',
    {
      class: classes,
      x: px(x),
      y: px(y),
      'xml:space': 'preserve',
      ...(part === undefined ? {} : { [`data-${part.kind}`]: part.name }),
    },
    escapeXmlText(text),
  );
}

function gaugeSvg(
  x: number,
  y: number,
  widthPx: number,
  { used, limit }: { readonly used: number; readonly limit: number },
): string {
  const filled = widthPx * Math.min(1, used / limit);
  return (
    element('rect', { class: 'gauge', x: px(x), y: px(y), width: px(widthPx), height: GAUGE_PX }) +
    element('rect', { class: 'gauge-used', x: px(x), y: px(y), width: px(filled), height: GAUGE_PX })
  );
}

function edgeSvg({ kind, points, change }: DiagramEdge): string {
  const path = points.map(({ x, y }, index) => {
    if (index === 0) return `M${px(x)} ${px(y)}`;
    const before = points[index - 1];
    if (before === undefined || index % 2 === 1) return before?.y === y ? '' : `V${px(y)}`;
    const middle = (before.y + y) / 2;
    return before.x === x
      ? `V${px(y)}`
      : `C${px(before.x)} ${px(middle)} ${px(x)} ${px(middle)} ${px(x)} ${px(y)}`;
  });
  const classes = ['edge', `edge-${kind}`, ...(change === undefined ? [] : [change])].join(' ');
  return element('path', { class: classes, d: path.join('') });
}

function arrowSvg({ arrow, head }: DiagramEdge): string {
  if (arrow === 'none') return '';
  return triangle(arrow, head.x, head.y, head.down ? -1 : 1);
}

function triangle(className: string, x: number, y: number, direction: 1 | -1): string {
  const back = y + direction * ARROW_PX;
  const half = ARROW_PX / 2;
  return element('path', {
    class: className,
    d: `M${px(x)} ${px(y)}L${px(x - half)} ${px(back)}H${px(x + half)}Z`,
  });
}

interface LegendItem {
  readonly swatch: (x: number, y: number) => string;
  readonly text: string;
}

function legendItems({ boxes, edges }: SystemDiagram, hasChanges: boolean): readonly LegendItem[] {
  const kinds = new Set(boxes.map(({ kind }) => kind));
  const swatch =
    (className: string): LegendItem['swatch'] =>
    (x, y) =>
      element('rect', {
        class: `box ${className}`,
        x: px(x + 1),
        y: px(y + 1),
        width: SWATCH_PX - 2,
        height: SWATCH_PX - 2,
        rx: 2,
      });
  const arrow =
    (className: 'notified' | 'called'): LegendItem['swatch'] =>
    (x, y) =>
      element('path', { class: 'edge', d: `M${px(x + 8)} ${px(y)}V${px(y + 8)}` }) +
      triangle(className, x + 8, y + SWATCH_PX, -1);
  const gauge: LegendItem['swatch'] = (x, y) => gaugeSvg(x, y + 4, SWATCH_PX, { used: 1, limit: 3 });
  const words: Readonly<Record<string, string>> = {
    driver: 'drives a device',
    virtualiser: 'shares a device',
    monitor: 'monitor of a guest',
    domain: 'other domain',
    guest: 'virtual machine',
    region: 'memory that several have',
    unclaimed: 'memory that nobody maps',
  };
  const arrows = new Set(edges.map((edge) => edge.arrow));
  return [
    ...Object.entries(words).flatMap(([kind, text]) =>
      [...kinds].includes(kind as never) ? [{ swatch: swatch(kind), text }] : [],
    ),
    ...(arrows.has('notified') ? [{ swatch: arrow('notified'), text: 'may be notified' }] : []),
    ...(arrows.has('called') ? [{ swatch: arrow('called'), text: 'may be called' }] : []),
    ...(kinds.has('link')
      ? [
          {
            swatch: swatch('link'),
            text: 'channel: the upper end’s id and the lower one’s; memory that both have: the upper’s rights / the lower’s',
          },
        ]
      : []),
    { swatch: gauge, text: 'ids taken by interrupts and channels' },
    ...(hasChanges
      ? [
          { swatch: swatch('added'), text: '+ added' },
          { swatch: swatch('removed'), text: '− removed' },
          { swatch: swatch('changed'), text: '~ changed' },
        ]
      : []),
  ];
}

/** Items side by side as far as they fit. */
function legendSvg(
  items: readonly LegendItem[],
  x: number,
  y: number,
  widthPx: number,
): { readonly svg: string; readonly heightPx: number } {
  const parts: string[] = [];
  let [left, row] = [0, 0];
  for (const { swatch, text } of items) {
    const itemPx = SWATCH_PX + 6 + textWidthPx(text, FONT_PX) + 24;
    if (left > 0 && left + itemPx > widthPx) [left, row] = [0, row + 1];
    const top = y + row * LEGEND_ROW_PX;
    parts.push(
      swatch(x + left, top) +
        element('text', { x: px(x + left + SWATCH_PX + 6), y: px(top + 12) }, escapeXmlText(text)),
    );
    left += itemPx;
  }
  return { svg: element('g', { class: 'legend' }, ...parts), heightPx: (row + 1) * LEGEND_ROW_PX };
}
