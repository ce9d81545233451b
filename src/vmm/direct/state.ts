/**
 * Memory by which faults are answered without an engine: the message as seL4 sends it and the registers as its calls give them, in halves of
 * 32 bits, the lower first.
 */
import { type Cells, cellsOf } from '../../base/index.ts';

/** seL4_MsgMaxLength, and the words of a seL4_UserContext on AArch64 (seL4 16). */
const [MESSAGE_WORDS, CONTEXT_WORDS] = [120, 36];
const X_COUNT = 32;

/** Words of a VM fault's message (seL4 16 reference manual §6.2, `shared_types.bf` for AArch64): the guest's PC. */
export const VM_FAULT_IP = 0;
/** The address in its physical space. */
export const VM_FAULT_ADDR = 1;
/** Not 0 where it was a fetch. */
export const VM_FAULT_PREFETCH = 2;
/** ESR_EL2, as the kernel hands it on. */
export const VM_FAULT_FSR = 3;
/** The only word of other faults of a vCPU's. */
export const ONLY_WORD = 0;
/** The first word of a context; SP, SPSR and the general registers follow (`placeOfX`). */
export const CONTEXT_PC = 0;

/** The memory, as a layout for `cellsOf`. */
export const FAULT_LAYOUT = {
  context: ['u32', 2 * CONTEXT_WORDS],
  message: ['u32', 2 * MESSAGE_WORDS],
  /** In which word of a context X0 to X30 are; 0 for the zero register. */
  placeOfX: ['u8', X_COUNT],
} as const;

/** What is asked of the kernel; vCPUs are Microkit's ids. */
export interface FaultCalls {
  /** seL4_TCB_ReadRegisters into `context`; `false` where it failed. */
  readContext(id: number): boolean;
  /** seL4_TCB_WriteRegisters from `context`. */
  writeContext(id: number): boolean;
}

export type FaultState = Cells<typeof FAULT_LAYOUT> & { readonly calls: FaultCalls };

/** That memory, its own or where it is given, with the calls. */
export function faultState(calls: FaultCalls, memory?: ArrayBuffer, from = 0): FaultState {
  return { ...cellsOf(FAULT_LAYOUT, memory, from), calls };
}
