/** What a run keeps for its account while it goes on. Bounded: a hostile guest can't make it grow. */
import type { UndefinedInstruction } from '../aarch64/index.ts';
import {
  alignDown,
  type ChannelId,
  type Intid,
  type Paddr,
  SMALL_PAGE_BYTES,
  type VcpuId,
} from '../base/index.ts';
import type { StuckPoll } from '../device/index.ts';
import type { BusWindow, Machine, MissedDma } from '../machine/index.ts';
import type { Fault, KernelEvent } from '../sel4/index.ts';

/** A fault that no monitor answered: the vCPU stands there. */
export interface UnansweredFault {
  readonly vm: string;
  readonly vcpu: VcpuId;
  readonly pc: bigint;
  readonly fault: Fault;
}

/** Which vCPU ran, and where, when something happened. */
export interface GuestPlace {
  readonly vm: string;
  readonly vcpu: VcpuId;
  readonly pc: bigint;
}

/** A register that a guest reads again and again, waiting for it to change. */
export interface RecordedPoll {
  readonly name: string;
  readonly register: string | undefined;
  readonly offset: number;
  readonly physAddr: Paddr;
  readonly value: number;
  readonly at: GuestPlace | undefined;
  count: number;
}

/** An access to a page where the board has no device. */
export interface UnclaimedAccess {
  readonly physAddr: Paddr;
  readonly kind: 'read' | 'write';
  readonly at: GuestPlace | undefined;
}

const KEPT = 200;

/** What happened in a run, bounded: however long it is, and whatever a guest does. */
export class RunRecord {
  readonly unanswered: UnansweredFault[] = [];
  readonly polls = new Map<string, RecordedPoll>();
  readonly undefinedInstructions: UndefinedInstruction[] = [];
  /** What programs printed. */
  readonly log: { readonly pd: string; readonly text: string }[] = [];
  readonly failures: { readonly pd: string; readonly message: string }[] = [];
  readonly unhandledInterrupts = new Set<number>();
  /** Pages without any device that were touched, by physical address. */
  readonly unclaimed: UnclaimedAccess[] = [];
  /** Where the first vCPU of each virtual machine was started: its kernel's Image begins there. */
  readonly entryPoints = new Map<string, bigint>();
  /** The vCPUs of each virtual machine that were started and not stopped. */
  readonly #started = new Map<string, Set<number>>();
  /** Virtual machines that asked to be turned off or started again, and were not started since. */
  readonly #ended = new Set<string>();
  /** Told of a poll without end when it is noticed, once for each register. */
  onPoll: (poll: RecordedPoll) => void = () => {};
  /** A guest looks at its UART over and over, and has said nothing since: it waits to be typed to. */
  waitsForInput = false;
  /** Who runs now. */
  where: () => GuestPlace | undefined = () => undefined;
  /** By virtual machine and INTID: interrupts that its monitor let come to nothing. */
  readonly droppedInterrupts = new Map<
    string,
    { readonly vm: string; readonly vcpu: VcpuId; readonly intid: Intid; count: number }
  >();
  /** Who was ready and got no turn, since a guest of higher priority idles in a WFI that traps. */
  readonly starved: { readonly name: string; readonly by: string }[] = [];
  /** vCPUs whose virtual timer's event came back as often as it was acknowledged. */
  readonly timerStorms: { readonly vm: string; readonly vcpu: VcpuId; readonly intid: Intid }[] = [];
  /** By device and page: DMA where there is no RAM, and how often. */
  readonly missedDma = new Map<string, MissedDma & { count: number }>();
  /** For each UART, how many characters the guest sent. */
  readonly sentBytes = new Map<string, number>();
  /** For each channel of a domain, how often its interrupt came: `VMM 11` to 225 and a count. */
  readonly interrupts = new Map<
    string,
    { readonly intid: Intid; readonly pd: string; readonly channel: ChannelId; count: number }
  >();

