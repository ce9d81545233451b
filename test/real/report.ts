/** What `npm run real` says while it runs, and all results once more at the end. */
const STARTED = Date.now();

/** Minutes and seconds since the start. */
function elapsed(): string {
  const seconds = Math.floor((Date.now() - STARTED) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

export class Report {
  readonly #results: { readonly part: string; readonly good: boolean; readonly words: string }[] = [];

  line(text: string): void {
    console.log(`${elapsed()} ${text}`);
  }

  result(part: string, good: boolean, words: string): void {
    this.#results.push({ part, good, words });
    this.line(`${good ? 'ok' : 'NOT OK'}: ${part}: ${words}`);
  }

  /** Whether all is well. */
  summary(): boolean {
    console.log(`\nAfter ${elapsed()}:`);
    for (const { part, good, words } of this.#results)
      console.log(`${good ? 'ok    ' : 'NOT OK'} ${part}: ${words}`);
    const bad = this.#results.filter(({ good }) => !good).length;
    console.log(bad === 0 ? `all ${this.#results.length} well` : `${bad} of ${this.#results.length} not`);
    return bad === 0;
  }
}
