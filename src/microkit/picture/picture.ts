/**
 * A description's memory map as an SVG document, and with everything else that `explain` says as a page of HTML: files that go into
 * a review. Each owner has a colour of its own (Okabe and Ito's, which most people can tell apart) and is named at each strip, so
 * that nothing is said by colour alone; light and dark follow the reader's.
 */
import { formatSize, rangeEnd } from '../../base/index.ts';
import type { Authority } from '../authority/authority.ts';
import { explainAuthority } from '../authority/explain.ts';
import { addressText, digitsOf } from '../authority/places.ts';
import { LINE_PX, type MapStrip, physicalMapOf } from './memory-map.ts';
import { element, escaped } from './svg.ts';

const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'];
const MARGIN = 16;
const TITLE_PX = 40;
const LEGEND_PX = 22;
const ADDRESS_PX = 176;
const BAR_PX = 200;
const NOTE_GAP = 14;
/** Wide enough for a line of notes; longer ones are cut, and whole in the strip's title. */
const NOTE_CHARACTERS = 92;
const CHARACTER_PX = 6.7;
const WIDTH = MARGIN * 2 + ADDRESS_PX + BAR_PX + NOTE_GAP + Math.ceil(NOTE_CHARACTERS * CHARACTER_PX);

const STYLE = `
  text { font: 11px ui-monospace, monospace; fill: #1a1a1a }
  .title { font: bold 16px system-ui, sans-serif } .name { font-weight: bold }
  .note { fill: #444 } .paper { fill: #fff } .gap { fill: none; stroke: #999; stroke-dasharray: 2 3 } .edge { stroke: #444; fill: none }
  @media (prefers-color-scheme: dark) { text { fill: #eee } .note { fill: #bbb } .paper { fill: #181818 } .edge { stroke: #aaa } }`;

