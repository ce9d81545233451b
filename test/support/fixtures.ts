/**
 * Fixtures of diagnostics: for each code an input that earns it, with the exact text and position. They live in
 * `test/fixtures/NAME.fixtures.ts`; `test/fixtures.test.ts` runs them, and fails for a declared code that has none, whatever declares it. The
 * first fixture of a code is also its example in `docs/diagnostics.md`.
 */
import { pathToFileURL } from 'node:url';
import { type DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import { compiledFiles } from './files.ts';

export interface DiagnosticFixture {
  /** The code that this input is about. */
  readonly code: string;
  /** What the input is, in a few words. */
  readonly input: string;
  /** Every diagnostic that the input earns, as text, in order. */
  readonly expected: readonly string[];
  /** Reads the input. */
  readonly run: (sink: DiagnosticSink) => unknown;
  /** The input as text, for the documentation. */
  readonly text?: string;
  /** The input without the mistake: the code is not reported of it. */
  readonly fixed?: { readonly text: string; readonly run: (sink: DiagnosticSink) => unknown };
}

/** A declared code, whatever its parameters. */
export interface DeclaredCode {
  readonly code: string;
  readonly severity: string;
  readonly explanation: string;
}

export type CodeTable = Readonly<Record<string, DeclaredCode>>;

/** What a `.fixtures.ts` file exports. */
export interface FixtureFile {
  readonly fixtures: readonly DiagnosticFixture[];
}

/** All fixture files of the project, by path. */
export async function fixtureFiles(): Promise<ReadonlyMap<string, FixtureFile>> {
  const files = new Map<string, FixtureFile>();
  for (const path of compiledFiles('.fixtures.js')) {
    files.set(path, (await import(pathToFileURL(path).href)) as FixtureFile);
  }
  return files;
}

/** Diagnostics as they are printed. */
export function textsOf(sink: DiagnosticSink): readonly string[] {
  return sink.sorted().map(formatDiagnostic);
}

/** Diagnostics that are written line by line: an indented line goes on with the one before. */
export function diagnosticLines(lines: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const line of lines) {
    if (line.startsWith(' ')) texts.push(`${texts.pop() ?? ''}\n${line}`);
    else texts.push(line);
  }
  return texts;
}
