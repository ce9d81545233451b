/**
 * An exception given to the guest by writing its registers, as a monitor must: seL4 has no call for it. After the
 * pseudocode of AArch64.TakeException for exceptions to EL1 (Arm ARM DDI 0487 D1.3).
 */
import type { VcpuRegisters } from '../sel4/index.ts';

/** PSTATE of EL1h with D, A, I and F masked. */
export const PSTATE_EL1H_MASKED = 0x3c5n;
const IL = 1 << 25;
const EC = { UNKNOWN: 0x00, INSTRUCTION_ABORT: 0x20, DATA_ABORT: 0x24 } as const;
/** Data fault status: synchronous external abort, not on a table walk; FnV: FAR holds no address. */
const ISS_EXTERNAL_ABORT_NO_FAR = 0x10 | (1 << 10);

export function injectUndefined(registers: VcpuRegisters): void {
  take(registers, (EC.UNKNOWN * 2 ** 26 + IL) >>> 0);
}

/** A bus error: for accesses that nothing can answer. seL4 doesn't tell the virtual address, so FAR is marked invalid. */
export function injectExternalAbort(registers: VcpuRegisters, kind: 'data' | 'fetch' = 'data'): void {
  const fromEl1 = (registers.pstate & 0xf) !== 0;
  // The class from the same level is one more than that from a lower one.
  const ec = (kind === 'data' ? EC.DATA_ABORT : EC.INSTRUCTION_ABORT) + Number(fromEl1);
  take(registers, (ec * 2 ** 26 + IL + ISS_EXTERNAL_ABORT_NO_FAR) >>> 0);
}

function take(registers: VcpuRegisters, esr: number): void {
  const { pstate } = registers;
  registers.setSystem('ESR_EL1', BigInt(esr));
  registers.setSystem('ELR_EL1', registers.pc);
  registers.setSystem('SPSR_EL1', BigInt(pstate >>> 0));
  registers.pc = BigInt.asUintN(64, registers.system('VBAR_EL1') + vectorOffset(pstate));
  registers.pstate = Number(PSTATE_EL1H_MASKED);
}

/** Synchronous vectors: from EL1 with SP_EL0, from EL1 with SP_EL1, from EL0 (D1.3.1). */
function vectorOffset(pstate: number): bigint {
  const mode = pstate & 0xf;
  if (mode === 0) return 0x400n;
  return mode === 4 ? 0x000n : 0x200n;
}