/** The memory map as an SVG document of its own. */
export function memoryMapSvg(title: string, authority: Authority): string {
  const map = physicalMapOf(authority);
  const owners = [
    ...new Set(authority.regions.flatMap(({ rights }) => rights.map(({ owner }) => owner.name))),
  ];
  const colourOf = (owner: string): string => COLOURS[owners.indexOf(owner) % COLOURS.length] ?? '#999';
  const hasCoTenants = map.strips.some((strip) => strip.hasCoTenants);
  const mapTop = MARGIN + TITLE_PX + (owners.length + (hasCoTenants ? 1 : 0)) * LEGEND_PX + 8;
  const restTop = mapTop + map.height + 28;
  const height = restTop + (map.elsewhere.length === 0 ? 0 : (map.elsewhere.length + 1) * LINE_PX) + MARGIN;
  const digits = Math.max(8, digitsOf(map.strips));
  const last = map.strips.at(-1);
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-label': `Physical memory of ${title}`,
    },
    element('title', {}, escaped(`Physical memory of ${title}`)),
    element('style', {}, STYLE),
    element(
      'defs',
      {},
      element(
        'pattern',
        {
          id: 'co-tenants',
          width: 6,
          height: 6,
          patternUnits: 'userSpaceOnUse',
          patternTransform: 'rotate(45)',
        },
        element('rect', { width: 2, height: 6, fill: '#000', 'fill-opacity': 0.35 }),
      ),
    ),
    element('rect', { class: 'paper', width: '100%', height: '100%' }),
    text(MARGIN, MARGIN + 18, `Physical memory of ${title}`, 'title'),
    ...owners.map((owner, index) => legend(owner, colourOf(owner), MARGIN + TITLE_PX + index * LEGEND_PX)),
    ...(hasCoTenants
      ? [legend(CO_TENANTS, 'url(#co-tenants)', MARGIN + TITLE_PX + owners.length * LEGEND_PX)]
      : []),
    ...map.strips.map((strip) => stripSvg(strip, mapTop, digits, colourOf)),
    ...(last === undefined ? [] : [address(rangeEnd(last.range), mapTop + map.height, digits)]),
    ...(map.elsewhere.length === 0 ? [] : [text(MARGIN, restTop + 12, 'Where Microkit puts them', 'name')]),
    ...map.elsewhere.map(({ region, sizeBytes, owners: whose }, index) =>
      text(
        MARGIN,
        restTop + 12 + (index + 1) * LINE_PX,
        `${region}  ${sizeBytes === undefined ? '' : formatSize(sizeBytes)}  ${whose.join(', ') || 'unclaimed'}`,
        'note',
      ),
    ),
  )}\n`;
}

const CO_TENANTS = 'devices that share a page: who has the one has the other';

function legend(owner: string, colour: string, top: number): string {
  return (
    element('rect', { class: 'edge', x: MARGIN, y: top, width: 14, height: 14, style: `fill: ${colour}` }) +
    text(MARGIN + 22, top + 11, owner, 'name')
  );
}

function address(value: number, y: number, digits: number): string {
  return text(MARGIN + ADDRESS_PX - 12, y + 4, addressText(value, digits), 'note', 'end');
}

function stripSvg(
  strip: MapStrip,
  mapTop: number,
  digits: number,
  colourOf: (owner: string) => string,
): string {
  const { range, kind, region, owners, notes, height, hasCoTenants } = strip;
  const [x, y] = [MARGIN + ADDRESS_PX, mapTop + strip.top];
  const bar = { x, y, width: BAR_PX, height };
  const whole = `${region ?? 'nobody'}: ${addressText(range.base, digits)}–${addressText(rangeEnd(range), digits)}, ${formatSize(range.size)}\n${notes.join('\n')}`;
  const noteX = x + BAR_PX + NOTE_GAP;
  if (kind === 'gap') {
    return element(
      'g',
      {},
      element('title', {}, escaped(whole)),
      element('rect', { class: 'gap', ...bar }),
      address(range.base, y, digits),
      text(noteX, y + 14, notes.join(' '), 'note'),
    );
  }
  // Who shares a region shares its strip.
  const share = BAR_PX / Math.max(1, owners.length);
  const parts = owners.map((owner, index) =>
    element('rect', {
      x: x + index * share,
      y,
      width: share,
      height,
      fill: colourOf(owner),
      'fill-opacity': kind === 'ram' ? 0.75 : 0.4,
    }),
  );
  return element(
    'g',
    {},
    element('title', {}, escaped(whole)),
    ...parts,
    ...(hasCoTenants ? [element('rect', { ...bar, fill: 'url(#co-tenants)' })] : []),
    element('rect', { class: 'edge', ...bar }),
    address(range.base, y, digits),
    text(
      noteX,
      y + 12,
      `${region ?? ''}  ${kind === 'ram' ? 'RAM' : 'devices'}, ${formatSize(range.size)}`,
      'name',
    ),
    ...notes.map((note, index) => text(noteX, y + 12 + (index + 1) * LINE_PX, note, 'note')),
  );
}

function text(x: number, y: number, content: string, className: string, anchor?: 'end'): string {
  const shown = content.length > NOTE_CHARACTERS ? `${content.slice(0, NOTE_CHARACTERS - 1)}…` : content;
  return element('text', { x, y, class: className, 'text-anchor': anchor }, escaped(shown));
}

/** The map and what `explain` says, as one HTML document without scripts or anything from elsewhere. */
export function explanationPage(title: string, authority: Authority): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 14px system-ui, sans-serif; margin: 1rem auto; max-width: ${WIDTH}px; padding: 0 1rem }
  pre { font: 12px/1.4 ui-monospace, monospace; overflow-x: auto } figure { margin: 0; overflow-x: auto }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<figure>
${memoryMapSvg(title, authority).trimEnd()}
</figure>
<h2>Who may do what</h2>
<pre>${escaped(explainAuthority(authority))}</pre>
</body>
</html>
`;
}
