/** Requests and settings as they stand in an editor: what is found in them. */
import { type Diagnostic, DiagnosticSink, type HostFiles } from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import { type Plan, readRequest } from '../../plan/index.ts';
import {
  findSettings,
  type PlanReaders,
  planOf,
  readCheckOptions,
  readSettings,
  SETTINGS_FILE,
} from '../../workspace/index.ts';
import { Lines } from '../text/lines.ts';

/** What was made of one state of a request or of settings. */
export interface YamlAnalysis {
  readonly kind: 'request' | 'settings';
  readonly file: string;
  readonly lines: Lines;
  readonly found: readonly Diagnostic[];
  /** The board that it names, where its tree could be read. */
  readonly board: Board | undefined;
  /** What `plan` makes of a request without errors. */
  readonly plan: Plan | undefined;
}

/** Plans a request as `drivervm plan` would. */
export function analyseRequest(
  file: string,
  text: string,
  files: HostFiles,
  readers: PlanReaders,
): YamlAnalysis {
  const sink = new DiagnosticSink();
  let board: Board | undefined;
  const readBoard: PlanReaders['readBoard'] = (...args) => (board = readers.readBoard(...args));
  const planned = planOf({ files }, { file }, sink, { ...readers, readBoard });
  board ??= boardNamedIn(file, text, files, readers);
  return { kind: 'request', file, lines: new Lines(text), found: sink.sorted(), board, plan: planned?.plan };
}

/** A request that is half written may say its board all the same. */
function boardNamedIn(
  file: string,
  text: string,
  files: HostFiles,
  { readBoard }: PlanReaders,
): Board | undefined {
  const named = /^[ \t]*(?:board:[ \t]*(?:\{[ \t]*dtb:[ \t]*)?|dtb:[ \t]*)["']?([^\s"',{}#]+)/m.exec(
    text,
  )?.[1];
  if (named === undefined) return undefined;
  const sink = new DiagnosticSink();
  const request = readRequest(JSON.stringify({ board: named }), undefined, sink);
  if (request === undefined) return undefined;
  const path = request.dtb.startsWith('/') ? request.dtb : files.join(files.dirname(file), request.dtb);
  return readBoard(path, {}, sink);
}

/** Reads settings, and what they name. */
export function analyseSettings(
  file: string,
  text: string,
  files: HostFiles,
  { readBoard }: PlanReaders,
): YamlAnalysis {
  const sink = new DiagnosticSink();
  const settings = readSettings(text, file, sink);
  // As for a description that lies beside it.
  const given =
    settings && files.basename(file) === SETTINGS_FILE
      ? findSettings(files, file, new DiagnosticSink())?.given
      : undefined;
  const checking = given && readCheckOptions(files, given, sink, readBoard);
  return {
    kind: 'settings',
    file,
    lines: new Lines(text),
    found: sink.sorted(),
    board: checking?.tree,
    plan: undefined,
  };
}
