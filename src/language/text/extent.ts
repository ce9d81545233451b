/** How far what begins at a place goes: findings have a beginning, editors underline a stretch. */
import type { TextSpan } from './lines.ts';

/** A tag's name, in XML. */
const TAG = /<\/?[\w:.-]*/y;
/** What names are made of in descriptions, requests and device trees. */
const WORD = /[\w&/@.,+#*-]+/y;
const LENGTH_MAX = 500;

/**
 * From `start` to the end of the tag's name, of the value in quotes or of the word there; never beyond the line, never nothing: at a line's end
 * it is what ends the line.
 */
export function extentAt(text: string, start: number): TextSpan {
  const least = text.startsWith('\r\n', start) ? 2 : 1;
  return { start, end: Math.max(endAt(text, start), Math.min(start + least, text.length)) };
}

function endAt(text: string, start: number): number {
  const [before, first] = [text[start - 1] ?? '', text[start] ?? ''];
  if (isQuote(before) && first !== '\n' && first !== '\r') {
    const end = endOfValue(text, start, before);
    if (end !== undefined) return end;
  }
  if (isQuote(first)) {
    const end = endOfValue(text, start + 1, first);
    if (end !== undefined) return end + 1;
  }
  return matchEnd(TAG, text, start) ?? wordEnd(text, start);
}

const isQuote = (char: string): boolean => char === '"' || char === "'";

/** Where the quote is that ends a value; `undefined` where there is none on the line. */
function endOfValue(text: string, start: number, quote: string): number | undefined {
  const end = text.indexOf(quote, start);
  if (end < 0 || end - start > LENGTH_MAX) return undefined;
  return /[\r\n]/.test(text.slice(start, end)) ? undefined : end;
}

/** A comma or a point at a word's end belongs to what follows. */
function wordEnd(text: string, start: number): number {
  const end = matchEnd(WORD, text, start) ?? start;
  let last = Math.min(end, start + LENGTH_MAX);
  while (last > start + 1 && /[,.]/.test(text[last - 1] ?? '')) last -= 1;
  return last;
}

function matchEnd(expression: RegExp, text: string, start: number): number | undefined {
  expression.lastIndex = start;
  const match = expression.exec(text);
  return match === null ? undefined : start + match[0].length;
}
