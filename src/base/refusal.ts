/**
 * The way out of deep work over something that is not ours and is wrong: an input, the host, a guest, a program in the machine.
 * Whoever started the work turns it into a diagnostic, an event or a device's status; anything else that is thrown is a mistake of
 * drivervm's own and is never caught. ARCHITECTURE.md has the rules.
 */
import type { Diagnostic } from './diagnostic.ts';

/** `message` says in a sentence's end what is wrong: `it is cut short`. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
}

/** A refusal that knows its diagnostic already, for whoever has the sink. */
export class InputRefusal extends Refusal {
  override readonly name = 'InputRefusal';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** What `work` gives, or the refusal of this kind that it throws; whatever else it throws goes on. */
export function attempt<T, R extends Refusal = Refusal>(
  work: () => T,
  kind: abstract new (...args: never[]) => R = Refusal as never,
): T | R {
  try {
    return work();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}
