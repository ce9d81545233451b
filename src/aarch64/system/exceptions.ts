/** Taking exceptions to EL1 and returning from them (Arm ARM DDI 0487 D1.3). */
import { add, and, eq, i32, i64, isZero, ne, not, or, select, to64 } from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import { EXIT, STATE, STEP } from '../state.ts';
import { readPstate, SPSR, setLevel, writePstate } from './pstate.ts';
import { systemRegister } from './registers.ts';

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
  /** Plus 1 for one from the same level. */
  breakpoint: 0x30,
  softwareStep: 0x32,
  watchpoint: 0x34,
  brk: 0x3c,
} as const;

const IL = 1 << 25;
const EC_SHIFT = 26;

/** A syndrome: class and ISS, for a 32-bit instruction. */
export function syndrome(ec: number, iss: number): number {
  return ((ec << EC_SHIFT) | IL | iss) >>> 0;
}

/** Interrupt lines at the places of their masks in DAIF. */
export const LINE = { serror: 0x100, irq: 0x80, fiq: 0x40 } as const;

/** Offsets from VBAR_EL1 by kind; the level and stack pointer in use pick the block of four. */
const VECTOR = { synchronous: 0x000, irq: 0x080, fiq: 0x100, serror: 0x180 } as const;
const FROM_SP0 = 0x000;
const FROM_SPX = 0x200;
const FROM_EL0 = 0x400;

const SCTLR_SPAN = 1n << 23n;

const CELL = {
  SPSR: systemRegister('SPSR_EL1').cell,
  ELR: systemRegister('ELR_EL1').cell,
  ESR: systemRegister('ESR_EL1').cell,
  VBAR: systemRegister('VBAR_EL1').cell,
  SCTLR: systemRegister('SCTLR_EL1').cell,
} as const;

/** Takes an exception to EL1 by a kind's offset; the preferred return address is in `STATE.PC`. */
export const takeException = helper('takeException', ['i32'], 'i32', (c, kind) => {
  const fromEl1 = select(c.state32(STATE.SPSEL), i32(FROM_SPX), i32(FROM_SP0));
  const vector = c.let(add(select(c.state32(STATE.EL), fromEl1, i32(FROM_EL0)), kind));
  c.setState64(CELL.SPSR, c.let(to64(c.call(readPstate))));
  c.setState64(CELL.ELR, c.state64(STATE.PC));
  c.setState64(STATE.PC, add(c.state64(CELL.VBAR), to64(vector)));
  c.setState32(STATE.DAIF, i32(SPSR.DAIF));
  c.setState32(STATE.SS_IL, i32(0));
  c.if(isZero(and(c.state64(CELL.SCTLR), i64(SCTLR_SPAN))), () => c.setState32(STATE.PAN, i32(1)));
  c.perform(setLevel, i32(1), i32(1));
  c.setState64(STATE.EXCEPTIONS, add(c.state64(STATE.EXCEPTIONS), i64(1n)));
  return i32(0);
});

/** A synchronous exception with its syndrome; the preferred return address is in `STATE.PC`. */
export const takeSynchronous = helper('takeSynchronous', ['i32'], 'i32', (c, esr) => {
  c.setState64(CELL.ESR, to64(esr));
  c.perform(takeException, i32(VECTOR.synchronous));
  return i32(0);
});

/** Interrupts are pending and not masked: the most urgent is taken. */
export const takeInterrupt = helper('takeInterrupt', [], 'i32', (c) => {
  const wanted = c.let(and(c.state32(STATE.PENDING), not(c.state32(STATE.DAIF))));
  const has = (line: number): Value<'i32'> => and(wanted, i32(line));
  c.if(
    has(LINE.serror),
    () => {
      c.setState32(STATE.PENDING, and(c.state32(STATE.PENDING), i32(~LINE.serror)));
      c.setState64(CELL.ESR, i64(BigInt(syndrome(EC.serror, 0))));
      c.perform(takeException, i32(VECTOR.serror));
    },
    () => c.perform(takeException, select(has(LINE.fiq), i32(VECTOR.fiq), i32(VECTOR.irq))),
  );
  return i32(0);
});

const EL0T = 0;
const EL1T = 4;
const EL1H = 5;
const MODE_MASK = 0x1f;
const IL_STATE = 1 << 20;
const PSTATE_SS = 1 << 21;
const PSTATE_D = 0x200;

function isMode(mode: Value<'i32'>): Value<'i32'> {
  const [el0t, el1t, el1h] = [EL0T, EL1T, EL1H].map((known) => eq(mode, i32(known)));
  return or(or(el0t ?? i32(0), el1t ?? i32(0)), el1h ?? i32(0));
}

/** ERET at EL1. A return to a state that isn't there sets PSTATE.IL and stays (D1.3.5, illegal exception returns). */
export const returnFromException = helper('returnFromException', [], 'i32', (c: Meaning) => {
  const spsr = c.let(c.state32(CELL.SPSR));
  c.setState32(STATE.MONITOR, i32(0));
  c.setState32(STATE.EVENT, i32(1));
  c.setState64(STATE.PC, c.state64(CELL.ELR));
  const step = c.let(c.state32(STATE.STEP));
  const daif = c.let(c.state32(STATE.DAIF));
  const mode = c.let(and(spsr, i32(MODE_MASK)));
  // A mode that isn't there leaves the level and the stack pointer as they are.
  const stays = c.let(or(c.state32(STATE.SPSEL), i32(1 << SPSR.EL_SHIFT)));
  const pan = c.let(shlPan(c.state32(STATE.PAN)));
  const kept = c.let(or(or(and(spsr, i32(NZCV_DAIF)), pan), or(stays, i32(IL_STATE))));
  c.perform(writePstate, select(isMode(mode), spsr, kept));
  c.if(
    and(step, i32(STEP.on)),
    () =>
      settleStep(
        c,
        step,
        c.let(and(ne(and(step, i32(STEP.kernel)), i32(0)), isZero(and(daif, i32(PSTATE_D))))),
      ),
    () => c.setState32(STATE.SS_IL, and(c.state32(STATE.SS_IL), i32(~PSTATE_SS))),
  );
  // PSTATE.IL makes whatever comes next an exception (D1.3.5).
  c.if(ne(and(c.state32(STATE.SS_IL), i32(IL_STATE)), i32(0)), () =>
    c.perform(takeSynchronous, i32(syndrome(EC.illegalState, 0))),
  );
  return i32(0);
});

/**
 * PSTATE.SS comes from SPSR_EL1 only where debug exceptions are disabled here and enabled there (D2.12.5), and the run loop is left
 * for whoever steps. `sourceEnabled`: they are enabled here.
 */
function settleStep(c: Meaning, step: Value<'i32'>, sourceEnabled: Value<'i32'>): void {
  const kernel = (daif: Value<'i32'>) =>
    and(ne(and(step, i32(STEP.kernel)), i32(0)), isZero(and(daif, i32(PSTATE_D))));
  const targetEnabled = c.let(select(c.state32(STATE.EL), kernel(c.state32(STATE.DAIF)), i32(1)));
  const keeps = c.let(and(targetEnabled, isZero(sourceEnabled)));
  c.if(isZero(keeps), () => c.setState32(STATE.SS_IL, and(c.state32(STATE.SS_IL), i32(~PSTATE_SS))));
  c.setState32(STATE.EXIT, or(c.state32(STATE.EXIT), i32(EXIT.debug)));
}

const NZCV_DAIF = 0xf000_0000 | SPSR.DAIF;
const shlPan = (pan: Value<'i32'>): Value<'i32'> => select(pan, i32(1 << SPSR.PAN_SHIFT), i32(0));
