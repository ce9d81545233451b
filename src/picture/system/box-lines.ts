/** What boxes of the diagram are made of: lines, measured. */
import { formatSize } from '../../base/index.ts';
import { FONT_PX, LINE_PX } from '../palette.ts';
import { shortened, textWidthPx } from '../text-width.ts';
import type { Change, RegionFact, SpaceKey } from './facts.ts';
import type { ROLE_KINDS } from './roles.ts';

/** What a box stands for; each has its colour. */
export type BoxKind = (typeof ROLE_KINDS)[number] | 'guest' | 'region' | 'unclaimed' | 'link';

/** A line of a box. */
export interface BoxLine {
  readonly text: string;
  readonly style: 'name' | 'role' | 'plain' | 'note';
  /** What of the description it stands for. */
  readonly part?: { readonly kind: 'region' | 'channel'; readonly name: string };
  readonly change?: Change;
}

/** A box that has no place yet. */
export interface SizedBox {
  readonly id: string;
  readonly kind: BoxKind;
  readonly change?: Change;
  readonly lines: readonly BoxLine[];
  /** Of ids for interrupts and channels. */
  readonly gauge?: { readonly used: number; readonly limit: number };
  /** What is told where the reader points at it. */
  readonly title: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Two boxes that belong together, the link's box between them where it has one. */
export interface Tie {
  readonly kind: 'link' | 'guest' | 'region';
  readonly from: string;
  readonly to: string;
  /** The arrowhead at its end: whether that is notified or called. */
  readonly toTo: Arrow;
  readonly change?: Change;
}

/** What may happen to the end of an edge: an arrowhead says so. */
export type Arrow = 'none' | 'notified' | 'called';

export const PADDING_PX = 8;
export const GAUGE_PX = 8;
/** Longer names than Microkit takes are cut. */
export const NAME_CHARACTERS = 64;

export const changeOf = ({ change }: { readonly change?: Change }): { readonly change?: Change } =>
  change === undefined ? {} : { change };

const CHANGE_SIGNS: Readonly<Record<Change, string>> = { added: '+ ', removed: '− ', changed: '~ ' };

/** Said in the text, too: a picture is printed, and not everybody sees colours. */
export const marked = (text: string, change: Change | undefined): string =>
  change === undefined ? text : `${CHANGE_SIGNS[change]}${text}`;

export function sized(box: Omit<SizedBox, 'widthPx' | 'heightPx'>): SizedBox {
  const widths = box.lines.map(({ text }) => textWidthPx(text, FONT_PX));
  return {
    ...box,
    widthPx: Math.ceil(Math.max(0, ...widths)) + 2 * PADDING_PX,
    heightPx: box.lines.length * LINE_PX + (box.gauge === undefined ? 0 : GAUGE_PX + 4) + 2 * PADDING_PX,
  };
}

export function nameLine(name: string, change: Change | undefined): BoxLine {
  return {
    text: marked(shortened(name, NAME_CHARACTERS), change),
    style: 'name',
    ...(change === undefined ? {} : { change }),
  };
}

export const plain = (text: string): BoxLine => ({ text: shortened(text, NAME_CHARACTERS), style: 'plain' });
export const note = (text: string): BoxLine => ({ text: shortened(text, NAME_CHARACTERS), style: 'note' });
export const wasLines = (was: readonly string[] = []): readonly BoxLine[] =>
  was.map((line) => note(`was: ${line}`));

export function regionLine(text: string, { name, change }: RegionFact): BoxLine {
  return {
    text,
    style: 'plain',
    part: { kind: 'region', name },
    ...(change === undefined ? {} : { change }),
  };
}

export function sizeText({ sizeBytes }: RegionFact): string {
  return sizeBytes === undefined ? '' : formatSize(sizeBytes);
}

export function rightText(right: RegionFact['rights'][number] | undefined): string {
  if (right === undefined) return '';
  return `${right.perms === '' ? 'nothing' : right.perms}${right.cached ? '' : ' uncached'}`;
}

export const nameOf = (key: SpaceKey): string => key.slice(key.indexOf(' ') + 1);
