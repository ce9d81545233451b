/** What is shown where something is pointed at: a few lines of Markdown, and what they are about. */
import type { TextRange } from '../base/index.ts';

/** What is shown about a stretch of text. */
export interface Hover {
  readonly markdown: string;
  readonly range: TextRange;
}

/** Names come from files that anybody may have written: nothing in them is taken for Markdown. */
export function code(text: string): string {
  const plain = text.replaceAll(/[\r\n]+/g, ' ');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${plain}\`` : `${fence} ${plain} ${fence}`;
}

const LINES_SHOWN = 12;

/** A list of which only the first lines are shown. */
export function bullets(lines: readonly string[]): readonly string[] {
  const shown = lines.length > LINES_SHOWN ? lines.slice(0, LINES_SHOWN - 1) : lines;
  const left = lines.length - shown.length;
  return [...shown.map((line) => `- ${line}`), ...(left === 0 ? [] : [`- … and ${left} more`])];
}

/** Paragraphs, those that are empty left out. */
export function paragraphs(...parts: readonly (string | readonly string[] | undefined)[]): string {
  return parts
    .map((part) => (typeof part === 'object' ? part.join('\n') : (part ?? '')))
    .filter((part) => part !== '')
    .join('\n\n');
}
