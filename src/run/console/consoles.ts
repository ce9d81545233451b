/**
 * The consoles of a run: what UARTs and serial virtualisers say, taken apart by who said it, and the keyboard, which goes to
 * one of them at a time.
 */
import { type KernelMessage, KernelMessages } from './kernel-messages.ts';
import { ConsoleLines } from './lines.ts';
import { PanicWatch } from './panic-watch.ts';
import {
  type ConsoleSource,
  consoleSources,
  type SourceFacts,
  sourceOfUart,
  uartSources,
} from './sources.ts';
import { TextWatch } from './text-watch.ts';

/** What consoles are told apart by, and who hears what they say. */
export interface ConsolesOptions extends SourceFacts {
  /** Every byte, with the index of who said it in {@link Consoles.sources}. */
  readonly onByte: (source: number, byte: number) => void;
  /** Hands characters to a UART; without one, to the board's console. */
  readonly type: (bytes: readonly number[], uart: string | undefined) => void;
  /** The key of a receive virtualiser, by its protection domain, where it is not Ctrl-\. */
  readonly switchByteOf?: (receiver: string) => number | undefined;
  /** What {@link Consoles.found} waits for: a text, or `NAME:TEXT` for one console. */
  readonly until?: string;
}

/** What chooses a client of a receive virtualiser: Ctrl-\ unless it has another key, its number, Enter. */
const SWITCH = 0x1c;
const ENTER = 0x0d;

/** All consoles of a run: who says what, which text was waited for, whom the keyboard is for. */
export class Consoles {
  readonly sources: ConsoleSource[];
  /** Whom the keyboard is for. */
  focus = 0;
  readonly #options: ConsolesOptions;
  readonly #shared: ReadonlySet<string>;
  /** Whom each receive virtualiser, by its UART, hands characters to. */
  readonly #chosen = new Map<string, number>();
  readonly #watch: TextWatch | undefined;
  readonly #panics = new PanicWatch();
  readonly #kernelMessages = new KernelMessages();
  readonly #lines = new ConsoleLines((source, line) => {
    this.#panics.heard(source, line);
    this.#kernelMessages.heard(source, line);
  });
  readonly #spoken = new Set<number>();

  constructor(options: ConsolesOptions) {
    this.#options = options;
    this.sources = [...consoleSources(options)];
    this.#watch = options.until === undefined ? undefined : this.#watchFor(options.until);
    this.#shared = new Set(this.sources.flatMap(({ client, uart }) => (client === undefined ? [] : [uart])));
  }

  /** Whether the text that is waited for was said. */
  get found(): boolean {
    return this.#watch?.found === true;
  }

  /** Kernels that have given up, by the name of their console, and why. */
  get panics(): readonly { readonly name: string; readonly reason: string }[] {
    return [...this.#panics.reasons].map(([source, reason]) => ({
      name: this.sources[source]?.name ?? '',
      reason,
    }));
  }

  /** What the kernel on the console of that name said of its devices. */
  kernelMessages(name: string): readonly KernelMessage[] {
    return this.#kernelMessages.of(this.sources.findIndex((one) => one.name === name));
  }

  /** Whether the console of that name has said anything; `undefined` where there is none of that name. */
  hasSpoken(name: string): boolean | undefined {
    const source = this.sources.findIndex((one) => one.name === name);
    return source < 0 ? undefined : this.#spoken.has(source);
  }

  /** A character that left a UART. */
  sent(uart: string, byte: number): void {
    // What a native driver sends was heard at the virtualiser, where it is known whose it is.
    if (!this.#shared.has(uart)) this.#heard(this.#sourceOf(uart), byte);
  }

  /** What a transmit virtualiser takes from a client. */
  passed(transmitter: string, client: number, bytes: Uint8Array): void {
    const source = this.sources.findIndex(
      (one) => one.client?.transmitter === transmitter && one.client.transmitIndex === client,
    );
    if (source < 0) return;
    for (const byte of bytes) this.#heard(source, byte);
  }

  /** Hands what was typed to whom the keyboard is for. */
  type(bytes: readonly number[]): void {
    const source = this.sources[this.focus];
    if (source !== undefined) this.#choose(source);
    this.#options.type(bytes, source?.uart);
  }

  /** Gives the keyboard to another; `false` where there is none of that number. */
  focusOn(index: number): boolean {
    if (this.sources[index] === undefined) return false;
    this.focus = index;
    return true;
  }

  /** Tells a receive virtualiser whom characters are for; it begins with its first client. */
  #choose({ uart, client }: ConsoleSource): void {
    const wanted = client?.several === true ? client.receiveIndex : undefined;
    if (wanted === undefined || (this.#chosen.get(uart) ?? 0) === wanted) return;
    this.#chosen.set(uart, wanted);
    const key = this.#options.switchByteOf?.(client?.receiver ?? '') ?? SWITCH;
    this.#options.type([key, ...[...`${wanted}`].map((digit) => digit.charCodeAt(0)), ENTER], uart);
  }

  #watchFor(until: string): TextWatch {
    const isMeant = ({ name }: ConsoleSource) => until.startsWith(`${name}:`);
    const uart = uartSources(this.#options.board).find(isMeant);
    if (!this.sources.some(isMeant) && uart !== undefined) this.sources.push(uart);
    const source = this.sources.findIndex(isMeant);
    const name = this.sources[source]?.name;
    return name === undefined ? new TextWatch(until) : new TextWatch(until.slice(name.length + 1), source);
  }

  #sourceOf(uart: string): number {
    const known = this.sources.findIndex((source) => source.uart === uart);
    if (known >= 0) return known;
    this.sources.push(sourceOfUart(this.#options.board, uart));
    return this.sources.length - 1;
  }

  #heard(source: number, byte: number): void {
    this.#watch?.add(source, byte);
    this.#lines.add(source, byte);
    this.#spoken.add(source);
    this.#options.onByte(source, byte);
  }
}
