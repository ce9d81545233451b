/**
 * What a protection domain's program sees: the entry points that it gives and the calls that it may make, after the
 * Microkit 2.3 manual (§"libmicrokit"), in TypeScript.
 */
import type { ChannelId, Intid, Paddr, Saved, VcpuId } from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';
import type { Fault } from './fault.ts';
import type { Message } from './message.ts';

/** A program: Microkit's entry points. Each runs to its end before anything of lower priority goes on. */
export interface Program {
  init(): void;
  notified(channel: ChannelId): void;
  protected?(channel: ChannelId, message: Message): Message;
  /** A fault of a child: the vCPU's id and what happened. `true` replies and resumes it; `false` leaves it stopped. */
  fault?(child: VcpuId, fault: Fault): boolean;
  /** For snapshots: everything that the program remembers. */
  readonly saved?: Saved | undefined;
}

/** Makes a domain's program, once, before any `init`. */
export type ProgramFactory = (microkit: Microkit) => Program;

/** A mapped memory region as the program holds it. */
export interface MappedRegion {
  readonly name: string;
  readonly vaddr: number;
  readonly physAddr: Paddr;
  /** The region's bytes; the same memory that a guest or another domain sees. */
  readonly bytes: Uint8Array;
  /** To be called after anything was written that a guest may see: code that it ran there before is forgotten. */
  written(offset: number, sizeBytes: number): void;
  /** Zeroes a part, as if it had been written: what holds nothing is not touched. */
  clear(offset: number, sizeBytes: number): void;
}

/** Device registers as a native driver reaches them: 32 bits at an offset from the mapping. */
export interface RegisterWindow {
  read(offset: number): number;
  write(offset: number, value: number): void;
}

/** A vCPU's registers, by the calls seL4_TCB_ReadRegisters, WriteRegisters and seL4_ARM_VCPU_ReadRegs, WriteRegs. */
export interface VcpuRegisters {
  /** X0–X30; 31 reads as zero and ignores writes. */
  x(register: number): bigint;
  setX(register: number, value: bigint): void;
  pc: bigint;
  sp: bigint;
  /** MPIDR_EL1 as the guest reads it: what its monitor writes to VMPIDR_EL2, which is 0 until then. */
  mpidr: bigint;
  /** SPSR's form. */
  pstate: number;
  system(name: string): bigint;
  setSystem(name: string, value: bigint): void;
}

/**
 * The calls of libmicrokit, by their names in camel case. A wrong call throws {@link ProgramError}, which
 * ends the domain.
 */
export interface Microkit {
  /** microkit_name. */
  readonly name: string;
  /**
   * The value of a symbol that the description sets: `setvar_vaddr` of a map, `setvar_id` of an irq or a channel's end.
   * `undefined` where no element sets it.
   */
  setvar(symbol: string): number | undefined;
  /** The region that this domain has mapped at an address in it. */
  region(vaddr: number): MappedRegion | undefined;
  /** The same for a region of device registers. */
  registers(vaddr: number): RegisterWindow | undefined;
  notify(channel: ChannelId): void;
  irqAck(channel: ChannelId): void;
  ppcall(channel: ChannelId, message: Message): Message;
  dbgPuts(text: string): void;

  /**
   * What a monitor keeps of its virtual interrupt controller where code that was compiled ahead of time works on it, too (docs/compiled.md).
   * Ours and not seL4's: it is memory of the program's own.
   */
  readonly compiledMemory?: ArrayBuffer;

  /** The ids of the vCPUs of this domain's virtual machine. */
  readonly vcpuIds: readonly VcpuId[];
  /** microkit_vcpu_restart: sets the PC and lets it run. */
  vcpuRestart(vcpu: VcpuId, entryPoint: bigint): void;
  vcpuStop(vcpu: VcpuId): void;
  /**
   * seL4_ARM_VCPU_InjectIRQ: into a list register, with a maintenance fault when the guest ends it. Of the guest's priorities it
   * takes the upper five bits, 0 to 31; version 3 gets that number in its eight, where it is above any mask of the guest's.
   */
  vcpuArmInjectIrq(vcpu: VcpuId, irq: Intid, priority: number, group: 0 | 1, index: number): void;
  /** seL4_ARM_VCPU_AckVPPI. */
  vcpuArmAckVppi(vcpu: VcpuId, irq: Intid): void;
  vcpuRegisters(vcpu: VcpuId): VcpuRegisters;
  /**
   * Lets a vCPU wait as if it had run WFI. Beyond seL4, where a monitor can't put a vCPU to sleep; a monitor that must
   * run there answers at once instead.
   */
  vcpuWait(vcpu: VcpuId): void;
  /**
   * Puts a vCPU's registers as after power-on, with seL4_TCB_WriteRegisters and seL4_ARM_VCPU_WriteRegs; it must be stopped. seL4 has no call for
   * those of the FPU, nor for its virtual CPU interface: what list registers hold stays there.
   */
  vcpuReset(vcpu: VcpuId): void;
  /** The virtual machine is over, by the guest's own request: what the run should do now. */
  guestEnded(reason: GuestEnd): void;
  /** The monitor lets an interrupt come to nothing, for the run's account. Ours and not seL4's. */
  interruptDropped(vcpu: VcpuId, intid: Intid): void;
  /**
   * A function for what reaches the program from beyond the machine: `notified` is then called with {@link HOST_CHANNEL}.
   * Ours and not seL4's: a board would have a device with an interrupt there.
   */
  hostSignal(): () => void;
  /**
   * What to call when the board's devices have been reset after the guest asked for it: the guest's next start. `false`
   * ends the run. Ours and not seL4's: a board does this with its reset line.
   */
  onGuestRestart(restart: () => boolean): void;
}

/** Beyond the ids that a description can give: what {@link Microkit.hostSignal} signals. */
export const HOST_CHANNEL: ChannelId = CHANNEL_LIMIT;

/** PSCI SYSTEM_OFF and SYSTEM_RESET; a monitor reports them so that whoever runs the machine may end or restart it. */
export type GuestEnd = 'off' | 'reset';
