/**
 * Notices that a kernel has given up: the last thing that Linux prints in `panic()` (kernel/panic.c), which it does only where
 * it will not start again by itself (`panic=`). After it a guest spins for ever.
 */

const END = /---\[ end Kernel panic - not syncing: (.*) \]---/;
const NEWLINE = 0x0a;
/** Why, where a line is that last one. */
export function panicOf(line: string): string | undefined {
  return END.exec(line)?.[1];
}

/** More of a line is not looked at. */
const LINE_LIMIT = 512;

export class PanicWatch {
  /** Why, by the number of the console. */
  readonly reasons = new Map<number, string>();
  readonly #lines = new Map<number, string>();

  add(source: number, byte: number): void {
    const line = this.#lines.get(source) ?? '';
    if (byte !== NEWLINE) {
      if (line.length < LINE_LIMIT) this.#lines.set(source, line + String.fromCharCode(byte));
      return;
    }
    this.#lines.set(source, '');
    const reason = panicOf(line);
    if (reason !== undefined) this.reasons.set(source, reason);
  }
}
