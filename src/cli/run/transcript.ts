/** What a console said, for an answer in JSON. Only the end is kept of what is very long: a guest may talk for ever. */

const KEPT_BYTES = 8 << 20;

export class Transcript {
  /** A character for each byte. */
  #bytes = '';

  add(bytes: readonly number[]): void {
    this.#bytes += String.fromCharCode(...bytes);
    if (this.#bytes.length > 2 * KEPT_BYTES) this.#bytes = this.#bytes.slice(-KEPT_BYTES);
  }

  get text(): string {
    const kept = this.#bytes.slice(-KEPT_BYTES);
    return new TextDecoder().decode(Uint8Array.from(kept, (character) => character.charCodeAt(0)));
  }
}
