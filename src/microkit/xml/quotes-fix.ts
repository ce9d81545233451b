/** Quotes around a value that has none. */
import type { Fix } from '../../base/index.ts';
import type { XmlSource } from './source.ts';

/** Nothing for what may be a macro's name: its definition lacks the quotes then. */
export function quotesFix(source: XmlSource, value: string, offset: number): Fix | undefined {
  if (/^[A-Za-z_]\w*$/.test(value)) return undefined;
  const { file, line, column } = source.positionAt(offset);
  const end = source.positionAt(offset + value.length).column;
  if (line === undefined || column === undefined || end !== column + value.length) return undefined;
  const range = { start: { line, column }, end: { line, column: end } };
  return { title: `write "${value}"`, edits: [{ file, range, text: `"${value}"` }] };
}
