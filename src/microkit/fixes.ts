/**
 * Edits of a description's text that do away with a finding. Where the text is a macro's, or stands between two files, there is none: an
 * edit there would change other places too.
 */
import type { Fix, TextEdit } from '../base/index.ts';
import type { XmlAttribute, XmlElement, XmlSource } from './xml/index.ts';

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

const oneEdit = (title: string, edit: TextEdit | undefined): Fix | undefined =>
  edit === undefined ? undefined : { title, edits: [edit] };

/** Another value for an attribute that is there, or the attribute where it is not. */
export function attributeFix(
  source: XmlSource,
  element: XmlElement,
  name: string,
  value: string,
): Fix | undefined {
  const title = `write ${name}="${value}"`;
  const attribute = element.attributes.get(name);
  if (attribute !== undefined)
    return oneEdit(title, editBetween(source, attribute.valueOffset, attribute.valueEnd, value));
  const last = [...element.attributes.values()].at(-1);
  if (last === undefined) return undefined;
  const at = last.valueEnd + (/["']/.test(source.text[last.valueEnd] ?? '') ? 1 : 0);
  return oneEdit(title, editBetween(source, at, at, ` ${name}="${value}"`));
}

/** Another name for an attribute. */
export function nameFix(
  source: XmlSource,
  { name, nameOffset }: XmlAttribute,
  better: string,
): Fix | undefined {
  return oneEdit(`write ${better}`, editBetween(source, nameOffset, nameOffset + name.length, better));
}

/** Another name for an element that has no end tag; of others the end tag's place is not known. */
export function elementNameFix(source: XmlSource, element: XmlElement, better: string): Fix | undefined {
  const start = element.offset + 1;
  const end = start + element.name.length;
  if (!element.isEmptyTag || source.text.slice(start, end) !== element.name) return undefined;
  return oneEdit(`write <${better}>`, editBetween(source, start, end, better));
}
