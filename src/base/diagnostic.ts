/**
 * Diagnostics: what a person is told about their input.
 *
 * A room declares each of its codes once, with {@link declareDiagnostics}; the message, the hint, the table in
 * `docs/diagnostics.md` and the test that every code has a fixture are derived from that declaration.
 * Readers take a {@link DiagnosticSink}, go on after a mistake where they can, and report as many as they find.
 */

import type { RequestChange } from './request-change.ts';

/**
 * `error`: the result is missing or wrong; `warning`: it may not do what was meant; `note`: what one should
 * know.
 */
export type Severity = 'error' | 'warning' | 'note';

/** A place in an input. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface SourcePosition {
  /** The name under which the user gave the input: a path, or `<stdin>`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** For binary inputs: the offset, in bytes, from the start of the file. */
  readonly offsetBytes?: number;
}

/** Where else to look: the file that included this one, the macro whose expansion this is. */
export interface DiagnosticNote {
  readonly message: string;
  readonly position: SourcePosition;
}

/** A place in a text, counted as in {@link SourcePosition}. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A stretch of text: `end` is the first place after it. */
export interface TextRange {
  readonly start: TextPlace;
  readonly end: TextPlace;
}

/** Text that takes another's place; where the range is empty, it is put in there. */
export interface TextEdit {
  readonly file: string;
  readonly range: TextRange;
  readonly text: string;
}

