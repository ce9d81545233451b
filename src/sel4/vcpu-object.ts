/**
 * A vCPU as seL4 keeps it (seL4_ARM_VCPU): the processor's state, its virtual CPU interface, whether it runs, and the
 * virtual timer's interrupt, which seL4 hands to the monitor as a VPPI event and masks until that is acknowledged.
 */

import type { Vcpu } from '../aarch64/index.ts';
import { type Intid, keptMembers, type Saved, savedParts, shape, type VcpuId } from '../base/index.ts';
import { VirtualCpuInterface } from '../device/index.ts';
import type { MachineTime } from '../machine/index.ts';

/**
 * `stopped`: never started, or stopped by the monitor · `runnable` · `waiting`: in WFI · `spinning`: in a WFI that traps, which
 * it runs again as often as its monitor resumes it · `faulted`: its monitor has not replied to a fault · `halted`: it branches to itself with interrupts masked, and does nothing else ever again.
 */
const RUN_STATES = ['stopped', 'runnable', 'waiting', 'spinning', 'faulted', 'halted'] as const;

/** What a vCPU is doing, above. */
export type VcpuRunState = (typeof RUN_STATES)[number];

/** The virtual timer's private interrupt nearly everywhere (Arm BSA: PPI 11); some of Qualcomm's boards differ. */
export const VIRTUAL_TIMER_INTID: Intid = 27;

/** System registers that seL4 16 has no call for (`seL4_VCPUReg`, `seL4_UserContext`). */
const NOT_RESET = ['FPCR', 'FPSR', 'CSSELR_EL1', 'MDSCR_EL1'];
const VECTOR_REGISTERS = 32;

/** A vCPU with what the kernel keeps of it. */
export class VcpuObject {
  readonly vm: string;
  /** The id that the monitor uses. */
  readonly id: VcpuId;
  readonly cpu: Vcpu;
  readonly virtualInterface = new VirtualCpuInterface();
  runState: VcpuRunState = 'stopped';
  /** The VPPI was sent and not yet acknowledged. */
  vppiMasked = false;
  /** When the fault at hand is replied to, it waits for an interrupt instead of running on. */
  waitRequested = false;
  /** How many events of the virtual timer came one after the other without an instruction of the guest's between them. */
  timerEventsInRow = 0;
  #retiredAtTimerEvent = -1;
  /** Called when an interrupt has come that it waits for: while another one runs, that one's interrupt to it. */
  onWoken: (() => void) | undefined;

  constructor(vm: string, id: VcpuId, cpu: Vcpu, gicVersion: 2 | 3) {
    this.vm = vm;
    this.id = id;
    this.cpu = cpu;
    // With system registers group 0 is always an FIQ (IHI 0069H §4.6.3).
    this.virtualInterface.fiqEnable = gicVersion === 3;
    this.virtualInterface.onChange = () => this.#drive();
  }

  #drive(): void {
    this.cpu.setIrq(this.virtualInterface.irq);
    this.cpu.setFiq(this.virtualInterface.fiq);
    if (this.virtualInterface.maintenancePending) this.cpu.requestStop();
    if (this.isWaiting && this.#hasInterrupt) this.onWoken?.();
  }

  /** In WFI, whether that sleeps or traps. */
  get isWaiting(): boolean {
    return this.runState === 'waiting' || this.runState === 'spinning';
  }

  get #isWatched(): boolean {
    return this.runState === 'runnable' || this.isWaiting;
  }

  countTimerEvent(): void {
    const { retired } = this.cpu;
    this.timerEventsInRow = retired === this.#retiredAtTimerEvent ? this.timerEventsInRow + 1 : 1;
    this.#retiredAtTimerEvent = retired;
  }

  get #hasInterrupt(): boolean {
    return this.virtualInterface.irq || this.virtualInterface.fiq;
  }

  /** Whether its monitor has yet to be told of something, other than what the processor itself reports. */
  eventDue(time: MachineTime): 'maintenance' | 'vppi' | undefined {
    if (!this.#isWatched) return undefined;
    if (this.virtualInterface.maintenancePending) return 'maintenance';
    return !this.vppiMasked && this.timerDueAt(time) <= time.nowNs ? 'vppi' : undefined;
  }

  /** When the virtual timer's line rises: in the past while it is high, infinitely far where it is off. */
  timerDueAt(time: MachineTime): number {
    const { enabled, masked, compare, offset } = this.cpu.virtualTimer;
    if (!enabled || masked) return Number.POSITIVE_INFINITY;
    const count = BigInt.asUintN(64, compare + offset);
    return count === 0n ? 0 : time.timeOfCount(count);
  }

  /** The timer's line is low again, by a write of the guest's: its interrupt, if not taken yet, comes to nothing. */
  takeBackTimer(time: MachineTime, intid: Intid): void {
    if (this.timerDueAt(time) > time.nowNs) this.virtualInterface.takeBack(intid);
  }

  /** The next time at which the kernel must look at it. */
  deadlineNs(time: MachineTime): number {
    return this.#isWatched && !this.vppiMasked ? this.timerDueAt(time) : Number.POSITIVE_INFINITY;
  }

  /** Ends a WFI when an interrupt is there, masked by PSTATE or not (Arm ARM D1.6.2). */
  wakeIfPending(): void {
    if (this.isWaiting && this.#hasInterrupt) this.runState = 'runnable';
  }

  /**
   * Registers as after power-on, as far as seL4 16 has calls that write them: not those of the FPU, nor {@link NOT_RESET}, nor the virtual
   * CPU interface and what its list registers hold, nor the mask of the virtual timer's event.
   */
  reset(): void {
    const { cpu } = this;
    const vectors = Array.from({ length: VECTOR_REGISTERS }, (_, register) => cpu.v(register));
    const kept = NOT_RESET.map((name) => [name, cpu.system(name)] as const);
    cpu.reset();
    for (const [register, value] of vectors.entries()) cpu.setV(register, value);
    for (const [name, value] of kept) cpu.setSystem(name, value);
  }

  get saved(): Saved {
    return savedParts({
      ...keptMembers(this, { runState: shape.oneOf(...RUN_STATES), vppiMasked: shape.flag }),
      virtualInterface: this.virtualInterface.saved,
    });
  }
}
