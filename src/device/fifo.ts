/**
 * A UART's receive FIFO: as deep as the manual says, filled from the serial line as far as there is room. A BREAK is an entry of its own,
 * which reads as 0; until it was read nothing follows it, as on a line that takes its time.
 */
import { kept, type Saved, shape } from '../base/index.ts';
import { BREAK, type SerialLine } from './serial-line.ts';

const BYTE_MASK = 0xff;

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
    while (this.#bytes.length < limit && !this.hasBreak) {
      const byte = this.#line.take();
      if (byte === undefined) break;
      this.#bytes.push(byte);
    }
    return this.#bytes.length - before;
  }

  /** The oldest character; 0 where there is none, as most UARTs give. */
  pop(): number {
    return (this.#bytes.shift() ?? 0) & BYTE_MASK;
  }

  peek(): number {
    return (this.#bytes[0] ?? 0) & BYTE_MASK;
  }

  /** Whether the oldest entry is a BREAK. */
  get isBreak(): boolean {
    return this.#bytes[0] === BREAK;
  }

  /** Whether any is: then it is the newest. */
  get hasBreak(): boolean {
    return this.#bytes.at(-1) === BREAK;
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
      shape.listUpTo(this.depth, shape.upTo(BREAK)),
      () => [...this.#bytes],
      (bytes) => {
        this.#bytes = [...bytes];
      },
    );
  }
}
