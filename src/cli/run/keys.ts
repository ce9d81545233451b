/** What is typed at the console: everything goes to the guest but what follows Ctrl-A, as in QEMU's and screen's fashion. */

const CTRL_A = 0x01;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const key = (letter: string): number => letter.charCodeAt(0);

/** What Ctrl-A h says. */
export const KEYS_HELP = `  Ctrl-A x   leaves
  Ctrl-A s   shows the account of the run so far
  Ctrl-A w   writes the run as it is to the file of --save
  Ctrl-A n   gives the keyboard to the next console, Ctrl-A 0 to Ctrl-A 9 to that one
  Ctrl-A b   sends a BREAK: what is typed after it within five seconds is SysRq's, for a Linux console on a UART
  Ctrl-A :   asks for words about the run, which stands still meanwhile: vcpus, interrupts, registers DEVICE …
  Ctrl-A h   shows this
  Ctrl-A a   is Ctrl-A for the guest, and so is Ctrl-A Ctrl-A
`;

export interface KeyActions {
  readonly type: (bytes: readonly number[]) => void;
  readonly account: () => void;
  readonly save: () => void;
  readonly help: () => void;
  /** A BREAK for the console that the keyboard is for. */
  readonly sendBreak: () => void;
  /** What is typed while it is open is not for a guest. */
  readonly prompt: { readonly isOpen: boolean; open(): void; take(byte: number): void };
  /** Gives the keyboard to the console of this number, or to the next one. */
  readonly switchTo: (console: number | 'next') => void;
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
    let typed: number[] = [];
    const type = (): void => {
      if (typed.length > 0) this.#actions.type(typed);
      typed = [];
    };
    for (const byte of bytes) {
      if (this.#actions.prompt.isOpen) this.#actions.prompt.take(byte);
      else if (this.#escaped) {
        this.#escaped = false;
        // Ctrl-A twice is one for the guest.
        if (byte === CTRL_A || byte === key('a')) typed.push(CTRL_A);
        else {
          // What was typed before is for whom the keyboard was for.
          type();
          this.#command(byte);
        }
      } else if (byte === CTRL_A) {
        this.#escaped = true;
      } else {
        typed.push(byte);
      }
    }
    type();
  }

  #command(byte: number): void {
    if (byte === key('x')) this.leaving = true;
    else if (byte === key('s')) this.#actions.account();
    else if (byte === key('w')) this.#actions.save();
    else if (byte === key('b')) this.#actions.sendBreak();
    else if (byte === key('n')) this.#actions.switchTo('next');
    else if (byte >= DIGIT_0 && byte <= DIGIT_9) this.#actions.switchTo(byte - DIGIT_0);
    else if (byte === key(':')) this.#actions.prompt.open();
    else if (byte === key('h') || byte === key('?')) this.#actions.help();
  }
}
