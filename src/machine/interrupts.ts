/**
 * The physical interrupt controller as seL4 uses it: each INTID has a line, a trigger that the system description gives,
 * and a mask. An interrupt that is delivered is masked until its handler is acknowledged (seL4 16 manual §8.1). The GIC
 * latches an edge even while it is masked, and samples a level only when asked (IHI 0048B §3.2.4, §1.4.2); so an edge
 * interrupt described as level is lost when the pulse is over before anyone looks, and a level interrupt described as
 * edge comes once and never again while the line stays high.
 */
import { type Intid, kept, type Saved, shape } from '../base/index.ts';
import type { IrqLine } from '../device/index.ts';

/** How the interrupt controller watches a line (GICv2 IHI 0048B §4.3.13). */
export type Trigger = 'level' | 'edge';

/** The numbers from here on are special (GICv2 IHI 0048B §2.2.1). */
export const INTID_LIMIT = 1020;
const INTERRUPT_SHAPE = shape.tuple<
  [intid: Intid, line: boolean, edge: boolean, masked: boolean, delivered: number]
>(shape.upTo(INTID_LIMIT - 1), shape.flag, shape.flag, shape.flag, shape.whole);

interface Interrupt {
  line: boolean;
  /** A rising edge that has not been delivered. Kept for both triggers; only edge ones look at it. */
  edge: boolean;
  trigger: Trigger;
  /** Configured by the description; the rest is never delivered. */
  handled: boolean;
  masked: boolean;
  delivered: number;
}

/** One interrupt line as it stands. */
export interface InterruptCount {
  readonly intid: Intid;
  /** How often it was delivered to a protection domain. */
  readonly delivered: number;
  /** Whether the line is high now. */
  readonly line: boolean;
  /** Whether it waits for its handler to be acknowledged. */
  readonly masked: boolean;
}

/** The lines to the CPU: raised by devices, taken and acknowledged by the kernel. */
export class PhysicalInterrupts {
  /** Called when an interrupt may have become deliverable. */
  onPending: () => void = () => {};
  /** Called for the first rising edge of an interrupt that nobody handles. */
  onUnhandled: (intid: Intid) => void = () => {};
  /** Called when a line rises or falls, for traces. */
  onLine: ((intid: Intid, level: boolean) => void) | undefined;
  readonly #interrupts = new Map<Intid, Interrupt>();
  readonly #unhandledSeen = new Set<Intid>();
  /** False while nothing is deliverable for sure, so that asking costs nothing. */
  #attention = false;

  /** The wire of an interrupt, for a device. */
  line(intid: Intid): IrqLine {
    return { set: (level) => this.#set(intid, level) };
  }

  /** seL4_IRQControl_GetTrigger: from now on this interrupt is delivered, under this trigger. */
  handle(intid: Intid, trigger: Trigger): void {
    const interrupt = this.#of(intid);
    interrupt.trigger = trigger;
    interrupt.handled = true;
    interrupt.masked = false;
    this.#attention = true;
  }

  /** Every INTID that is handled. */
  get handled(): readonly Intid[] {
    return [...this.#interrupts].flatMap(([intid, { handled }]) => (handled ? [intid] : []));
  }

  /** The trigger under which an interrupt is handled; `undefined` where it is not. */
  triggerOf(intid: Intid): Trigger | undefined {
    const interrupt = this.#interrupts.get(intid);
    return interrupt?.handled === true ? interrupt.trigger : undefined;
  }

  /** The lowest-numbered deliverable interrupt, which is masked thereby; `undefined` when there is none. */
  take(): Intid | undefined {
    if (!this.#attention) return undefined;
    let lowest: Intid | undefined;
    for (const [intid, interrupt] of this.#interrupts) {
      if (deliverable(interrupt) && (lowest === undefined || intid < lowest)) lowest = intid;
    }
    if (lowest === undefined) {
      this.#attention = false;
      return undefined;
    }
    const interrupt = this.#of(lowest);
    interrupt.edge = false;
    interrupt.masked = true;
    interrupt.delivered += 1;
    return lowest;
  }

  /** seL4_IRQHandler_Ack: unmasks. */
  acknowledge(intid: Intid): void {
    const interrupt = this.#of(intid);
    interrupt.masked = false;
    if (deliverable(interrupt)) this.#announce();
  }

  counts(): readonly InterruptCount[] {
    return [...this.#interrupts]
      .map(([intid, { delivered, line, masked }]) => ({ intid, delivered, line, masked }))
      .sort((a, b) => a.intid - b.intid);
  }

  get saved(): Saved {
    return kept(
      shape.listUpTo(INTID_LIMIT, INTERRUPT_SHAPE),
      () =>
        [...this.#interrupts].map(
          ([intid, { line, edge, masked, delivered }]) => [intid, line, edge, masked, delivered] as const,
        ),
      (interrupts) => {
        for (const [intid, line, edge, masked, delivered] of interrupts)
          Object.assign(this.#of(intid), { line, edge, masked, delivered });
      },
    );
  }

  #set(intid: Intid, level: boolean): void {
    const interrupt = this.#of(intid);
    if (level === interrupt.line) return;
    interrupt.line = level;
    this.onLine?.(intid, level);
    if (!level) return;
    interrupt.edge = true;
    if (!interrupt.handled && !this.#unhandledSeen.has(intid)) {
      this.#unhandledSeen.add(intid);
      this.onUnhandled(intid);
    }
    if (deliverable(interrupt)) this.#announce();
  }

  #announce(): void {
    this.#attention = true;
    this.onPending();
  }

  #of(intid: Intid): Interrupt {
    let interrupt = this.#interrupts.get(intid);
    if (interrupt === undefined) {
      interrupt = { line: false, edge: false, trigger: 'level', handled: false, masked: true, delivered: 0 };
      this.#interrupts.set(intid, interrupt);
    }
    return interrupt;
  }
}

function deliverable({ handled, masked, trigger, line, edge }: Interrupt): boolean {
  return handled && !masked && (trigger === 'level' ? line : edge);
}
