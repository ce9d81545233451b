/** Reads a request file: YAML, through the shapes, to a complete {@link PlanRequest}. */
import {
  Composer,
  type CST,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
} from 'yaml';
import type { DiagnosticSink, SourcePosition } from '../../base/index.ts';
import { requestCodes as codes, type RequestReport } from './diagnostics.ts';
import { applyOverrides, type RequestOverrides } from './overrides.ts';
import { completeRequest, type PlanRequest, requestShape } from './request.ts';

const SIZE_LIMIT = 256 * 1024;
const DEPTH_LIMIT = 32;

/**
 * The request, or `undefined` where errors were reported. `file` is the name shown in diagnostics; `undefined` for a
 * request that no person wrote down, whose lines would mean nothing. What `overrides` say has no place in the file.
 */
export function readRequest(
  source: string,
  file: string | undefined,
  sink: DiagnosticSink,
  overrides: RequestOverrides = {},
): PlanRequest | undefined {
  const node = parse(source, file, sink, overrides);
  if (node === undefined) return undefined;
  const errorsBefore = sink.count('error');
  const report = reportTo(node.lines, file, sink);
  const read = requestShape.read(node.root, '', report);
  if (read !== undefined) checkAcrossKeys(node.root, report);
  if (read === undefined || sink.count('error') > errorsBefore) return undefined;
  const request = completeRequest(read);
  const placesOf = (list: string, index: number) => {
    const owner = ownerAt(node.root, list, index);
    const places = owner === undefined ? new Map() : selectorPlaces(owner, node.lines, file);
    return places.size === 0 ? {} : { places };
  };
  return {
    ...request,
    guests: request.guests.map((guest, index) => ({ ...guest, ...placesOf('guests', index) })),
    drivers: request.drivers.map((driver, index) => ({ ...driver, ...placesOf('drivers', index) })),
    disks: request.disks.map((disk, index) => ({ ...disk, ...placesOf('disks', index) })),
  };
}

/** The mapping that holds a guest's, a driver's or a disk's keys: its entry in the list, or the whole request. */
function ownerAt(root: Node, list: string, index: number): Node | undefined {
  if (!isMap<Node, Node>(root)) return undefined;
  const entries = root.get(list, true) as Node | undefined;
  if (entries === undefined && list === 'guests') return root;
  return isSeq<Node>(entries) ? entries.items[index] : undefined;
}

/** Where a guest, a driver or a disk names its devices; the first place where one is named twice. */
function selectorPlaces(
  owner: Node,
  lines: LineCounter,
  file: string | undefined,
): ReadonlyMap<string, SourcePosition> {
  const places = new Map<string, SourcePosition>();
  if (!isMap<Node, Node>(owner)) return places;
  for (const key of ['pass', 'except', 'stdout', 'device', 'serves']) {
    const value = owner.get(key, true) as Node | undefined;
    for (const item of isSeq<Node>(value) ? value.items : [value]) {
      const each = isMap<Node, Node>(item) ? (item.get('device', true) as Node | undefined) : item;
      if (!isScalar(each) || !isWritten(each) || places.has(String(each.value))) continue;
      const position = positionOf(lines, file, each.range[0]);
      if (position !== undefined) places.set(String(each.value), position);
    }
  }
  return places;
}

interface Parsed {
  readonly root: Node;
  readonly lines: LineCounter;
}

