/** What all pictures have in common: how they are drawn, put together, and made a document. */
import { escapeXmlText } from '../microkit/index.ts';
import { PICTURE_CSS } from './palette.ts';
import { element, px } from './svg.ts';

/** A picture with its size: SVG elements from its left upper corner. */
export interface Drawing {
  readonly heading: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the element that holds it; its style sheet is for what is below such a class. */
  readonly className: string;
  readonly css: string;
  readonly content: string;
}

/** Around a picture. */
export const MARGIN_PX = 16;
/** What a picture's heading takes. */
export const HEADING_PX = 34;
const GAP_PX = 24;

/** A picture's heading, at its top. */
function headingSvg(heading: string): string {
  return element('text', { class: 'heading', x: MARGIN_PX, y: MARGIN_PX + 16 }, escapeXmlText(heading));
}

interface Sheet extends Pick<Drawing, 'heading' | 'widthPx' | 'heightPx'> {
  /** Those by which it differs from others. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Of a document of its own. */
  readonly css?: string;
}

/** Paper with something on it. */
function sheet({ heading, widthPx, heightPx, attributes, css }: Sheet, parts: readonly string[]): string {
  return element(
    'svg',
    {
      ...attributes,
      width: px(widthPx),
      height: px(heightPx),
      viewBox: `0 0 ${px(widthPx)} ${px(heightPx)}`,
      role: 'group',
      'aria-label': heading,
    },
    element('title', {}, escapeXmlText(heading)),
    ...(css === undefined ? [] : [element('style', {}, css)]),
    element('rect', { class: 'paper', width: '100%', height: '100%' }),
    ...parts,
  );
}

function pictureSheet(
  { heading, widthPx, heightPx, className, content }: Drawing,
  place: { readonly x?: number; readonly y?: number } = {},
): string {
  const attributes = { class: `picture ${className}`, ...place };
  return sheet({ heading, widthPx, heightPx, attributes }, [headingSvg(heading), content]);
}

/** The style sheet of several pictures, each once. */
export function drawingsCss(drawings: readonly Drawing[]): string {
  return [PICTURE_CSS, ...new Set(drawings.map(({ css }) => css))].join('');
}

/** A picture as a part of a page that has its style sheet. */
export function inlineSvg(drawing: Drawing): string {
  return pictureSheet(drawing);
}

/** Several pictures as one document: rows of such as stand beside each other. */
export function drawingsSvg(heading: string, rows: readonly (readonly Drawing[])[]): string {
  let y = 0;
  const parts: string[] = [];
  let widthPx = 0;
  for (const row of rows) {
    let x = 0;
    for (const drawing of row) {
      parts.push(pictureSheet(drawing, { x, y }));
      x += drawing.widthPx + GAP_PX;
    }
    widthPx = Math.max(widthPx, x - GAP_PX);
    y += Math.max(0, ...row.map(({ heightPx }) => heightPx)) + GAP_PX;
  }
  const heightPx = Math.max(0, y - GAP_PX);
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', class: 'picture' };
  const css = drawingsCss(rows.flat());
  return `${sheet({ heading, widthPx, heightPx, attributes, css }, parts)}\n`;
}
