/**
 * The kernel model: Microkit's contract over one host thread. It owns the physical interrupts, runs protection domains
 * to completion by priority, lets vCPUs run when no domain is ready, and turns what stops them into fault messages.
 * After the Microkit 2.3 manual and seL4 16's; what it leaves out: budgets and periods, several cores (vCPUs take turns
 * on one), domains scheduling, and every object that Microkit doesn't use.
 */

import type { CpuCluster, DebugExit } from '../aarch64/index.ts';
import { type Intid, kept, type Saved, savedParts, shape } from '../base/index.ts';
import type { VirtualCpuInterface } from '../device/index.ts';
import type { MachineTime, PhysicalInterrupts } from '../machine/index.ts';
import { DomainScheduler } from './domain-scheduler.ts';
import type { KernelListener } from './events.ts';
import type { FaultLabel } from './fault.ts';
import type { MappingUse } from './guest-space.ts';
import { HintReader } from './hint.ts';
import {
  createKernelObjects,
  type KernelHardware,
  type KernelObjects,
  type RegionMemory,
} from './kernel-objects.ts';
import { type PdLayout, type SystemLayout, symbolsOf } from './layout.ts';
import { MicrokitCalls } from './microkit-calls.ts';
import type { ProtectionDomain } from './protection-domain.ts';
import { VcpuExits } from './vcpu-exits.ts';
import { type VcpuObject, VIRTUAL_TIMER_INTID } from './vcpu-object.ts';
import { type ReadyVcpu, VcpuScheduler } from './vcpu-scheduler.ts';

/** The settled description, the hardware, and who listens. */
export interface KernelOptions extends KernelHardware {
  readonly layout: SystemLayout;
  readonly listener?: KernelListener;
  /** How many instructions a vCPU runs at most before another gets its turn. */
  readonly sliceInstructions?: number;
  /** WFI traps to the monitor, and a guest that idles keeps its turn; else it sleeps. */
  readonly trapsWfi?: boolean;
  /**
   * An interrupt of the virtual timer that is in a list register stays there when its line falls, as with seL4; else it is taken back,
   * as the level that it is.
   */
  readonly keepsTimerInterrupts?: boolean;
}

/** What one step came to. */
export type StepOutcome =
  /** Something ran. */
  | { readonly kind: 'ran' }
  /** Nothing can run before this time, unless a line is raised from outside; `undefined`: never of itself. */
  | { readonly kind: 'idle'; readonly untilNs: number | undefined }
  /** A vCPU came to where a debugger wants to look; the next step goes on from there. */
  | DebugStop;

/** A vCPU that stopped for a debugger outside the guest, and why. */
export interface DebugStop {
  readonly kind: 'debug';
  readonly vcpu: VcpuObject;
  readonly stop: DebugExit;
}

/** A vCPU's turn. */
interface Slice {
  readonly next: ReadyVcpu;
  /** Where it began, and when. */
  readonly pc: bigint;
  readonly startNs: number;
  readonly startRetired: number;
  /** As many instructions it may have retired at its end, of the whole since the vCPU was made. */
  readonly untilRetired: number;
}

/** Counts since the start. */
export interface KernelStatistics {
  readonly faults: Readonly<Partial<Record<FaultLabel, number>>>;
  readonly slices: number;
}

const SLICE_INSTRUCTIONS = 200_000;

/** The kernel with its domains, stepped. A step runs domains to completion, then one vCPU for its turn. */
export class Kernel {
  readonly cluster: CpuCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly time: MachineTime;
  readonly #objects: KernelObjects;
  readonly #domains: DomainScheduler;
  readonly #vcpus: VcpuScheduler;
  readonly #exits: VcpuExits;
  readonly #hints: HintReader;
  readonly #emit: KernelListener;
  readonly #sliceInstructions: number;
  readonly #virtualTimerIntid: Intid;
  readonly #keepsTimerInterrupts: boolean;
  #slices = 0;
  /** A slice in which a debugger stopped the vCPU: it is gone on with before anything else happens. */
  #stopped: Slice | undefined;
  /** Steps that are over; replays count by them. */
  stepsDone = 0;
  /** Who was said to get no turn, and for whose sake. */
  readonly #starved = new Set<string>();

