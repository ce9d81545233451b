/**
 * The documents that are open in an editor, each analysed once for each of its states. Nothing here knows a protocol: a language server
 * and a page's editor use the same.
 */
import {
  type Diagnostic,
  DiagnosticSink,
  HostError,
  type HostFiles,
  type SourcePosition,
  type TextEdit,
  type TextPlace,
  type TextRange,
} from '../base/index.ts';
import { hostCodes, memoryHost, SETTINGS_FILE } from '../workspace/index.ts';
import { fixesIn, formatEdits } from './description/actions.ts';
import { analyseDescription, type DescriptionAnalysis } from './description/analysis.ts';
import { completeDescription } from './description/complete.ts';
import { hoverDescription } from './description/hover.ts';
import { definitionsAt, nameAt, type Renaming, referencesAt, renameAt } from './description/names.ts';
import { symbolsOf } from './description/symbols.ts';
import { overlaidFiles } from './files.ts';
import type { Hover } from './markdown.ts';
import { PayloadCache } from './payloads.ts';
import type { CodeAction, Completion, DocumentSymbol, FilePlace } from './places.ts';
import { analyseRequest, analyseSettings, type YamlAnalysis } from './request/analysis.ts';
import { completeYaml } from './request/complete.ts';
import { devicePlacesAt, yamlSymbolsOf } from './request/definition.ts';
import { hoverYaml } from './request/hover.ts';
import { extentAt } from './text/extent.ts';
import { Lines } from './text/lines.ts';
import { TreeCache } from './trees.ts';

/** What a document is read as. */
export type DocumentKind = 'description' | 'request' | 'settings';

/** What was made of one state of a document. */
export type Analysis = DescriptionAnalysis | YamlAnalysis;

/** A finding, and what to underline: in the document, or in another file that it is made of. */
export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly file: string;
  readonly range: TextRange;
  readonly related: readonly { readonly message: string; readonly file: string; readonly range: TextRange }[];
}

interface OpenDocument {
  readonly file: string;
  readonly kind: DocumentKind;
  text: string;
  bytes: Uint8Array | undefined;
  analysis: Analysis | undefined;
  /** Every path that the analysis looked at, whether or not there was anything. */
  madeOf: ReadonlySet<string>;
}

const START: TextRange = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
/** Files that findings point into are not read beyond this. */
const POINTED_LIMIT_BYTES = 16 * 2 ** 20;

/** Open documents over a host's files. */
export class Documents {
  readonly #open = new Map<string, OpenDocument>();
  readonly #files: HostFiles;
  readonly #trees: TreeCache;
  readonly #payloads = new PayloadCache();
  /** Where the paths go that are looked at now. */
  #reads: Set<string> | undefined;

