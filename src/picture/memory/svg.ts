/**
 * Physical memory and guests' views of it as SVG. Each owner has a colour and is named at each strip, so that nothing is said by colour alone.
 */
import { type AddrRange, formatSize, rangeEnd } from '../../base/index.ts';
import { addressText, escapeXmlText } from '../../microkit/index.ts';
import { type Drawing, HEADING_PX, MARGIN_PX } from '../drawing.ts';
import { FONT_PX, LINE_PX, ownerClass } from '../palette.ts';
import { element, px } from '../svg.ts';
import { textWidthPx } from '../text-width.ts';
import type { GuestView, MemorySpan, PhysicalMemory } from './physical.ts';
import { type Placed, type Strip, stripsOf } from './strips.ts';

const ADDRESS_PX = 136;
const BOARD_PX = 56;
const REGION_PX = 170;
const CONTENT_PX = 56;
const NOTE_GAP_PX = 14;
/** Longer notes are cut, and whole where the reader points at them. */
const NOTE_CHARACTERS = 84;
const LEGEND_ROW_PX = 22;
const SWATCH_PX = 16;

const CSS = [
  '.memory .gap{fill:none;stroke:var(--rule);stroke-dasharray:2 3}.memory .span{stroke-width:1}.memory .devices{stroke-dasharray:none;stroke-width:2}',
  '.memory .hatch{fill:var(--ink);fill-opacity:.35}.memory .rule{stroke:var(--rule);stroke-width:.5}',
].join('');

/** Physical memory from the lowest address to the highest. */
export function memoryDrawing(title: string, memory: PhysicalMemory): Drawing {
  const items = memory.spans.map((span) => ({
    span,
    range: span.range,
    label: `${span.name}  ${kindText(span)}${formatSize(span.range.size)}`,
    notes: span.layer === 'content' ? [] : span.notes,
  }));
  const strips = stripsOf(items);
  const hasCoTenants = memory.spans.some(({ coTenantPages }) => coTenantPages.length > 0);
  const legend = [
    ...memory.owners.map((owner, index) => ({ className: ownerClass(index), text: owner })),
    ...(memory.spans.some(({ kind }) => KEPT.has(kind))
      ? [{ className: 'kept', text: 'kept by seL4 and Microkit, or reserved' }]
      : []),
    ...(hasCoTenants
      ? [{ className: 'co-tenants', text: 'devices that share a page: who has the one has the other' }]
      : []),
  ];
  const widthPx =
    MARGIN_PX * 2 +
    ADDRESS_PX +
    BOARD_PX +
    REGION_PX +
    CONTENT_PX +
    NOTE_GAP_PX +
    Math.ceil(NOTE_CHARACTERS * textWidthPx('x', FONT_PX));
  const rows = legendRows(legend, widthPx - 2 * MARGIN_PX);
  const top = MARGIN_PX + HEADING_PX + rows.heightPx + 12;
  const mapPx = strips.reduce((sum, { heightPx }) => sum + heightPx, 0);
  const restTop = top + mapPx + 28;
  const { elsewhere } = memory;
  const restPx = elsewhere.length === 0 ? 0 : (elsewhere.length + 1) * LINE_PX;
  const left = MARGIN_PX + ADDRESS_PX;
  return {
    heading: title,
    widthPx,
    heightPx: restTop + restPx + MARGIN_PX,
    className: 'memory',
    css: CSS,
    content: [
      HATCH,
      rows.svg,
      ...frame(strips, top, left, BOARD_PX + REGION_PX + CONTENT_PX),
      ...items.map(({ span, label, notes }) =>
        spanSvg(span, [label, ...notes], memory, extentOf(strips, span.range, top), left),
      ),
      ...notesSvg(strips, top, left + BOARD_PX + REGION_PX + CONTENT_PX + NOTE_GAP_PX),
      ...(elsewhere.length === 0 ? [] : [text(MARGIN_PX, restTop + 12, 'Where Microkit finds room', 'name')]),
      ...elsewhere.map(({ name, sizeBytes, owners }, index) =>
        text(
          MARGIN_PX,
          restTop + 12 + (index + 1) * LINE_PX,
          `${name}  ${sizeBytes === undefined ? '' : formatSize(sizeBytes)}  ${owners.join(', ') || 'unclaimed'}`,
          'note',
        ),
      ),
    ].join(''),
  };
}

