/**
 * The kernel model: Microkit's contract over one host thread. It owns the physical interrupts, runs protection domains
 * to completion by priority, lets vCPUs run when no domain is ready, and turns what stops them into fault messages.
 * After the Microkit 2.3 manual and seL4 16's; what it leaves out: budgets and periods, several cores (vCPUs take turns
 * on one), domains scheduling, and every object that Microkit doesn't use.
 */
import type {
  CpuCluster,
  CpuClusterOptions,
  RamRegion,
  SystemRegisterPort,
  UndefinedInstruction,
  VcpuExit,
} from '../aarch64/index.ts';
import { type DeviceState, Gicv, readIcc, VirtualCpuInterface, writeIcc } from '../device/index.ts';
import type { PhysicalBus } from './bus.ts';
import { nextStreamEventNs } from './event-stream.ts';
import type { KernelEvent, KernelListener } from './events.ts';
import type { Fault, FaultLabel } from './fault.ts';
import { GuestSpace, type MappingUse } from './guest-space.ts';
import { HintReader } from './hint.ts';
import type { PhysicalInterrupts } from './interrupts.ts';
import { type PdLayout, type RegionLayout, type SystemLayout, symbolsOf } from './layout.ts';
import { MicrokitCalls, ProgramError } from './microkit-calls.ts';
import { ProtectionDomain } from './protection-domain.ts';
import type { MachineTime } from './time.ts';
import { VcpuObject, VIRTUAL_TIMER_INTID } from './vcpu-object.ts';

export interface KernelOptions {
  readonly layout: SystemLayout;
  readonly createCluster: (options: CpuClusterOptions) => CpuCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly bus: PhysicalBus;
  readonly time: MachineTime;
  readonly listener?: KernelListener;
  readonly onUndefined?: (instruction: UndefinedInstruction) => void;
  /** How many instructions a vCPU runs at most before another gets its turn. */
  readonly sliceInstructions?: number;
}

/** A protection domain with a virtual machine, and that machine. */
interface VmEntry {
  readonly name: string;
  readonly monitor: ProtectionDomain;
  readonly priority: number;
  readonly vcpus: readonly VcpuObject[];
  readonly space: GuestSpace;
}

/** What one step came to. */
export type StepOutcome =
  /** Something ran. */
  | { readonly kind: 'ran' }
  /** Nothing can run before this time, unless a line is raised from outside; `undefined`: never of itself. */
  | { readonly kind: 'idle'; readonly untilNs: number | undefined };

export interface KernelStatistics {
  readonly faults: Readonly<Partial<Record<FaultLabel, number>>>;
  readonly slices: number;
}

const SLICE_INSTRUCTIONS = 200_000;

export class Kernel {
  readonly cluster: CpuCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly time: MachineTime;
  /** The GIC's CPU interface for guests, which the machine places on its bus; only a version 2 GIC has it. */
  readonly gicv: Gicv;
  readonly #layout: SystemLayout;
  readonly #listener: KernelListener;
  readonly #sliceInstructions: number;
  readonly #ram = new Map<string, RamRegion>();
  readonly #regions: ReadonlyMap<string, RegionLayout>;
  readonly #pds: readonly ProtectionDomain[];
  readonly #vms: readonly VmEntry[];
  readonly #vcpus: readonly VcpuObject[];
  /** For each INTID, who gets it. */
  readonly #irqOwner = new Map<number, { readonly pd: ProtectionDomain; readonly channel: number }>();
  /** The vCPU that runs now, or ran last. */
  #current: VcpuObject | undefined;
  /** Whose turn it is among vCPUs of the same priority. */
  #turn = 0;
  readonly #faults: Partial<Record<FaultLabel, number>> = {};
  #slices = 0;
  readonly #hints: HintReader;

