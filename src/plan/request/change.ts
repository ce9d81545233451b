/** A finding's remedy made in a request's text: a few characters change, comments and layout stay as they are. */
import {
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { RequestChange } from '../../base/index.ts';

/** Some characters of a text and what stands there instead. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

type Mapping = YAMLMap<Node, Node>;

/** The changed text; `undefined` where the text has no place for the change, or says it already. */
export function applyRequestChange(text: string, change: RequestChange): string | undefined {
  const { contents, errors } = parseDocument(text);
  const owner = errors.length > 0 ? undefined : ownerIn(contents, change.guest);
  if (owner === undefined) return undefined;
  const splices = splicesFor(text, owner, change);
  if (splices.length === 0) return undefined;
  // From the end, so that the places before stay true.
  return splices
    .sort((one, other) => other.from - one.from)
    .reduce((all, { from, to, text: put }) => all.slice(0, from) + put + all.slice(to), text);
}

/** The mapping with a guest's keys; the whole request's where it names no guests. */
function ownerIn(root: Node | null, guest: string | undefined): Mapping | undefined {
  if (!isMap<Node, Node>(root)) return undefined;
  const guests = root.get('guests', true) as Node | undefined;
  if (guests === undefined) return root;
  if (!isSeq<Node>(guests)) return undefined;
  const maps = guests.items.filter((item): item is Mapping => isMap(item));
  return guest === undefined && maps.length === 1
    ? maps[0]
    : maps.find((map) => wordOf(pairAt(map, 'name')?.value) === guest);
}

function splicesFor(text: string, owner: Mapping, { key, add = [], remove, value }: RequestChange): Splice[] {
  if (value !== undefined) return setKey(text, owner, key, flowText(value));
  if (remove !== undefined) return removeFrom(text, owner, key, remove);
  if (key !== 'pass') return addTo(text, owner, key, add);
  // All that there is is given already, but for what another key keeps out.
  const pass = wordOf(pairAt(owner, 'pass')?.value);
  const isAll = pairAt(owner, 'pass') === undefined || pass === 'all';
  const back = removeFrom(text, owner, 'except', add);
  return isAll ? back : [...addTo(text, owner, key, add), ...back];
}

function pairAt(owner: Mapping, key: string): Pair<Node, Node> | undefined {
  return owner.items.find((item) => wordOf(item.key) === key);
}

function wordOf(node: Node | null | undefined): unknown {
  return isScalar(node) ? node.value : undefined;
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;
const endOf = (node: Node): number => node.range?.[1] ?? 0;

function setKey(text: string, owner: Mapping, key: string, put: string): Splice[] {
  const value = pairAt(owner, key)?.value;
  if (value !== undefined && value !== null) return [{ from: startOf(value), to: endOf(value), text: put }];
  const last = owner.items.at(-1);
  const [first] = owner.items;
  if (last === undefined || first === undefined) return [];
  const at = endOf(last.value ?? last.key);
  if (owner.flow === true) return [{ from: at, to: at, text: `, ${key}: ${put}` }];
  const line = lineEnd(text, at);
  return [{ from: line, to: line, text: `\n${indentAt(text, startOf(first.key))}${key}: ${put}` }];
}

function addTo(text: string, owner: Mapping, key: string, names: readonly string[]): Splice[] {
  const list = pairAt(owner, key)?.value;
  if (!isSeq<Node>(list) || list.items.length === 0)
    return names.length === 0 ? [] : setKey(text, owner, key, flowText(names));
  const missing = names.filter((name) => !list.items.some((item) => wordOf(item) === name));
  const last = list.items.at(-1);
  if (missing.length === 0 || last === undefined) return [];
  const at = endOf(last);
  const before = list.flow === true ? ', ' : `\n${dashOf(text, list)}`;
  return [{ from: at, to: at, text: missing.map((name) => `${before}${wordText(name)}`).join('') }];
}

function removeFrom(text: string, owner: Mapping, key: string, names: readonly string[]): Splice[] {
  const pair = pairAt(owner, key);
  const list = pair?.value;
  if (pair === undefined || !isSeq<Node>(list)) return [];
  const left = list.items.filter((item) => !names.includes(String(wordOf(item))));
  if (left.length === list.items.length) return [];
  const kept = left.map((item) => text.slice(startOf(item), endOf(item)));
  if (kept.length > 0 || owner.flow === true) {
    const put = list.flow === true ? `[${kept.join(', ')}]` : kept.join(`\n${dashOf(text, list)}`);
    const from = list.flow === true ? startOf(list) : startOf(list.items[0] as Node);
    return [{ from, to: endOf(list.flow === true ? list : (list.items.at(-1) as Node)), text: put }];
  }
  // A list of nothing would stay behind for ever.
  const from = text.lastIndexOf('\n', startOf(pair.key)) + 1;
  return [
    {
      from,
      to: Math.min(text.length, lineEnd(text, endOf(list) - (list.flow === true ? 0 : 1)) + 1),
      text: '',
    },
  ];
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** What stands before a key, with blanks for the dash of the list that it may begin an entry of. */
function indentAt(text: string, at: number): string {
  return ' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1));
}

/** The beginning of a block list's entry. */
function dashOf(text: string, list: YAMLSeq<Node>): string {
  const at = startOf(list.items[0] as Node);
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return line.replace(/[^\s-]/g, ' ');
}

const PLAIN_WORD = /^[A-Za-z/][\w@./+-]*$/;

function wordText(word: unknown): string {
  const text = String(word);
  const isPlain = PLAIN_WORD.test(text) || /^(?:0x[0-9a-f]+|\d+(?:\.\d+)? [KMG]iB|\d+)$/.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** On one line, as people write lists of devices. */
function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(wordText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return wordText(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${flowText(each)}`)
    .join(', ')} }`;
}
