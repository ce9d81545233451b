/**
 * What instructions ask of the system around them and get without leaving WebAssembly: exceptions and their return, hints, cache
 * maintenance, PSTATE. The rest is `operations.ts`'s. Answers are the same: 0 to go on with the next instruction, 1 to leave, and then
 * the state's PC says where to go on.
 */
import { add, and, eq, gtSigned, i32, i64, isZero, or, shr, sub, to64 } from '../meaning/integer.ts';
import { helper, hostFunction, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import { RECORD_BYTES, STATE } from '../state.ts';
import { invalidatePage } from '../translation/invalidate.ts';
import { EC, returnFromException, syndrome, takeSynchronous } from './exceptions.ts';
import { SYSTEM_OPERATION, type SystemOperation } from './operation.ts';
import { setLevel, setPan } from './pstate.ts';
import { encodingKey, systemRegister } from './registers.ts';

/** `operations.ts`. */
export const hostSystem = hostFunction('hostSystem', ['i32', 'i32'], 'i32');

const NEXT = i32(0);
const LEAVE = i32(1);
const INSTRUCTION_BYTES = 4n;
const SCTLR = systemRegister('SCTLR_EL1').cell;
const SCTLR_NTWE = 1 << 18;
const SCTLR_UCI = 1 << 26;

/** The address of the instruction. */
function pc(c: Meaning): Value<'i64'> {
  const offset = shr(sub(c.state32(STATE.RECORD), c.state32(STATE.PAGE_RECORDS)), i32(2));
  return add(c.state64(STATE.PAGE_VA), to64(offset));
}

function exception(c: Meaning, returnOffset: bigint, esr: Value<'i32'>): void {
  c.setState64(STATE.PC, add(pc(c), i64(returnOffset)));
  c.perform(takeSynchronous, esr);
  c.return(LEAVE);
}

function next(c: Meaning): void {
  c.setState64(STATE.PC, add(pc(c), i64(INSTRUCTION_BYTES)));
  c.return(LEAVE);
}

/** The caches are coherent here: DC CVAC, CVAU, CIVAC and IC IVAU have nothing to do, where SCTLR_EL1.UCI lets EL0 use them. */
const MAINTENANCE_OF_LINES = [5, 10, 11, 14].map((crm) =>
  encodingKey({ op0: 1, op1: 3, crn: 7, crm, op2: 1 }),
);

function cacheMaintenance(c: Meaning, key: Value<'i32'>): void {
  const known = MAINTENANCE_OF_LINES.map((line) => eq(key, i32(line))).reduce((a, b) => or(a, b));
  const allowed = or(c.state32(STATE.EL), and(c.state32(SCTLR), i32(SCTLR_UCI)));
  c.if(known, () => c.if(allowed, () => c.return(NEXT)));
}

/** TLBI by address: bit 5 of the key tells the vCPU's own from those for all, bits 2 and 1 variants that are the same here. */
const TLBI_BY_ADDRESS = encodingKey({ op0: 1, op1: 0, crn: 8, crm: 3, op2: 1 });
const TLBI_OWN = 1 << 5;
const TLBI_VARIANTS = TLBI_OWN | 6;

function tlbMaintenance(c: Meaning, key: Value<'i32'>): void {
  c.if(c.state32(STATE.EL), () =>
    c.if(eq(and(key, i32(~TLBI_VARIANTS)), i32(TLBI_BY_ADDRESS)), () => {
      c.perform(invalidatePage, c.state64(STATE.DATA), isZero(and(key, i32(TLBI_OWN))));
      // The page being executed may be gone.
      next(c);
    }),
  );
}

function yieldTurn(c: Meaning): void {
  // As if another vCPU had had its turn, so that it makes no difference whether one has.
  c.setState32(STATE.MONITOR, i32(0));
  c.setState32(STATE.YIELDED, i32(1));
  const budgetLeft = gtSigned(c.state32(STATE.LIMIT), add(c.state32(STATE.RECORD), i32(RECORD_BYTES)));
  c.if(and(isZero(c.state32(STATE.TURN_WANTED)), budgetLeft), () => c.return(NEXT));
}

function waitForEvent(c: Meaning): void {
  const allowed = or(c.state32(STATE.EL), and(c.state32(SCTLR), i32(SCTLR_NTWE)));
  c.if(allowed, () =>
    c.if(c.state32(STATE.EVENT), () => {
      c.setState32(STATE.EVENT, i32(0));
      c.return(NEXT);
    }),
  );
}

/** MSR (immediate): op1:op2, and the four bits of the immediate between them. */
const PSTATE_PAN = (0 << 7) | 4;
const PSTATE_SPSEL = (0 << 7) | 5;
const IMMEDIATE_MASK = 0xf << 3;

function writeField(c: Meaning, operand: Value<'i32'>): void {
  const field = c.let(and(operand, i32(~IMMEDIATE_MASK)));
  const bit = c.let(and(shr(operand, i32(3)), i32(1)));
  c.if(c.state32(STATE.EL), () => {
    c.if(eq(field, i32(PSTATE_PAN)), () => {
      c.perform(setPan, bit);
      next(c);
    });
    c.if(eq(field, i32(PSTATE_SPSEL)), () => {
      c.perform(setLevel, i32(1), bit);
      next(c);
    });
  });
}

/** (operation, operand) → 0 or 1: see `operation.ts`. */
export const system = helper('system', ['i32', 'i32'], 'i32', (c, operation, operand) => {
  const on = (wanted: SystemOperation, answer: () => void) => c.if(eq(operation, i32(wanted)), answer);
  const syndromeOf = (ec: number) => or(operand, i32(syndrome(ec, 0)));
  on(SYSTEM_OPERATION.sys, () => {
    tlbMaintenance(c, operand);
    cacheMaintenance(c, operand);
  });
  on(SYSTEM_OPERATION.yield, () => yieldTurn(c));
  on(SYSTEM_OPERATION.svc, () => exception(c, INSTRUCTION_BYTES, syndromeOf(EC.svc)));
  on(SYSTEM_OPERATION.eret, () =>
    c.if(c.state32(STATE.EL), () => {
      c.perform(returnFromException);
      c.return(LEAVE);
    }),
  );
  on(SYSTEM_OPERATION.synchronise, () => next(c));
  on(SYSTEM_OPERATION.msrImmediate, () => writeField(c, operand));
  on(SYSTEM_OPERATION.wfe, () => waitForEvent(c));
  on(SYSTEM_OPERATION.sev, () =>
    c.if(operand, () => {
      c.setState32(STATE.EVENT, i32(1));
      c.return(NEXT);
    }),
  );
  on(SYSTEM_OPERATION.brk, () => exception(c, 0n, syndromeOf(EC.brk)));
  // CV = 1, COND = 0b1110.
  on(SYSTEM_OPERATION.floatingPointTrap, () => exception(c, 0n, i32(syndrome(EC.floatingPoint, 0x1e0_0000))));
  return c.call(hostSystem, operation, operand);
});
