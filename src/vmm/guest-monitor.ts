/**
 * What monitor libraries have in common, however they keep their virtual interrupt controller and answer faults: the entry
 * points that a `vmm.ts` calls, guest RAM with its images, the interrupts that are registered, emulated registers.
 */
import {
  type AddrRange,
  type ChannelId,
  hex,
  type Intid,
  type Ipa,
  kept,
  keptCells,
  type Saved,
  savedIfThere,
  savedList,
  savedParts,
  shape,
  type VcpuId,
  type VcpuIndex,
} from '../base/index.ts';
import type { Fault, Microkit, VcpuRegisters, VmFault } from '../sel4/index.ts';
import { GuestRam } from './guest-ram.ts';
import type { InterruptController } from './interrupt-controller.ts';
import { type GuestImages, type ImagePlacement, placeLinuxImages } from './linux-images.ts';
import { type MmioHandler, MmioMap } from './mmio.ts';
import { MonitorProgram, type ProgramParts } from './monitor-program.ts';
import type { VgicFrames } from './vgic/device.ts';
import { type VirqAcknowledge, VirqTable } from './virq.ts';
import { type VirtioDevice, VirtioMmio } from './virtio/index.ts';

/** Where the guest's interrupt controller and RAM are. */
export interface MonitorOptions {
  /** Where the guest's tree says that the interrupt controller's frames are. */
  readonly gic: VgicFrames;
  /** Guest RAM: its guest physical addresses, and where this domain has it mapped. */
  readonly ram: readonly {
    readonly gpaStart: Ipa;
    readonly sizeBytes: number;
    readonly vmmVaddr: number;
  }[];
  /**
   * What an access or a fetch gets from an address that neither stage 2 nor this monitor answers: `stop`, as libvmm does, leaves
   * the vCPU at the instruction; `abort` gives the guest a bus error.
   */
  readonly unownedAccess?: 'stop' | 'abort';
}

/** What `linuxSetupImages` was asked for, kept for a restart. */
interface LinuxGuest {
  readonly images: GuestImages;
  readonly placement: ImagePlacement;
}

interface StartArguments {
  readonly vcpu: VcpuIndex;
  readonly entryPoint: number;
  readonly dtb: number;
}

/** Bit 31 of MPIDR_EL1 is RES1 (Arm ARM D19.2.101). */
export const MPIDR_RES1 = 0x8000_0000n;
export const INSTRUCTION_BYTES = 4n;
/** A guest that makes a different mistake each time doesn't fill the log, or the host's memory. */
const SAID_ONCE_LIMIT = 200;

/** What both monitor libraries have: libvmm's entry points, by its names in camel case. */
export abstract class GuestMonitor {
  readonly ram: GuestRam;
  protected readonly microkit: Microkit;
  protected readonly options: MonitorOptions;
  protected readonly mmio = new MmioMap();
  protected readonly virqs = new VirqTable();
  /** Which vCPUs run. */
  protected readonly on: boolean[];
  protected controller: InterruptController | undefined;
  readonly #virtio: VirtioMmio[] = [];
  /** Each vCPU's, once they were asked for. */
  readonly #registers: VcpuRegisters[] = [];
  readonly #saidOnce = new Set<string>();
  /** What the guest's start waits for, and whether it still does. */
  #awaited: { readonly devices: readonly { readonly isThere: boolean }[]; start(): void } | undefined;
  #isAwaiting = false;
  #linux: LinuxGuest | undefined;
  #start: StartArguments | undefined;

