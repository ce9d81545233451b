/**
 * The monitor library as libvmm 0.2.0 is, beside `../monitor.ts`, which is as the architecture has it: for runs that are to be as
 * on seL4. Facts from libvmm's sources (`fault.c`, `smc.c`, `psci.c`, `cpuif.c`, `guest.c`, `virtio/mmio.c`):
 *
 * - an interrupt that is injected while disabled is dropped (`vgic.ts`); the virtual timer's is acknowledged at once;
 * - PSCI: VERSION, CPU_ON by the vCPU's number, MIGRATE_INFO_TYPE and SYSTEM_OFF; FEATURES is NOT_SUPPORTED, whence Linux takes
 *   SMCCC for 1.0; SYSTEM_RESET comes back; any other call stops the vCPU;
 * - a vCPU that is brought up begins with its interrupts unmasked;
 * - WFI and WFE come back to the same instruction;
 * - loads from emulated registers change only as many bytes of the guest's register as were read, and the zero register keeps
 *   what was loaded into it;
 * - loads and stores without a syndrome fail an assertion; system registers but two stop the vCPU.
 *
 * What libvmm prints is said once for each sentence.
 */
import { FIRST_SPI, hex, kept, type Saved, shape } from '../../base/index.ts';
import { type VcpuRegisters, VIRTUAL_TIMER_INTID, type VmFault } from '../../sel4/index.ts';
import { PSTATE_EL1H_MASKED } from '../guest-exception.ts';
import { GuestMonitor, INSTRUCTION_BYTES } from '../guest-monitor.ts';
import type { InterruptController } from '../interrupt-controller.ts';
import { emulateRead, type MmioHandler } from '../mmio.ts';
import { PSCI } from '../psci.ts';
import { describeSmc } from '../smccc.ts';
import { accessSyndrome, EC, exceptionClass, systemRegisterSyndrome } from '../syndrome.ts';
import type { VirqAcknowledge } from '../virq.ts';
import { LibvmmAssertion } from './assertion.ts';
import { type LibvmmFrame, LibvmmVgic } from './vgic.ts';

/** The standard service calls' owner (Arm DEN 0028E table 2-1), and the first function number that is not PSCI's to libvmm. */
const [STANDARD_SERVICE, PSCI_MAX] = [4, 0x1f];
/** Function numbers, without the owner and the calling convention, at which libvmm does not look. */
const FUNCTION = {
  VERSION: 0x0,
  CPU_ON: 0x3,
  MIGRATE_INFO_TYPE: 0x6,
  SYSTEM_OFF: 0x8,
  SYSTEM_RESET: 0x9,
  FEATURES: 0xa,
} as const;
const VERSION_1_2 = 0x1_0002n;
const NO_TRUSTED_OS = 2n;
/** EL1h with nothing masked. */
const PSTATE_EL1H = 0x5;
/** PSTATE that Linux asks for, but for D. */
const PSTATE_BOOT = Number(PSTATE_EL1H_MASKED) & ~0x200;
const ICC_SRE_ENABLED = 7n;
const ZERO_REGISTER = 31;
const SGI_COUNT = 16;
const SPI_SLOTS = 128;

