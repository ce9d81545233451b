/**
 * The monitor library: what a `vmm.ts` calls, with libvmm's entry points and behaviour (libvmm 0.2, `include/libvmm`). One
 * instance serves one virtual machine. Where libvmm would stop on an assertion or leave something out, this says so in
 * its log and gives the guest what the architecture says: see "What a guest may do wrong" in ARCHITECTURE.md.
 */
import { type AddrRange, hex, rangeCovers } from '../base/index.ts';
import type { DeviceState } from '../device/index.ts';
import type { Fault, Microkit, VcpuRegisters, VmFault } from '../sel4/index.ts';
import { injectExternalAbort, injectUndefined, PSTATE_EL1H_MASKED } from './guest-exception.ts';
import { GuestRam } from './guest-ram.ts';
import { type GuestImages, type ImagePlacement, placeLinuxImages } from './linux-images.ts';
import { emulateRead, emulateWrite, type MmioHandler, MmioMap } from './mmio.ts';
import { isPsci, type PsciMachine, psciCall } from './psci.ts';
import { describeSmc, SMCCC_NOT_SUPPORTED, smcccCall } from './smccc.ts';
import { accessSyndrome, EC, exceptionClass, loadedValue, systemRegisterSyndrome } from './syndrome.ts';
import { VgicDevice, type VgicFrames } from './vgic/device.ts';
import { type VirqAcknowledge, VirqTable } from './virq.ts';
import { type VirtioDevice, VirtioMmio } from './virtio/index.ts';

export interface MonitorOptions {
  /** Where the guest's tree says that the interrupt controller's frames are. */
  readonly gic: VgicFrames;
  /** Guest RAM: its guest physical addresses, and where this domain has it mapped. */
  readonly ram: readonly {
    readonly gpaStart: number;
    readonly sizeBytes: number;
    readonly vmmVaddr: number;
  }[];
  /**
   * What an access to an address gets that neither stage 2 nor this monitor answers: `stop`, as libvmm does, leaves the
   * vCPU at the instruction; `abort` gives the guest a bus error.
   */
  readonly unownedAccess?: 'stop' | 'abort';
}

/** What `linuxSetupImages` was asked for, kept for a restart. */
interface LinuxGuest {
  readonly images: GuestImages;
  readonly placement: ImagePlacement;
}

interface StartArguments {
  readonly vcpu: number;
  readonly entryPoint: number;
  readonly dtb: number;
}

const INSTRUCTION_BYTES = 4n;
/** SCTLR_EL1's M, C and I: MMU and caches. */
const SCTLR_MMU_AND_CACHES = (1n << 0n) | (1n << 2n) | (1n << 12n);
const AFFINITY_MASK = 0xff_00ff_ffffn;

export class Monitor {
  readonly ram: GuestRam;
  readonly #microkit: Microkit;
  readonly #options: MonitorOptions;
  readonly #mmio = new MmioMap();
  readonly #virqs = new VirqTable();
  readonly #virtio: VirtioMmio[] = [];
  readonly #on: boolean[];
  readonly #saidOnce = new Set<string>();
  /** Of each vCPU whose virtual timer has come: its INTID. */
  readonly #timers = new Map<number, number>();
  #vgic: VgicDevice | undefined;
  #linux: LinuxGuest | undefined;
  #start: StartArguments | undefined;

  constructor(microkit: Microkit, options: MonitorOptions) {
    this.#microkit = microkit;
    this.#options = options;
    this.#on = microkit.vcpuIds.map(() => false);
    this.ram = new GuestRam(
      options.ram.flatMap(({ gpaStart, sizeBytes, vmmVaddr }) => {
        const memory = microkit.region(vmmVaddr);
        if (memory === undefined) {
          this.log(`no memory region is mapped at ${hex(vmmVaddr)} of this domain: guest RAM is missing`);
          return [];
        }
        return [{ gpaStart, sizeBytes: Math.min(sizeBytes, memory.bytes.length), memory }];
      }),
    );
  }

  // ---- The guest ----

  /**
   * linux_setup_images: checks the images and copies them into guest RAM. Gives the kernel's entry point, or `undefined`
   * where a check failed; the log says which.
   */
  linuxSetupImages(images: GuestImages, placement: ImagePlacement): number | undefined {
    const { entryPoint, problems } = placeLinuxImages(this.ram, images, placement);
    for (const problem of problems) this.log(problem);
    if (entryPoint !== undefined) this.#linux = { images, placement };
    return entryPoint;
  }

