/**
 * What the C around the engine (`runtime/sel4/domain.c`) gives a program in a protection domain: libmicrokit's calls and seL4's on vCPUs,
 * each a function of plain numbers, and memory as buffers. Its names are the C functions' own.
 */

import type { VcpuId } from '../base/index.ts';
import type { GuestEnd } from '../sel4/index.ts';

/** The kinds of fault message, by seL4's labels (seL4 16, `seL4_Fault_tag`), as the C has them from the SDK's headers. */
export interface FaultLabels {
  readonly UnknownSyscall: number;
  readonly UserException: number;
  readonly VMFault: number;
  readonly VGICMaintenance: number;
  readonly VCPUFault: number;
  readonly VPPIEvent: number;
}

/** Functions and memory, as {@link embeddedDomain} is handed them. */
export interface Natives {
  /** microkit_name. */
  readonly name: string;
  /**
   * The message at hand, microkit_mr_get's words, a fault's or a protected call's, and the seL4_UserContext of the vCPU that was read last, as `readContext` leaves it
   * and `writeContext` takes it: vmm's `FAULT_LAYOUT`, on which what was compiled works, too.
   */
  readonly faults: ArrayBuffer;
  /** What was compiled keeps of the virtual interrupt controller: vmm's `VGIC_LAYOUT`. */
  readonly vgic: ArrayBuffer;
  readonly faultLabels: FaultLabels;
  /** seL4_VCPUReg, by the architecture's names; what this kernel does not keep is not there. */
  readonly vcpuRegs: Readonly<Record<string, number>>;
  dbgPuts(text: string): void;
  /** The value that Microkit has set a symbol to; `undefined` where the program has none of that name. */
  setvar(symbol: string): number | undefined;
  /** A file that is built into the program. */
  image(name: string): ArrayBuffer | undefined;
  /** Memory that is mapped. */
  memory(vaddr: number, sizeBytes: number): ArrayBuffer;
  /** Cleans the data cache and makes instructions be fetched anew. */
  cleanCache(vaddr: number, sizeBytes: number): void;
  read32(vaddr: number): number;
  write32(vaddr: number, value: number): void;
  notify(channel: number): void;
  irqAck(channel: number): void;
  /** microkit_ppcall, with the message in {@link faults}, where the answer is then. */
  ppcall(channel: number): void;
  /** seL4_TCB_ReadRegisters into {@link faults}. */
  readContext(vcpu: number): void;
  /** seL4_TCB_WriteRegisters from {@link faults}; the vCPU runs on where `resume` says so. */
  writeContext(vcpu: number, resume: boolean): void;
  vcpuStop(vcpu: number): void;
  injectIrq(vcpu: number, irq: number, priority: number, group: number, index: number): void;
  ackVppi(vcpu: number, irq: number): void;
  readReg(vcpu: number, reg: number): bigint;
  writeReg(vcpu: number, reg: number, value: bigint): void;

  // ---- What seL4 has nothing for: a run (`engine`) has it, to end with its guest, to reset its board and for its account ----
  guestEnded?(reason: GuestEnd): void;
  interruptDropped?(vcpu: VcpuId, intid: number): void;
}