/** What a guest sees: its own addresses, and where they lead. */
export function guestViewDrawing(view: GuestView, memory: PhysicalMemory): Drawing {
  const { guest, monitor, maps, contents } = view;
  const own = ownerClass(memory.owners.indexOf(guest));
  const items = [
    ...maps.map((map) => ({
      className: map.isRam ? own : `${own} devices`,
      x: 0,
      widthPx: REGION_PX,
      range: map.ipa,
      label: `${map.region}  ${map.isRam ? 'RAM, ' : ''}${formatSize(map.ipa.size)}, ${map.perms}${map.cached ? '' : ', uncached'}`,
      notes: [
        map.physicalBase === undefined
          ? 'wherever Microkit finds room'
          : map.physicalBase === map.ipa.base
            ? 'at the same physical address'
            : `at physical ${addressText(map.physicalBase, 8)}`,
        ...(map.devices.length === 0 ? [] : [shortList(map.devices)]),
      ],
    })),
    ...contents.map(({ what, ipa }) => ({
      className: own,
      x: REGION_PX,
      widthPx: CONTENT_PX,
      range: ipa,
      label: `${what}  ${formatSize(ipa.size)}`,
      notes: [],
    })),
  ];
  const strips = stripsOf(items);
  const top = MARGIN_PX + HEADING_PX + 12;
  const left = MARGIN_PX + ADDRESS_PX;
  const mapPx = strips.reduce((sum, { heightPx }) => sum + heightPx, 0);
  const notePx = Math.ceil(GUEST_NOTE_CHARACTERS * textWidthPx('x', FONT_PX));
  return {
    heading: `What ${guest} sees (guest of ${monitor})`,
    widthPx: left + REGION_PX + CONTENT_PX + NOTE_GAP_PX + notePx + MARGIN_PX,
    heightPx: top + mapPx + MARGIN_PX + LINE_PX,
    className: 'memory',
    css: CSS,
    content: [
      ...frame(strips, top, left, REGION_PX + CONTENT_PX),
      ...items.map(({ className, x, widthPx, range, label, notes }) => {
        const { y, heightPx } = extentOf(strips, range, top);
        return element(
          'g',
          {},
          element('title', {}, escapeXmlText([label, ...notes].join('\n'))),
          element('rect', {
            class: `span ${className}`,
            x: left + x,
            y: px(y),
            width: widthPx,
            height: px(heightPx),
          }),
        );
      }),
      ...notesSvg(strips, top, left + REGION_PX + CONTENT_PX + NOTE_GAP_PX, GUEST_NOTE_CHARACTERS),
    ].join(''),
  };
}

const GUEST_NOTE_CHARACTERS = 60;
const DEVICES_SHOWN = 3;

