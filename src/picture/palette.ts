/**
 * The colours of all pictures, for light paper, for dark screens and for printers: Okabe and Ito's hues, which most people can tell apart, as tints
 * behind text. Whatever a colour says is said in words or by a pattern, too.
 */

/** A tint behind text, and the line around it. */
interface Tint {
  readonly fill: string;
  readonly line: string;
}

const LIGHT = {
  paper: '#ffffff',
  ink: '#1a1a1a',
  faint: '#555555',
  rule: '#8a8a8a',
  band: '#f4f4f4',
} as const;

const DARK = {
  paper: '#161616',
  ink: '#f0f0f0',
  faint: '#b8b8b8',
  rule: '#8a8a8a',
  band: '#202020',
} as const;

/** By what a box of the system's diagram is, and by what became of it. */
const TINTS: Readonly<Record<string, readonly [light: Tint, dark: Tint]>> = {
  driver: [tint('#fbe6c4', '#9a6400'), tint('#463009', '#e69f00')],
  virtualiser: [tint('#d4eaf7', '#00568a'), tint('#0b3349', '#56b4e9')],
  monitor: [tint('#d3efe4', '#00664a'), tint('#063a2c', '#2fbf94')],
  guest: [tint('#f3dfeb', '#8d3f6c'), tint('#43203a', '#d98fb9')],
  domain: [tint('#ececec', '#555555'), tint('#303030', '#a0a0a0')],
  region: [tint('#fdf8d0', '#7a6f00'), tint('#3b3807', '#e0d53a')],
  kept: [tint('#d9d9d9', '#1a1a1a'), tint('#4a4a4a', '#f0f0f0')],
  ram: [tint('#f1f1f1', '#8a8a8a'), tint('#262626', '#8a8a8a')],
  unclaimed: [tint('#ffffff', '#8a8a8a'), tint('#161616', '#8a8a8a')],
  added: [tint('#d8f0d0', '#1d6b16'), tint('#123d0d', '#6fcf5f')],
  removed: [tint('#fbdcd4', '#a23a00'), tint('#4a1a08', '#f08a60')],
  changed: [tint('#fdf3b8', '#7a6f00'), tint('#3b3807', '#e0d53a')],
};

/** Of owners, in their order; after the last the first again, for names stand beside them. */
const OWNER_TINTS: readonly (readonly [light: Tint, dark: Tint])[] = [
  [tint('#a8d0ea', '#00568a'), tint('#0e4568', '#56b4e9')],
  [tint('#f7d28f', '#9a6400'), tint('#5c400a', '#e69f00')],
  [tint('#a5dcc8', '#00664a'), tint('#075240', '#2fbf94')],
  [tint('#e6bcd4', '#8d3f6c'), tint('#5c2c4f', '#d98fb9')],
  [tint('#f3b58f', '#a23a00'), tint('#632808', '#f08a60')],
  [tint('#efe88a', '#7a6f00'), tint('#4d490a', '#e0d53a')],
  [tint('#c9c4ea', '#463c96'), tint('#322b6b', '#a69ff0')],
];

/** The class of the owner that is so manieth. */
export function ownerClass(index: number): string {
  return index < 0 ? 'unclaimed' : `owner-${index % OWNER_TINTS.length}`;
}

const ALL_TINTS = {
  ...TINTS,
  ...Object.fromEntries(OWNER_TINTS.map((pair, index) => [`owner-${index}`, pair])),
};

function tint(fill: string, line: string): Tint {
  return { fill, line };
}

function variables(index: 0 | 1): string {
  const paper = index === 0 ? LIGHT : DARK;
  const own = Object.entries(paper).map(([name, colour]) => `--${name}:${colour}`);
  const tints = Object.entries(ALL_TINTS).map(
    ([name, pair]) => `--${name}-fill:${pair[index].fill};--${name}-line:${pair[index].line}`,
  );
  return [...own, ...tints].join(';');
}

/** The style sheet that every picture begins with: dark where the reader's screen is, light on paper. */
export const PICTURE_CSS = [
  `.picture{${variables(0)}}@media screen and (prefers-color-scheme:dark){.picture{${variables(1)}}}`,
  '.picture text{font:12px ui-monospace,monospace;fill:var(--ink)}',
  '.picture .heading{font:bold 16px ui-monospace,monospace}.picture .name{font-weight:bold}.picture .note{fill:var(--faint)}',
  '.picture .paper{fill:var(--paper)}',
  ...Object.keys(ALL_TINTS).map(
    (name) => `.picture .${name}{fill:var(--${name}-fill);stroke:var(--${name}-line)}`,
  ),
].join('');

/** Of the font of all pictures. */
export const FONT_PX = 12;
/** From one line of text to the next. */
export const LINE_PX = 16;
