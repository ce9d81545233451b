/**
 * The monitor library as the architecture has it: libvmm's entry points (libvmm 0.2, `include/libvmm`), and for the guest what
 * the specifications say. What libvmm itself does otherwise is `libvmm/monitor.ts`. Where libvmm would stop on an assertion or
 * leave something out, this says so in its log: see "What a guest may do wrong" in ARCHITECTURE.md.
 */
import {
  type ChannelId,
  hex,
  type Intid,
  kept,
  rangeCovers,
  type Saved,
  shape,
  type VcpuIndex,
} from '../base/index.ts';
import type { Microkit, VcpuRegisters, VmFault } from '../sel4/index.ts';
import { injectExternalAbort, injectUndefined, PSTATE_EL1H_MASKED } from './guest-exception.ts';
import { GuestMonitor, INSTRUCTION_BYTES } from './guest-monitor.ts';
import type { InterruptController } from './interrupt-controller.ts';
import { emulateRead, emulateWrite } from './mmio.ts';
import { AFFINITY_MASK, isPsci, type PsciMachine, psciCall } from './psci.ts';
import { describeSmc, SMCCC_NOT_SUPPORTED, smcccCall } from './smccc.ts';
import {
  accessSyndrome,
  EC,
  exceptionClass,
  loadedValue,
  type SystemRegisterSyndrome,
  systemRegisterSyndrome,
} from './syndrome.ts';
import { VcpuEntry } from './vcpu-entry.ts';
import { VgicDevice } from './vgic/device.ts';
import type { VirqAcknowledge } from './virq.ts';
import type { VirtioMmio } from './virtio/index.ts';

/** SCTLR_EL1's M, C and I: MMU and caches. */
const SCTLR_MMU_AND_CACHES = (1n << 0n) | (1n << 2n) | (1n << 12n);
/** ICC_SRE_EL1 where there is no other way but the system registers: SRE, DFB and DIB are fixed (IHI 0069H §12.2.22). */
const SRE_ALWAYS = 7n;
/** The lower half of a register. */
const WORD_MASK = 0xffff_ffffn;

const TIMER_SHAPE = shape.tuple<[vcpu: VcpuIndex, intid: number]>(shape.u8, shape.upTo(31));