  constructor(options: KernelOptions) {
    const { layout } = options;
    this.#layout = layout;
    this.interrupts = options.interrupts;
    this.time = options.time;
    this.#listener = options.listener ?? (() => {});
    this.#sliceInstructions = options.sliceInstructions ?? SLICE_INSTRUCTIONS;
    this.#regions = new Map(layout.regions.map((region) => [region.name, region]));
    const nobody = new VirtualCpuInterface();
    this.gicv = new Gicv(() => this.#current?.virtualInterface ?? nobody);

    const ramRegions = layout.regions.filter((region) => region.kind === 'ram');
    this.cluster = options.createCluster({
      vcpuCount: layout.protectionDomains.reduce((sum, { vm }) => sum + (vm?.vcpuIds.length ?? 0), 0),
      ramSizesBytes: ramRegions.map((region) => region.sizeBytes),
      counter: options.time,
      systemRegisters: this.#systemRegisters(),
      gicSystemRegisters: layout.gicVersion === 3,
      ...(options.onUndefined === undefined ? {} : { onUndefined: options.onUndefined }),
    });
    this.#hints = new HintReader(this.cluster);
    for (const [index, region] of ramRegions.entries()) {
      const ram = this.cluster.ram[index];
      if (ram !== undefined) this.#ram.set(region.name, ram);
    }

    this.#pds = layout.protectionDomains.map((pd) => new ProtectionDomain(pd));
    this.#connectChannels();
    this.#vms = this.#createVms(options.bus);
    this.#vcpus = this.#vms.flatMap(({ vcpus }) => vcpus);
    for (const [index, pd] of this.#pds.entries()) {
      this.#createProgram(pd, layout.protectionDomains[index], options.bus);
    }
    this.interrupts.onPending = () => this.#current?.cpu.requestStop();
    // An access to a device may set an alarm that is due before the running slice ends.
    this.time.clock.onAlarmSet = () => this.#current?.cpu.requestStop();
    this.interrupts.onUnhandled = (intid) => this.#emit({ kind: 'irq-unhandled', intid });
  }

  get #virtualTimerIntid(): number {
    return this.#layout.virtualTimerIntid ?? VIRTUAL_TIMER_INTID;
  }

