/** What is typed at the console: everything goes to the guest but what follows Ctrl-A, as in QEMU's and screen's fashion. */

const CTRL_A = 0x01;
const KEY = { leave: 0x78, account: 0x73 } as const;

export interface KeyActions {
  readonly type: (bytes: readonly number[]) => void;
  readonly account: () => void;
}

export class ConsoleKeys {
  /** Ctrl-A x was typed. */
  leaving = false;
  readonly #actions: KeyActions;
  #escaped = false;

  constructor(actions: KeyActions) {
    this.#actions = actions;
  }

  take(bytes: Iterable<number>): void {
    const typed: number[] = [];
    for (const byte of bytes) {
      if (this.#escaped) {
        this.#escaped = false;
        if (byte === KEY.leave) this.leaving = true;
        else if (byte === KEY.account) this.#actions.account();
        // Ctrl-A twice is one for the guest.
        else if (byte === CTRL_A) typed.push(byte);
      } else if (byte === CTRL_A) {
        this.#escaped = true;
      } else {
        typed.push(byte);
      }
    }
    if (typed.length > 0) this.#actions.type(typed);
  }
}
