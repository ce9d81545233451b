/** What consoles say, a line at a time. */

const NEWLINE = 0x0a;
/** More of a line is not looked at: a guest can say as much as it likes. */
const LINE_LIMIT = 512;

/** Puts the characters of several consoles together, each by itself. */
export class ConsoleLines {
  readonly #unfinished = new Map<number, string>();
  readonly #onLine: (source: number, line: string) => void;

  constructor(onLine: (source: number, line: string) => void) {
    this.#onLine = onLine;
  }

  add(source: number, byte: number): void {
    const line = this.#unfinished.get(source) ?? '';
    if (byte !== NEWLINE) {
      if (line.length < LINE_LIMIT) this.#unfinished.set(source, line + String.fromCharCode(byte));
      return;
    }
    this.#unfinished.set(source, '');
    this.#onLine(source, line);
  }
}