/** A monitor that does what libvmm 0.2 does on seL4, its faults included. */
export class LibvmmMonitor extends GuestMonitor {
  #vgic: LibvmmVgic | undefined;
  #spiCount = 0;
  /** What was loaded into the zero register last. */
  #zeroRegister = 0n;

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      zeroRegister: kept(
        shape.long,
        () => this.#zeroRegister,
        (value) => {
          this.#zeroRegister = value;
        },
      ),
    };
  }

  override virqControllerInit(): boolean {
    if (!super.virqControllerInit()) return false;
    for (const vcpu of this.on.keys()) {
      const acknowledgeTimer = () => this.microkit.vcpuArmAckVppi(this.idOf(vcpu), VIRTUAL_TIMER_INTID);
      this.virqRegister(vcpu, VIRTUAL_TIMER_INTID, acknowledgeTimer);
      for (let intid = 0; intid < SGI_COUNT; intid += 1) this.virqRegister(vcpu, intid, () => {});
    }
    return true;
  }

  override virqRegister(vcpu: number, intid: number, acknowledge: VirqAcknowledge): boolean {
    if (intid >= FIRST_SPI && this.#spiCount >= SPI_SLOTS) {
      this.log(`interrupt ${intid} can't be registered: libvmm has slots for ${SPI_SLOTS} SPIs`);
      return false;
    }
    const registered = super.virqRegister(vcpu, intid, acknowledge);
    if (registered && intid >= FIRST_SPI) this.#spiCount += 1;
    return registered;
  }

  override virqHandlePassthrough(channel: number): boolean {
    const route = this.virqs.routeOf(channel);
    if (route === undefined) return false;
    if (!this.vgicInjectIrq(route.vcpu, route.intid))
      this.logOnce(`could not inject interrupt ${route.intid} into vCPU ${route.vcpu}: dropped`);
    return true;
  }

  protected override createController(): InterruptController {
    this.#vgic = new LibvmmVgic(this.options.gic, this.on.length, {
      load: (vcpu, intid, group, listRegister) =>
        this.microkit.vcpuArmInjectIrq(this.idOf(vcpu), intid, 0, group, listRegister),
      acknowledge: (vcpu, intid) => this.virqs.acknowledge(vcpu, intid),
      isRegistered: (vcpu, intid) => this.virqs.isRegistered(vcpu, intid),
      isOn: (vcpu) => this.on[vcpu] === true,
      dropped: (vcpu, intid, why) => {
        const what = why === 'disabled' ? `interrupt ${intid}` : 'the distributor';
        this.logOnce(`interrupt ${intid} of vCPU ${vcpu} came, and ${what} is not enabled`);
        this.microkit.interruptDropped(this.idOf(vcpu), intid);
      },
    });
    return this.#vgic;
  }

  protected override virtioEnded(): void {}

  /** fault_handle_vppi_event: what can't be injected is acknowledged, though its line is still high. */
  protected override virtualTimer(vcpu: number, intid: number): void {
    if (this.controller?.inject(vcpu, intid) !== true) this.microkit.vcpuArmAckVppi(this.idOf(vcpu), intid);
  }

  protected override turnOn(vcpu: number, entryPoint: bigint, argument: bigint, isBoot: boolean): void {
    const registers = this.registers(vcpu);
    registers.setX(0, argument);
    registers.pstate = isBoot ? PSTATE_BOOT : PSTATE_EL1H;
    this.on[vcpu] = true;
    this.microkit.vcpuRestart(this.idOf(vcpu), entryPoint);
  }

  protected override vmFault(vcpu: number, fault: VmFault): boolean {
    const registers = this.registers(vcpu);
    const owner = this.mmio.at(fault.addr);
    if (owner === undefined) {
      this.log(`vCPU ${vcpu} at ${hex(fault.ip)}: unexpected memory fault on address ${hex(fault.addr)}`);
      return false;
    }
    const access = fault.prefetchFault ? undefined : accessSyndrome(fault.fsr);
    if (access === undefined)
      throw new LibvmmAssertion(
        `the access to ${owner.handler.name} at ${hex(fault.ip)} has a syndrome that describes it`,
        'fault.c',
      );
    const offset = fault.addr - owner.range.base;
    const value = this.#x(registers, access.srt);
    if (access.write) {
      const sizeBytes = access.sizeBytes === 8 ? 4 : access.sizeBytes;
      owner.handler.write(offset, Number(BigInt.asUintN(8 * sizeBytes, value)), sizeBytes, vcpu);
    } else {
      const read = isLibvmmFrame(owner.handler)
        ? owner.handler.load(offset, vcpu)
        : emulateRead(owner, fault.addr, access, vcpu);
      const mask = (1n << BigInt(8 * access.sizeBytes)) - 1n;
      if (read !== undefined) this.#setX(registers, access.srt, (value & ~mask) | (read & mask));
    }
    registers.pc = fault.ip + INSTRUCTION_BYTES;
    return true;
  }

  protected override vcpuFault(vcpu: number, hsr: number): boolean {
    const registers = this.registers(vcpu);
    switch (exceptionClass(hsr)) {
      case EC.SMC64:
        return this.#smc(vcpu, registers);
      case EC.WFX:
        return true;
      case EC.SYSTEM_REGISTER:
        return this.#systemRegister(vcpu, registers, hsr);
      default:
        this.log(`vCPU ${vcpu} left with syndrome ${hex(hsr)}, which libvmm doesn't know`);
        return false;
    }
  }

  #systemRegister(vcpu: number, registers: VcpuRegisters, hsr: number): boolean {
    const { read, rt, op0, op1, crn, crm, op2 } = systemRegisterSyndrome(hsr);
    const isIcc = this.options.gic.version === 3 && op0 === 3 && op1 === 0 && crn === 12 && op2 === 5;
    const isSgi1r = isIcc && crm === 11;
    const isSre = isIcc && crm === 12;
    if (isSgi1r && !read) this.#vgic?.writeSgi1r(vcpu, this.#x(registers, rt));
    else if (isSre && read) this.#setX(registers, rt, ICC_SRE_ENABLED);
    else {
      const name = `S${op0}_${op1}_C${crn}_C${crm}_${op2}`;
      this.log(`vCPU ${vcpu} at ${hex(registers.pc)}: libvmm doesn't emulate ${name}`);
      return false;
    }
    registers.pc += INSTRUCTION_BYTES;
    return true;
  }

  #smc(vcpu: number, registers: VcpuRegisters): boolean {
    const functionId = Number(BigInt.asUintN(32, registers.x(0)));
    const service = (functionId >>> 24) & 0x3f;
    const number = functionId & 0xffff;
    if (service === STANDARD_SERVICE && number < PSCI_MAX) return this.#psci(vcpu, registers, number);
    this.log(`vCPU ${vcpu} at ${hex(registers.pc)}: libvmm doesn't handle ${describeSmc(functionId)}`);
    return false;
  }

  #psci(vcpu: number, registers: VcpuRegisters, number: number): boolean {
    const answer = (value: bigint) => registers.setX(0, BigInt.asUintN(64, value));
    switch (number) {
      case FUNCTION.VERSION:
        answer(VERSION_1_2);
        break;
      case FUNCTION.CPU_ON:
        answer(this.#cpuOn(registers.x(1), registers.x(2), registers.x(3)));
        break;
      case FUNCTION.MIGRATE_INFO_TYPE:
        answer(NO_TRUSTED_OS);
        break;
      case FUNCTION.FEATURES:
        answer(PSCI.NOT_SUPPORTED);
        break;
      case FUNCTION.SYSTEM_RESET:
        break;
      case FUNCTION.SYSTEM_OFF:
        this.guestStop();
        this.microkit.guestEnded('off');
        return true;
      default:
        this.log(`vCPU ${vcpu} at ${hex(registers.pc)}: libvmm doesn't handle PSCI function ${hex(number)}`);
        return false;
    }
    registers.pc += INSTRUCTION_BYTES;
    return true;
  }

  #cpuOn(target: bigint, entryPoint: bigint, contextId: bigint): bigint {
    if (target >= BigInt(this.on.length)) return PSCI.INVALID_PARAMETERS;
    const vcpu = Number(target);
    if (this.on[vcpu] === true) return PSCI.ALREADY_ON;
    this.turnOn(vcpu, entryPoint, contextId, false);
    return PSCI.SUCCESS;
  }

  #x(registers: VcpuRegisters, index: number): bigint {
    return index === ZERO_REGISTER ? this.#zeroRegister : registers.x(index);
  }

  #setX(registers: VcpuRegisters, index: number, value: bigint): void {
    if (index === ZERO_REGISTER) this.#zeroRegister = value;
    else registers.setX(index, value);
  }
}

function isLibvmmFrame(handler: MmioHandler): handler is LibvmmFrame {
  return 'load' in handler;
}
