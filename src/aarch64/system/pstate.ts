/** PSTATE as instructions and exceptions change it: in SPSR_EL1's form, by level and stack pointer, and what follows from it. */
import { packedFlags, setPackedFlags } from '../insns/flags.ts';
import { add, and, eq, i32, isZero, ne, or, select, shl, shr } from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import { STATE, TLB_SET, tlbSetOffset, X_SLOT, xOffset } from '../state.ts';
import { systemRegister } from './registers.ts';

/** PSTATE as SPSR_EL1 has it (Arm ARM D17.2.139). */
export const SPSR = {
  NZCV_SHIFT: 28,
  SS_IL: 0x0030_0000,
  PAN_SHIFT: 22,
  DAIF: 0x3c0,
  EL_SHIFT: 2,
  SP: 1,
} as const;

const CELL = {
  SP_EL0: systemRegister('SP_EL0').cell,
  CPACR: systemRegister('CPACR_EL1').cell,
  SCTLR: systemRegister('SCTLR_EL1').cell,
} as const;
const SP = xOffset(X_SLOT.sp);
const FPEN_SHIFT = 20;
const DZE_SHIFT = 14;

const bit = (value: Value<'i32'>, shift: number): Value<'i32'> => and(shr(value, i32(shift)), i32(1));

/** All of PSTATE. */
export const readPstate = helper('readPstate', [], 'i32', (c) => {
  const fields = [
    shl(packedFlags(c), i32(SPSR.NZCV_SHIFT)),
    c.state32(STATE.SS_IL),
    shl(c.state32(STATE.PAN), i32(SPSR.PAN_SHIFT)),
    c.state32(STATE.DAIF),
    shl(c.state32(STATE.EL), i32(SPSR.EL_SHIFT)),
  ];
  return fields.reduce((sum, field) => or(sum, field), c.state32(STATE.SPSEL));
});

/** Makes what follows from EL, PAN, CPACR_EL1 and SCTLR_EL1 true again: after each change of one of them. */
export const modeChanged = helper('modeChanged', [], 'i32', (c) => {
  const el = c.let(c.state32(STATE.EL));
  const set = (which: number): Value<'i32'> => add(c.cpu, i32(tlbSetOffset(which)));
  const ofEl1 = select(c.state32(STATE.PAN), set(TLB_SET.el1), set(TLB_SET.el1WithUser));
  c.setState32(STATE.TLB, c.let(select(el, ofEl1, c.state32(STATE.USER_TLB))));
  const fpen = c.let(and(shr(c.state32(CELL.CPACR), i32(FPEN_SHIFT)), i32(3)));
  // 0b01 traps EL0 only, 0b11 nothing, the others both (D17.2.30).
  const trapped = select(eq(fpen, i32(1)), isZero(el), ne(fpen, i32(3)));
  c.setState32(STATE.FP_TRAPPED, c.let(trapped));
  c.setState32(STATE.EL0_MAY_ZERO, c.let(bit(c.state32(CELL.SCTLR), DZE_SHIFT)));
  return i32(0);
});

/** Where the stack pointer in use is kept while another one is. */
function bank(c: Meaning): Value<'i32'> {
  const own = and(c.state32(STATE.EL), c.state32(STATE.SPSEL));
  return c.let(add(c.cpu, select(own, i32(STATE.SP_EL1), i32(CELL.SP_EL0))));
}

/** Changes the exception level and SPSel. */
export const setLevel = helper('setLevel', ['i32', 'i32'], 'i32', (c, el, spsel) => {
  c.setMemory('i64.store', bank(c), c.state64(SP));
  c.setState32(STATE.EL, el);
  c.setState32(STATE.SPSEL, spsel);
  c.setState64(SP, c.memory('i64.load', bank(c)));
  c.perform(modeChanged);
  return i32(0);
});

/** Sets all of PSTATE; `M` must be one of EL0t, EL1t and EL1h. */
export const writePstate = helper('writePstate', ['i32'], 'i32', (c, value) => {
  setPackedFlags(c, c.let(shr(value, i32(SPSR.NZCV_SHIFT))));
  c.setState32(STATE.SS_IL, and(value, i32(SPSR.SS_IL)));
  c.setState32(STATE.PAN, bit(value, SPSR.PAN_SHIFT));
  c.setState32(STATE.DAIF, and(value, i32(SPSR.DAIF)));
  c.perform(setLevel, bit(value, SPSR.EL_SHIFT), and(value, i32(SPSR.SP)));
  return i32(0);
});

export const setPan = helper('setPan', ['i32'], 'i32', (c, pan) => {
  c.setState32(STATE.PAN, pan);
  c.perform(modeChanged);
  return i32(0);
});
