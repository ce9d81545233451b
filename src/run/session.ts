/**
 * A run: the board, the kernel model and the programs joined, and stepped in pieces that leave the host time for its
 * terminal. It ends when the guest turns itself off, when nothing can ever run again, or when its owner stops stepping.
 */
import type { CpuCluster, CpuClusterOptions } from '../aarch64/index.ts';
import type { SerialLine } from '../device/index.ts';
import type { Board } from '../devicetree/index.ts';
import { createMachine, type Machine, type MachineOptions, systemLayout } from '../machine/index.ts';
import type { ProtectionDomain, SystemDescription } from '../microkit/index.ts';
import { Kernel, type KernelEvent, type ProgramFactory } from '../sel4/index.ts';
import { RunRecord } from './record.ts';

export interface SessionOptions {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly programOf: (pd: ProtectionDomain) => ProgramFactory;
  readonly createCluster: (options: CpuClusterOptions) => CpuCluster;
  /** The node whose UART is the console, by path; by default the board's `stdout-path`, else whichever speaks first. */
  readonly console?: string;
  readonly onConsole?: (byte: number) => void;
  readonly onEvent?: (event: KernelEvent) => void;
  readonly machine?: MachineOptions;
  readonly sliceInstructions?: number;
}

/** Why a run is over, or that it isn't. */
export type SessionStatus =
  | { readonly kind: 'running' }
  /** Nothing can run before this time unless someone types; the owner lets time pass. */
  | { readonly kind: 'idle'; readonly untilNs: number | undefined }
  | { readonly kind: 'off' }
  /** Every vCPU has stopped in a fault, or its monitor has failed: the record says why. */
  | { readonly kind: 'stuck' };

export class Session {
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly record: RunRecord;
  /** When the console was last used, by either side. */
  lastConsoleNs = 0;
  readonly #options: SessionOptions;
  #console: SerialLine | undefined;
  #off = false;
  #resetOf: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.machine = createMachine(options.board, options.machine);
    const { bus, interrupts, time } = this.machine;
    this.record = new RunRecord(this.machine);
    const layout = systemLayout(options.description, options.board, options.programOf);
    this.kernel = new Kernel({
      layout,
      createCluster: options.createCluster,
      interrupts,
      bus,
      time,
      listener: (event) => this.#heard(event),
      onUndefined: (instruction) => this.record.undefined(instruction),
      ...(options.sliceInstructions === undefined ? {} : { sliceInstructions: options.sliceInstructions }),
    });
    const { gicv } = options.board.gic ?? {};
    if (layout.gicVersion === 2 && gicv !== undefined) {
      bus.attach({ range: gicv, device: this.kernel.gicv, name: 'GICV', watchPolls: false });
    }
    this.#connectConsole();
    this.kernel.start();
  }

  /** Steps until `deadline` says stop, nothing can run, or the guest is over. */
  run(stop: () => boolean): SessionStatus {
    while (!stop()) {
      if (this.#resetOf !== undefined) this.#reset(this.#resetOf);
      if (this.#off) return { kind: 'off' };
      const outcome = this.kernel.step();
      if (outcome.kind === 'ran') continue;
      if (this.#resetOf !== undefined || this.#off) continue;
      if (!this.kernel.guestsAlive) return { kind: 'stuck' };
      return { kind: 'idle', untilNs: outcome.untilNs };
    }
    return { kind: 'running' };
  }

  /** Lets virtual time jump over an idle stretch. */
  skipIdle(untilNs: number): void {
    this.machine.time.advanceTo(untilNs);
  }

  type(bytes: Iterable<number>): void {
    this.lastConsoleNs = this.machine.time.nowNs;
    this.#console?.type(bytes);
  }

  #connectConsole(): void {
    const { serialLines, board } = this.machine;
    this.#console = serialLines.get(this.#options.console ?? board.stdout?.path ?? '');
    for (const [path, line] of serialLines) {
      line.onOutput = (byte) => {
        this.record.sent(path);
        this.#console ??= line;
        if (line !== this.#console) return;
        this.lastConsoleNs = this.machine.time.nowNs;
        this.#options.onConsole?.(byte);
      };
    }
  }

  #heard(event: KernelEvent): void {
    this.record.event(event);
    this.#options.onEvent?.(event);
    if (event.kind !== 'guest-ended') return;
    if (event.reason === 'off') this.#off = true;
    else this.#resetOf = event.vm;
  }

  /** The guest asked for a reset: the board's devices start anew, and its monitor starts it again. */
  #reset(vm: string): void {
    this.#resetOf = undefined;
    this.machine.reset();
    if (!this.kernel.restartGuest(vm)) this.#off = true;
  }
}
