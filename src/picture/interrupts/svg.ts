/** Interrupts as a picture: which ids of each domain are taken and by what, and where each interrupt goes. */
import { escapeXmlText } from '../../microkit/index.ts';
import { type Drawing, HEADING_PX, MARGIN_PX } from '../drawing.ts';
import { FONT_PX, LINE_PX } from '../palette.ts';
import { element, px } from '../svg.ts';
import { shortened, textWidthPx } from '../text-width.ts';
import type { IdGauge, InterruptTable, TakenId } from './table.ts';

const CELL_PX = 18;
const GAUGE_ROW_PX = 26;
const COLUMN_GAP_PX = 24;
const NAME_CHARACTERS = 64;

const CSS = [
  '.interrupts .cell{stroke:var(--rule);fill:var(--paper);stroke-width:.75}',
  '.interrupts .cell.interrupt{fill:var(--ink)}.interrupts .cell.channel{fill:var(--virtualiser-fill);stroke:var(--virtualiser-line);stroke-width:1.5}',
  '.interrupts .cell.port{fill:var(--region-fill);stroke:var(--region-line);stroke-dasharray:3 2}',
  '.interrupts .id{font-size:9px}.interrupts .id.interrupt{fill:var(--paper)}',
].join('');

const USES: readonly TakenId['use'][] = ['interrupt', 'channel', 'port'];

/** The gauges, and the table below them. */
export function interruptsDrawing(title: string, { rows, gauges }: InterruptTable): Drawing {
  const uses = USES.filter((use) => gauges.some(({ taken }) => taken.some((each) => each.use === use)));
  const names = gauges.map(({ domain }) => shortened(domain, NAME_CHARACTERS));
  const nameColumnPx = widest(names) + COLUMN_GAP_PX;
  const limit = Math.max(0, ...gauges.map((gauge) => gauge.limit));
  const legendTop = MARGIN_PX + HEADING_PX;
  const gaugeTop = legendTop + GAUGE_ROW_PX;
  const tableTop = gaugeTop + gauges.length * GAUGE_ROW_PX + 20;
  const columns = [
    ['interrupt', ...rows.map(({ name }) => name)],
    ['trigger', ...rows.map(({ trigger }) => trigger)],
    [
      'domain',
      ...rows.map(({ domain, guest }) =>
        shortened(guest === undefined ? domain : `${domain} (${guest})`, NAME_CHARACTERS),
      ),
    ],
    ['channel', ...rows.map(({ channel }) => String(channel))],
    ['devices', ...rows.map(({ devices }) => shortened(devices.join(', '), NAME_CHARACTERS))],
  ];
  let x = MARGIN_PX;
  // The gauges alone, where nobody asks for rows.
  const cells = (rows.length === 0 ? [] : columns).map((column) => {
    const left = x;
    x += widest(column) + COLUMN_GAP_PX;
    return column
      .map((text, row) => line(left, tableTop + (row + 1) * LINE_PX, text, row === 0 ? 'name' : 'plain'))
      .join('');
  });
  return {
    heading: title,
    widthPx: Math.max(x, MARGIN_PX * 2 + nameColumnPx + limit * CELL_PX + COLUMN_GAP_PX * 4),
    heightPx: tableTop + (rows.length + 1) * LINE_PX + MARGIN_PX,
    className: 'interrupts',
    css: CSS,
    content: [
      legend(uses, legendTop),
      ...gauges.map((gauge, index) =>
        gaugeSvg(gauge, names[index] ?? '', nameColumnPx, gaugeTop + index * GAUGE_ROW_PX),
      ),
      ...cells,
    ].join(''),
  };
}

const widest = (texts: readonly string[]): number =>
  Math.ceil(Math.max(0, ...texts.map((text) => textWidthPx(text, FONT_PX))));

function line(x: number, y: number, text: string, className: string): string {
  return element('text', { class: className, x: px(x), y: px(y) }, escapeXmlText(text));
}

const USE_TEXTS: Readonly<Record<TakenId['use'], string>> = {
  interrupt: 'interrupt',
  channel: 'channel',
  port: 'I/O ports',
};

function legend(uses: readonly TakenId['use'][], y: number): string {
  let x = MARGIN_PX;
  return uses
    .map((use) => {
      const left = x;
      x += CELL_PX + 6 + textWidthPx(USE_TEXTS[use], FONT_PX) + COLUMN_GAP_PX;
      return (
        element('rect', { class: `cell ${use}`, x: px(left), y, width: 14, height: 14 }) +
        line(left + CELL_PX + 2, y + 12, USE_TEXTS[use], 'plain')
      );
    })
    .join('');
}

/** A cell for each id, with its number. */
function gaugeSvg({ taken, limit, domain }: IdGauge, name: string, nameColumnPx: number, y: number): string {
  const byId = new Map(taken.map((each) => [each.id, each] as const));
  const left = MARGIN_PX + nameColumnPx;
  const cells = Array.from({ length: limit }, (_, id) => {
    const use = byId.get(id);
    const x = left + id * CELL_PX;
    const words = use === undefined ? `${id}: free` : `${id}: ${USE_TEXTS[use.use]}, ${use.what}`;
    return element(
      'g',
      {},
      element('title', {}, escapeXmlText(words)),
      element('rect', {
        class: `cell ${use?.use ?? ''}`,
        x: px(x),
        y,
        width: CELL_PX - 2,
        height: CELL_PX - 2,
      }),
      element(
        'text',
        { class: `id ${use?.use ?? ''}`, x: px(x + (CELL_PX - 2) / 2), y: y + 12, 'text-anchor': 'middle' },
        String(id),
      ),
    );
  });
  const count = `${byId.size} of ${limit}`;
  return element(
    'g',
    { 'data-gauge': domain },
    line(MARGIN_PX, y + 12, name, 'name'),
    ...cells,
    line(left + limit * CELL_PX + 8, y + 12, count, 'plain'),
  );
}
