/** Between the protocol's values (LSP 3.17: lines and characters from 0) and ours. */
import {
  DiagnosticSeverity,
  type Position,
  type Diagnostic as ProtocolDiagnostic,
  type Range,
} from 'vscode-languageserver/node';
import type { Severity, TextPlace, TextRange } from '../../base/index.ts';
import type { Finding } from '../../language/index.ts';
import { uriOf } from './uris.ts';

/** LSP's `uinteger`. */
const LARGEST = 2 ** 31 - 1;

function positionOf({ line, column }: TextPlace): Position {
  return { line: line - 1, character: column - 1 };
}

/** What a client says may be anything. */
export function placeOf({ line, character }: Position): TextPlace {
  return { line: inBounds(line) + 1, column: inBounds(character) + 1 };
}

function inBounds(value: number): number {
  return Number.isInteger(value) ? Math.min(Math.max(value, 0), LARGEST) : 0;
}

export function rangeOf({ start, end }: TextRange): Range {
  return { start: positionOf(start), end: positionOf(end) };
}

/** A range that a client says. */
export function protocolRange({ start, end }: Range): TextRange {
  return { start: placeOf(start), end: placeOf(end) };
}

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

/** `pages`: where the documentation of codes is. */
export function protocolDiagnostic(
  { diagnostic, range, related }: Finding,
  pages: string | undefined,
): ProtocolDiagnostic {
  const { severity, code, message, hint } = diagnostic;
  return {
    range: rangeOf(range),
    severity: SEVERITIES[severity],
    code,
    ...(pages === undefined ? {} : { codeDescription: { href: `${pages}#${anchorOf(code)}` } }),
    source: 'drivervm',
    message: hint === undefined ? message : `${message}\n${hint}`,
    ...(related.length === 0
      ? {}
      : {
          relatedInformation: related.map((note) => ({
            message: note.message,
            location: { uri: uriOf(note.file), range: rangeOf(note.range) },
          })),
        }),
  };
}

/** As Markdown's renderers make them of a heading. */
function anchorOf(code: string): string {
  return code.toLowerCase().replaceAll(/[^\w-]/g, '');
}
