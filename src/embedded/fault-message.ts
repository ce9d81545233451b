/** Fault messages as they come in message registers (seL4 16 reference manual §6.2, `shared_types.bf` and `syscalls.h` for AArch64). */
import type { Fault } from '../sel4/index.ts';
import type { FaultLabels } from './natives.ts';

const VM_FAULT = { IP: 0, Addr: 1, PrefetchFault: 2, FSR: 3 };
const UNKNOWN_SYSCALL = { FaultIP: 8, Syscall: 12 };
const USER_EXCEPTION = { FaultIP: 0, Number: 3, Code: 4 };

/** Reads the fault whose words these are; `undefined` for a label that is none of a vCPU's. */
export function readFault(labels: FaultLabels, label: number, words: BigUint64Array): Fault | undefined {
  const word = (at: number): bigint => words[at] ?? 0n;
  const number = (at: number): number => Number(words[at] ?? 0n);
  switch (label) {
    case labels.VMFault:
      return {
        label: 'VMFault',
        ip: word(VM_FAULT.IP),
        addr: number(VM_FAULT.Addr),
        prefetchFault: number(VM_FAULT.PrefetchFault) !== 0,
        fsr: number(VM_FAULT.FSR),
      };
    case labels.VCPUFault:
      return { label: 'VCPUFault', hsr: number(0) };
    case labels.VPPIEvent:
      return { label: 'VPPIEvent', irq: number(0) };
    case labels.VGICMaintenance:
      return { label: 'VGICMaintenance', index: number(0) };
    case labels.UnknownSyscall:
      return {
        label: 'UnknownSyscall',
        faultIp: word(UNKNOWN_SYSCALL.FaultIP),
        syscall: word(UNKNOWN_SYSCALL.Syscall),
      };
    case labels.UserException:
      return {
        label: 'UserException',
        faultIp: word(USER_EXCEPTION.FaultIP),
        number: number(USER_EXCEPTION.Number),
        code: number(USER_EXCEPTION.Code),
      };
    default:
      return undefined;
  }
}