function shortList(names: readonly string[]): string {
  const rest = names.length - DEVICES_SHOWN;
  return `${names.slice(0, DEVICES_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Everything that no region can have. */
const KEPT: ReadonlySet<MemorySpan['kind']> = new Set<MemorySpan['kind']>([
  'reserved',
  'kernel',
  'frame',
  'initial-task',
  'root-objects',
  'loader',
]);

function kindText({ kind, isRam }: MemorySpan): string {
  if (kind === 'region') return isRam ? 'RAM, ' : 'devices, ';
  return '';
}

const HATCH = element(
  'defs',
  {},
  element(
    'pattern',
    { id: 'co-tenants', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    element('rect', { class: 'hatch', width: 2, height: 6 }),
  ),
);

/** From where to where a range goes in the picture; its ends are ends of strips. */
function extentOf(
  strips: readonly Strip<Placed>[],
  range: AddrRange,
  top: number,
): { readonly y: number; readonly heightPx: number } {
  const first = strips.find((strip) => strip.range.base === range.base);
  const last = strips.find((strip) => rangeEnd(strip.range) === rangeEnd(range));
  if (first === undefined || last === undefined) return { y: top, heightPx: 0 };
  return { y: top + first.top, heightPx: last.top + last.heightPx - first.top };
}

/** Addresses at the left, and the gaps. */
function frame(
  strips: readonly Strip<Placed>[],
  top: number,
  left: number,
  widthPx: number,
): readonly string[] {
  const digits = Math.max(8, ...strips.map(({ range }) => rangeEnd(range).toString(16).length));
  const last = strips.at(-1);
  const address = (value: number, y: number) =>
    element(
      'text',
      { class: 'note', x: left - 8, y: px(y + 4), 'text-anchor': 'end' },
      addressText(value, digits),
    );
  return [
    ...strips.flatMap(({ range, items, top: y, heightPx }) => [
      ...(items.length > 0
        ? []
        : [element('rect', { class: 'gap', x: left, y: px(top + y), width: widthPx, height: px(heightPx) })]),
      address(range.base, top + y),
    ]),
    ...(last === undefined ? [] : [address(rangeEnd(last.range), top + last.top + last.heightPx)]),
  ];
}

/** What begins at a strip is named beside its top. */
function notesSvg(
  strips: readonly Strip<Placed>[],
  top: number,
  x: number,
  characters = NOTE_CHARACTERS,
): readonly string[] {
  return strips.flatMap(({ begins, items, range, top: y }) => {
    if (items.length === 0) return [text(x, top + y + 14, formatSize(range.size), 'note')];
    let line = 0;
    const at = () => top + y + 12 + line++ * LINE_PX;
    return begins.flatMap(({ label, notes }) => [
      text(x, at(), label, 'name', characters),
      ...notes.map((note) => text(x, at(), note, 'note', characters)),
    ]);
  });
}

function spanSvg(
  span: MemorySpan,
  said: readonly string[],
  memory: PhysicalMemory,
  { y, heightPx }: { readonly y: number; readonly heightPx: number },
  left: number,
): string {
  const { layer, kind, name, owners, coTenantPages, isRam } = span;
  const place = { y: px(y), height: px(heightPx) };
  const title = element('title', {}, escapeXmlText(said.join('\n')));
  if (layer === 'board') {
    const isKept = KEPT.has(kind);
    const inset = isKept ? 8 : 0;
    const rect = {
      class: `span ${isKept ? 'kept' : 'ram'}`,
      x: left + inset,
      width: BOARD_PX - inset,
      ...place,
    };
    return element('g', { 'data-span': name }, title, element('rect', rect));
  }
  if (layer === 'content') {
    const rect = {
      class: `span ${ownerClass(memory.owners.indexOf(owners[0] ?? ''))}`,
      x: left + BOARD_PX + REGION_PX,
      width: CONTENT_PX,
      ...place,
    };
    return element('g', { 'data-span': name }, title, element('rect', rect));
  }
  const shares = owners.length === 0 ? [''] : owners;
  const sharePx = REGION_PX / shares.length;
  const x = left + BOARD_PX;
  return element(
    'g',
    { 'data-region': name },
    title,
    ...shares.map((owner, index) =>
      element('rect', {
        class: `span ${ownerClass(memory.owners.indexOf(owner))}${isRam ? '' : ' devices'}`,
        x: px(x + index * sharePx),
        width: px(sharePx),
        ...place,
      }),
    ),
    ...(coTenantPages.length > 0
      ? [element('rect', { fill: 'url(#co-tenants)', x, width: REGION_PX, ...place })]
      : []),
  );
}

function text(
  x: number,
  y: number,
  content: string,
  className: string,
  characters = NOTE_CHARACTERS,
): string {
  const chars = [...content];
  const shown = chars.length > characters ? `${chars.slice(0, characters - 1).join('')}…` : content;
  return element(
    'text',
    { x: px(x), y: px(y), class: className, 'xml:space': 'preserve' },
    escapeXmlText(shown),
  );
}

function legendRows(
  items: readonly { readonly className: string; readonly text: string }[],
  widthPx: number,
): { readonly svg: string; readonly heightPx: number } {
  const parts: string[] = [];
  let [left, row] = [0, 0];
  for (const { className, text: said } of items) {
    const itemPx = SWATCH_PX + 6 + textWidthPx(said, FONT_PX) + 24;
    if (left > 0 && left + itemPx > widthPx) [left, row] = [0, row + 1];
    const [x, y] = [MARGIN_PX + left, MARGIN_PX + HEADING_PX + row * LEGEND_ROW_PX];
    const fill =
      className === 'co-tenants'
        ? { fill: 'url(#co-tenants)', class: 'rule' }
        : { class: `span ${className}` };
    parts.push(
      element('rect', { ...fill, x: px(x), y, width: SWATCH_PX, height: SWATCH_PX }) +
        text(x + SWATCH_PX + 6, y + 12, said, 'plain'),
    );
    left += itemPx;
  }
  return { svg: parts.join(''), heightPx: (row + 1) * LEGEND_ROW_PX };
}
