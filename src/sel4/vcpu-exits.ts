/** What stops a vCPU, and the fault message that its monitor gets for it (seL4 16 manual §6.2 and §8; Microkit 2.3 `fault`). */
import type { DebugExit, VcpuExit } from '../aarch64/index.ts';
import type { Intid } from '../base/index.ts';
import type { MachineTime } from '../machine/index.ts';
import type { DomainScheduler } from './domain-scheduler.ts';
import { nextStreamEventNs } from './event-stream.ts';
import type { KernelListener } from './events.ts';
import type { Fault, FaultLabel } from './fault.ts';
import type { HintReader } from './hint.ts';
import type { VcpuObject } from './vcpu-object.ts';
import type { VcpuScheduler } from './vcpu-scheduler.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** ESR_EL2 of a trapped WFI: EC 0x01, a 32-bit instruction, any condition (Arm ARM DDI 0487 D17.2.37). */
const WFI_SYNDROME = 0x07e0_0000;
const INSTRUCTION_BYTES = 4n;
/** After so many the guest will never run again: nothing but itself could turn its timer off. */
const TIMER_STORM_EVENTS = 1000;

export interface VcpuExitsParts {
  readonly domains: DomainScheduler;
  readonly vcpus: VcpuScheduler;
  readonly time: MachineTime;
  readonly hints: HintReader;
  readonly virtualTimerIntid: Intid;
  /** Whether WFI is trapped and handed to the monitor, as seL4 does unless it is built without. */
  readonly trapsWfi: boolean;
  readonly emit: KernelListener;
}

export class VcpuExits {
  /** How many faults of each kind were sent. */
  readonly counts: Partial<Record<FaultLabel, number>> = {};
  readonly #parts: VcpuExitsParts;

  constructor(parts: VcpuExitsParts) {
    this.#parts = parts;
  }

  /** What stops a vCPU for a debugger is none of the kernel's. */
  handle(vm: VirtualMachine, vcpu: VcpuObject, exit: Exclude<VcpuExit, DebugExit>): void {
    const { cpu } = vcpu;
    switch (exit.kind) {
      case 'budget':
        this.#parts.vcpus.passTurn(vcpu);
        return;
      case 'wfe':
        this.#parts.vcpus.passTurn(vcpu);
        this.#waitForEvent(vcpu);
        return;
      case 'wfi':
        this.#parts.vcpus.passTurn(vcpu);
        if (this.#parts.trapsWfi) this.#trapWfi(vm, vcpu);
        else vcpu.runState = 'waiting';
        return;
      case 'halt':
        cpu.injectUndefined();
        return;
      case 'stage2':
        this.#send(vm, vcpu, {
          label: 'VMFault',
          ip: cpu.pc,
          addr: exit.ipa,
          prefetchFault: exit.access === 'execute',
          fsr: exit.esr,
        });
        return;
      case 'hvc':
        this.#send(vm, vcpu, { label: 'UnknownSyscall', faultIp: cpu.pc, syscall: cpu.x(7) });
        return;
      case 'smc':
      case 'system-register':
        this.#send(vm, vcpu, { label: 'VCPUFault', hsr: exit.esr });
        return;
    }
  }

  /** What the kernel tells of itself: an interrupt that the guest has ended, or the virtual timer's. */
  sendEvent(vm: VirtualMachine, vcpu: VcpuObject, due: 'maintenance' | 'vppi'): void {
    if (due === 'vppi') {
      const { virtualTimerIntid: irq, emit } = this.#parts;
      vcpu.vppiMasked = true;
      vcpu.countTimerEvent();
      this.#send(vm, vcpu, { label: 'VPPIEvent', irq });
      if (vcpu.timerEventsInRow >= TIMER_STORM_EVENTS) {
        vcpu.runState = 'halted';
        emit({ kind: 'timer-storm', vm: vm.name, vcpu: vcpu.id, intid: irq });
      }
      return;
    }
    const index = vcpu.virtualInterface.ended[0] ?? 0;
    vcpu.virtualInterface.clearEnded(index);
    this.#send(vm, vcpu, { label: 'VGICMaintenance', index });
  }

  /**
   * A monitor that leaves the PC where it is has the vCPU run the same WFI again, until there is an interrupt: it spins, and
   * gets its turn all the while.
   */
  #trapWfi(vm: VirtualMachine, vcpu: VcpuObject): void {
    const { cpu } = vcpu;
    const next = cpu.pc;
    cpu.pc = next - INSTRUCTION_BYTES;
    this.#send(vm, vcpu, { label: 'VCPUFault', hsr: WFI_SYNDROME });
    if (vcpu.runState !== 'runnable' || cpu.pc !== next - INSTRUCTION_BYTES) return;
    cpu.pc = next;
    vcpu.runState = 'spinning';
  }

  /** WFE with nobody else to run: time goes on to the event stream's next edge, or to whatever is due before. */
  #waitForEvent(vcpu: VcpuObject): void {
    const { domains, vcpus, time, hints } = this.#parts;
    if (!hints.isWfe(vcpu.cpu) || domains.ready() !== undefined) return;
    const others = vcpus.vcpus.some((other) => other !== vcpu && other.runState === 'runnable');
    if (others) return;
    const eventNs = nextStreamEventNs(vcpu.cpu, time);
    if (eventNs !== undefined) time.advanceTo(Math.min(eventNs, vcpus.nextDeadlineNs() ?? eventNs));
  }

  /** Stops the vCPU, lets its monitor see the fault, and goes on if that replied. */
  #send(vm: VirtualMachine, vcpu: VcpuObject, fault: Fault): void {
    const { domains, emit } = this.#parts;
    const before = vcpu.runState;
    const { pc } = vcpu.cpu;
    this.counts[fault.label] = (this.counts[fault.label] ?? 0) + 1;
    vcpu.runState = 'faulted';
    const resumed = domains.enter(vm.monitor, (program) => program.fault?.(vcpu.id, fault) ?? false) ?? false;
    // The monitor may have stopped or restarted it meanwhile: then the reply has nothing to resume.
    if (vcpu.runState === 'faulted' && resumed) vcpu.runState = vcpu.waitRequested ? 'waiting' : before;
    vcpu.waitRequested = false;
    emit({ kind: 'fault', vm: vm.name, vcpu: vcpu.id, fault, pc, resumed });
    domains.runHigherThan(vm.monitor.priority - 1);
  }
}