  constructor(microkit: Microkit, options: MonitorOptions) {
    this.microkit = microkit;
    this.options = options;
    this.on = microkit.vcpuIds.map(() => false);
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

  protected abstract createController(): InterruptController;
  /** Lets a vCPU run from an entry point, with an argument in X0; `isBoot`: the guest's first. */
  protected abstract turnOn(vcpu: VcpuIndex, entryPoint: bigint, argument: bigint, isBoot: boolean): void;
  protected abstract vmFault(vcpu: VcpuIndex, fault: VmFault): boolean;
  protected abstract vcpuFault(vcpu: VcpuIndex, hsr: number): boolean;
  protected abstract virtualTimer(vcpu: VcpuIndex, intid: Intid): void;

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
  guestStart(vcpu: VcpuIndex, entryPoint: number, dtb: number, _initrd?: number): boolean {
    if (this.on[vcpu] !== false) {
      this.log(vcpu in this.on ? `vCPU ${vcpu} runs already` : `there is no vCPU ${vcpu}`);
      return false;
    }
    this.#start = { vcpu, entryPoint, dtb };
    // seL4 keeps VMPIDR_EL2 only where it is built for several cores, and starts it as 0: each vCPU learns its place before any runs.
    if (this.on.length > 1) {
      for (const index of this.on.keys()) this.registers(index).mpidr = MPIDR_RES1 | BigInt(index);
    }
    this.turnOn(vcpu, BigInt(entryPoint), BigInt(dtb), true);
    this.microkit.onGuestRestart(() => this.guestRestart());
    return true;
  }

  /**
   * guest_start, as soon as all of these are there: disks that another guest serves are when that has found them. `guestStartIfServed`
   * is to be called when one of their channels says something.
   */
  guestStartWhenServed(
    devices: readonly { readonly isThere: boolean }[],
    ...[vcpu, entryPoint, dtb, initrd]: Parameters<GuestMonitor['guestStart']>
  ): void {
    this.#awaited = { devices, start: () => this.guestStart(vcpu, entryPoint, dtb, initrd) };
    this.#isAwaiting = true;
    this.guestStartIfServed();
    if (this.#isAwaiting) this.log('the guest starts when the disks that others serve it are there');
  }

  /** Starts a guest that waits for its disks, where they are there. */
  guestStartIfServed(): void {
    if (!this.#isAwaiting || this.#awaited?.devices.every(({ isThere }) => isThere) !== true) return;
    this.#isAwaiting = false;
    this.#awaited.start();
  }

  /** guest_stop: no vCPU runs any more. */
  guestStop(): void {
    for (const vcpu of this.on.keys()) this.turnOff(vcpu);
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
    for (const id of this.microkit.vcpuIds) this.microkit.vcpuReset(id);
    this.controller?.reset();
    this.ram.clear();
    const { vcpu, dtb } = this.#start;
    const entryPoint = this.linuxSetupImages(this.#linux.images, this.#linux.placement);
    return entryPoint !== undefined && this.guestStart(vcpu, entryPoint, dtb);
  }

  // ---- Virtual interrupts ----

  /** virq_controller_init: sets up the virtual interrupt controller for all vCPUs, and what a run adds to the guest's images. */
  virqControllerInit(): boolean {
    if (this.controller !== undefined) {
      this.log('the virtual interrupt controller is set up already');
      return false;
    }
    const controller = this.createController();
    for (const { range, handler } of controller.frames()) {
      if (this.mmio.register(range, handler)) controller.placed?.(range);
      else this.log(`${handler.name} at ${hex(range.base)} overlaps another range`);
    }
    this.controller = controller;
    for (const { base, sizeBytes, intid, createDevice } of this.#linux?.images.added ?? [])
      this.virtioMmioDeviceInit(base, sizeBytes, intid, createDevice());
    return true;
  }

  /** virq_register: an interrupt that the guest may get, and what to do when it has ended it. */
  virqRegister(vcpu: VcpuIndex, intid: Intid, acknowledge: VirqAcknowledge): boolean {
    if (this.controller?.has(vcpu, intid) !== true) {
      this.log(`interrupt ${intid} of vCPU ${vcpu} does not exist`);
      return false;
    }
    if (this.virqs.register({ vcpu, intid }, acknowledge)) return true;
    this.log(`interrupt ${intid} is registered already`);
    return false;
  }

  /** virq_register_passthrough: a hardware interrupt that comes on a channel and goes to the guest under its own number. */
  virqRegisterPassthrough(vcpu: VcpuIndex, intid: Intid, channel: ChannelId): boolean {
    if (!this.virqRegister(vcpu, intid, () => this.microkit.irqAck(channel))) return false;
    if (this.virqs.passThrough(channel, { vcpu, intid })) return true;
    this.log(`channel ${channel} stands for another interrupt already`);
    return false;
  }

  /** virq_handle_passthrough: to be called from `notified`; `false` where the channel is no passed-through interrupt. */
  virqHandlePassthrough(channel: ChannelId): boolean {
    const route = this.virqs.routeOf(channel);
    return route !== undefined && this.vgicInjectIrq(route.vcpu, route.intid);
  }

  /** vgic_inject_irq (libvmm 0.2: virq_inject): asserts a registered interrupt. */
  vgicInjectIrq(vcpu: VcpuIndex, intid: Intid): boolean {
    if (!this.virqs.isRegistered(vcpu, intid)) {
      this.log(`interrupt ${intid} is not registered and can't be injected`);
      return false;
    }
    return this.controller?.inject(vcpu, intid) ?? false;
  }

  // ---- virtio ----

  /**
   * virtio_mmio_device_init (libvmm 0.2: virtio_mmio_console_init and its like): a virtio device whose registers the
   * guest finds at `base` and whose interrupt is `intid`, of vCPU 0 until the guest routes it. To be called after
   * `virqControllerInit`. The device's `notified` is to be called when its virtualiser's channel says something.
   */
  virtioMmioDeviceInit(base: number, sizeBytes: number, intid: Intid, device: VirtioDevice): boolean {
    if (!this.virqRegister(0, intid, () => this.virtioEnded(transport, intid))) return false;
    const line = this.controller?.deviceLine?.(intid);
    const transport = new VirtioMmio({
      device,
      ram: this.ram,
      interrupt: () => this.vgicInjectIrq(0, intid),
      interruptStatus: line?.status,
      log: (text) => this.log(text),
      listener: () => this.#linux?.images.watcher?.onVirtqueue,
    });
    if (!this.registerMmio({ base, size: sizeBytes }, transport)) return false;
    line?.placed(base);
    this.#virtio.push(transport);
    return true;
  }

  /**
   * A device that the guest serves to others: what its program writes to the page at `base` tells the virtualiser behind `channel`. When that
   * channel says something, `vgicInjectIrq` is to tell the guest. Its queues are mapped into the guest and of no concern here.
   */
  servedDeviceInit(base: number, sizeBytes: number, intid: Intid, channel: ChannelId): boolean {
    const page: MmioHandler = {
      name: 'page of a served device',
      read: () => 0,
      write: () => this.microkit.notify(channel),
    };
    return this.virqRegister(0, intid, () => {}) && this.registerMmio({ base, size: sizeBytes }, page);
  }

  /** The guest has ended a virtio device's interrupt, whose line the controller does not have. */
  protected abstract virtioEnded(transport: VirtioMmio, intid: Intid): void;

  // ---- Faults ----

  /** fault_register_vm_exception_handler: a range of addresses that a handler answers, such as a virtio-mmio device. */
  registerMmio(range: AddrRange<Ipa>, handler: MmioHandler): boolean {
    if (this.mmio.register(range, handler)) return true;
    this.log(`${handler.name} at ${hex(range.base)} is empty or overlaps another range`);
    return false;
  }

  /** fault_handle: deals with a fault of a vCPU; `true` asks the kernel to resume it. */
  faultHandle(child: VcpuId, fault: Fault): boolean {
    const vcpu = this.microkit.vcpuIds.indexOf(child);
    if (vcpu < 0) {
      this.log(`a fault of child ${child}, which is no vCPU of this domain`);
      return false;
    }
    switch (fault.label) {
      case 'VMFault':
        return this.vmFault(vcpu, fault);
      case 'VCPUFault':
        return this.vcpuFault(vcpu, fault.hsr);
      case 'VPPIEvent':
        this.virtualTimer(vcpu, fault.irq);
        return true;
      case 'VGICMaintenance':
        this.controller?.ended(vcpu, fault.index);
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
    this.microkit.dbgPuts(`${text}\n`);
  }

  // ---- Snapshots ----

  /** What a snapshot needs besides the guest's memory. */
  get saved(): Saved {
    return savedParts(this.savedMembers());
  }

  protected savedMembers(): Readonly<Record<string, Saved>> {
    return {
      on: keptCells(this.on, shape.flag),
      vgic: savedIfThere(this.controller?.saved),
      virtio: savedList(this.#virtio.map((transport) => transport.saved)),
      isAwaiting: kept(
        shape.flag,
        () => this.#isAwaiting,
        (value) => {
          this.#isAwaiting = value;
        },
      ),
    };
  }

  // ---- The program ----

  /** A program whose faults and passed-through interrupts this monitor answers. */
  program(parts: ProgramParts): MonitorProgram {
    return new MonitorProgram(this, parts);
  }

  /** Compiled code may answer for the monitor, if it is as the library has it; a library without any does nothing. */
  answerDirectly(_microkit: Microkit, _what: { readonly faults: boolean }): void {}

  // ---- For the libraries ----

  protected turnOff(vcpu: VcpuIndex): void {
    this.on[vcpu] = false;
    this.microkit.vcpuStop(this.idOf(vcpu));
  }

  protected registers(vcpu: VcpuIndex): VcpuRegisters {
    this.#registers[vcpu] ??= this.microkit.vcpuRegisters(this.idOf(vcpu));
    return this.#registers[vcpu];
  }

  protected idOf(vcpu: VcpuIndex): VcpuId {
    return this.microkit.vcpuIds[vcpu] ?? -1;
  }

  protected logOnce(text: string): void {
    if (this.#saidOnce.has(text) || this.#saidOnce.size >= SAID_ONCE_LIMIT) return;
    this.#saidOnce.add(text);
    this.log(text);
  }
}
