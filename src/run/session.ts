/**
 * A run: the board, the kernel model and the programs joined, and stepped in pieces that leave the host time for its
 * terminal. It ends when the guest turns itself off, when nothing can ever run again, or when its owner stops stepping.
 */
import type { CpuCluster, CpuClusterOptions } from '../aarch64/index.ts';
import {
  type DiagnosticSink,
  kept,
  keptSet,
  rangesOverlap,
  type Saved,
  type SavedValue,
  savedParts,
  shape,
} from '../base/index.ts';
import type { EthernetWire, FrameWatcher, SerialLine } from '../device/index.ts';
import type { Board } from '../devicetree/index.ts';
import { createMachine, type Machine, type MachineOptions, type PhysicalRam } from '../machine/index.ts';
import type { ProtectionDomain, SystemDescription } from '../microkit/index.ts';
import {
  type DebugStop,
  Kernel,
  type KernelEvent,
  type ProgramFactory,
  type RegionLayout,
  systemLayout,
} from '../sel4/index.ts';
import { RunRecord } from './record.ts';
import { deliverInput, type SessionInput } from './session-input.ts';
import { fitsSnapshot, readSnapshot, writeSnapshot } from './snapshot.ts';

/** What a session is made of, and who listens. */
export interface SessionOptions {
  readonly board: Board;
  readonly description: SystemDescription;
  /** Gives each domain its program; what reaches beyond the machine may have ports on its wire. */
  readonly programOf: (pd: ProtectionDomain, wire: EthernetWire) => ProgramFactory;
  readonly createCluster: (options: CpuClusterOptions) => CpuCluster;
  /** The node whose UART is the console, by path; by default the board's `stdout-path`, else whichever speaks first. */
  readonly console?: string;
  readonly onConsole?: (byte: number) => void;
  /** What any UART sends, by its node's path. */
  readonly onOutput?: (uart: string, byte: number) => void;
  readonly onEvent?: (event: KernelEvent) => void;
  /** Sees each frame on the machine's wire once, as it is sent. */
  readonly onFrame?: FrameWatcher;
  readonly machine?: MachineOptions;
  readonly sliceInstructions?: number;
  /** WFI traps to the monitor, as in seL4's usual build, and a guest that idles keeps its turn. */
  readonly trapsWfi?: boolean;
  /** The virtual timer's interrupt stays in its list register when its line falls, as with seL4. */
  readonly keepsTimerInterrupts?: boolean;
}

/** Why a run is over, or that it isn't. */
export type SessionStatus =
  | { readonly kind: 'running' }
  /** Nothing can run before this time unless someone types; the owner lets time pass. */
  | { readonly kind: 'idle'; readonly untilNs: number | undefined }
  | { readonly kind: 'off' }
  /** Every vCPU has stopped in a fault, or its monitor has failed: the record says why. */
  | { readonly kind: 'stuck' }
  /** A vCPU came to where a debugger wants to look; it goes on from there when the session is stepped again. */
  | DebugStop;

/** What a session asks of the one who keeps its past (`history.ts`). */
export interface SessionPast {
  /** Whether what is run now was run before, so that what is typed has to wait. */
  readonly isReplaying: boolean;
  /** Whether what is said at this moment was said before. */
  readonly isHeardBefore: boolean;
  /** Between two steps. */
  betweenSteps(): void;
  /** Something is about to reach the machine. */
  given(input: SessionInput): void;
}

