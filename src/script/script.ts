/**
 * What a script has in hand: the consoles, time, and what the run knows of itself. The guests run while the script waits, and only
 * then: it comes to the same each time, however fast the machine is.
 */
import { type Host, Refusal } from '../base/index.ts';
import {
  type DriveOptions,
  drive,
  driveLine,
  moveCable,
  moveCard,
  pokeRegister,
  type RunAccount,
  type RunEnd,
} from '../run/index.ts';
import { type Run, RunCommands, type Snapshots } from '../workspace/index.ts';
import { DEFAULT_SECONDS, GuestConsole, type Running, type WaitOptions } from './guest-console.ts';

/** What a script works on. */
export interface ScriptParts {
  readonly host: Pick<Host, 'nowMs' | 'pause' | 'files'>;
  readonly run: Run;
  /** Looks at the inputs when a state is first saved or taken up. */
  readonly snapshots: () => Snapshots;
  /** Where files go that the script writes. */
  readonly outputDirectory: string;
  /** What the run's owner wants of the driving of the session. */
  readonly driving?: DriveOptions;
}

const NS_PER_SECOND = 1e9;
/** Why waiting for something came to nothing. */
const ENDS: Readonly<Record<Exclude<RunEnd, 'until'>, string>> = {
  off: 'the guests turned themselves off',
  stuck: 'no guest can go on',
  panic: "a guest's kernel gave up",
  dead: 'nothing will ever wake the guests',
  quiet: 'the guests have nothing to do',
  timeout: 'the time given to the run was over',
  left: 'the run was left',
};

/** What a script is given: the consoles, the guests' time, what was touched. */
export class Script implements Running {
  readonly #parts: ScriptParts;
  readonly #consoles: GuestConsole[] = [];
  readonly #commands: RunCommands;

  constructor(parts: ScriptParts) {
    this.#parts = parts;
    this.#commands = new RunCommands(parts.run);
  }

  /** A console by its name: a guest's, or a UART's path. Without one, the keyboard's. */
  console(name?: string): GuestConsole {
    const { sources, focus } = this.#parts.run.consoles;
    const index = name === undefined ? focus : sources.findIndex((source) => source.name === name);
    if (sources[index] === undefined) {
      const names = sources.map((source) => source.name).join(', ');
      throw new Refusal(`there is no console ${name ?? ''}: ${names}`);
    }
    return this.#consoleAt(index);
  }

  /** A byte that a console said, by the console's index. */
  heard(source: number, byte: number): void {
    this.#consoleAt(source).heard(byte);
  }

  /** The consoles that have said anything. */
  get spoken(): readonly GuestConsole[] {
    return this.#consoles.filter(({ text }) => text !== '');
  }

