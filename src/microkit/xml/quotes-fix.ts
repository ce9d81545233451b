/** Quotes around a value that has none. */
import type { Fix } from '../../base/index.ts';
import { editBetween, oneEdit } from './edit.ts';
import type { XmlSource } from './source.ts';

/** Nothing for what may be a macro's name: its definition lacks the quotes then. */
export function quotesFix(source: XmlSource, value: string, offset: number): Fix | undefined {
  if (/^[A-Za-z_]\w*$/.test(value)) return undefined;
  return oneEdit(`write "${value}"`, editBetween(source, offset, offset + value.length, `"${value}"`));
}