/** A machine, its kernel and programs, stepped. Nothing happens before `run`. */
export class Session {
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly record: RunRecord;
  /** When the console was last used, by either side. */
  lastConsoleNs = 0;
  readonly #options: SessionOptions;
  #started = false;
  #console: SerialLine | undefined;
  /** Virtual machines whose guests turned themselves off. */
  readonly #off = new Set<string>();
  /** Virtual machines whose guests asked to be started again. */
  readonly #resets = new Set<string>();
  /** The past, where somebody wants to go back to it. */
  past: SessionPast | undefined;
  /** What came while nothing could reach the machine. */
  #held: SessionInput[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.machine = createMachine(options.board, options.machine);
    const { bus, interrupts, time } = this.machine;
    this.record = new RunRecord(this.machine);
    const { wire } = this.machine;
    const { onFrame } = options;
    if (onFrame !== undefined)
      wire.watcher = (frame) => {
        if (!this.isHeardBefore) onFrame(frame);
      };
    const layout = systemLayout(options.description, options.board, (pd) => options.programOf(pd, wire));
    this.kernel = new Kernel({
      layout,
      createCluster: options.createCluster,
      interrupts,
      bus,
      time,
      listener: (event) => this.#heard(event),
      onUndefined: (instruction) => {
        if (!this.isHeardBefore) this.record.undefined(instruction);
      },
      ...(options.trapsWfi === undefined ? {} : { trapsWfi: options.trapsWfi }),
      ...(options.keepsTimerInterrupts === undefined
        ? {}
        : { keepsTimerInterrupts: options.keepsTimerInterrupts }),
      ...(options.sliceInstructions === undefined ? {} : { sliceInstructions: options.sliceInstructions }),
    });
    this.record.where = () => {
      const vcpu = this.kernel.running;
      return vcpu === undefined ? undefined : { vm: vcpu.vm, vcpu: vcpu.id, pc: vcpu.cpu.pc };
    };
    this.machine.memory.place(this.#physicalRam(layout.regions));
    this.machine.guestInterface.current = () => this.kernel.virtualInterface;
    this.#connectConsole();
  }