function parse(
  source: string,
  file: string | undefined,
  sink: DiagnosticSink,
  overrides: RequestOverrides,
): Parsed | undefined {
  const lines = new LineCounter();
  const refuse = (what: string, limit: string): undefined =>
    void sink.report(codes['too-big'].at(inFile(file), { what, limit }));
  if (source.length > SIZE_LIMIT) return refuse(`${source.length} characters`, `${SIZE_LIMIT}`);
  const tokens = [...new Parser(lines.addNewLine).parse(source)];
  if (tokensAreDeep(tokens)) return refuse(`more than ${DEPTH_LIMIT} levels of nesting`, `${DEPTH_LIMIT}`);
  const documents = [...new Composer().compose(tokens, true, source.length)];
  const document = documents[0];
  const at = (offset: number) => positionOf(lines, file, offset);
  const problems = documents.flatMap((each) => each.errors);
  for (const problem of problems) {
    const reason = (problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    sink.report(codes.syntax.at(at(problem.pos[0]), { reason }));
  }
  if (documents.length > 1) {
    const reason = 'a second document begins here';
    sink.report(codes.syntax.at(at(documents[1]?.range[0] ?? 0), { reason }));
    return undefined;
  }
  if (document === undefined || problems.length > 0) return undefined;
  applyOverrides(document, overrides);
  if (document.contents === null) {
    sink.report(codes.syntax.at(inFile(file), { reason: 'there is nothing in it' }));
    return undefined;
  }
  const aliases = [...nodesOf(document.contents)].filter(
    (node) => isAlias(node) || ((isScalar(node) || isCollection(node)) && node.anchor !== undefined),
  );
  for (const alias of aliases) sink.report(codes.alias.at(at(alias.range?.[0] ?? 0), undefined));
  return aliases.length > 0 ? undefined : { root: document.contents, lines };
}

/** Looked for before the document is composed, which recurses; does not recurse itself. */
function tokensAreDeep(tokens: readonly CST.Token[]): boolean {
  const pending: (readonly [CST.Token, number])[] = tokens.map((token) => [token, 0] as const);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [token, depth] = next;
    if (depth > DEPTH_LIMIT) return true;
    if (token.type === 'document' && token.value !== undefined) pending.push([token.value, depth]);
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key !== undefined && item.key !== null) pending.push([item.key, depth + 1]);
      if (item.value !== undefined) pending.push([item.value, depth + 1]);
    }
  }
  return false;
}

function* nodesOf(root: Node): Generator<Node> {
  const pending: unknown[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isPair(node)) {
      pending.push(node.key ?? undefined, node.value ?? undefined);
      continue;
    }
    yield node as Node;
    if (isMap(node) || isSeq(node)) pending.push(...node.items);
  }
}

function inFile(file: string | undefined): SourcePosition | undefined {
  return file === undefined ? undefined : { file };
}

function positionOf(
  lines: LineCounter,
  file: string | undefined,
  offset: number,
): SourcePosition | undefined {
  if (file === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { file, line, column: col };
}

/** Whether a node stands in the file; those of overrides stand nowhere. */
function isWritten(node: Node): node is Node & { range: NonNullable<Node['range']> } {
  return node.range !== undefined && node.range !== null;
}

function reportTo(lines: LineCounter, file: string | undefined, sink: DiagnosticSink): RequestReport {
  return {
    at: (node, code, params) =>
      sink.report(code.at(isWritten(node) ? positionOf(lines, file, node.range[0]) : undefined, params)),
  };
}

/** What no single key shows: names used twice, and a guest's keys beside a list of guests. */
function checkAcrossKeys(root: Node, report: RequestReport): void {
  if (!isMap<Node, Node>(root)) return;
  const guests = root.get('guests', true) as Node | undefined;
  if (isSeq(guests) && guests.items.length === 0) report.at(guests, codes['no-guest'], undefined);
  const seen = new Map<string, string>();
  for (const list of ['guests', 'drivers']) {
    const entries = root.get(list, true) as Node | undefined;
    if (!isSeq<Node>(entries)) continue;
    for (const entry of entries.items) {
      const name = isMap<Node, Node>(entry) ? (entry.get('name', true) as Node | undefined) : undefined;
      if (!isScalar(name)) continue;
      const text = String(name.value);
      const first = seen.get(text);
      if (first !== undefined) report.at(name, codes['same-name'], { name: text, first });
      else seen.set(text, list === 'guests' ? 'a guest' : 'a driver');
    }
  }
  if (!root.has('guests')) return;
  const own = ['name', 'board', 'guests', 'drivers', 'disks'];
  for (const pair of root.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!own.includes(key)) report.at(pair.key, codes['guest-keys-twice'], { key });
  }
}
