/** Bytes that wait to be sent or acknowledged, from the oldest on. */
export class SendBuffer {
  readonly #pieces: Uint8Array[] = [];
  /** How much of the first piece is gone. */
  #skipped = 0;
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Up to so many bytes from an offset on. */
  read(offsetBytes: number, sizeBytes: number): Uint8Array {
    const part = new Uint8Array(Math.max(0, Math.min(sizeBytes, this.#sizeBytes - offsetBytes)));
    let filled = 0;
    let before = offsetBytes + this.#skipped;
    for (const piece of this.#pieces) {
      if (filled === part.length) break;
      if (before >= piece.length) {
        before -= piece.length;
        continue;
      }
      const some = piece.subarray(before, before + part.length - filled);
      part.set(some, filled);
      filled += some.length;
      before = 0;
    }
    return part;
  }

  /** The oldest ones have arrived. */
  drop(sizeBytes: number): void {
    this.#sizeBytes -= sizeBytes;
    this.#skipped += sizeBytes;
    for (
      let [first] = this.#pieces;
      first !== undefined && this.#skipped >= first.length;
      [first] = this.#pieces
    ) {
      this.#skipped -= first.length;
      this.#pieces.shift();
    }
  }
}