  constructor(machine: Machine) {
    machine.bus.watcher = {
      onUnclaimed: (physAddr, kind) => keep(this.unclaimed, { physAddr, kind, at: this.where() }),
      onStuckPoll: (poll) => this.#poll(poll),
      onInputPoll: () => {
        this.waitsForInput = true;
      },
    };
    machine.memory.onMissed = (missed) => this.#missed(missed);
  }

  /** Virtual machines whose every vCPU turned itself off, though none asked to turn the machine off. */
  get withoutVcpus(): readonly string[] {
    return [...this.#started].flatMap(([vm, vcpus]) =>
      vcpus.size === 0 && !this.#ended.has(vm) ? [vm] : [],
    );
  }

  sent(path: string): void {
    this.waitsForInput = false;
    this.sentBytes.set(path, (this.sentBytes.get(path) ?? 0) + 1);
  }

  undefined(instruction: UndefinedInstruction): void {
    keep(this.undefinedInstructions, instruction);
  }

  event(event: KernelEvent): void {
    switch (event.kind) {
      case 'irq': {
        const key = `${event.pd} ${event.channel}`;
        const known = this.interrupts.get(key);
        if (known === undefined)
          this.interrupts.set(key, { intid: event.intid, pd: event.pd, channel: event.channel, count: 1 });
        else known.count += 1;
        return;
      }
      case 'vcpu-started':
        if (event.vcpu === 0) this.entryPoints.set(event.vm, event.pc);
        this.#ended.delete(event.vm);
        this.#started.set(event.vm, (this.#started.get(event.vm) ?? new Set()).add(event.vcpu));
        return;
      case 'vcpu-stopped':
        this.#started.get(event.vm)?.delete(event.vcpu);
        return;
      case 'guest-ended':
        this.#ended.add(event.vm);
        return;
      case 'interrupt-dropped': {
        const key = `${event.vm} ${event.vcpu} ${event.intid}`;
        const known = this.droppedInterrupts.get(key);
        if (known !== undefined) known.count += 1;
        else if (this.droppedInterrupts.size < KEPT)
          this.droppedInterrupts.set(key, { vm: event.vm, vcpu: event.vcpu, intid: event.intid, count: 1 });
        return;
      }
      case 'starved':
        keep(this.starved, { name: event.name, by: event.by });
        return;
      case 'timer-storm':
        keep(this.timerStorms, { vm: event.vm, vcpu: event.vcpu, intid: event.intid });
        return;
      case 'irq-unhandled':
        if (this.unhandledInterrupts.size < KEPT) this.unhandledInterrupts.add(event.intid);
        return;
      case 'fault':
        if (!event.resumed)
          keep(this.unanswered, { vm: event.vm, vcpu: event.vcpu, pc: event.pc, fault: event.fault });
        return;
      case 'print':
        keep(this.log, { pd: event.pd, text: event.text });
        return;
      case 'pd-failed':
        keep(this.failures, { pd: event.pd, message: event.message });
        return;
      default:
    }
  }

  #missed(missed: MissedDma): void {
    const key = `${missed.path} ${alignDown(missed.physAddr, SMALL_PAGE_BYTES)}`;
    const known = this.missedDma.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.missedDma.size < KEPT) this.missedDma.set(key, { ...missed, count: 1 });
  }

  #poll({
    window,
    register,
    offset,
    value,
  }: StuckPoll & { readonly window: BusWindow; readonly register: string | undefined }): void {
    const key = `${window.name}+${offset}`;
    const known = this.polls.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.polls.size < KEPT) {
      const physAddr = window.range.base + offset;
      const poll = { name: window.name, register, offset, physAddr, value, at: this.where(), count: 1 };
      this.polls.set(key, poll);
      this.onPoll(poll);
    }
  }
}

function keep<T>(list: T[], item: T): void {
  if (list.length < KEPT) list.push(item);
}
