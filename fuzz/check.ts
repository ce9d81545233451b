/** What every reader owes for any input whatever. */
import { type DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';

/** Throws with what can be used to run the case again. */
export function check(condition: boolean, what: string, context: () => string): asserts condition {
  if (!condition) throw new Error(`${what}\n${context()}`);
}

/** A reader gives a result where, and only where, it reported no error; and its text can be printed. */
export function checkOutcome(result: unknown, sink: DiagnosticSink, context: () => string): void {
  check((result === undefined) === sink.hasErrors, 'errors and result do not agree', () => {
    return `${sink.sorted().map(formatDiagnostic).join('\n')}\n${context()}`;
  });
  for (const found of sink.sorted()) formatDiagnostic(found);
}

/** An input as text that a test can take up. */
export function bytesForMessage(bytes: Uint8Array): string {
  return `bytes: ${Buffer.from(bytes).toString('hex')}`;
}
