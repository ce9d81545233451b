/** Fault messages as they come in message registers (seL4 16 reference manual §6.2, `shared_types.bf` and `syscalls.h` for AArch64). */
import { cellsOf } from '../base/index.ts';
import type { Fault, VcpuFault, VgicMaintenance, VmFault, VppiEvent } from '../sel4/index.ts';
import {
  FAULT_LAYOUT,
  ONLY_WORD,
  VM_FAULT_ADDR,
  VM_FAULT_FSR,
  VM_FAULT_IP,
  VM_FAULT_PREFETCH,
} from '../vmm/index.ts';
import type { FaultLabels } from './natives.ts';

/** What the upper half of a word counts. */
const HALF = 0x1_0000_0000;
/** Words of the messages that seL4 sends of any thread. */
export const UNKNOWN_SYSCALL = { FaultIP: 8, Syscall: 12 };
/** The same of a user's exception. */
export const USER_EXCEPTION = { FaultIP: 0, Number: 3, Code: 4 };

type Writable<T> = { -readonly [member in keyof T]: T[member] };

/**
 * Reads faults from their words. Every access of a guest's to its interrupt controller comes this way, through an interpreter: words are seen
 * whole, as `bigint`, only where they must be, and the faults that come often have one object each, which is filled anew.
 */
export class FaultMessages {
  readonly #vmFault: Writable<VmFault> = { label: 'VMFault', ip: 0n, addr: 0, prefetchFault: false, fsr: 0 };
  readonly #vcpuFault: Writable<VcpuFault> = { label: 'VCPUFault', hsr: 0 };
  readonly #vppiEvent: Writable<VppiEvent> = { label: 'VPPIEvent', irq: 0 };
  readonly #vgicMaintenance: Writable<VgicMaintenance> = { label: 'VGICMaintenance', index: 0 };
  readonly #labels: FaultLabels;
  readonly #words: BigUint64Array;
  readonly #halves: Uint32Array;

  constructor(labels: FaultLabels, faults: ArrayBuffer) {
    this.#labels = labels;
    this.#words = faultWords(faults).message;
    this.#halves = cellsOf(FAULT_LAYOUT, faults).message;
  }

  /** The fault whose words are there now, until the next is read; `undefined` for a label that is none of a vCPU's. */
  read(label: number): Fault | undefined {
    const labels = this.#labels;
    switch (label) {
      case labels.VMFault: {
        const fault = this.#vmFault;
        const halves = this.#halves;
        fault.ip = this.#words[VM_FAULT_IP] ?? 0n;
        fault.addr = (halves[2 * VM_FAULT_ADDR] ?? 0) + (halves[2 * VM_FAULT_ADDR + 1] ?? 0) * HALF;
        fault.prefetchFault = halves[2 * VM_FAULT_PREFETCH] !== 0;
        fault.fsr = halves[2 * VM_FAULT_FSR] ?? 0;
        return fault;
      }
      case labels.VCPUFault:
        this.#vcpuFault.hsr = this.#halves[2 * ONLY_WORD] ?? 0;
        return this.#vcpuFault;
      case labels.VPPIEvent:
        this.#vppiEvent.irq = this.#halves[2 * ONLY_WORD] ?? 0;
        return this.#vppiEvent;
      case labels.VGICMaintenance:
        this.#vgicMaintenance.index = this.#halves[2 * ONLY_WORD] ?? 0;
        return this.#vgicMaintenance;
      case labels.UnknownSyscall:
        return {
          label: 'UnknownSyscall',
          faultIp: this.#words[UNKNOWN_SYSCALL.FaultIP] ?? 0n,
          syscall: this.#words[UNKNOWN_SYSCALL.Syscall] ?? 0n,
        };
      case labels.UserException:
        return {
          label: 'UserException',
          faultIp: this.#words[USER_EXCEPTION.FaultIP] ?? 0n,
          number: Number(this.#words[USER_EXCEPTION.Number] ?? 0n),
          code: Number(this.#words[USER_EXCEPTION.Code] ?? 0n),
        };
      default:
        return undefined;
    }
  }
}

/** The words of a message and of a context, whole; compiled code works on halves of them. */
export function faultWords(buffer: ArrayBuffer, from = 0) {
  const { context, message } = cellsOf(FAULT_LAYOUT, buffer, from);
  const words = (cells: Uint32Array): BigUint64Array =>
    new BigUint64Array(cells.buffer as ArrayBuffer, cells.byteOffset, cells.length / 2);
  return { context: words(context), message: words(message) };
}
