/**
 * Standard input of a run. What a person types goes to the guest at once. Bytes from a pipe wait until the guest has nothing
 * to do, one line at a time, as a person would type them: a driver that starts up throws away what came before.
 */
import { type Host, type Wake, wakeUp } from '../../base/index.ts';
import { BREAK } from '../../device/index.ts';
import type { Consoles } from '../../run/index.ts';
import { ConsoleKeys, KEYS_HELP, type KeyActions } from './keys.ts';

export interface KeyboardParts {
  readonly consoles: Consoles;
  readonly interactive: boolean;
  readonly wake: Wake;
}

export interface KeyboardActions {
  readonly account: () => void;
  readonly save: () => void;
  readonly prompt: KeyActions['prompt'];
  readonly say: (text: string) => void;
}

const NEWLINE = 0x0a;

export class Keyboard {
  readonly #keys: ConsoleKeys;
  readonly #terminal: { close(): void } | undefined;
  readonly #consoles: Consoles;
  readonly #say: (text: string) => void;
  /** What came through a pipe and was not typed yet. */
  readonly #piped: Uint8Array[] = [];
  #ended = false;
  readonly #interactive: boolean;

  constructor({ terminal }: Host, { consoles, interactive, wake }: KeyboardParts, actions: KeyboardActions) {
    this.#consoles = consoles;
    this.#interactive = interactive;
    this.#say = actions.say;
    this.#keys = new ConsoleKeys({
      type: (bytes) => consoles.type(bytes),
      sendBreak: () => consoles.type([BREAK]),
      account: actions.account,
      save: actions.save,
      prompt: actions.prompt,
      help: () => actions.say(KEYS_HELP),
      switchTo: (console) => this.#switchTo(console),
    });
    // A terminal whose person gets an answer in JSON keeps its keys, Ctrl-C among them.
    const isListenedTo = terminal !== undefined && (interactive || !terminal.isInteractive);
    if (!isListenedTo) {
      this.#ended = true;
      return;
    }
    this.#terminal = terminal.open(
      (bytes) => {
        if (interactive) this.#keys.take(bytes);
        else if (bytes.length > 0) this.#piped.push(bytes);
        wakeUp(wake);
      },
      () => {
        this.#ended = true;
        wakeUp(wake);
      },
    );
  }

  /** Whether more may come. */
  get isOpen(): boolean {
    return !this.#ended || this.#piped.length > 0;
  }

  /** Ctrl-A x was typed, or the person's terminal is gone. */
  get leaving(): boolean {
    return this.#keys.leaving || (this.#interactive && this.#ended);
  }

  /** Types the next line that came through a pipe; `false` where there is none. */
  typeLine(): boolean {
    if (this.#piped.length === 0) return false;
    const line: number[] = [];
    for (let chunk = this.#piped.shift(); chunk !== undefined; chunk = this.#piped.shift()) {
      const end = chunk.indexOf(NEWLINE);
      for (const byte of end < 0 ? chunk : chunk.subarray(0, end + 1)) line.push(byte);
      if (end < 0) continue;
      if (end + 1 < chunk.length) this.#piped.unshift(chunk.subarray(end + 1));
      break;
    }
    this.#keys.take(line);
    return true;
  }

  close(): void {
    this.#terminal?.close();
  }

  #switchTo(console: number | 'next'): void {
    const { sources, focus } = this.#consoles;
    const index = console === 'next' ? (focus + 1) % Math.max(1, sources.length) : console;
    const known = this.#consoles.focusOn(index);
    const names = sources.map(({ name }, number) => `${number} ${name}`).join(', ');
    const said = known ? `the keyboard is for ${sources[index]?.name}` : `there is no console ${index}`;
    this.#say(`drivervm: ${said} (${names})\n`);
  }
}
