/** What `run` shows while it goes on: consoles on standard output, everything else on standard error, in order. */
import { type Consoles, ConsoleView } from '../../run/index.ts';
import type { CommandLine } from '../cli.ts';
import type { ConsoleFiles } from './console-files.ts';
import { Transcript } from './transcript.ts';

export interface ScreenOptions {
  /** Whether a person watches. */
  readonly interactive: boolean;
  /** Nothing is shown: the answer holds it all. */
  readonly json: boolean;
  readonly files?: ConsoleFiles;
}

const WAITING_LIMIT_BYTES = 1 << 14;

export class Screen {
  readonly #cli: CommandLine;
  readonly #options: ScreenOptions;
  readonly #consoles: Consoles;
  readonly #view: ConsoleView;
  readonly #whole = new Transcript();
  readonly #each = new Map<number, Transcript>();
  #waiting: number[] = [];
  /** Whether no console has said anything yet. */
  isSilent = true;

  constructor(cli: CommandLine, consoles: Consoles, options: ScreenOptions) {
    this.#cli = cli;
    this.#options = options;
    this.#consoles = consoles;
    const { stdout } = cli;
    this.#view = new ConsoleView({
      nameOf: (source) => this.#nameOf(source),
      write: (bytes) => this.#write(bytes),
      colours: stdout.isTTY === true && stdout.hasColors?.() === true,
      ...(options.interactive ? { focus: () => consoles.focus } : {}),
    });
  }

  add(source: number, byte: number): void {
    this.isSilent = false;
    this.#options.files?.add(this.#nameOf(source), byte);
    if (this.#options.json) {
      const transcript = this.#each.get(source) ?? new Transcript();
      this.#each.set(source, transcript);
      transcript.add([byte]);
    }
    this.#view.add(source, byte);
  }

  /** Something about the run, on lines of its own. */
  say(text: string): void {
    const { stdout, stderr } = this.#cli;
    const together = stdout.isTTY === true && stderr.isTTY === true;
    if (together) this.#view.interrupt();
    this.flush();
    stderr.write(text);
    if (together) this.#view.resume();
  }

  flush(): void {
    this.#options.files?.flush();
    if (this.#waiting.length === 0) return;
    this.#cli.stdout.write(Uint8Array.from(this.#waiting));
    this.#waiting = [];
  }

  /** Shows what is unfinished. Gives what must come before anything else that is printed. */
  end(): string {
    this.#view.end();
    this.flush();
    return this.#view.midLine ? '\n' : '';
  }

  /** What was shown and who said what. */
  get answer(): { readonly console: string; readonly consoles: Readonly<Record<string, string>> } {
    const each = [...this.#each].map(([source, { text }]) => [this.#nameOf(source), text]);
    return { console: this.#whole.text, consoles: Object.fromEntries(each) };
  }

  #nameOf(source: number): string {
    return this.#consoles.sources[source]?.name ?? `${source}`;
  }

  #write(bytes: readonly number[]): void {
    if (this.#options.json) {
      this.#whole.add(bytes);
      return;
    }
    for (const byte of bytes) this.#waiting.push(byte);
    if (this.#waiting.length >= WAITING_LIMIT_BYTES) this.flush();
  }
}
