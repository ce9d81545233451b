/** A UART's receive FIFO: as deep as the manual says, filled from the serial line as far as there is room. */
import { kept, type Saved, shape } from '../base/index.ts';
import type { SerialLine } from './serial-line.ts';

export class ReceiveFifo {
  readonly depth: number;
  #bytes: number[] = [];
  readonly #line: SerialLine;

  constructor(depth: number, line: SerialLine) {
    this.depth = depth;
    this.#line = line;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** Takes from the line what fits, `limit` characters at most in all. Gives how many came. */
  fill(limit = this.depth): number {
    const before = this.#bytes.length;
    while (this.#bytes.length < limit) {
      const byte = this.#line.take();
      if (byte === undefined) break;
      this.#bytes.push(byte);
    }
    return this.#bytes.length - before;
  }

  /** The oldest character; 0 where there is none, as most UARTs give. */
  pop(): number {
    return this.#bytes.shift() ?? 0;
  }

  peek(): number {
    return this.#bytes[0] ?? 0;
  }

  /** Puts in a character that did not come over the line: loop-back. Dropped where there is no room. */
  push(byte: number): void {
    if (this.#bytes.length < this.depth) this.#bytes.push(byte);
  }

  clear(): void {
    this.#bytes = [];
  }

  get saved(): Saved {
    return kept(
      shape.listUpTo(this.depth, shape.u8),
      () => [...this.#bytes],
      (bytes) => {
        this.#bytes = [...bytes];
      },
    );
  }
}
