/**
 * Which protection domain runs: the ready one of the highest priority, to completion. What a program throws ends its
 * domain, not the run.
 */
import type { ChannelId } from '../base/index.ts';
import type { KernelListener } from './events.ts';
import type { Message } from './message.ts';
import type { Program } from './microkit.ts';
import { ProgramError } from './microkit-calls.ts';
import type { ProtectionDomain } from './protection-domain.ts';

export class DomainScheduler {
  readonly #pds: readonly ProtectionDomain[];
  readonly #emit: KernelListener;
  /** Whether the listener hears of each notification. */
  tellsTurns = false;

  /** `pds` may still be filled after this. */
  constructor(pds: readonly ProtectionDomain[], emit: KernelListener) {
    this.#pds = pds;
    this.#emit = emit;
  }

  /** Runs every domain's `init`, the highest priority first. */
  start(): void {
    const order = [...this.#pds].sort((a, b) => b.priority - a.priority);
    for (const pd of order) this.enter(pd, (program) => program.init());
  }

  /** The ready domain of the highest priority above `floor`; the first in the description wins a tie. */
  ready(floor = -1): ProtectionDomain | undefined {
    let best: ProtectionDomain | undefined;
    for (const pd of this.#pds) {
      if (pd.isReady && pd.priority > floor && (best === undefined || pd.priority > best.priority)) best = pd;
    }
    return best;
  }

  run(pd: ProtectionDomain): void {
    for (const channel of pd.takeSignals()) {
      if (this.tellsTurns) this.#emit({ kind: 'notified', pd: pd.name, channel });
      this.enter(pd, (program) => program.notified(channel));
    }
  }

  /** After a domain signalled another: those of higher priority preempt it. */
  runHigherThan(priority: number): void {
    for (let pd = this.ready(priority); pd !== undefined; pd = this.ready(priority)) this.run(pd);
  }

  protectedCall(callee: ProtectionDomain, channel: ChannelId, message: Message): Message {
    if (callee.running) throw new ProgramError(`${callee.name} was called while it makes a call itself`);
    const reply = this.enter(callee, (program) => program.protected?.(channel, message));
    return reply ?? { label: 0, words: [] };
  }

  /** Runs an entry point. */
  enter<T>(pd: ProtectionDomain, entry: (program: Program) => T): T | undefined {
    const { program } = pd;
    if (program === undefined || pd.failed) return undefined;
    const wasRunning = pd.running;
    pd.running = true;
    const result = this.guard(pd, () => entry(program));
    pd.running = wasRunning;
    return result;
  }

  /** Runs something of a domain's; what it throws is the domain's end. */
  guard<T>(pd: ProtectionDomain, body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      pd.failed = true;
      const message = error instanceof Error ? error.message : String(error);
      this.#emit({ kind: 'pd-failed', pd: pd.name, message });
      return undefined;
    }
  }
}
