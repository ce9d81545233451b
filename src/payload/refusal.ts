/**
 * How this room's readers end when they can't go on: they throw a refusal that holds the diagnostic, and the room's
 * public functions report it. Readers are deep and often generators; a thrown refusal keeps them free of plumbing.
 */
import { type Diagnostic, type DiagnosticSink, InputRefusal } from '../base/index.ts';

export function refuse(diagnostic: Diagnostic): never {
  throw new InputRefusal(diagnostic);
}

/** The work's result, or `undefined` and the refusal reported. */
export async function reportingRefusals<T>(
  sink: DiagnosticSink,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputRefusal)) throw error;
    sink.report(error.diagnostic);
    return undefined;
  }
}
