/**
 * Several consoles on one screen. While only one speaks, its bytes go through as they are. Once another does, lines are kept
 * whole and begin with who said them. For a person, the console that has the keyboard is shown as it types; a line of
 * another is then put above the unfinished one. For a machine there are only whole lines, so what is printed depends on
 * nothing but the run.
 */

/** Where the view writes, and the names of the sources. */
export interface ConsoleViewOptions {
  /** The name of a source, by its number. */
  readonly nameOf: (source: number) => string;
  readonly write: (bytes: readonly number[]) => void;
  /** Whether a person watches: the source that has the keyboard is then shown at once. */
  readonly focus?: () => number;
  /** Whether the terminal understands colours and "erase this line". */
  readonly colours?: boolean;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** An unfinished line that grows beyond this is shown as if it had ended. */
const LINE_LIMIT_BYTES = 4096;
/** ANSI: SGR 31–36, SGR 0, and "erase to the right" after a return to the line's start (ECMA-48). */
const COLOURS = 6;
const ERASE = '\r\x1b[K';

/** A line that has not ended. */
interface Line {
  bytes: number[];
  /** Whether all of it has been on the screen. */
  isShown: boolean;
}

/** Several consoles on one screen: as it is while one speaks, whole named lines after that. */
export class ConsoleView {
  readonly #options: ConsoleViewOptions;
  readonly #speakers = new Set<number>();
  /** The unfinished line at the cursor. */
  #open: { readonly source: number; readonly line: Line } | undefined;
  /** Unfinished lines that are not on the screen. */
  readonly #hidden = new Map<number, Line>();

  constructor(options: ConsoleViewOptions) {
    this.#options = options;
  }

  add(source: number, byte: number): void {
    this.#speakers.add(source);
    if (this.#isShownAtOnce(source)) this.#showAtOnce(source, byte);
    else this.#keep(source, byte);
  }

  /** Shows what is unfinished, at the end of a run. */
  end(): void {
    for (const [source, { bytes, isShown }] of [...this.#hidden].sort(([a], [b]) => a - b)) {
      if (!isShown) this.#above(source, bytes);
    }
    this.#hidden.clear();
  }

  /** Whether the cursor stands behind an unfinished line. */
  get midLine(): boolean {
    return this.#open !== undefined;
  }

  /** Makes room on the terminal for something that is said by nobody in the run; {@link resume} comes after it. */
  interrupt(): void {
    if (this.#open === undefined) return;
    this.#write(this.#canRedraw ? bytesOf(ERASE) : [NEWLINE]);
    if (!this.#canRedraw) this.#open = undefined;
  }

  /** Shows the unfinished line again, or that of the console that has the keyboard by now. */
  resume(): void {
    const focus = this.#options.focus?.();
    if (focus !== undefined && this.#several && this.#canRedraw && this.#open?.source !== focus) {
      this.#putAside();
      if (this.#hidden.has(focus)) this.#openLineOf(focus);
    } else if (this.#open !== undefined) this.#write(this.#shownOf(this.#open));
  }

  get #several(): boolean {
    return this.#speakers.size > 1;
  }

  #isShownAtOnce(source: number): boolean {
    const { focus } = this.#options;
    if (!this.#several) return true;
    return focus === undefined ? this.#open?.source === source : focus() === source;
  }

  #showAtOnce(source: number, byte: number): void {
    if (this.#open !== undefined && this.#open.source !== source) {
      // The keyboard went to another console.
      this.#write([NEWLINE]);
      this.#putAside();
    }
    const { line } = this.#open ?? this.#openLineOf(source);
    line.bytes.push(byte);
    this.#write([byte]);
    if (byte === NEWLINE) this.#open = undefined;
    // What was overwritten by a return to the line's start need not be shown again.
    else if (line.bytes.length > LINE_LIMIT_BYTES) line.bytes = line.bytes.slice(-LINE_LIMIT_BYTES / 2);
  }

  #openLineOf(source: number): { readonly source: number; readonly line: Line } {
    const line = this.#hidden.get(source) ?? { bytes: [], isShown: true };
    line.isShown = true;
    this.#hidden.delete(source);
    this.#open = { source, line };
    this.#write(this.#shownOf(this.#open));
    return this.#open;
  }

  /** The unfinished line stays as it is on the screen, and is shown again when its console has the keyboard again. */
  #putAside(): void {
    if (this.#open !== undefined) this.#hidden.set(this.#open.source, this.#open.line);
    this.#open = undefined;
  }

  #keep(source: number, byte: number): void {
    const line = this.#hidden.get(source) ?? { bytes: [], isShown: false };
    this.#hidden.set(source, line);
    line.isShown = false;
    line.bytes.push(byte);
    if (byte !== NEWLINE && line.bytes.length < LINE_LIMIT_BYTES) return;
    this.#hidden.delete(source);
    this.#above(source, line.bytes);
  }

  /** A whole line, above the unfinished one where the terminal can do that. */
  #above(source: number, bytes: readonly number[]): void {
    const ended = bytes.at(-1) === NEWLINE ? bytes : [...bytes, NEWLINE];
    const shown = [...this.#prefix(source), ...ended];
    const open = this.#open;
    if (open === undefined) {
      this.#write(shown);
      return;
    }
    if (this.#canRedraw) {
      this.#write([...bytesOf(ERASE), ...shown, ...this.#shownOf(open)]);
      return;
    }
    this.#write([NEWLINE, ...shown]);
    this.#open = undefined;
  }

  get #canRedraw(): boolean {
    return this.#options.colours === true && this.#options.focus !== undefined;
  }

  /** What is to be seen of an unfinished line. */
  #shownOf({ source, line }: { readonly source: number; readonly line: Line }): readonly number[] {
    return [...this.#prefix(source), ...line.bytes.slice(lastReturn(line.bytes))];
  }

  #prefix(source: number): readonly number[] {
    if (!this.#several) return [];
    const { nameOf, colours } = this.#options;
    const name = nameOf(source);
    return bytesOf(colours === true ? `\x1b[${31 + (source % COLOURS)}m${name}|\x1b[0m ` : `${name}| `);
  }

  #write(bytes: readonly number[]): void {
    if (bytes.length > 0) this.#options.write(bytes);
  }
}

/** Where what is to be seen of an unfinished line begins: a progress bar returns to the line's start again and again. */
function lastReturn(bytes: readonly number[]): number {
  const at = bytes.lastIndexOf(RETURN);
  return at < 0 || at === bytes.length - 1 ? 0 : at + 1;
}

function bytesOf(text: string): readonly number[] {
  return [...new TextEncoder().encode(text)];
}
