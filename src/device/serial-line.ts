import { ENTRIES_LIMIT, keptList, type Saved, shape } from '../base/index.ts';

/** What stands among typed characters for a BREAK: the line held low for longer than a character. */
export const BREAK = 0x100;

/**
 * The wire between a UART and whoever sits at its other end. Characters take no time on it: what the guest sends is there
 * at once, and typed characters wait here until the UART's receive FIFO has room, so none is ever lost to an overrun.
 * A BREAK travels among them. Baud rate, parity and modem lines are without effect; receive time-outs are due as soon as the wire is idle.
 */
export class SerialLine {
  /** Called with every character that the guest sends. */
  onOutput: (byte: number) => void = () => {};
  /** Called when characters were typed; the UART sets it and then takes what it has room for. */
  onInput: () => void = () => {};
  readonly #typed: number[] = [];

  /** The guest's side: sends a character out. */
  send(byte: number): void {
    this.onOutput(byte & 0xff);
  }

  /** The guest's side: the next typed character or {@link BREAK}, or `undefined`. */
  take(): number | undefined {
    return this.#typed.shift();
  }

  /** The host's side: characters typed, and {@link BREAK}. */
  type(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#typed.push(byte === BREAK ? BREAK : byte & 0xff);
    this.onInput();
  }

  /** The typed characters that no UART has taken yet. */
  get saved(): Saved {
    return keptList(this.#typed, ENTRIES_LIMIT, shape.upTo(BREAK));
  }

  /** How many typed characters no UART has taken yet. */
  get waiting(): number {
    return this.#typed.length;
  }
}