  /** Runs every program's `init`; what steps or saves a session does this first. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.kernel.start();
  }

  /** Steps until `deadline` says stop, nothing can run, or the guest is over. */
  run(stop: () => boolean): SessionStatus {
    this.start();
    while (!stop()) {
      if (!this.kernel.isWithinSlice) {
        this.#betweenSteps();
        if (this.#off.size > 0 && !this.kernel.guestsAlive) return this.#over();
      }
      const outcome = this.kernel.step();
      if (outcome.kind === 'debug') return outcome;
      if (outcome.kind === 'ran' || this.#resets.size > 0) continue;
      if (!this.kernel.guestsAlive) return this.#over();
      const { untilNs } = outcome;
      if (untilNs === undefined || this.past?.isReplaying !== true) return { kind: 'idle', untilNs };
      this.skipIdle(untilNs);
    }
    return { kind: 'running' };
  }

  #betweenSteps(): void {
    this.past?.betweenSteps();
    if (this.#held.length > 0 && this.past?.isReplaying !== true) {
      const held = this.#held;
      this.#held = [];
      for (const input of held) this.give(input);
    }
    for (const vm of this.#resets) this.#reset(vm);
  }

  /** No guest can go on: each turned itself off, or some have stopped. */
  #over(): SessionStatus {
    const machines = new Set(this.kernel.vcpus().map(({ vm }) => vm));
    return [...machines].every((vm) => this.#off.has(vm)) ? { kind: 'off' } : { kind: 'stuck' };
  }

  /** Lets virtual time jump over an idle stretch. */
  skipIdle(untilNs: number): void {
    this.machine.time.advanceTo(untilNs);
  }

  /** Characters, and `BREAK`, for a UART, by its node's path; for the console where none is named. */
  type(bytes: Iterable<number>, uart?: string): void {
    this.give({ kind: 'typed', bytes: [...bytes], uart });
  }

  /** Something from outside reaches the machine: now, or where a vCPU stands within its turn, at that turn's end. */
  give(input: SessionInput): void {
    if (this.kernel.isWithinSlice || this.past?.isReplaying === true) {
      this.#held.push(input);
      return;
    }
    this.past?.given(input);
    this.deliver(input);
  }

  /** What {@link give} comes to. */
  deliver(input: SessionInput): void {
    if (input.kind === 'typed') {
      this.lastConsoleNs = this.machine.time.nowNs;
      const line = input.uart === undefined ? this.#console : this.machine.serialLines.get(input.uart);
      line?.type(input.bytes);
    } else deliverInput(this, input);
  }

  /** All of it: time, RAM, processors, devices, kernel, programs. For a session made in the same way. Between two steps only. */
  save(): Uint8Array {
    return writeSnapshot(this.keep());
  }

  /** The same as a value, for {@link restore}. */
  keep(): SavedValue {
    this.start();
    if (this.kernel.isWithinSlice) throw new Error('a vCPU stands within its slice');
    return this.#saved.save();
  }

  /** Takes up what {@link keep} gave, of this session. */
  restore(state: SavedValue, stepsDone: number): void {
    this.#saved.load(state);
    this.kernel.stepsDone = stepsDone;
  }

  /** Whether what happens now has been heard before: it is run again. */
  get isHeardBefore(): boolean {
    return this.past?.isHeardBefore === true;
  }

  /**
   * Takes up where {@link save} was. `false` where the bytes are no snapshot, are damaged, or are of another system: the sink
   * says so, under the name `file`, and nothing of it was taken up.
   */
  load(snapshot: Uint8Array, sink: DiagnosticSink, file = 'snapshot'): boolean {
    this.start();
    const state = readSnapshot(snapshot, file, sink);
    if (state === undefined || !fitsSnapshot(this.#saved, state, file, sink)) return false;
    this.#saved.load(state);
    this.lastConsoleNs = this.machine.time.nowNs;
    return true;
  }

  get #saved(): Saved {
    const { time } = this.machine;
    return savedParts({
      timeNs: kept(
        shape.moment,
        () => time.nowNs,
        (timeNs) => time.setTo(timeNs),
      ),
      cluster: this.kernel.cluster.saved,
      machine: this.machine.saved,
      kernel: this.kernel.saved,
      off: keptSet(this.#off, shape.text),
      resets: keptSet(this.#resets, shape.text),
    });
  }

  /** The cluster's RAM at the physical addresses of its regions, for the devices that master the bus. */
  #physicalRam(regions: readonly RegionLayout[]): readonly PhysicalRam[] {
    const { kernel } = this;
    return regions.flatMap(({ name, physAddr, sizeBytes }) => {
      const ram = kernel.regionOf(name).ram;
      if (ram === undefined) return [];
      const written = (offset: number, size: number) => kernel.cluster.ramWritten(ram.offset + offset, size);
      return [{ range: { base: physAddr, size: sizeBytes }, bytes: ram.bytes, written }];
    });
  }

  #connectConsole(): void {
    const { serialLines, board } = this.machine;
    this.#console = serialLines.get(this.#options.console ?? board.stdout?.path ?? '');
    for (const [path, line] of serialLines) {
      line.onOutput = (byte) => {
        if (this.isHeardBefore) return;
        this.record.sent(path);
        this.#console ??= line;
        this.lastConsoleNs = this.machine.time.nowNs;
        this.#options.onOutput?.(path, byte);
        if (line === this.#console) this.#options.onConsole?.(byte);
      };
    }
  }

  #heard(event: KernelEvent): void {
    if (!this.isHeardBefore) {
      this.record.event(event);
      this.#options.onEvent?.(event);
    }
    if (event.kind !== 'guest-ended') return;
    if (event.reason === 'off') this.#off.add(event.vm);
    else this.#resets.add(event.vm);
  }

  /** A guest asked for a reset: the devices that it has start anew, and its monitor starts it again. */
  #reset(vm: string): void {
    this.#resets.delete(vm);
    const mapped = [...(this.kernel.mappingUse().get(vm) ?? [])].flatMap(({ region }) => {
      const { physAddr, sizeBytes } = this.kernel.regionOf(region).region;
      return [{ base: physAddr, size: sizeBytes }];
    });
    this.machine.reset(({ range }) => mapped.some((other) => rangesOverlap(range, other)));
    if (!this.kernel.restartGuest(vm)) this.#off.add(vm);
  }
}
