/**
 * Notices that a kernel has given up: the last thing that Linux prints in `panic()` (kernel/panic.c), which it does only where
 * it will not start again by itself (`panic=`). After it a guest spins for ever.
 */

const END = /---\[ end Kernel panic - not syncing: (.*) \]---/;
/** Why, where a line is that last one. */
export function panicOf(line: string): string | undefined {
  return END.exec(line)?.[1];
}

export class PanicWatch {
  /** Why, by the number of the console. */
  readonly reasons = new Map<number, string>();

  heard(source: number, line: string): void {
    const reason = panicOf(line);
    if (reason !== undefined) this.reasons.set(source, reason);
  }
}