  constructor(options: KernelOptions) {
    const { layout, interrupts, time } = options;
    this.interrupts = interrupts;
    this.time = time;
    this.#emit = options.listener ?? (() => {});
    this.#sliceInstructions = options.sliceInstructions ?? SLICE_INSTRUCTIONS;
    this.#objects = createKernelObjects(layout, options);
    this.cluster = this.#objects.cluster;
    this.#hints = new HintReader(this.cluster);
    this.#domains = new DomainScheduler(this.#objects.pds, this.#emit);
    this.#vcpus = new VcpuScheduler(this.#objects.vms, time);
    const virtualTimerIntid = layout.virtualTimerIntid ?? VIRTUAL_TIMER_INTID;
    this.#virtualTimerIntid = virtualTimerIntid;
    this.#keepsTimerInterrupts = options.keepsTimerInterrupts === true;
    this.#exits = new VcpuExits({
      domains: this.#domains,
      vcpus: this.#vcpus,
      time,
      hints: this.#hints,
      virtualTimerIntid,
      trapsWfi: options.trapsWfi === true,
      emit: this.#emit,
    });
    for (const [index, pd] of this.#objects.pds.entries()) {
      const pdLayout = layout.protectionDomains[index];
      if (pdLayout !== undefined) this.#createProgram(pd, pdLayout, { ...options, virtualTimerIntid });
    }
    interrupts.onPending = () => this.#vcpus.interrupt();
    // An access to a device may set an alarm that is due before the running slice ends.
    time.clock.onAlarmSet = () => this.#vcpus.interrupt();
    interrupts.onUnhandled = (intid) => this.#emit({ kind: 'irq-unhandled', intid });
  }

  /** Runs every domain's `init`, the highest priority first. */
  start(): void {
    this.#domains.start();
  }

  /** Asks a virtual machine's monitor to start its guest again. `false` where it can't. */
  restartGuest(vm: string): boolean {
    const monitor = this.#objects.vms.find(({ name }) => name === vm)?.monitor;
    if (monitor === undefined) return false;
    return this.#domains.enter(monitor, () => monitor.restartGuest()) ?? false;
  }

  /** Delivers what is due, then runs the most urgent ready domain or vCPU. */
  step(): StepOutcome {
    const outcome = this.#stopped === undefined ? this.#step() : this.#goOn(this.#stopped);
    if (outcome.kind !== 'idle' && this.#stopped === undefined) this.stepsDone += 1;
    return outcome;
  }

  /** Whether a vCPU stands in the middle of its slice: then nothing can be saved, and nothing reaches it from outside. */
  get isWithinSlice(): boolean {
    return this.#stopped !== undefined;
  }

  #step(): StepOutcome {
    this.#deliverInterrupts();
    const pd = this.#domains.ready();
    const next = this.#vcpus.ready();
    if (pd !== undefined && (next === undefined || pd.priority >= next.priority)) {
      this.#domains.run(pd);
      return { kind: 'ran' };
    }
    if (next === undefined) return { kind: 'idle', untilNs: this.#vcpus.nextDeadlineNs() };
    // It spins in WFI: nothing changes before something is due, and nobody below it runs.
    if (next.vcpu.runState === 'spinning' && next.vcpu.eventDue(this.time) === undefined) {
      this.#noteStarved(next);
      return { kind: 'idle', untilNs: this.#vcpus.nextDeadlineNs() };
    }
    return this.#runVcpu(next);
  }

  /** Whether the listener hears of turns and notifications too: there are thousands in a second. */
  get tellsTurns(): boolean {
    return this.#domains.tellsTurns;
  }
  set tellsTurns(value: boolean) {
    this.#domains.tellsTurns = value;
  }

  /** Whether any virtual machine has a vCPU that its monitor has not stopped and that stands in no fault. */
  get guestsAlive(): boolean {
    return this.vcpus().some(({ runState }) => runState !== 'stopped' && runState !== 'faulted');
  }

  /** The vCPU that runs now, or ran last. */
  get running(): VcpuObject | undefined {
    return this.#vcpus.current;
  }

  /** The CPU interface that the running vCPU finds at GICV. */
  get virtualInterface(): VirtualCpuInterface | undefined {
    return this.#vcpus.current?.virtualInterface;
  }

  get statistics(): KernelStatistics {
    return { faults: { ...this.#exits.counts }, slices: this.#slices };
  }

  /** What each virtual machine has touched of its device mappings. */
  mappingUse(): ReadonlyMap<string, readonly MappingUse[]> {
    return new Map(this.#objects.vms.map(({ name, space }) => [name, space.use()]));
  }

  vcpus(): readonly VcpuObject[] {
    return this.#vcpus.vcpus;
  }

  /** A region of the description's, by its name, with the RAM behind it unless it is a device's. */
  regionOf(name: string): RegionMemory {
    return this.#objects.regionOf(name);
  }

  /** The kernel's own state; the cluster, the devices and the clock have theirs. */
  get saved(): Saved {
    const vcpus = this.vcpus();
    return savedParts(
      {
        vcpus: savedParts(Object.fromEntries(vcpus.map((vcpu) => [`${vcpu.vm}:${vcpu.id}`, vcpu.saved]))),
        domains: savedParts(Object.fromEntries(this.#objects.pds.map((pd) => [pd.name, pd.saved]))),
        turn: kept(
          shape.upTo(Math.max(0, vcpus.length - 1)),
          () => this.#vcpus.turn,
          (value) => {
            this.#vcpus.turn = value;
          },
        ),
        interrupts: this.interrupts.saved,
      },
      () => {
        this.#stopped = undefined;
      },
    );
  }

  #createProgram(
    pd: ProtectionDomain,
    pdLayout: PdLayout,
    { layout, bus, virtualTimerIntid }: KernelOptions & { readonly virtualTimerIntid: Intid },
  ): void {
    const vm = this.#objects.vms.find(({ monitor }) => monitor === pd);
    const calls = new MicrokitCalls({
      pd,
      symbols: symbolsOf(pdLayout, layout),
      bus,
      vcpus: vm?.vcpus ?? [],
      cluster: this.cluster,
      gicVersion: layout.gicVersion,
      virtualTimerIntid,
      regionOf: this.#objects.regionOf,
      emit: this.#emit,
      irqAck: (intid) => this.interrupts.acknowledge(intid),
      notified: () => this.#domains.runHigherThan(pd.priority),
      signalled: () => this.#vcpus.interrupt(),
      call: (callee, channel, message) => this.#domains.protectedCall(callee, channel, message),
    });
    this.#domains.guard(pd, () => {
      pd.program = pdLayout.program(calls);
    });
  }

  #deliverInterrupts(): void {
    for (let intid = this.interrupts.take(); intid !== undefined; intid = this.interrupts.take()) {
      const owner = this.#objects.irqOwners.get(intid);
      if (owner === undefined) continue;
      owner.pd.signal(owner.channel);
      this.#emit({ kind: 'irq', intid, pd: owner.pd.name, channel: owner.channel });
    }
  }

  #noteStarved({ vm, priority }: ReadyVcpu): void {
    const waiting = this.#objects.pds.filter(({ isReady }) => isReady).map(({ name }) => name);
    for (const other of this.#objects.vms) {
      const isBusy = other.vcpus.some(({ runState }) => runState === 'runnable');
      if (other.priority < priority && isBusy) waiting.push(other.name);
    }
    for (const name of waiting) {
      if (this.#starved.has(name)) continue;
      this.#starved.add(name);
      this.#emit({ kind: 'starved', name, by: vm.name });
    }
  }

  #runVcpu(next: ReadyVcpu): StepOutcome {
    const { vm, vcpu } = next;
    this.#vcpus.current = vcpu;
    const due = vcpu.eventDue(this.time);
    if (due !== undefined) {
      this.#exits.sendEvent(vm, vcpu, due);
      return { kind: 'ran' };
    }
    const deadline = this.#vcpus.nextDeadlineNs() ?? Number.POSITIVE_INFINITY;
    const budget = Math.min(this.#sliceInstructions, this.time.instructionsUntil(deadline));
    this.#slices += 1;
    const { pc, retired } = vcpu.cpu;
    vcpu.cpu.turnWanted = this.#vcpus.isTurnWanted(next);
    this.time.beginSlice(vcpu.cpu);
    const startNs = this.time.nowNs;
    return this.#goOn({ next, pc, startNs, startRetired: retired, untilRetired: retired + budget });
  }

  #goOn(slice: Slice): StepOutcome {
    const { next, pc, startNs, startRetired, untilRetired } = slice;
    const { vm, vcpu } = next;
    const exit = vcpu.cpu.run(untilRetired - vcpu.cpu.retired);
    this.#stopped = exit.kind === 'debug' ? slice : undefined;
    if (exit.kind === 'debug') return { kind: 'debug', vcpu, stop: exit };
    this.time.endSlice(vcpu.cpu);
    if (this.tellsTurns) {
      const instructions = vcpu.cpu.retired - startRetired;
      this.#emit({ kind: 'turn', vm: vm.name, vcpu: vcpu.id, startNs, endNs: this.time.nowNs, instructions });
    }
    if (vcpu.vppiMasked && !this.#keepsTimerInterrupts)
      vcpu.takeBackTimer(this.time, this.#virtualTimerIntid);
    // A YIELD was one end of its turn, though nobody took over there.
    if (vcpu.cpu.yielded) this.#vcpus.passTurn(vcpu);
    const isStill = exit.kind === 'budget' && vcpu.cpu.pc === pc;
    if (isStill && this.#hints.isHalted(vcpu.cpu)) vcpu.runState = 'halted';
    this.#exits.handle(vm, vcpu, exit);
    const { stopAtRetired, retired } = vcpu.cpu;
    if (stopAtRetired === undefined || retired < stopAtRetired) return { kind: 'ran' };
    return { kind: 'debug', vcpu, stop: { kind: 'debug', reason: 'retired' } };
  }
}
