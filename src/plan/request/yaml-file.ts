/** YAML as requests and settings are written in: one document of bounded size and depth, without aliases, each node with its place. */
import {
  Composer,
  type CST,
  type Document,
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

const SIZE_LIMIT = 256 * 1024;
const DEPTH_LIMIT = 32;

/** A file as diagnostics speak of it. */
export interface YamlSubject {
  /** The name shown in diagnostics; `undefined` for what no person wrote down, whose lines would mean nothing. */
  readonly file: string | undefined;
  /** What the outermost value is called: `the request`. */
  readonly subject: string;
}

/** A YAML file that was read: its outermost node, and its lines. */
export interface YamlFile {
  readonly root: Node;
  readonly lines: LineCounter;
}

/** The outermost node, or `undefined` after a report. `prepare` may change the document before it is looked at. */
export function readYaml(
  source: string,
  { file, subject }: YamlSubject,
  sink: DiagnosticSink,
  prepare?: (document: Document) => void,
): YamlFile | undefined {
  const lines = new LineCounter();
  const refuse = (what: string, limit: string): undefined =>
    void sink.report(codes['too-big'].at(inFile(file), { subject, what, limit }));
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
  prepare?.(document);
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

export function positionOf(
  lines: LineCounter,
  file: string | undefined,
  offset: number,
): SourcePosition | undefined {
  if (file === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { file, line, column: col };
}

/** Whether a node stands in the file; those of overrides stand nowhere. */
export function isWritten(node: Node): node is Node & { range: NonNullable<Node['range']> } {
  return node.range !== undefined && node.range !== null;
}

/** Reports at the nodes of a file. */
export function reportTo(
  lines: LineCounter,
  { file, subject }: YamlSubject,
  sink: DiagnosticSink,
): RequestReport {
  return {
    subject,
    at: (node, code, params) =>
      sink.report(code.at(isWritten(node) ? positionOf(lines, file, node.range[0]) : undefined, params)),
  };
}
