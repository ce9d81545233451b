/**
 * Edits of what the user wrote, by offsets of the text that was read. Where the text is a macro's, or stands between two files, there is
 * none: an edit there would change other places too.
 */
import type { Fix, TextEdit } from '../../base/index.ts';
import type { XmlSource } from './source.ts';

/** An edit of what stands between two offsets; `undefined` where the user did not write it so, character for character. */
export function editBetween(
  source: XmlSource,
  start: number,
  end: number,
  text: string,
): TextEdit | undefined {
  // The character before is written, too: a macro's expansion is all at one place.
  const [before, from, to] = [source.positionAt(start - 1), source.positionAt(start), source.positionAt(end)];
  const { file, line, column } = from;
  if (line === undefined || column === undefined || to.column === undefined || before.column === undefined)
    return undefined;
  const isVerbatim =
    [before, to].every((place) => place.file === file && place.line === line) &&
    to.column - column === end - start &&
    column - before.column === 1;
  if (!isVerbatim) return undefined;
  const range = { start: { line, column }, end: { line, column: to.column } };
  return { file, range, text };
}

/** A fix of one edit, where there is one. */
export function oneEdit(title: string, edit: TextEdit | undefined): Fix | undefined {
  return edit === undefined ? undefined : { title, edits: [edit] };
}
