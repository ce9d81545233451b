/**
 * How this room's readers end when they can't go on: they throw a refusal that holds the diagnostic, and the room's
 * public functions report it. Readers are deep and often generators; a thrown refusal keeps them free of plumbing.
 */
import type { Diagnostic, DiagnosticSink } from '../base/index.ts';

/** Not our bug: the input's. Never leaves this room. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

export function refuse(diagnostic: Diagnostic): never {
  throw new Refusal(diagnostic);
}

/** The work's result, or `undefined` and the refusal reported. */
export async function reportingRefusals<T>(
  sink: DiagnosticSink,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    sink.report(error.diagnostic);
    return undefined;
  }
}
