/** What stands at a place of a description, as far as it is written: which element, which of its attributes, which part of it. */
import { GRAMMAR, type GrammarName, grammarOf } from '../../microkit/index.ts';
import type { TextSpan } from '../text/lines.ts';
import type { ScannedAttribute, ScannedTag } from './scan.ts';

/** Where a cursor is. */
export type Cursor =
  /** Between tags: `parent` is the element that it stands in. */
  | { readonly kind: 'content'; readonly parent: ScannedTag | undefined }
  | { readonly kind: 'element'; readonly tag: ScannedTag; readonly span: TextSpan }
  | {
      readonly kind: 'attribute';
      readonly tag: ScannedTag;
      /** Absent where a new one may be written. */
      readonly attribute?: ScannedAttribute;
      readonly span: TextSpan;
    }
  | {
      readonly kind: 'value';
      readonly tag: ScannedTag;
      readonly attribute: ScannedAttribute;
      readonly span: TextSpan;
    };

const holds = ({ start, end }: TextSpan, offset: number): boolean => start <= offset && offset <= end;

/** What stands at an offset. */
export function cursorAt(tags: readonly ScannedTag[], offset: number): Cursor {
  const index = lastBefore(tags, offset);
  const tag = tags[index];
  if (tag === undefined) return { kind: 'content', parent: undefined };
  const { span, nameSpan, isWhole } = tag;
  const isInside = isWhole ? offset < span.end : offset <= span.end;
  if (!isInside) return { kind: 'content', parent: tag.kind === 'start' ? tag : tag.parent };
  if (offset <= nameSpan.end) return { kind: 'element', tag, span: nameSpan };
  for (const attribute of tag.attributes) {
    const { valueSpan } = attribute;
    if (holds(attribute.nameSpan, offset))
      return { kind: 'attribute', tag, attribute, span: attribute.nameSpan };
    if (valueSpan !== undefined && holds(valueSpan, offset))
      return { kind: 'value', tag, attribute, span: valueSpan };
  }
  return { kind: 'attribute', tag, span: { start: offset, end: offset } };
}

/** The last tag that begins before the offset. */
function lastBefore(tags: readonly ScannedTag[], offset: number): number {
  let [low, high] = [0, tags.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tags[middle]?.span.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * What the grammar calls an element, by what it stands in. In a file that is included somewhere the outermost elements are taken for
 * what their names say.
 */
export function grammarNameOf(tag: ScannedTag): GrammarName | undefined {
  const chain: ScannedTag[] = [];
  for (let each: ScannedTag | undefined = tag; each !== undefined; each = each.parent) chain.push(each);
  let name: GrammarName | undefined;
  for (const { name: element } of chain.reverse()) {
    const children: Readonly<Record<string, GrammarName>> | undefined =
      name === undefined ? undefined : grammarOf(name).children;
    if (children !== undefined && Object.hasOwn(children, element)) name = children[element];
    else if (name === undefined && Object.hasOwn(GRAMMAR, element)) name = element as GrammarName;
    else return undefined;
  }
  return name;
}