/** The architecture's monitor: what a guest does wrong gets the answer that Arm's manuals give. */
export class Monitor extends GuestMonitor {
  #vgic: VgicDevice | undefined;
  readonly #entry: VcpuEntry = new VcpuEntry({
    ram: this.ram,
    vcpuCount: this.on.length,
    gic: this.options.gic,
    isOn: (vcpu) => this.on[vcpu] === true,
    registers: (vcpu) => this.registers(vcpu),
    leftOver: (vcpu) => this.#vgic?.leftOver(vcpu) ?? [],
    pause: (vcpu) => this.microkit.vcpuStop(this.idOf(vcpu)),
    run: (vcpu, pc) => this.microkit.vcpuRestart(this.idOf(vcpu), pc),
    entered: (vcpu) => this.#vgic?.turnedOn(vcpu),
    log: (text) => this.log(text),
  });

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      entry: this.#entry.saved,
      timers: kept(
        shape.listUpTo(this.on.length, TIMER_SHAPE),
        () => this.#vgic?.timers() ?? [],
        (timers) => {
          for (const [vcpu, intid] of timers) this.#registerTimer(vcpu, intid);
        },
      ),
    };
  }

  protected override createController(): InterruptController {
    const { microkit } = this;
    this.#vgic = new VgicDevice(
      this.options.gic,
      microkit.vcpuIds,
      {
        injectIrq: (id, intid, priority, group, listRegister) =>
          microkit.vcpuArmInjectIrq(id, intid, priority, group === 0 ? 0 : 1, listRegister),
        ackVppi: (id, intid) => microkit.vcpuArmAckVppi(id, intid),
        irqAck: (channel) => microkit.irqAck(channel),
        timerControl: (id) => Number(microkit.vcpuRegisters(id).system('CNTV_CTL_EL0') & WORD_MASK),
        acknowledge: (vcpu, intid) => this.virqs.acknowledge(vcpu, intid),
      },
      microkit.compiledMemory,
    );
    for (const vcpu of this.on.keys()) this.#vgic.turnedOff(vcpu);
    return this.#vgic;
  }

  override answerDirectly(microkit: Microkit, { faults }: { readonly faults: boolean }): void {
    const isItself =
      Object.getPrototypeOf(this) === Monitor.prototype &&
      Object.values(this).every((value) => typeof value !== 'function') &&
      this.microkit === microkit;
    if (!isItself || this.#vgic === undefined) return;
    this.#vgic.state.ownFaults[0] = Number(faults);
    this.#vgic.state.ownChannels[0] = 1;
  }

  override virqRegister(vcpu: VcpuIndex, intid: Intid, acknowledge: VirqAcknowledge): boolean {
    if (!super.virqRegister(vcpu, intid, acknowledge)) return false;
    this.#vgic?.ownedByProgram(vcpu, intid);
    return true;
  }

  override virqRegisterPassthrough(vcpu: VcpuIndex, intid: Intid, channel: ChannelId): boolean {
    if (!super.virqRegisterPassthrough(vcpu, intid, channel)) return false;
    this.#vgic?.passedThrough(vcpu, intid, channel);
    return true;
  }

  /** The line is high until the driver has acknowledged all; an interrupt that it ended before that comes again. */
  protected override virtioEnded(transport: VirtioMmio, intid: Intid): void {
    if (transport.interruptPending) this.vgicInjectIrq(0, intid);
  }

  /** The virtual timer, under the number that the kernel says; registered when it first comes. */
  protected override virtualTimer(vcpu: VcpuIndex, intid: Intid): void {
    if (this.#vgic?.state.timer[vcpu] !== intid) this.#registerTimer(vcpu, intid);
    if (!this.vgicInjectIrq(vcpu, intid)) this.microkit.vcpuArmAckVppi(this.idOf(vcpu), intid);
  }

  #registerTimer(vcpu: VcpuIndex, intid: Intid): void {
    this.virqs.register({ vcpu, intid }, () => this.microkit.vcpuArmAckVppi(this.idOf(vcpu), intid));
    this.#vgic?.timerIs(vcpu, intid);
  }

  protected override vmFault(vcpu: VcpuIndex, fault: VmFault): boolean {
    if (this.#entry.isClearing(vcpu)) {
      this.#entry.failed(vcpu, `it has no CPU interface at ${hex(fault.addr)}`);
      return true;
    }
    const registers = this.registers(vcpu);
    const owner = fault.prefetchFault ? undefined : this.mmio.at(fault.addr);
    if (owner === undefined) {
      if (this.options.unownedAccess !== 'abort') return false;
      injectExternalAbort(registers, fault.prefetchFault ? 'fetch' : 'data');
      return true;
    }
    this.#vgic?.settleTimers();
    const access = accessSyndrome(fault.fsr);
    if (access === undefined) {
      this.logOnce(
        `vCPU ${vcpu} at ${hex(fault.ip)} accessed ${owner.handler.name} with an instruction that can't be emulated`,
      );
      injectExternalAbort(registers);
      return true;
    }
    if (access.write) {
      emulateWrite(owner, fault.addr, access, registers.x(access.srt), vcpu);
    } else {
      const value = emulateRead(owner, fault.addr, access, vcpu);
      registers.setX(access.srt, loadedValue(value, access));
    }
    registers.pc = fault.ip + INSTRUCTION_BYTES;
    return true;
  }

  protected override vcpuFault(vcpu: VcpuIndex, hsr: number): boolean {
    const registers = this.registers(vcpu);
    switch (exceptionClass(hsr)) {
      case EC.SMC64:
        return this.#smc(vcpu, registers);
      case EC.WFX:
        registers.pc += INSTRUCTION_BYTES;
        return true;
      case EC.SYSTEM_REGISTER:
        this.#systemRegister(vcpu, registers, hsr);
        return true;
      default:
        this.log(`vCPU ${vcpu} left with syndrome ${hex(hsr)}, which this monitor doesn't know`);
        return false;
    }
  }

  #systemRegister(vcpu: VcpuIndex, registers: VcpuRegisters, hsr: number): void {
    const register = systemRegisterSyndrome(hsr);
    const value = registers.x(register.rt);
    if (isSre(register) && this.options.gic.version === 3) {
      if (register.read) registers.setX(register.rt, SRE_ALWAYS);
      registers.pc += INSTRUCTION_BYTES;
      return;
    }
    if (!register.read && this.#vgic?.writeSystemRegister(vcpu, register, value) === true) {
      registers.pc += INSTRUCTION_BYTES;
      return;
    }
    injectUndefined(registers);
  }

  #smc(vcpu: VcpuIndex, registers: VcpuRegisters): boolean {
    if (this.#entry.isClearing(vcpu)) {
      this.#entry.cleared(vcpu);
      return true;
    }
    const functionId = Number(BigInt.asUintN(32, registers.x(0)));
    // Trapped SMCs leave with the PC at the instruction (Arm ARM D1.3); a call that comes back goes on after it.
    registers.pc += INSTRUCTION_BYTES;
    if (isPsci(functionId)) {
      const machine = this.#psciMachine;
      const answer = psciCall(machine, vcpu, functionId, registers.x(1), registers.x(2), registers.x(3));
      if (answer !== undefined) registers.setX(0, answer);
      return true;
    }
    const answer = smcccCall(functionId, registers.x(1));
    if (answer === undefined) this.logOnce(`the guest called ${describeSmc(functionId)}: not supported`);
    registers.setX(0, answer ?? SMCCC_NOT_SUPPORTED);
    return true;
  }

  readonly #psciMachine: PsciMachine = this.#createPsciMachine();

  #createPsciMachine(): PsciMachine {
    return {
      vcpuCount: this.on.length,
      vcpuByAffinity: (affinity) => {
        const vcpu = [...this.on.keys()].find(
          (index) => (this.registers(index).mpidr & AFFINITY_MASK) === affinity,
        );
        return vcpu;
      },
      isOn: (vcpu) => this.on[vcpu] === true,
      isInRam: (gpa) =>
        this.ram.regions.some(({ gpaStart, sizeBytes }) =>
          rangeCovers({ base: gpaStart, size: sizeBytes }, { base: Number(gpa), size: 4 }),
        ),
      turnOn: (vcpu, entryPoint, contextId) => this.turnOn(vcpu, entryPoint, contextId),
      turnOff: (vcpu) => this.turnOff(vcpu),
      standBy: (vcpu) => this.microkit.vcpuWait(this.idOf(vcpu)),
      powerDown: (vcpu, entryPoint, contextId) => this.#powerDown(vcpu, entryPoint, contextId),
      systemOff: () => {
        this.guestStop();
        this.microkit.guestEnded('off');
      },
      systemReset: () => {
        this.guestStop();
        this.microkit.guestEnded('reset');
      },
    };
  }

  /** A vCPU in its state at power-on, but for where it starts and what it is handed in X0. */
  protected override turnOn(vcpu: VcpuIndex, entryPoint: bigint, argument: bigint): void {
    this.microkit.vcpuReset(this.idOf(vcpu));
    this.on[vcpu] = true;
    this.#entry.enter(vcpu, entryPoint, argument);
  }

  protected override turnOff(vcpu: VcpuIndex): void {
    super.turnOff(vcpu);
    this.#entry.turnedOff(vcpu);
    this.#vgic?.turnedOff(vcpu);
  }

  #powerDown(vcpu: VcpuIndex, entryPoint: bigint, contextId: bigint): void {
    const registers = this.registers(vcpu);
    registers.setSystem('SCTLR_EL1', registers.system('SCTLR_EL1') & ~SCTLR_MMU_AND_CACHES);
    registers.setX(0, contextId);
    registers.pstate = Number(PSTATE_EL1H_MASKED);
    registers.pc = entryPoint;
    this.microkit.vcpuWait(this.idOf(vcpu));
  }
}

/** ICC_SRE_EL1, all of which traps on seL4. */
function isSre({ op0, op1, crn, crm, op2 }: SystemRegisterSyndrome): boolean {
  return op0 === 3 && op1 === 0 && crn === 12 && crm === 12 && op2 === 5;
}