  /** guest_start: lets the boot vCPU run the kernel, X0 pointing at the device tree. */
  guestStart(vcpu: number, entryPoint: number, dtb: number, _initrd?: number): boolean {
    if (this.#on[vcpu] !== false) {
      this.log(vcpu in this.#on ? `vCPU ${vcpu} runs already` : `there is no vCPU ${vcpu}`);
      return false;
    }
    this.#start = { vcpu, entryPoint, dtb };
    this.#turnOn(vcpu, BigInt(entryPoint), BigInt(dtb));
    this.#microkit.onGuestRestart(() => this.guestRestart());
    return true;
  }

  /** guest_stop: no vCPU runs any more. */
  guestStop(): void {
    for (const vcpu of this.#on.keys()) this.#turnOff(vcpu);
  }

  /** guest_restart: RAM cleared, images copied again, the boot vCPU at the kernel's entry point. */
  guestRestart(): boolean {
    if (this.#linux === undefined || this.#start === undefined) {
      this.log('there is no guest to restart: it was never set up and started');
      return false;
    }
    this.guestStop();
    for (const transport of this.#virtio) transport.reset();
    // Their list registers too, or what is in them would be in the way of the new guest's interrupts.
    for (const id of this.#microkit.vcpuIds) this.#microkit.vcpuReset(id);
    this.#vgic?.reset((vcpu, intid) => this.#virqs.acknowledge(vcpu, intid));
    this.ram.clear();
    const { vcpu, dtb } = this.#start;
    const entryPoint = this.linuxSetupImages(this.#linux.images, this.#linux.placement);
    return entryPoint !== undefined && this.guestStart(vcpu, entryPoint, dtb);
  }

  // ---- Virtual interrupts ----

  /** virq_controller_init: sets up the virtual interrupt controller for all vCPUs. */
  virqControllerInit(): boolean {
    if (this.#vgic !== undefined) {
      this.log('the virtual interrupt controller is set up already');
      return false;
    }
    const vgic = new VgicDevice(this.#options.gic, this.#on.length, (vcpu, interrupt, listRegister) => {
      const { intid, priority, group } = interrupt;
      this.#microkit.vcpuArmInjectIrq(this.#idOf(vcpu), intid, priority, group, listRegister);
    });
    for (const { range, handler } of vgic.frames()) {
      if (!this.#mmio.register(range, handler))
        this.log(`${handler.name} at ${hex(range.base)} overlaps another range`);
    }
    this.#vgic = vgic;
    return true;
  }

  /** virq_register: an interrupt that the guest may get, and what to do when it has ended it. */
  virqRegister(vcpu: number, intid: number, acknowledge: VirqAcknowledge): boolean {
    if (this.#vgic?.interrupt(intid, vcpu) === undefined) {
      this.log(`interrupt ${intid} of vCPU ${vcpu} does not exist`);
      return false;
    }
    if (this.#virqs.register({ vcpu, intid }, acknowledge)) return true;
    this.log(`interrupt ${intid} is registered already`);
    return false;
  }

  /** virq_register_passthrough: a hardware interrupt that comes on a channel and goes to the guest under its own number. */
  virqRegisterPassthrough(vcpu: number, intid: number, channel: number): boolean {
    if (!this.virqRegister(vcpu, intid, () => this.#microkit.irqAck(channel))) return false;
    if (this.#virqs.passThrough(channel, { vcpu, intid })) return true;
    this.log(`channel ${channel} stands for another interrupt already`);
    return false;
  }

  /** virq_handle_passthrough: to be called from `notified`; `false` where the channel is no passed-through interrupt. */
  virqHandlePassthrough(channel: number): boolean {
    const route = this.#virqs.routeOf(channel);
    return route !== undefined && this.vgicInjectIrq(route.vcpu, route.intid);
  }

  /** vgic_inject_irq (libvmm 0.2: virq_inject): asserts a registered interrupt. */
  vgicInjectIrq(vcpu: number, intid: number): boolean {
    if (!this.#virqs.isRegistered({ vcpu, intid })) {
      this.log(`interrupt ${intid} is not registered and can't be injected`);
      return false;
    }
    return this.#vgic?.inject(vcpu, intid) ?? false;
  }

  // ---- virtio ----

  /**
   * virtio_mmio_device_init (libvmm 0.2: virtio_mmio_console_init and its like): a virtio device whose registers the
   * guest finds at `base` and whose interrupt is `intid`, of vCPU 0 until the guest routes it. To be called after
   * `virqControllerInit`. The device's `notified` is to be called when its virtualiser's channel says something.
   */
  virtioMmioDeviceInit(base: number, sizeBytes: number, intid: number, device: VirtioDevice): boolean {
    const transport = new VirtioMmio({
      device,
      ram: this.ram,
      interrupt: () => this.vgicInjectIrq(0, intid),
      log: (text) => this.log(text),
    });
    // The line is high until the driver has acknowledged all; an interrupt that it ended before that comes again.
    const again = () => {
      if (transport.interruptPending) this.vgicInjectIrq(0, intid);
    };
    if (!this.virqRegister(0, intid, again)) return false;
    if (!this.registerMmio({ base, size: sizeBytes }, transport)) return false;
    this.#virtio.push(transport);
    return true;
  }

  // ---- Faults ----

  /** fault_register_vm_exception_handler: a range of addresses that a handler answers, such as a virtio-mmio device. */
  registerMmio(range: AddrRange, handler: MmioHandler): boolean {
    if (this.#mmio.register(range, handler)) return true;
    this.log(`${handler.name} at ${hex(range.base)} is empty or overlaps another range`);
    return false;
  }

  /** fault_handle: deals with a fault of a vCPU; `true` asks the kernel to resume it. */
  faultHandle(child: number, fault: Fault): boolean {
    const vcpu = this.#microkit.vcpuIds.indexOf(child);
    if (vcpu < 0) {
      this.log(`a fault of child ${child}, which is no vCPU of this domain`);
      return false;
    }
    switch (fault.label) {
      case 'VMFault':
        return this.#vmFault(vcpu, fault);
      case 'VCPUFault':
        return this.#vcpuFault(vcpu, fault.hsr);
      case 'VPPIEvent':
        this.#virtualTimer(vcpu, child, fault.irq);
        return true;
      case 'VGICMaintenance':
        this.#vgic?.ended(vcpu, fault.index, (intid) => this.#virqs.acknowledge(vcpu, intid));
        return true;
      case 'UnknownSyscall':
        this.log(
          `vCPU ${vcpu} ran HVC at ${hex(fault.faultIp - INSTRUCTION_BYTES)}, which seL4 keeps to itself; ` +
            'the guest tree\'s psci node must say method = "smc"',
        );
        return false;
      case 'UserException':
        this.log(`vCPU ${vcpu} at ${hex(fault.faultIp)}: exception ${fault.number}, code ${hex(fault.code)}`);
        return false;
    }
  }

  /** LOG_VMM. */
  log(text: string): void {
    this.#microkit.dbgPuts(`${text}\n`);
  }

  /** What a snapshot needs besides the guest's memory. */
  state(): unknown {
    const virtio = this.#virtio.map((transport) => transport.state());
    return { on: [...this.#on], timers: [...this.#timers], vgic: this.#vgic?.state(), virtio };
  }

  fromState(state: unknown): void {
    const { on, timers, vgic, virtio } = state as {
      readonly on: readonly boolean[];
      readonly timers: readonly (readonly [vcpu: number, intid: number])[];
      readonly virtio: readonly DeviceState[];
      readonly vgic?: ReturnType<VgicDevice['state']>;
    };
    for (const [vcpu, value] of on.entries()) if (vcpu < this.#on.length) this.#on[vcpu] = value;
    for (const [vcpu, intid] of timers) this.#registerTimer(vcpu, intid);
    if (vgic !== undefined) this.#vgic?.fromState(vgic);
    for (const [index, transport] of this.#virtio.entries()) {
      const kept = virtio[index];
      if (kept !== undefined) transport.fromState(kept);
    }
  }

  /** The virtual timer, under the number that the kernel says; registered when it first comes. */
  #virtualTimer(vcpu: number, child: number, intid: number): void {
    if (!this.#timers.has(vcpu)) this.#registerTimer(vcpu, intid);
    if (!this.vgicInjectIrq(vcpu, intid)) this.#microkit.vcpuArmAckVppi(child, intid);
  }

  #registerTimer(vcpu: number, intid: number): void {
    this.#timers.set(vcpu, intid);
    this.#virqs.register({ vcpu, intid }, () => this.#microkit.vcpuArmAckVppi(this.#idOf(vcpu), intid));
  }

  #vmFault(vcpu: number, fault: VmFault): boolean {
    const registers = this.#registers(vcpu);
    const owner = fault.prefetchFault ? undefined : this.#mmio.at(fault.addr);
    if (owner === undefined) {
      if (this.#options.unownedAccess !== 'abort' || fault.prefetchFault) return false;
      injectExternalAbort(registers);
      return true;
    }
    const access = accessSyndrome(fault.fsr);
    if (access === undefined) {
      this.#logOnce(
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

  #vcpuFault(vcpu: number, hsr: number): boolean {
    const registers = this.#registers(vcpu);
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

  #systemRegister(vcpu: number, registers: VcpuRegisters, hsr: number): void {
    const register = systemRegisterSyndrome(hsr);
    const value = registers.x(register.rt);
    if (!register.read && this.#vgic?.writeSystemRegister(vcpu, register, value) === true) {
      registers.pc += INSTRUCTION_BYTES;
      return;
    }
    injectUndefined(registers);
  }

  #smc(vcpu: number, registers: VcpuRegisters): boolean {
    const functionId = Number(BigInt.asUintN(32, registers.x(0)));
    const args = [registers.x(1), registers.x(2), registers.x(3)];
    // Trapped SMCs leave with the PC at the instruction (Arm ARM D1.3); a call that comes back goes on after it.
    registers.pc += INSTRUCTION_BYTES;
    if (isPsci(functionId)) {
      const outcome = psciCall(this.#psciMachine, vcpu, functionId, args);
      if (outcome.kind === 'return') registers.setX(0, outcome.value);
      return true;
    }
    const answer = smcccCall(functionId, args[0] ?? 0n);
    if (answer === undefined) this.#logOnce(`the guest called ${describeSmc(functionId)}: not supported`);
    registers.setX(0, answer ?? SMCCC_NOT_SUPPORTED);
    return true;
  }

  get #psciMachine(): PsciMachine {
    return {
      vcpuCount: this.#on.length,
      vcpuByAffinity: (affinity) => {
        const vcpu = [...this.#on.keys()].find(
          (index) => (this.#registers(index).mpidr & AFFINITY_MASK) === affinity,
        );
        return vcpu;
      },
      isOn: (vcpu) => this.#on[vcpu] === true,
      isInRam: (gpa) =>
        this.ram.regions.some(({ gpaStart, sizeBytes }) =>
          rangeCovers({ base: gpaStart, size: sizeBytes }, { base: Number(gpa), size: 4 }),
        ),
      turnOn: (vcpu, entryPoint, contextId) => this.#turnOn(vcpu, entryPoint, contextId),
      turnOff: (vcpu) => this.#turnOff(vcpu),
      standBy: (vcpu) => this.#microkit.vcpuWait(this.#idOf(vcpu)),
      powerDown: (vcpu, entryPoint, contextId) => this.#powerDown(vcpu, entryPoint, contextId),
      systemOff: () => {
        this.guestStop();
        this.#microkit.guestEnded('off');
      },
      systemReset: () => {
        this.guestStop();
        this.#microkit.guestEnded('reset');
      },
    };
  }

  /** A vCPU in its state at power-on, but for where it starts and what it is handed in X0. */
  #turnOn(vcpu: number, entryPoint: bigint, argument: bigint): void {
    this.#microkit.vcpuReset(this.#idOf(vcpu));
    this.#vgic?.vcpuReset(vcpu, (intid) => this.#virqs.acknowledge(vcpu, intid));
    const registers = this.#registers(vcpu);
    registers.setX(0, argument);
    registers.pstate = Number(PSTATE_EL1H_MASKED);
    this.#on[vcpu] = true;
    this.#microkit.vcpuRestart(this.#idOf(vcpu), entryPoint);
    this.#vgic?.deliver(vcpu);
  }

  #turnOff(vcpu: number): void {
    this.#on[vcpu] = false;
    this.#microkit.vcpuStop(this.#idOf(vcpu));
  }

  #powerDown(vcpu: number, entryPoint: bigint, contextId: bigint): void {
    const registers = this.#registers(vcpu);
    registers.setSystem('SCTLR_EL1', registers.system('SCTLR_EL1') & ~SCTLR_MMU_AND_CACHES);
    registers.setX(0, contextId);
    registers.pstate = Number(PSTATE_EL1H_MASKED);
    registers.pc = entryPoint;
    this.#microkit.vcpuWait(this.#idOf(vcpu));
  }

  #registers(vcpu: number): VcpuRegisters {
    return this.#microkit.vcpuRegisters(this.#idOf(vcpu));
  }

  #idOf(vcpu: number): number {
    return this.#microkit.vcpuIds[vcpu] ?? -1;
  }

  #logOnce(text: string): void {
    if (this.#saidOnce.has(text) || this.#saidOnce.size >= SAID_ONCE_LIMIT) return;
    this.#saidOnce.add(text);
    this.log(text);
  }
}

/** A guest that makes a different mistake each time doesn't fill the log, or the host's memory. */
const SAID_ONCE_LIMIT = 200;
