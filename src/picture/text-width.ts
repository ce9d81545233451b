/**
 * How wide a text is at most, where nothing can be measured: the pictures are made without a browser, and shown with whatever fonts there
 * are. Advances are in ems, of the widest monospaced fonts in use (DejaVu Sans Mono and Menlo have 0.602, SF Mono 0.618).
 */
const MONOSPACED_EM = 0.62;
/** Han, kana, Hangul, full width forms and pictographs take two columns, and come from another font. */
const WIDE_EM = 1.35;
/** Whatever else is not Latin, Greek or Cyrillic comes from another font, too. */
const OTHER_EM = 1;
const LAST_COMMON = 0x52f;
/** Dashes, quotation marks, ellipsis, arrows, box drawing: monospaced fonts have them. */
const isCommonSign = (code: number): boolean =>
  (code >= 0x2010 && code <= 0x2027) ||
  (code >= 0x2190 && code <= 0x21ff) ||
  (code >= 0x2500 && code <= 0x25ff);
const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xd7ff) || code >= 0xf900;

/** The most pixels that a monospaced text takes at a size of font. */
export function textWidthPx(text: string, fontPx: number): number {
  let ems = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code <= LAST_COMMON || isCommonSign(code)) ems += MONOSPACED_EM;
    else ems += isWide(code) ? WIDE_EM : OTHER_EM;
  }
  return ems * fontPx;
}

/** A text of so many characters at most, cut in its middle: what tells names apart stands at both ends. */
export function shortened(text: string, characters: number): string {
  const chars = [...text];
  if (chars.length <= characters) return text;
  const head = Math.ceil((characters - 1) / 2);
  return `${chars.slice(0, head).join('')}…${chars.slice(chars.length - (characters - 1 - head)).join('')}`;
}