/** What would do away with a finding: edits that belong together, of the text that the finding is about. */
export interface Fix {
  /** What it does, as a person chooses it from a list: `write trigger="edge"`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/**
 * What a person is told about one thing in their input; made by {@link DiagnosticCode.at}, printed by {@link
 * formatDiagnostic}.
 */
export interface Diagnostic {
  readonly severity: Severity;
  /** `room/name`, for example `dts/undefined-label`. Never changes its meaning once released. */
  readonly code: string;
  /** What is wrong: one sentence without a full stop. */
  readonly message: string;
  readonly position?: SourcePosition;
  /** What to do about it. */
  readonly hint?: string;
  /** Where doing it is a change to the request that was planned. */
  readonly change?: RequestChange;
  /** From the nearest outwards. */
  readonly notes?: readonly DiagnosticNote[];
  /** Absent where it is not certain what was meant. */
  readonly fix?: Fix;
}

/** The one declaration of a diagnostic code; `Params` are the facts that its sentences name. */
export interface DiagnosticDeclaration<Params> {
  readonly severity: Severity;
  readonly message: (params: Params) => string;
  readonly hint?: (params: Params) => string | undefined;
  readonly change?: (params: Params) => RequestChange | undefined;
  /** For the documentation: when it is reported, and why it matters. */
  readonly explanation: string;
}

/** A declared code, ready to be reported. */
export interface DiagnosticCode<Params> extends DiagnosticDeclaration<Params> {
  readonly code: string;
  /** Makes the diagnostic at a position. */
  at(
    position: SourcePosition | undefined,
    params: Params,
    notes?: readonly DiagnosticNote[] | undefined,
    fix?: Fix | undefined,
  ): Diagnostic;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of codes holds declarations of different parameters.
type AnyDeclaration = DiagnosticDeclaration<any>;
type CodeOf<D> = D extends DiagnosticDeclaration<infer Params> ? DiagnosticCode<Params> : never;

/**
 * Declares the codes of one reader or checker: `declareDiagnostics('dts', { 'undefined-label': {…} })`
 * gives a table whose entries are reported with `table['undefined-label'].at(position, params)`.
 */
export function declareDiagnostics<Table extends Record<string, AnyDeclaration>>(
  prefix: string,
  table: Table,
): { readonly [Name in keyof Table]: CodeOf<Table[Name]> } {
  const codes = Object.entries(table).map(([name, declaration]) => {
    const code = `${prefix}/${name}`;
    return [
      name,
      {
        ...declaration,
        code,
        at: (
          position: SourcePosition | undefined,
          params: unknown,
          notes?: readonly DiagnosticNote[],
          fix?: Fix,
        ): Diagnostic => makeDiagnostic(code, declaration, position, params, notes, fix),
      },
    ];
  });
  return Object.fromEntries(codes);
}

/** Gives a declaration its parameter type: `diagnostic<{ label: string }>({ … })`. */
export function diagnostic<Params = void>(
  declaration: DiagnosticDeclaration<Params>,
): DiagnosticDeclaration<Params> {
  return declaration;
}

function makeDiagnostic(
  code: string,
  declaration: AnyDeclaration,
  position: SourcePosition | undefined,
  params: unknown,
  notes: readonly DiagnosticNote[] | undefined,
  fix: Fix | undefined,
): Diagnostic {
  const hint = declaration.hint?.(params);
  const change = declaration.change?.(params);
  return {
    severity: declaration.severity,
    code,
    message: declaration.message(params),
    ...(position === undefined ? {} : { position }),
    ...(hint === undefined ? {} : { hint }),
    ...(change === undefined ? {} : { change }),
    ...(notes === undefined || notes.length === 0 ? {} : { notes }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** How many diagnostics one run keeps; later ones are only counted, so that hostile input can't fill memory. */
const DIAGNOSTICS_KEPT = 1000;

/** Collects the diagnostics of one run. */
export class DiagnosticSink {
  readonly #kept: Diagnostic[] = [];
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, note: 0 };

  report(diagnostic: Diagnostic): void {
    this.#counts[diagnostic.severity] += 1;
    if (this.#kept.length < DIAGNOSTICS_KEPT) this.#kept.push(diagnostic);
  }

  /** How many of a severity were reported, kept or not. */
  count(severity: Severity): number {
    return this.#counts[severity];
  }

  get hasErrors(): boolean {
    return this.#counts.error > 0;
  }

  /** How many were reported but not kept. */
  get droppedCount(): number {
    const { error, warning, note } = this.#counts;
    return error + warning + note - this.#kept.length;
  }

  /** What was kept, by file, then line, column and offset; those without a position come last, in order of report. */
  sorted(): readonly Diagnostic[] {
    return [...this.#kept].sort(compareByPosition);
  }
}

function compareByPosition(a: Diagnostic, b: Diagnostic): number {
  if (a.position === undefined || b.position === undefined) {
    return Number(a.position === undefined) - Number(b.position === undefined);
  }
  if (a.position.file !== b.position.file) return a.position.file < b.position.file ? -1 : 1;
  return (
    (a.position.line ?? 0) - (b.position.line ?? 0) ||
    (a.position.column ?? 0) - (b.position.column ?? 0) ||
    (a.position.offsetBytes ?? 0) - (b.position.offsetBytes ?? 0)
  );
}

/** `board.dts:12:7`, `board.dtb@0x48`, or just the file. */
export function formatPosition(position: SourcePosition): string {
  const { file, line, column, offsetBytes } = position;
  if (line !== undefined) return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  return offsetBytes === undefined ? file : `${file}@0x${offsetBytes.toString(16)}`;
}

/** Characters that a terminal obeys rather than shows: names in hostile inputs hold them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about.
const CONTROL_CHARACTERS = /[\x00-\x1f\x7f-\x9f]/g;

function withoutControls(text: string): string {
  return text.replace(
    CONTROL_CHARACTERS,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** One diagnostic as text: a line in the form that compilers use, then its notes and the hint, indented. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const where = diagnostic.position === undefined ? '' : `${formatPosition(diagnostic.position)}: `;
  const lines = [`${where}${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`];
  for (const note of diagnostic.notes ?? []) {
    lines.push(`    note: ${formatPosition(note.position)}: ${note.message}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`    hint: ${diagnostic.hint}`);
  return lines.map(withoutControls).join('\n');
}