  #consoleAt(index: number): GuestConsole {
    const known = this.#consoles[index];
    if (known !== undefined) return known;
    const { consoles } = this.#parts.run;
    const made = new GuestConsole(consoles.sources[index]?.name ?? `${index}`, this, (bytes) => {
      consoles.focusOn(index);
      consoles.type(bytes);
    });
    this.#consoles[index] = made;
    return made;
  }

  /** Seconds of the guests' time since power-on. */
  get seconds(): number {
    return this.#parts.run.session.machine.time.nowNs / NS_PER_SECOND;
  }

  /** Lets the guests run for so long. */
  async pass(seconds: number): Promise<void> {
    const { time } = this.#parts.run.session.machine;
    const endNs = this.#endNs(seconds);
    const ended = await this.#drive(() => false, seconds);
    // What never wakes of itself may be woken by what the script does next.
    if (ended === 'dead' && !this.#parts.run.session.kernel.isWithinSlice) time.advanceTo(endNs);
  }

  /** Lets them run until all have turned themselves off. */
  async untilOff({ seconds = DEFAULT_SECONDS }: WaitOptions = {}): Promise<void> {
    const end = await this.#drive(() => false, seconds);
    if (end !== 'off')
      throw new Refusal(`waited for the guests to turn themselves off: ${reasonOf(end, seconds)}`);
  }

  async until(holds: () => boolean, seconds: number, waitedFor: () => string): Promise<void> {
    const end = await this.#drive(holds, seconds);
    if (!holds()) throw new Refusal(`waited for ${waitedFor()}: ${reasonOf(end, seconds)}`);
  }

  /** What was touched, interrupts, faults, time and instructions so far. */
  account(): RunAccount {
    return this.#parts.run.report.account();
  }

  /** What the run's words give, as at the console's prompt: `vcpus`, `registers serial@3000`. */
  monitor(line: string): string {
    return this.#commands.run(line);
  }

  /** Holds an interrupt's line high, as its device would, until {@link lower}. */
  raise(intid: number): void {
    driveLine(this.#parts.run.session, intid, true);
  }

  lower(intid: number): void {
    driveLine(this.#parts.run.session, intid, false);
  }

  /** Writes a device's register by its manual's name, `UARTCR` or `UARTCR.UARTEN`, or by its offset, as a guest would. */
  poke(device: string, register: string, value: number | bigint): void {
    pokeRegister(this.#parts.run.session, device, register, BigInt(value));
  }

  /** Takes a card out of its slot, by its controller's path, the end of it or its alias. */
  unplug(slot: string): void {
    moveCard(this.#parts.run.session, slot, false);
  }

  /** Puts it in again. */
  plug(slot: string): void {
    moveCard(this.#parts.run.session, slot, true);
  }

  /** Pulls the cable of an Ethernet controller, or puts it in. */
  link(ethernet: string, state: 'up' | 'down'): void {
    moveCable(this.#parts.run.session, ethernet, state === 'up');
  }

  /** How often a device of the board's was read and written, by its path; 0 where it was not, or shares its page. */
  touched(device: string): number {
    return this.account()
      .regions.filter(({ touched }) => touched.some(({ devices }) => devices.includes(device)))
      .reduce((sum, { reads, writes }) => sum + reads + writes, 0);
  }

  /** How often an interrupt came, by its INTID. */
  interrupts(intid: number): number {
    return this.account()
      .interrupts.filter((each) => each.intid === intid)
      .reduce((sum, { count }) => sum + count, 0);
  }

  /** Keeps the run as it is, for {@link resume} or `run --resume`. */
  async save(file: string): Promise<void> {
    this.#parts.snapshots().save(this.#place(file));
  }

  /** A file of results. */
  write(file: string, content: Uint8Array | string): void {
    const { files } = this.#parts.host;
    const path = this.#place(file);
    files.makeDirectory(files.dirname(path));
    files.writeAtomically(path, content);
  }

  #place(file: string): string {
    return this.#parts.host.files.join(this.#parts.outputDirectory, file);
  }

  /** When so many seconds are over: a whole number, which a moment of the guests' time can be. */
  #endNs(seconds: number): number {
    return Math.ceil(this.#parts.run.session.machine.time.nowNs + seconds * NS_PER_SECOND);
  }

  /** Until something holds, or so many seconds of the guests' time are over, or they are. */
  async #drive(holds: () => boolean, seconds: number): Promise<RunEnd> {
    const { host, run, driving } = this.#parts;
    const { time } = run.session.machine;
    const deadlineNs = this.#endNs(seconds);
    return drive(run.session, host, {
      ...driving,
      found: () => driving?.found?.() === true || holds() || time.nowNs >= deadlineNs,
      // Not after silence: what was said last may be long ago.
      quietSeconds: Number.POSITIVE_INFINITY,
      deadlineNs,
      tracer: run.tracer,
      onQuiet: () => this.#consoles.some((console) => console.typeNext()),
    });
  }
}

function reasonOf(end: RunEnd, seconds: number): string {
  return end === 'until' || end === 'quiet'
    ? `it did not come in ${seconds} s of the guests' time`
    : ENDS[end];
}
