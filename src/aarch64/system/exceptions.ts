/** Taking exceptions to EL1 and returning from them (Arm ARM DDI 0487 D1.3). */
import { SPSR, type VcpuState } from '../core/vcpu-state.ts';
import { STATE } from '../state.ts';

/** Exception classes, ESR_EL1.EC (D17.2.37). */
export const EC = {
  unknown: 0x00,
  wfx: 0x01,
  floatingPoint: 0x07,
  illegalState: 0x0e,
  svc: 0x15,
  hvc: 0x16,
  smc: 0x17,
  systemRegister: 0x18,
  /** Plus 1 for an exception from the same level. */
  instructionAbort: 0x20,
  pcAlignment: 0x22,
  dataAbort: 0x24,
  spAlignment: 0x26,
  serror: 0x2f,
  brk: 0x3c,
} as const;

const IL = 1 << 25;
const EC_SHIFT = 26;

/** A syndrome: class and ISS, for a 32-bit instruction. */
export function syndrome(ec: number, iss: number): number {
  return ((ec << EC_SHIFT) | IL | iss) >>> 0;
}

/** Offsets from VBAR_EL1 by kind; the level and stack pointer in use pick the block of four. */
const VECTOR = { synchronous: 0x000, irq: 0x080, fiq: 0x100, serror: 0x180 } as const;
export type VectorKind = keyof typeof VECTOR;
const FROM_SP0 = 0x000;
const FROM_SPX = 0x200;
const FROM_EL0 = 0x400;

const SCTLR_SPAN = 1n << 23n;

/** Takes an exception to EL1; `returnAddress` is the preferred one for its kind. */
export function takeException(state: VcpuState, kind: VectorKind, returnAddress: bigint): void {
  const from = state.el === 0 ? FROM_EL0 : state.get32(STATE.SPSEL) === 0 ? FROM_SP0 : FROM_SPX;
  state.setSystem('SPSR_EL1', BigInt(state.pstate));
  state.setSystem('ELR_EL1', returnAddress);
  state.set64(STATE.PC, BigInt.asUintN(64, state.system('VBAR_EL1') + BigInt(from + VECTOR[kind])));
  state.set32(STATE.DAIF, SPSR.DAIF);
  state.set32(STATE.SS_IL, 0);
  if ((state.system('SCTLR_EL1') & SCTLR_SPAN) === 0n) state.set32(STATE.PAN, 1);
  state.setLevel(1, 1);
}

/** A synchronous exception with its syndrome, and the faulting address where there is one. */
export function takeSynchronous(state: VcpuState, esr: number, returnAddress: bigint, far?: bigint): void {
  state.setSystem('ESR_EL1', BigInt(esr));
  if (far !== undefined) state.setSystem('FAR_EL1', far);
  takeException(state, 'synchronous', returnAddress);
}

const EL0T = 0;
const EL1T = 4;
const EL1H = 5;
const MODE_MASK = 0x1f;
const IL_STATE = 1 << 20;

/** ERET. A return to a state that isn't there sets PSTATE.IL and stays (D1.3.5, illegal exception returns). */
export function returnFromException(state: VcpuState): void {
  const spsr = Number(state.system('SPSR_EL1') & 0xffff_ffffn);
  const target = state.system('ELR_EL1');
  const mode = spsr & MODE_MASK;
  state.set32(STATE.MONITOR, 0);
  if (mode === EL0T || mode === EL1T || mode === EL1H) {
    state.pstate = spsr;
  } else {
    state.nzcv = spsr >>> 28;
    state.set32(STATE.DAIF, spsr & SPSR.DAIF);
    state.set32(STATE.SS_IL, IL_STATE);
  }
  state.set64(STATE.PC, target);
}

export function illegalState(state: VcpuState): boolean {
  return (state.get32(STATE.SS_IL) & IL_STATE) !== 0;
}
