/**
 * Fault messages as seL4 sends them to a virtual machine's monitor (seL4 16 reference manual §6.2 and §8.3, and its
 * `shared_types_gen.h` for AArch64 with hypervisor support). The kernel only reports; what a fault means is the monitor's
 * business.
 */
import type { Intid, Ipa } from '../base/index.ts';

/** An access or fetch that stage 2 doesn't allow. */
export interface VmFault {
  readonly label: 'VMFault';
  readonly ip: bigint;
  /** The guest physical address: with a vCPU seL4 gives the IPA, not the guest's virtual address. */
  readonly addr: Ipa;
  readonly prefetchFault: boolean;
  /** ESR_EL2. */
  readonly fsr: number;
}

/** Anything else that leaves the guest: SMC, a trapped system register. */
export interface VcpuFault {
  readonly label: 'VCPUFault';
  /** ESR_EL2. */
  readonly hsr: number;
}

/** A private interrupt that seL4 virtualises: the virtual timer. It stays masked until `vcpuArmAckVppi`. */
export interface VppiEvent {
  readonly label: 'VPPIEvent';
  readonly irq: Intid;
}

/** The guest ended an interrupt; `index` is the list register. */
export interface VgicMaintenance {
  readonly label: 'VGICMaintenance';
  readonly index: number;
}

/** `HVC` by the guest: to seL4 it is a system call that it doesn't know. */
export interface UnknownSyscall {
  readonly label: 'UnknownSyscall';
  readonly faultIp: bigint;
  readonly syscall: bigint;
}

/** An exception that seL4 hands on without looking into it. */
export interface UserException {
  readonly label: 'UserException';
  readonly faultIp: bigint;
  readonly number: number;
  readonly code: number;
}

/** A fault message, by its label. */
export type Fault = VmFault | VcpuFault | VppiEvent | VgicMaintenance | UnknownSyscall | UserException;

/** seL4's name for a fault. */
export type FaultLabel = Fault['label'];
