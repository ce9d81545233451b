/** A console as a script has it: what it says is waited for, piece by piece, and what is typed goes in when the guest looks for it. */
import { Refusal } from '../base/index.ts';
import { BREAK } from '../device/index.ts';

/** How a script lets the guests run. */
export interface Running {
  /** Lets them run until this holds; throws a {@link Refusal} that says `waitedFor` when so many seconds of theirs are over, or they are. */
  until(holds: () => boolean, seconds: number, waitedFor: () => string): Promise<void>;
}

/** How long to wait, in seconds. */
export interface WaitOptions {
  /** Of the guest's time; 60 unless said. */
  readonly seconds?: number;
}

/** How long a shell's command may take, in seconds of the guest's time, and whether it may fail. */
export interface CommandOptions extends WaitOptions {
  /** A status other than 0 is no failure. */
  readonly mayFail?: boolean;
}

/** What a shell's command printed, without the prompt and what was typed, and its exit status. */
export interface CommandOutcome {
  readonly output: string;
  readonly status: number;
}

export const DEFAULT_SECONDS = 60;
/** What a console said before this much is forgotten. */
const KEPT_CHARACTERS = 1 << 22;
const SHOWN_CHARACTERS = 200;

const CTRL = /^ctrl-([a-z\\\]])$/;
/** A BREAK, among bytes. */
const BREAK_KEY = 'break';
const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  backspace: '\x7f',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
};

/** A console of the run, in hand of a script. */
export class GuestConsole {
  readonly name: string;
  readonly #running: Running;
  readonly #type: (bytes: readonly number[]) => void;
  #text = '';
  /** How much of the text was waited for already. */
  #taken = 0;
  /** Grows with whatever is said. */
  #version = 0;
  readonly #lines: string[] = [];
  #commands = 0;

  constructor(name: string, running: Running, type: (bytes: readonly number[]) => void) {
    this.name = name;
    this.#running = running;
    this.#type = type;
  }

  /** A byte was said. */
  heard(byte: number): void {
    this.#text += String.fromCharCode(byte);
    this.#version += 1;
    const excess = this.#text.length - 2 * KEPT_CHARACTERS;
    if (excess < 0) return;
    this.#text = this.#text.slice(KEPT_CHARACTERS);
    this.#taken = Math.max(0, this.#taken - KEPT_CHARACTERS);
  }

  /** The guest looks for input, or has nothing to do: the next line goes in. */
  typeNext(): boolean {
    const line = this.#lines.shift();
    if (line === undefined) return false;
    this.type(line);
    return true;
  }

  /** All that it said. */
  get text(): string {
    return this.#text;
  }

  /** The last of it, in a line, for a message. */
  get lastWords(): string {
    return JSON.stringify(this.#text.trimEnd().slice(-SHOWN_CHARACTERS));
  }

  /**
   * Lets the guests run until the console has said this, from where the last wait ended. Gives what was said before it and the match,
   * with a regular expression's groups.
   */
  async waitFor(
    wanted: string | RegExp,
    { seconds = DEFAULT_SECONDS }: WaitOptions = {},
  ): Promise<{ readonly before: string; readonly match: readonly string[] }> {
    let found: { readonly index: number; readonly match: readonly string[] } | undefined;
    let looked = -1;
    const look = (): boolean => {
      if (found === undefined && looked !== this.#version) {
        looked = this.#version;
        found = matchIn(this.#text.slice(this.#taken), wanted);
      }
      return found !== undefined;
    };
    const shown = typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted);
    const waitedFor = () => `${shown} on ${this.name}, which said last ${this.lastWords}`;
    await this.#running.until(look, seconds, waitedFor);
    if (found === undefined) throw new Refusal(`${shown} was not said`);
    const before = this.#text.slice(this.#taken, this.#taken + found.index);
    this.#taken += found.index + (found.match[0]?.length ?? 0);
    return { before, match: found.match };
  }

  /** Types characters at once. */
  type(text: string): void {
    this.#type([...new TextEncoder().encode(text)]);
  }

  /** Types a line, as soon as the guest looks for one. */
  enter(line: string): void {
    this.#lines.push(`${line}\n`);
  }

  /** `ctrl-c`, `enter`, `escape`, `tab`, `backspace`, `up`, `down`, `left`, `right`; `break`, after which SysRq's keys are typed. */
  key(name: string): void {
    if (name === BREAK_KEY) {
      this.#type([BREAK]);
      return;
    }
    const control = CTRL.exec(name)?.[1];
    const bytes = control === undefined ? KEYS[name] : String.fromCharCode(control.charCodeAt(0) & 0x1f);
    if (bytes === undefined)
      throw new Refusal(`there is no key "${name}": ctrl-c, ${Object.keys(KEYS).join(', ')}, ${BREAK_KEY}`);
    this.type(bytes);
  }

  /** Has a shell run a command. Gives what it printed; a status other than 0 is a failure unless it may be. */
  async command(line: string, { mayFail = false, ...wait }: CommandOptions = {}): Promise<CommandOutcome> {
    this.#commands += 1;
    const mark = `@${this.#commands}`;
    // What is typed is echoed: the mark is not in it.
    this.enter(`${line}; echo "@"${mark}:$?`);
    await this.waitFor(`"@"${mark}:$?`, wait);
    const { before, match } = await this.waitFor(new RegExp(`@${mark}:(\\d+)`), wait);
    const output = before
      .replaceAll('\r', '')
      .replace(/^[^\n]*\n/, '')
      .replace(/\n$/, '');
    const status = Number(match[1]);
    if (status !== 0 && !mayFail) throw new Refusal(`"${line}" ended with status ${status}: ${output}`);
    return { output, status };
  }
}

function matchIn(
  text: string,
  wanted: string | RegExp,
): { readonly index: number; readonly match: readonly string[] } | undefined {
  if (typeof wanted === 'string') {
    const index = text.indexOf(wanted);
    return index < 0 ? undefined : { index, match: [wanted] };
  }
  const match = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, '')).exec(text);
  return match === null ? undefined : { index: match.index, match: [...match] };
}
