/**
 * A program most of which is its monitor: faults and passed-through interrupts go to that, so that on seL4 they may be answered before the
 * program is even asked, by code that was compiled ahead of time (docs/compiled.md). Who wants to see them writes a program of their own.
 */
import type { ChannelId, Saved, VcpuId } from '../base/index.ts';
import type { Fault, Microkit, Program } from '../sel4/index.ts';

/** What a program does besides. */
export interface ProgramParts {
  init(): void;
  /** A channel that stands for no passed-through interrupt. */
  notified?(channel: ChannelId): void;
  /** Every fault of the guest's, in place of the monitor's `faultHandle`. */
  fault?(child: VcpuId, fault: Fault): boolean;
}

/** What a program needs of its monitor. */
export interface ProgramMonitor {
  virqHandlePassthrough(channel: ChannelId): boolean;
  faultHandle(child: VcpuId, fault: Fault): boolean;
  log(text: string): void;
  readonly saved: Saved;
  /** Compiled code may answer for it, if it is as the library has it and was made with these calls. */
  answerDirectly(microkit: Microkit, what: { readonly faults: boolean }): void;
}

/** What `monitor.program` makes. */
export class MonitorProgram implements Program {
  readonly #monitor: ProgramMonitor;
  readonly #parts: ProgramParts;

  constructor(monitor: ProgramMonitor, parts: ProgramParts) {
    this.#monitor = monitor;
    this.#parts = parts;
  }

  init(): void {
    this.#parts.init();
  }

  notified(channel: ChannelId): void {
    if (this.#monitor.virqHandlePassthrough(channel)) return;
    if (this.#parts.notified === undefined) this.#monitor.log(`unexpected channel ${channel}`);
    else this.#parts.notified(channel);
  }

  fault(child: VcpuId, fault: Fault): boolean {
    return this.#parts.fault?.(child, fault) ?? this.#monitor.faultHandle(child, fault);
  }

  /** For snapshots. */
  get saved(): Saved {
    return this.#monitor.saved;
  }

  /**
   * Lets compiled code answer before this program is asked, wherever that makes no difference: where neither this nor the monitor nor the
   * calls that it was made with have been changed.
   */
  answerDirectly(microkit: Microkit): void {
    const isItself =
      Object.getPrototypeOf(this) === MonitorProgram.prototype && Object.keys(this).length === 0;
    if (isItself) this.#monitor.answerDirectly(microkit, { faults: this.#parts.fault === undefined });
  }
}
