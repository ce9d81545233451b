/** A text after edits. */
import type { TextEdit } from '../../base/index.ts';
import { Lines } from './lines.ts';

/** The text with the edits made; of those that overlap the first is made, and others are left for another time. */
export function editedText(text: string, edits: readonly TextEdit[]): string {
  const lines = new Lines(text);
  const spans = edits
    .map(({ range, text: put }) => ({
      start: lines.offsetOf(range.start),
      end: lines.offsetOf(range.end),
      put,
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, put } of spans) {
    if (start < at) continue;
    parts.push(text.slice(at, start), put);
    at = Math.max(start, end);
  }
  return parts.join('') + text.slice(at);
}
