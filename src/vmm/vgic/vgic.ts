/**
 * The virtual interrupt controller's heart, the same for versions 2 and 3: which interrupts are pending for which vCPU,
 * which of them are in list registers, and when the next goes in. The register frames edit its interrupts; seL4's list
 * registers are reached through {@link InterruptSink}.
 *
 * What can't be known: seL4 tells a monitor that a list register is free again, never whether its interrupt was already
 * taken. So an interrupt that the guest disables while it waits in a list register still arrives once.
 */
import {
  type Intid,
  kept,
  keptCells,
  keptMembers,
  type Saved,
  savedList,
  savedParts,
  shape,
  type VcpuIndex,
} from '../../base/index.ts';
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import { PRIVATE_COUNT, SGI_COUNT, type VirtualInterrupt, virtualInterrupt } from './interrupt.ts';

/** Puts an interrupt into a free list register of a vCPU. */
export type InterruptSink = (vcpu: VcpuIndex, interrupt: VirtualInterrupt, listRegister: number) => void;

export interface VgicOptions {
  readonly version: 2 | 3;
  readonly vcpuCount: number;
  /** How many interrupt numbers there are: a multiple of 32, 1020 at most as the frames see it. */
  readonly intidCount?: number;
  readonly sink: InterruptSink;
}

/** The interrupt that a list register held, which the guest has now ended. */
export interface EndedInterrupt {
  readonly vcpu: VcpuIndex;
  readonly intid: Intid;
}

const INTERRUPT_SHAPE = {
  enabled: shape.flag,
  pending: shape.flag,
  active: shape.flag,
  priority: shape.u8,
  group: shape.oneOf(0, 1),
  edge: shape.flag,
  targets: shape.u8,
  route: shape.long,
  listRegister: shape.between(-1, LIST_REGISTER_COUNT - 1),
};
const DEFAULT_INTID_COUNT = 1024;
/** The numbers from here on mean something special (IHI 0048B §2.2.1). */
const INTID_LIMIT = 1020;
const ANY_VCPU = 1n << 31n;

export class Vgic {
  readonly version: 2 | 3;
  readonly vcpuCount: number;
  readonly intidCount: number;
  /** GICD_CTLR's enable bits, one a group. */
  readonly groupEnabled: [boolean, boolean] = [false, false];
  readonly #sink: InterruptSink;
  readonly #private: readonly (readonly VirtualInterrupt[])[];
  readonly #shared: readonly VirtualInterrupt[];
  /** For each vCPU and list register, what it holds. */
  readonly #loaded: readonly (VirtualInterrupt | undefined)[][];
  /** For each vCPU, what is pending for it: the candidates for its list registers. */
  readonly #pending: readonly VirtualInterrupt[][];