  /** Runs every domain's `init`, the highest priority first. */
  start(): void {
    const order = [...this.#pds].sort((a, b) => b.priority - a.priority);
    for (const pd of order) this.#enter(pd, (program) => program.init());
  }

  /** Asks a virtual machine's monitor to start its guest again. `false` where it can't. */
  restartGuest(vm: string): boolean {
    const monitor = this.#vms.find(({ name }) => name === vm)?.monitor;
    if (monitor === undefined) return false;
    return this.#enter(monitor, () => monitor.restartGuest()) ?? false;
  }

  /** Delivers what is due, then runs the most urgent ready domain or vCPU. */
  step(): StepOutcome {
    this.#deliverInterrupts();
    const pd = this.#readyDomain(-1);
    const vm = this.#readyVcpu();
    if (pd !== undefined && (vm === undefined || pd.priority >= vm.priority)) {
      this.#runDomain(pd);
      return { kind: 'ran' };
    }
    if (vm === undefined) return { kind: 'idle', untilNs: this.#nextDeadlineNs() };
    this.#runVcpu(vm.entry, vm.vcpu);
    return { kind: 'ran' };
  }

  /** Whether any virtual machine has a vCPU that its monitor has not stopped and that stands in no fault. */
  get guestsAlive(): boolean {
    return this.vcpus().some(({ runState }) => runState !== 'stopped' && runState !== 'faulted');
  }

  /** The vCPU that runs now, or ran last. */
  get running(): VcpuObject | undefined {
    return this.#current;
  }

  get statistics(): KernelStatistics {
    return { faults: { ...this.#faults }, slices: this.#slices };
  }

  /** What each virtual machine has touched of its device mappings. */
  mappingUse(): ReadonlyMap<string, readonly MappingUse[]> {
    return new Map(this.#vms.map(({ name, space }) => [name, space.use()]));
  }

  vcpus(): readonly VcpuObject[] {
    return this.#vcpus;
  }

  /** The RAM behind a region, for whoever fills it before the start. */
  ramOf(region: string): RamRegion | undefined {
    return this.#ram.get(region);
  }

  regionNamed(name: string): RegionLayout | undefined {
    return this.#regions.get(name);
  }

  /** The kernel's own state; the cluster, the devices and the clock have theirs. */
  state(): DeviceState {
    return {
      interrupts: this.interrupts.state(),
      vcpus: Object.fromEntries(this.vcpus().map((vcpu) => [`${vcpu.vm}:${vcpu.id}`, vcpu.state()])),
      domains: Object.fromEntries(this.#pds.map((pd) => [pd.name, pd.state()])),
      turn: this.#turn,
    };
  }

  fromState(state: DeviceState): void {
    const vcpus = state['vcpus'] as Readonly<Record<string, DeviceState>>;
    for (const vcpu of this.vcpus()) {
      const kept = vcpus[`${vcpu.vm}:${vcpu.id}`];
      if (kept !== undefined) vcpu.fromState(kept);
    }
    const domains = state['domains'] as Readonly<Record<string, DeviceState>>;
    for (const pd of this.#pds) {
      const kept = domains[pd.name];
      if (kept !== undefined) pd.fromState(kept);
    }
    this.#turn = state['turn'] as number;
    this.interrupts.fromState(state['interrupts'] as DeviceState);
  }

  // ---- Setting up ----

  #connectChannels(): void {
    const byName = new Map(this.#pds.map((pd) => [pd.name, pd]));
    for (const { name, irqs } of this.#layout.protectionDomains) {
      const pd = byName.get(name);
      for (const irq of pd === undefined ? [] : irqs) {
        pd?.channels.set(irq.channel, { kind: 'irq', irq });
        if (pd !== undefined) this.#irqOwner.set(irq.intid, { pd, channel: irq.channel });
        this.interrupts.handle(irq.intid, irq.trigger);
      }
    }
    for (const [a, b] of this.#layout.channels) {
      const [pdA, pdB] = [byName.get(a.pd), byName.get(b.pd)];
      if (pdA === undefined || pdB === undefined) continue;
      pdA.channels.set(a.id, { kind: 'peer', peer: pdB, peerChannel: b.id, notify: a.notify, pp: a.pp });
      pdB.channels.set(b.id, { kind: 'peer', peer: pdA, peerChannel: a.id, notify: b.notify, pp: b.pp });
    }
  }

  #createVms(bus: PhysicalBus): readonly VmEntry[] {
    let nextCpu = 0;
    const entries: VmEntry[] = [];
    for (const [index, { vm }] of this.#layout.protectionDomains.entries()) {
      const monitor = this.#pds[index];
      if (vm === undefined || monitor === undefined) continue;
      const space = new GuestSpace(
        this.cluster,
        vm.maps,
        (name) => this.#region(name),
        bus,
        () => this.time.sync(),
      );
      const vcpus = vm.vcpuIds.map((id, position) => {
        const cpu = this.cluster.vcpus[nextCpu];
        nextCpu += 1;
        if (cpu === undefined) throw new Error('the cluster has too few vCPUs');
        cpu.stage2 = space.stage2;
        // Affinity 0 counts the guest's processors; bit 31 is RES1 (Arm ARM D17.2.101).
        cpu.mpidr = 0x8000_0000n | BigInt(position);
        cpu.onTimerWritten = () => cpu.requestStop();
        return new VcpuObject(vm.name, id, cpu, this.#layout.gicVersion);
      });
      entries.push({ name: vm.name, monitor, priority: vm.priority, vcpus, space });
    }
    return entries;
  }

  #region(name: string): { readonly region: RegionLayout; readonly ram: RamRegion | undefined } {
    const region = this.#regions.get(name);
    if (region === undefined) throw new Error(`no memory region is called ${name}`);
    return { region, ram: this.#ram.get(name) };
  }

  #createProgram(pd: ProtectionDomain, layout: PdLayout | undefined, bus: PhysicalBus): void {
    if (layout === undefined) return;
    const vm = this.#vms.find(({ monitor }) => monitor === pd);
    const calls = new MicrokitCalls({
      pd,
      symbols: symbolsOf(layout, this.#layout),
      bus,
      vcpus: vm?.vcpus ?? [],
      cluster: this.cluster,
      gicVersion: this.#layout.gicVersion,
      virtualTimerIntid: this.#virtualTimerIntid,
      regionOf: (name) => this.#region(name),
      emit: (event) => this.#emit(event),
      irqAck: (intid) => this.interrupts.acknowledge(intid),
      notified: () => this.#runHigherThan(pd.priority),
      signalled: () => this.#current?.cpu.requestStop(),
      call: (callee, channel, message) => this.#protectedCall(callee, channel, message),
    });
    this.#guard(pd, () => {
      pd.program = layout.program(calls);
    });
  }

  #systemRegisters(): SystemRegisterPort {
    const interfaceOf = (index: number) =>
      this.#layout.gicVersion === 3 ? this.vcpus()[index]?.virtualInterface : undefined;
    return {
      read: (vcpu, register) => {
        const cpu = interfaceOf(vcpu.index);
        return cpu === undefined ? 'undefined' : readIcc(cpu, register);
      },
      write: (vcpu, register, value) => {
        const cpu = interfaceOf(vcpu.index);
        return cpu === undefined ? 'undefined' : writeIcc(cpu, register, value);
      },
    };
  }

  // ---- Protection domains ----

  #deliverInterrupts(): void {
    for (let intid = this.interrupts.take(); intid !== undefined; intid = this.interrupts.take()) {
      const owner = this.#irqOwner.get(intid);
      if (owner === undefined) continue;
      owner.pd.signal(owner.channel);
      this.#emit({ kind: 'irq', intid, pd: owner.pd.name, channel: owner.channel });
    }
  }

  /** The ready domain of the highest priority above `floor`; the first in the description wins a tie. */
  #readyDomain(floor: number): ProtectionDomain | undefined {
    let best: ProtectionDomain | undefined;
    for (const pd of this.#pds) {
      if (pd.isReady && pd.priority > floor && (best === undefined || pd.priority > best.priority)) best = pd;
    }
    return best;
  }

  #runDomain(pd: ProtectionDomain): void {
    for (const channel of pd.takeSignals()) this.#enter(pd, (program) => program.notified(channel));
  }

