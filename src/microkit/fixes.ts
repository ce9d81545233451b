/** Edits of a description's text that do away with a finding. */
import type { Fix } from '../base/index.ts';
import { editBetween, oneEdit, type XmlAttribute, type XmlElement, type XmlSource } from './xml/index.ts';

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