  constructor({ version, vcpuCount, intidCount = DEFAULT_INTID_COUNT, sink }: VgicOptions) {
    this.version = version;
    this.vcpuCount = vcpuCount;
    this.intidCount = intidCount;
    this.#sink = sink;
    const range = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => virtualInterrupt(from + index, version));
    this.#private = Array.from({ length: vcpuCount }, () => range(0, PRIVATE_COUNT));
    this.#shared = range(PRIVATE_COUNT, Math.min(intidCount, INTID_LIMIT));
    this.#loaded = Array.from({ length: vcpuCount }, () => new Array(LIST_REGISTER_COUNT).fill(undefined));
    this.#pending = Array.from({ length: vcpuCount }, () => []);
  }

  /** An interrupt as a vCPU sees it; `undefined` where there is none of that number. */
  interrupt(intid: Intid, vcpu: VcpuIndex): VirtualInterrupt | undefined {
    return intid < PRIVATE_COUNT ? this.#private[vcpu]?.[intid] : this.#shared[intid - PRIVATE_COUNT];
  }

  /** Asserts an interrupt for a vCPU (for an SPI, the guest's routing decides). `false` where there is no such one. */
  inject(vcpu: VcpuIndex, intid: Intid): boolean {
    const interrupt = this.interrupt(intid, vcpu);
    if (interrupt === undefined || vcpu < 0 || vcpu >= this.vcpuCount) return false;
    this.setPending(interrupt, vcpu);
    return true;
  }

  /** Marks it pending and delivers it where it may be. An interrupt already pending stays one. */
  setPending(interrupt: VirtualInterrupt, vcpu: VcpuIndex): void {
    interrupt.pending = true;
    const target = this.#targetOf(interrupt, vcpu);
    const pending = this.#pending[target];
    if (pending?.includes(interrupt) === false) pending.push(interrupt);
    this.deliver(target);
  }

  clearPending(interrupt: VirtualInterrupt): void {
    interrupt.pending = false;
    for (const pending of this.#pending) remove(pending, interrupt);
  }

  /** Whether an interrupt is pending and in no list register yet. */
  isWaiting(vcpu: VcpuIndex, intid: Intid): boolean {
    const interrupt = this.interrupt(intid, vcpu);
    return interrupt?.pending === true && interrupt.listRegister < 0;
  }

  /** Moves pending interrupts to where they now go, after routing or enables changed. */
  reroute(interrupt: VirtualInterrupt, vcpu: VcpuIndex): void {
    if (interrupt.pending) {
      this.clearPending(interrupt);
      this.setPending(interrupt, vcpu);
    }
  }

  /** Fills a vCPU's free list registers with what is pending and enabled, the most urgent first. */
  deliver(vcpu: VcpuIndex): void {
    const pending = this.#pending[vcpu];
    const loaded = this.#loaded[vcpu];
    if (pending === undefined || loaded === undefined || pending.length === 0) return;
    for (let free = loaded.indexOf(undefined); free >= 0; free = loaded.indexOf(undefined)) {
      let best: VirtualInterrupt | undefined;
      // A plain loop: it is on every interrupt's way, in an interpreter on seL4.
      for (let index = 0; index < pending.length; index += 1) {
        const interrupt = pending[index];
        if (interrupt === undefined || !interrupt.enabled || interrupt.listRegister >= 0) continue;
        if (!this.groupEnabled[interrupt.group]) continue;
        const beats =
          best === undefined ||
          interrupt.priority < best.priority ||
          (interrupt.priority === best.priority && interrupt.intid < best.intid);
        if (beats) best = interrupt;
      }
      if (best === undefined) return;
      best.pending = false;
      best.listRegister = free;
      remove(pending, best);
      loaded[free] = best;
      this.#sink(vcpu, best, free);
    }
  }

  deliverAll(): void {
    for (let vcpu = 0; vcpu < this.vcpuCount; vcpu += 1) this.deliver(vcpu);
  }

  /** The guest has ended the interrupt in a list register. Its owner is told before the next goes in. */
  ended(
    vcpu: VcpuIndex,
    listRegister: number,
    acknowledge: (vcpu: VcpuIndex, intid: Intid) => void,
    refill = true,
  ): void {
    const loaded = this.#loaded[vcpu];
    const interrupt = loaded?.[listRegister];
    if (loaded === undefined || interrupt === undefined) return;
    loaded[listRegister] = undefined;
    interrupt.listRegister = -1;
    acknowledge(vcpu, interrupt.intid);
    if (!refill) return;
    // Asserted again meanwhile, it may by now be routed elsewhere.
    if (interrupt.pending) this.deliverAll();
    else this.deliver(vcpu);
  }

  /** Software-generated interrupts (GICD_SGIR, ICC_SGI1R_EL1). */
  sendSgi(intid: Intid, targets: readonly number[]): void {
    if (intid >= SGI_COUNT) return;
    for (const vcpu of targets) this.inject(vcpu, intid);
  }

  /** Everything pending or in a list register: what a reset forgets. */
  outstanding(): readonly EndedInterrupt[] {
    return Array.from({ length: this.vcpuCount }, (_, vcpu) => [
      ...(this.#loaded[vcpu] ?? []),
      ...(this.#pending[vcpu] ?? []),
    ]).flatMap((interrupts, vcpu) =>
      interrupts.flatMap((interrupt) => (interrupt === undefined ? [] : [{ vcpu, intid: interrupt.intid }])),
    );
  }

  /** As after power-on; list registers are the kernel's to clear. */
  reset(): void {
    this.groupEnabled.fill(false);
    for (const interrupt of [...this.#private.flat(), ...this.#shared]) {
      Object.assign(interrupt, virtualInterrupt(interrupt.intid, this.version));
    }
    for (const loaded of this.#loaded) loaded.fill(undefined);
    for (const pending of this.#pending) pending.length = 0;
  }

  /** The kernel has reset a vCPU and its list registers: what they held has ended without the guest. */
  vcpuReset(vcpu: VcpuIndex, acknowledge: (vcpu: VcpuIndex, intid: Intid) => void): void {
    for (let index = 0; index < LIST_REGISTER_COUNT; index += 1) this.ended(vcpu, index, acknowledge, false);
  }

  /** Everything that a snapshot needs; list registers are the kernel's. */
  get saved(): Saved {
    const all = [...this.#private.flat(), ...this.#shared];
    const intid = shape.upTo(this.intidCount - 1);
    const known = (vcpu: VcpuIndex, number: number) => this.interrupt(number, vcpu);
    return savedParts({
      groupEnabled: keptCells<boolean>(this.groupEnabled, shape.flag),
      interrupts: savedList(all.map((interrupt) => savedParts(keptMembers(interrupt, INTERRUPT_SHAPE)))),
      loaded: savedList(
        this.#loaded.map((registers, vcpu) =>
          kept(
            shape.listOf(registers.length, shape.optional(intid)),
            () => registers.map((interrupt) => interrupt?.intid),
            (intids) => {
              for (const [index, number] of intids.entries())
                registers[index] = number === undefined ? undefined : known(vcpu, number);
            },
          ),
        ),
      ),
      pending: savedList(
        this.#pending.map((pending, vcpu) =>
          kept(
            shape.listUpTo(this.intidCount, intid),
            () => pending.map(({ intid: number }) => number),
            (intids) => {
              pending.length = 0;
              for (const number of intids) {
                const interrupt = known(vcpu, number);
                if (interrupt !== undefined) pending.push(interrupt);
              }
            },
          ),
        ),
      ),
    });
  }

  #targetOf(interrupt: VirtualInterrupt, vcpu: VcpuIndex): number {
    if (interrupt.intid < PRIVATE_COUNT) return vcpu;
    if (this.version === 2) {
      // The lowest vCPU of the target list: one of them, which one is up to the implementation (IHI 0048B §1.4.3).
      const targets = interrupt.targets & (2 ** this.vcpuCount - 1);
      return targets === 0 ? 0 : 31 - Math.clz32(targets & -targets);
    }
    const target = (interrupt.route & ANY_VCPU) !== 0n ? 0 : Number(interrupt.route & 0xffn);
    return target < this.vcpuCount ? target : 0;
  }
}

function remove(list: VirtualInterrupt[], interrupt: VirtualInterrupt): void {
  const index = list.indexOf(interrupt);
  if (index < 0) return;
  // Their order says nothing.
  const last = list.pop();
  if (last !== undefined && index < list.length) list[index] = last;
}
