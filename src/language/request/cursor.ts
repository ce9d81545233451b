/** What stands at a place of a YAML file: which key, which value, and what it stands in. */
import type { TextSpan } from '../text/lines.ts';
import type { YamlEntry, YamlPath } from './scan.ts';

/** Where a cursor is: at a key that is there or may be written, or at a value. */
export interface YamlCursor {
  readonly kind: 'key' | 'value';
  /** The mapping or list that it stands in. */
  readonly parent: YamlPath;
  /** The entry whose key or value it is. */
  readonly entry?: YamlEntry;
  /** What would be replaced. */
  readonly span: TextSpan;
}

const holds = ({ start, end }: TextSpan, offset: number): boolean => start <= offset && offset <= end;

/** What stands at an offset. */
export function yamlCursorAt(text: string, entries: readonly YamlEntry[], offset: number): YamlCursor {
  for (const entry of entries) {
    const { key, keySpan, valueSpan, parent } = entry;
    if (keySpan.start > offset) break;
    if (typeof key === 'string' && holds(keySpan, offset))
      return { kind: 'key', parent, entry, span: keySpan };
    if (!isOnLine(text, keySpan.end, offset)) continue;
    if (holds(valueSpan, offset)) return { kind: 'value', parent, entry, span: valueSpan };
    // Between a key and what follows it, where there is no value yet.
    if (entry.value === '' && keySpan.end < offset && offset < valueSpan.start)
      return { kind: 'value', parent, entry, span: { start: offset, end: offset } };
  }
  return newKeyAt(text, entries, offset);
}

function isOnLine(text: string, from: number, to: number): boolean {
  return !text.slice(from, to).includes('\n');
}

/** A key that is not there yet, or has no colon yet: what it stands in follows from its column. */
function newKeyAt(text: string, entries: readonly YamlEntry[], offset: number): YamlCursor {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const word = /[\w-]*$/.exec(text.slice(lineStart, offset))?.[0] ?? '';
  const start = offset - word.length;
  const before = entries.filter(({ keySpan }) => keySpan.start < start);
  const inFlow = flowParent(text, before.at(-1), start);
  const span = { start, end: offset };
  if (inFlow !== undefined) return { kind: 'key', parent: inFlow, span };
  const column = start - lineStart;
  for (const { column: other, parent, key } of [...before].reverse()) {
    if (other === undefined || other > column) continue;
    // A key in the column of a dash is a key beside the list.
    if (other === column && typeof key === 'string') return { kind: 'key', parent, span };
    if (other < column) return { kind: 'key', parent: [...parent, key], span };
  }
  return { kind: 'key', parent: [], span };
}

/** What a new key in braces stands in: `{ kind: net, |`. */
function flowParent(text: string, last: YamlEntry | undefined, offset: number): YamlPath | undefined {
  if (last === undefined) return undefined;
  const between = text.slice(Math.max(last.valueSpan.end, last.keySpan.end), offset);
  if (last.column === undefined) return /^["']?\s*,\s*$/.test(between) ? last.parent : undefined;
  return /\{\s*$/.test(between) || (last.value === '' && /\{\s*$/.test(text.slice(last.keySpan.end, offset)))
    ? [...last.parent, last.key]
    : undefined;
}
