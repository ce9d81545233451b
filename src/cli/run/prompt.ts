/** Ctrl-A : — words about the run, typed a line at a time while everything stands still. An empty line goes back to the guest. */

const [CTRL_C, CTRL_D, BACKSPACE, ENTER, NEWLINE, CTRL_U, ESCAPE, DELETE] = [3, 4, 8, 13, 10, 21, 27, 127];
const [PRINTABLE_FIRST, PRINTABLE_LAST] = [0x20, 0x7e];
const LINE_LIMIT = 500;
const SIGN = '(drivervm) ';

/** What the prompt does with the terminal and the run. */
export interface PromptActions {
  /** Begins a line of its own, whatever a console is in the middle of. */
  readonly say: (text: string) => void;
  readonly echo: (text: string) => void;
  readonly run: (line: string) => string;
}

/** A line of words, edited as in a simple shell. */
export class Prompt {
  isOpen = false;
  #line = '';
  readonly #actions: PromptActions;

  constructor(actions: PromptActions) {
    this.#actions = actions;
  }

  open(): void {
    this.isOpen = true;
    this.#line = '';
    this.#actions.say('drivervm: everything stands still; "help" has the words, an empty line goes on\n');
    this.#actions.echo(SIGN);
  }

  take(byte: number): void {
    if (byte === ENTER || byte === NEWLINE) this.#enter();
    else if (byte === CTRL_C || byte === CTRL_D || byte === ESCAPE) this.#close();
    else if (byte === BACKSPACE || byte === DELETE) this.#erase(1);
    else if (byte === CTRL_U) this.#erase(this.#line.length);
    else if (byte >= PRINTABLE_FIRST && byte <= PRINTABLE_LAST && this.#line.length < LINE_LIMIT) {
      const character = String.fromCharCode(byte);
      this.#line += character;
      this.#actions.echo(character);
    }
  }

  #enter(): void {
    const line = this.#line.trim();
    this.#line = '';
    if (line === '') {
      this.#close();
      return;
    }
    this.#actions.echo(`\n${this.#actions.run(line)}`);
    // A word may have ended the run.
    if (this.isOpen) this.#actions.echo(SIGN);
  }

  #erase(count: number): void {
    const erased = Math.min(count, this.#line.length);
    this.#line = this.#line.slice(0, this.#line.length - erased);
    this.#actions.echo('\b \b'.repeat(erased));
  }

  #close(): void {
    this.isOpen = false;
    this.#actions.echo('\n');
  }
}