  constructor(files: HostFiles) {
    this.#files = overlaidFiles(
      files,
      (path) => this.#contentOf(path),
      (path) => this.#reads?.add(files.join(path)),
    );
    this.#trees = new TreeCache(this.#files);
  }

  /** Takes a document in, or its new text; gives the documents that this changes, itself among them. */
  set(file: string, kind: DocumentKind, text: string): readonly string[] {
    const known = this.#open.get(file);
    if (known?.text === text && known.kind === kind) return [];
    const madeOf = known?.madeOf ?? new Set<string>();
    this.#open.set(file, { file, kind, text, bytes: undefined, analysis: undefined, madeOf });
    return this.changed([file]);
  }

  /** Gives the documents that this changes, for which the file on the disk now stands. */
  close(file: string): readonly string[] {
    this.#open.delete(file);
    return this.changed([file]);
  }

  /** Files that are not as they were, on the disk or here; gives the documents that were made of them. */
  changed(paths: readonly string[]): readonly string[] {
    const stale = [...this.#open.values()].filter(({ file, madeOf }) =>
      paths.some((path) => path === file || madeOf.has(path)),
    );
    for (const document of stale) document.analysis = undefined;
    return stale.map(({ file }) => file);
  }

  kindOf(file: string): DocumentKind | undefined {
    return this.#open.get(file)?.kind;
  }

  get names(): readonly string[] {
    return [...this.#open.keys()];
  }

  #contentOf(path: string): Uint8Array | undefined {
    const document = this.#open.get(path);
    if (document === undefined) return undefined;
    document.bytes ??= new TextEncoder().encode(document.text);
    return document.bytes;
  }

  /** What the document is now; `undefined` where there is none of that name. */
  analysis(file: string): Analysis | undefined {
    const document = this.#open.get(file);
    if (document === undefined) return undefined;
    document.analysis ??= this.#analyse(document);
    return document.analysis;
  }

  #analyse(document: OpenDocument): Analysis {
    const reads = new Set<string>();
    this.#reads = reads;
    try {
      return this.#analyseText(document);
    } finally {
      document.madeOf = reads;
      this.#reads = undefined;
    }
  }

  #analyseText({ file, kind, text }: OpenDocument): Analysis {
    const readers = { readBoard: this.#trees.read, measure: this.#payloads.measure };
    try {
      if (kind === 'description') return analyseDescription(file, text, this.#files, readers.readBoard);
      const analyse = kind === 'request' ? analyseRequest : analyseSettings;
      return analyse(file, text, this.#files, readers);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return this.#refused(file, kind, text, error);
    }
  }

  /** A file that can't be read is a finding like others; what the document says alone still stands. */
  #refused(file: string, kind: DocumentKind, text: string, { path, message, code }: HostError): Analysis {
    const sink = new DiagnosticSink();
    sink.report(hostCodes['cannot-access'].at({ file }, { path, reason: message, code }));
    if (kind === 'description')
      return analyseDescription(file, text, memoryHost().files, () => undefined, sink);
    return { kind, file, lines: new Lines(text), found: sink.sorted(), board: undefined, plan: undefined };
  }

  /** What is at a place of a document. */
  hover(file: string, place: TextPlace): Hover | undefined {
    const analysis = this.analysis(file);
    if (analysis === undefined) return undefined;
    return analysis.kind === 'description' ? hoverDescription(analysis, place) : hoverYaml(analysis, place);
  }

  /** What may stand at a place. */
  complete(file: string, place: TextPlace): readonly Completion[] {
    const analysis = this.analysis(file);
    if (analysis === undefined) return [];
    return analysis.kind === 'description'
      ? completeDescription(analysis, place)
      : completeYaml(analysis, this.#files, place);
  }

  /** Where what is at a place is declared. */
  definitions(file: string, place: TextPlace): readonly FilePlace[] {
    const analysis = this.analysis(file);
    if (analysis === undefined) return [];
    return analysis.kind === 'description' ? definitionsAt(analysis, place) : devicePlacesAt(analysis, place);
  }

  /** Where the name at a place is used and, if asked for, declared. */
  references(file: string, place: TextPlace, withDeclaration: boolean): readonly FilePlace[] {
    const analysis = this.analysis(file);
    return analysis?.kind === 'description' ? referencesAt(analysis, place, withDeclaration) : [];
  }

  /** The stretch of the name at a place that can be given another. */
  renameable(file: string, place: TextPlace): TextRange | undefined {
    const analysis = this.analysis(file);
    const name = analysis?.kind === 'description' ? nameAt(analysis, place) : undefined;
    return name && analysis?.lines.rangeOf(name.span);
  }

  /** Another name for what is at a place. */
  rename(file: string, place: TextPlace, name: string): Renaming {
    const analysis = this.analysis(file);
    if (analysis?.kind !== 'description') return { refused: 'names are changed in system descriptions' };
    return renameAt(analysis, place, name);
  }

  /** The outline of a document. */
  symbols(file: string): readonly DocumentSymbol[] {
    const analysis = this.analysis(file);
    if (analysis === undefined) return [];
    return analysis.kind === 'description' ? symbolsOf(analysis) : yamlSymbolsOf(analysis);
  }

  /** What lays a description out as `drivervm format` does; `undefined` where that can't be done. */
  format(file: string): readonly TextEdit[] | undefined {
    const analysis = this.analysis(file);
    return analysis?.kind === 'description' ? formatEdits(analysis) : undefined;
  }

  /** The fixes of what was found in a range. */
  actions(file: string, range: TextRange): readonly CodeAction[] {
    return fixesIn(this.findings(file), file, range);
  }

  /** All findings of a document, wherever they lie. */
  findings(file: string): readonly Finding[] {
    const analysis = this.analysis(file);
    if (analysis === undefined) return [];
    const lines = new Map([[file, analysis.lines]]);
    return analysis.found.map((diagnostic) => ({
      diagnostic,
      ...this.#placed(diagnostic.position ?? { file }, lines),
      related: (diagnostic.notes ?? []).map(({ message, position }) => ({
        message,
        ...this.#placed(position, lines),
      })),
    }));
  }

  #placed(
    { file, line, column = 1 }: SourcePosition,
    known: Map<string, Lines>,
  ): { readonly file: string; readonly range: TextRange } {
    if (line === undefined) return { file, range: START };
    let lines = known.get(file);
    if (lines === undefined) {
      lines = new Lines(this.#textOf(file));
      known.set(file, lines);
    }
    const start = { line, column };
    // What is no longer there, or can't be read, is pointed at all the same.
    if (lines.text === '') return { file, range: { start, end: start } };
    return { file, range: lines.rangeOf(extentAt(lines.text, lines.offsetOf(start))) };
  }

  #textOf(file: string): string {
    try {
      const status = this.#files.status(file);
      if (status?.kind !== 'file' || status.sizeBytes > POINTED_LIMIT_BYTES) return '';
      return new TextDecoder().decode(this.#files.read(file));
    } catch (error) {
      if (error instanceof HostError) return '';
      throw error;
    }
  }
}

/** What a document is, by its name, what the editor calls its language, and its beginning; `undefined`: none of ours. */
export function documentKindOf(file: string, language: string, text: string): DocumentKind | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name.endsWith('.system') || language === 'microkit-system') return 'description';
  if (!/\.ya?ml$/.test(name) && language !== 'yaml') return undefined;
  if (name === SETTINGS_FILE) return 'settings';
  if (/^(?:.*[.-])?request\.ya?ml$/.test(name)) return 'request';
  return /^#.*\$schema=\S*request\.schema\.json/m.test(text.slice(0, HEAD_CHARS)) ? 'request' : undefined;
}

const HEAD_CHARS = 1000;
