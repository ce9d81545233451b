/**
 * What is answered before the engine is entered: on seL4 in C that was compiled of the same modules (`runtime/sel4/answers.c`); in a run, and
 * in tests, by the modules themselves, on the memory that the program's natives name.
 */
import type { Fault } from '../sel4/index.ts';
import {
  answersEnd,
  answersNotified,
  answersTimer,
  answersVcpuFault,
  answersVmFault,
  type FaultCalls,
  faultState,
  type VgicCalls,
  vgicState,
} from '../vmm/index.ts';

/** Where a program's memory for them is. */
export interface DirectMemory {
  readonly buffer: ArrayBuffer;
  /** Aligned addresses in it: of a fault's message and registers, and of the virtual interrupt controller. */
  readonly faults: number;
  readonly vgic: number;
}

/** Each function gives whether it has dealt with what came, and has changed nothing where it has not. */
export interface DirectAnswers {
  fault(label: Fault['label'], vcpu: number): boolean;
  notified(channel: number): boolean;
}

/** The answers of the modules that are compiled to C, over the kernel that `calls` leads to. */
export function directAnswers(calls: FaultCalls & VgicCalls, memory: DirectMemory): DirectAnswers {
  const s = vgicState(calls, memory.buffer, memory.vgic);
  const d = faultState(calls, memory.buffer, memory.faults);
  return {
    fault(label, vcpu) {
      switch (label) {
        case 'VMFault':
          return answersVmFault(d, s, vcpu);
        case 'VPPIEvent':
          return answersTimer(d, s, vcpu);
        case 'VGICMaintenance':
          return answersEnd(d, s, vcpu);
        case 'VCPUFault':
          return answersVcpuFault(d, s, vcpu);
        default:
          return false;
      }
    },
    notified: (channel) => answersNotified(s, channel),
  };
}
