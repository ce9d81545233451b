/** Waits for a text in what consoles say, across any borders, and each console by itself. */

/** Waits for a text in what a console says, byte by byte, on each source by itself. */
export class TextWatch {
  readonly #text: string;
  readonly #only: number | undefined;
  readonly #tails = new Map<number, string>();
  found = false;

  /** `only`: the number of the console that must say it; any of them where it is not given. */
  constructor(text: string, only?: number) {
    this.#text = text;
    this.#only = only;
  }

  add(source: number, byte: number): void {
    if (this.found || this.#text === '' || (this.#only !== undefined && source !== this.#only)) return;
    const tail = `${this.#tails.get(source) ?? ''}${String.fromCharCode(byte)}`.slice(-this.#text.length);
    this.#tails.set(source, tail);
    this.found = tail === this.#text;
  }
}