  /** After a domain signalled another: those of higher priority preempt it. */
  #runHigherThan(priority: number): void {
    for (let pd = this.#readyDomain(priority); pd !== undefined; pd = this.#readyDomain(priority))
      this.#runDomain(pd);
  }

  #protectedCall(
    callee: ProtectionDomain,
    channel: number,
    message: { readonly label: number; readonly words: readonly bigint[] },
  ): { readonly label: number; readonly words: readonly bigint[] } {
    if (callee.running) throw new ProgramError(`${callee.name} was called while it makes a call itself`);
    const reply = this.#enter(callee, (program) => program.protected?.(channel, message));
    return reply ?? { label: 0, words: [] };
  }

  /** Runs an entry point; what its program throws ends the domain, not the run. */
  #enter<T>(
    pd: ProtectionDomain,
    entry: (program: NonNullable<ProtectionDomain['program']>) => T,
  ): T | undefined {
    const { program } = pd;
    if (program === undefined || pd.failed) return undefined;
    const wasRunning = pd.running;
    pd.running = true;
    const result = this.#guard(pd, () => entry(program));
    pd.running = wasRunning;
    return result;
  }

  #guard<T>(pd: ProtectionDomain, body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      pd.failed = true;
      const message = error instanceof Error ? error.message : String(error);
      this.#emit({ kind: 'pd-failed', pd: pd.name, message });
      return undefined;
    }
  }

  // ---- vCPUs ----

  #readyVcpu():
    | { readonly entry: VmEntry; readonly vcpu: VcpuObject; readonly priority: number }
    | undefined {
    let best: { entry: VmEntry; vcpu: VcpuObject; priority: number; order: number } | undefined;
    let position = 0;
    const total = this.cluster.vcpus.length;
    for (const entry of this.#vms) {
      for (const vcpu of entry.vcpus) {
        const order = (position - this.#turn + total) % total;
        position += 1;
        vcpu.wakeIfPending();
        const ready = vcpu.runState === 'runnable' || vcpu.eventDue(this.time) !== undefined;
        if (!ready) continue;
        if (
          best === undefined ||
          entry.priority > best.priority ||
          (entry.priority === best.priority && order < best.order)
        ) {
          best = { entry, vcpu, priority: entry.priority, order };
        }
      }
    }
    return best;
  }

  #runVcpu(vm: VmEntry, vcpu: VcpuObject): void {
    this.#current = vcpu;
    const due = vcpu.eventDue(this.time);
    if (due !== undefined) {
      this.#sendEvent(vm, vcpu, due);
      return;
    }
    const deadline = this.#nextDeadlineNs() ?? Number.POSITIVE_INFINITY;
    const budget = Math.min(this.#sliceInstructions, this.time.instructionsUntil(deadline));
    this.#slices += 1;
    const { pc } = vcpu.cpu;
    this.time.beginSlice(vcpu.cpu);
    const exit = vcpu.cpu.run(budget);
    this.time.endSlice(vcpu.cpu);
    const isStill = exit.kind === 'budget' && vcpu.cpu.pc === pc;
    if (isStill && this.#hints.isHalted(vcpu.cpu)) vcpu.runState = 'halted';
    this.#handleExit(vm, vcpu, exit);
  }

  #handleExit(vm: VmEntry, vcpu: VcpuObject, exit: VcpuExit): void {
    const { cpu } = vcpu;
    switch (exit.kind) {
      case 'budget':
        this.#turn = (cpu.index + 1) % this.cluster.vcpus.length;
        return;
      case 'wfe':
        this.#turn = (cpu.index + 1) % this.cluster.vcpus.length;
        this.#waitForEvent(vcpu);
        return;
      case 'wfi':
        // Microkit builds seL4 with WFI untrapped: the processor waits, and the monitor never hears of it.
        vcpu.runState = 'waiting';
        this.#turn = (cpu.index + 1) % this.cluster.vcpus.length;
        return;
      case 'halt':
        cpu.injectUndefined();
        return;
      case 'stage2':
        this.#sendFault(vm, vcpu, {
          label: 'VMFault',
          ip: cpu.pc,
          addr: exit.ipa,
          prefetchFault: exit.access === 'execute',
          fsr: exit.esr,
        });
        return;
      case 'hvc':
        this.#sendFault(vm, vcpu, { label: 'UnknownSyscall', faultIp: cpu.pc, syscall: cpu.x(7) });
        return;
      case 'smc':
      case 'system-register':
        this.#sendFault(vm, vcpu, { label: 'VCPUFault', hsr: exit.esr });
        return;
    }
  }

  /** WFE with nobody else to run: time goes on to the event stream's next edge, or to whatever is due before. */
  #waitForEvent(vcpu: VcpuObject): void {
    if (!this.#hints.isWfe(vcpu.cpu) || this.#readyDomain(-1) !== undefined) return;
    const others = this.vcpus().some((other) => other !== vcpu && other.runState === 'runnable');
    if (others) return;
    const eventNs = nextStreamEventNs(vcpu.cpu, this.time);
    if (eventNs !== undefined) this.time.advanceTo(Math.min(eventNs, this.#nextDeadlineNs() ?? eventNs));
  }

  #sendEvent(vm: VmEntry, vcpu: VcpuObject, due: 'maintenance' | 'vppi'): void {
    if (due === 'vppi') {
      vcpu.vppiMasked = true;
      this.#sendFault(vm, vcpu, { label: 'VPPIEvent', irq: this.#virtualTimerIntid });
      return;
    }
    const index = vcpu.virtualInterface.ended[0] ?? 0;
    vcpu.virtualInterface.clearEnded(index);
    this.#sendFault(vm, vcpu, { label: 'VGICMaintenance', index });
  }

  /** Stops the vCPU, lets its monitor see the fault, and goes on if that replied. */
  #sendFault(vm: VmEntry, vcpu: VcpuObject, fault: Fault): void {
    const before = vcpu.runState;
    const { pc } = vcpu.cpu;
    this.#faults[fault.label] = (this.#faults[fault.label] ?? 0) + 1;
    vcpu.runState = 'faulted';
    const resumed = this.#enter(vm.monitor, (program) => program.fault?.(vcpu.id, fault) ?? false) ?? false;
    // The monitor may have stopped or restarted it meanwhile: then the reply has nothing to resume.
    if (vcpu.runState === 'faulted' && resumed) vcpu.runState = vcpu.waitRequested ? 'waiting' : before;
    vcpu.waitRequested = false;
    this.#emit({ kind: 'fault', vm: vm.name, vcpu: vcpu.id, fault, pc, resumed });
    this.#runHigherThan(vm.monitor.priority - 1);
  }

  #nextDeadlineNs(): number | undefined {
    let earliest = this.time.clock.nextDeadlineNs ?? Number.POSITIVE_INFINITY;
    for (const vcpu of this.vcpus()) earliest = Math.min(earliest, vcpu.deadlineNs(this.time));
    return Number.isFinite(earliest) ? earliest : undefined;
  }

  #emit(event: KernelEvent): void {
    this.#listener(event);
  }
}
