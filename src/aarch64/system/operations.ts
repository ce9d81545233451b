/**
 * What instructions ask of the TypeScript around the run loop: exits, system registers, TLB maintenance, what is undefined. What
 * needs none of it has been answered by `dispatch.ts` before. Each gives 0 to go on with the next instruction, or 1 to leave: then
 * the state's PC says where to go on.
 */
import type { SystemRegisterEncoding } from '../contract.ts';
import { vaOf } from '../core/mmu.ts';
import type { VcpuCore } from '../core/vcpu.ts';
import { STATE } from '../state.ts';
import { FAULT_STATUS, REQUESTER } from '../translation/stage1.ts';
import { EC, syndrome } from './exceptions.ts';
import { SYSTEM_OPERATION } from './operation.ts';
import { decodeKey, encodingKey, isIdentification, systemRegisterByKey } from './registers.ts';

const NEXT = 0;
const LEAVE = 1;
const INSTRUCTION_BYTES = 4n;

type Outcome = typeof NEXT | typeof LEAVE;

/** Answers one request. `operand` is what the definition says. */
export function performSystemOperation(vcpu: VcpuCore, operation: number, operand: number): Outcome {
  const pc = vcpu.currentPc();
  switch (operation) {
    case SYSTEM_OPERATION.undefined:
    // At EL0: at EL1 it has been done.
    case SYSTEM_OPERATION.eret:
      return undefinedInstruction(vcpu, pc);
    case SYSTEM_OPERATION.hvc:
      if (vcpu.state.el === 0) return undefinedInstruction(vcpu, pc);
      vcpu.leaveAt(pc + INSTRUCTION_BYTES, {
        kind: 'hvc',
        immediate: operand,
        esr: syndrome(EC.hvc, operand),
      });
      return LEAVE;
    case SYSTEM_OPERATION.smc:
      if (vcpu.state.el === 0) return undefinedInstruction(vcpu, pc);
      vcpu.leaveAt(pc, { kind: 'smc', immediate: operand, esr: syndrome(EC.smc, operand) });
      return LEAVE;
    case SYSTEM_OPERATION.hlt:
      if (vcpu.state.el === 0) return undefinedInstruction(vcpu, pc);
      vcpu.leaveAt(pc, { kind: 'halt', immediate: operand });
      return LEAVE;
    case SYSTEM_OPERATION.mrs:
      return readRegister(vcpu, operand, pc);
    case SYSTEM_OPERATION.msr:
      return writeRegister(vcpu, operand, vcpu.state.get64(STATE.DATA), pc);
    case SYSTEM_OPERATION.msrImmediate:
      return writePstate(vcpu, operand, pc);
    case SYSTEM_OPERATION.wfi:
    case SYSTEM_OPERATION.wfe:
      return wait(vcpu, operation, pc);
    case SYSTEM_OPERATION.sev:
      vcpu.signalEvent();
      return NEXT;
    case SYSTEM_OPERATION.yield:
      vcpu.leaveAt(pc + INSTRUCTION_BYTES, { kind: 'wfe' });
      return LEAVE;
    case SYSTEM_OPERATION.sys:
      return maintenance(vcpu, operand, vcpu.state.get64(STATE.DATA), pc);
    default:
      throw new Error(`system operation ${operation}`);
  }
}

function undefinedInstruction(vcpu: VcpuCore, pc: bigint): Outcome {
  vcpu.reportUndefined(pc);
  vcpu.state.takeSynchronous(syndrome(EC.unknown, 0), pc);
  return LEAVE;
}

/** An access of EL0 to what EL1 keeps to itself by a control bit: EC 0x18 (D17.2.37). */
function trapToEl1(vcpu: VcpuCore, key: number, read: boolean, pc: bigint): Outcome {
  vcpu.state.takeSynchronous(syndrome(EC.systemRegister, trapIss(key, vcpu.opcodeAt() & 31, read)), pc);
  return LEAVE;
}

function trapIss(key: number, rt: number, read: boolean): number {
  const { op0, op1, crn, crm, op2 } = decodeKey(key);
  return (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (rt << 5) | (crm << 1) | (read ? 1 : 0);
}

// System registers.

function readRegister(vcpu: VcpuCore, key: number, pc: bigint): Outcome {
  const { state } = vcpu;
  const register = systemRegisterByKey(key);
  if (state.el === 0 && isIdentification(key)) {
    // UNDEFINED, but nothing to report: Linux promises to emulate these reads for its programs (HWCAP_CPUID).
    state.takeSynchronous(syndrome(EC.unknown, 0), pc);
    return LEAVE;
  }
  if (register === undefined) {
    if (state.el === 1 && isIdentification(key)) {
      state.set64(STATE.DATA, 0n);
      return NEXT;
    }
    const port = state.el === 1 ? vcpu.askPort(key, undefined) : 'undefined';
    if (port === 'undefined') return undefinedInstruction(vcpu, pc);
    if (port === 'trap') return leaveForRegister(vcpu, key, 'read', 0n, pc);
    state.set64(STATE.DATA, BigInt.asUintN(64, port === 'done' ? 0n : port));
    return NEXT;
  }
  if (state.el === 0 && !register.el0.startsWith('read')) {
    if (register.el0 === 'none') return undefinedInstruction(vcpu, pc);
    if (!vcpu.el0Allowed(register.name)) return trapToEl1(vcpu, key, true, pc);
  }
  state.set64(STATE.DATA, register.readHook ? vcpu.readHooked(register.name) : state.get64(register.cell));
  return NEXT;
}

function writeRegister(vcpu: VcpuCore, key: number, value: bigint, pc: bigint): Outcome {
  const { state } = vcpu;
  const register = systemRegisterByKey(key);
  if (register === undefined) {
    const port = state.el === 1 ? vcpu.askPort(key, value) : 'undefined';
    if (port === 'trap') return leaveForRegister(vcpu, key, 'write', value, pc);
    if (port === 'undefined') return undefinedInstruction(vcpu, pc);
    state.set64(STATE.PC, pc + INSTRUCTION_BYTES);
    return LEAVE;
  }
  if (!register.writable) return undefinedInstruction(vcpu, pc);
  if (state.el === 0 && register.el0 !== 'read-write') {
    if (register.el0 === 'none' || register.el0 === 'read') return undefinedInstruction(vcpu, pc);
    if (!vcpu.el0Allowed(register.name)) return trapToEl1(vcpu, key, false, pc);
  }
  if (register.writeHook) vcpu.writeHooked(register.name, value);
  else state.set64(register.cell, value);
  state.set64(STATE.PC, pc + INSTRUCTION_BYTES);
  return LEAVE;
}

function leaveForRegister(
  vcpu: VcpuCore,
  key: number,
  direction: 'read' | 'write',
  value: bigint,
  pc: bigint,
): Outcome {
  const register: SystemRegisterEncoding = decodeKey(key);
  const rt = vcpu.opcodeAt() & 31;
  const esr = syndrome(EC.systemRegister, trapIss(key, rt, direction === 'read'));
  vcpu.leaveAt(pc, { kind: 'system-register', register, direction, rt, value, esr });
  return LEAVE;
}

const DAIF_SET = 0o36;
const DAIF_CLEAR = 0o37;

/** MSR (immediate) at EL0: of the interrupt masks where SCTLR_EL1.UMA allows it. */
function writePstate(vcpu: VcpuCore, operand: number, pc: bigint): Outcome {
  const { state } = vcpu;
  const field = ((operand >> 7) << 3) | (operand & 7);
  const value = (operand >> 3) & 15;
  if (field !== DAIF_SET && field !== DAIF_CLEAR) return undefinedInstruction(vcpu, pc);
  const key = encodingKey({ op0: 0, op1: operand >> 7, crn: 4, crm: value, op2: operand & 7 });
  if (!vcpu.el0Allowed('DAIF')) return trapToEl1(vcpu, key, false, pc);
  const mask = value << 6;
  const daif = state.get32(STATE.DAIF);
  state.set32(STATE.DAIF, field === DAIF_SET ? daif | mask : daif & ~mask);
  state.set64(STATE.PC, pc + INSTRUCTION_BYTES);
  return LEAVE;
}

const SCTLR_NTWI = 1n << 16n;
const SCTLR_NTWE = 1n << 18n;

function wait(vcpu: VcpuCore, operation: number, pc: bigint): Outcome {
  const { state } = vcpu;
  const isWfe = operation === SYSTEM_OPERATION.wfe;
  const enabling = isWfe ? SCTLR_NTWE : SCTLR_NTWI;
  if (state.el === 0 && (state.system('SCTLR_EL1') & enabling) === 0n) {
    state.takeSynchronous(syndrome(EC.wfx, 0x1e0_0000 | (isWfe ? 1 : 0)), pc);
    return LEAVE;
  }
  // A pending interrupt wakes even where it is masked (D1.6.2).
  if (state.get32(STATE.PENDING) !== 0) return NEXT;
  vcpu.leaveAt(pc + INSTRUCTION_BYTES, { kind: isWfe ? 'wfe' : 'wfi' });
  return LEAVE;
}

// Cache, TLB and address translation instructions (C5.3, C5.4, C5.5).

const TLBI = { op1: 0, crn: 8 } as const;
const TLBI_BY_ASID = 2;
const ASID_SHIFT = 48n;
const SHAREABLE = 3;
const NOT_SHAREABLE = 7;

function maintenance(vcpu: VcpuCore, key: number, value: bigint, pc: bigint): Outcome {
  const { state } = vcpu;
  const { op1, crn, crm, op2 } = decodeKey(key);
  if (op1 === 3 && crn === 7) {
    // DC CVAU, CVAC, CIVAC, ZVA and IC IVAU come here where SCTLR_EL1.UCI and DZE keep them from EL0.
    const known = op2 === 1 && [4, 5, 10, 11, 14].includes(crm);
    return known ? trapToEl1(vcpu, key, false, pc) : undefinedInstruction(vcpu, pc);
  }
  if (state.el === 0 || op1 !== 0) return undefinedInstruction(vcpu, pc);
  if (crn === TLBI.crn && (crm === SHAREABLE || crm === NOT_SHAREABLE)) {
    // To all vCPUs or to this one: an ASID's pages, or all there is. Single pages have been dealt with.
    const targets = crm === SHAREABLE ? vcpu.cluster() : [vcpu];
    for (const { tlb } of targets) {
      if (op2 === TLBI_BY_ASID) tlb.invalidateAsid(value >> ASID_SHIFT);
      else tlb.invalidateAll();
    }
    // The page being executed may be gone.
    state.set64(STATE.PC, pc + INSTRUCTION_BYTES);
    return LEAVE;
  }
  if (crn === 7 && crm === 8 && op2 < 4) {
    translateAddress(vcpu, op2, value);
    return NEXT;
  }
  const isCacheOperation =
    crn === 7 && ((crm === 1 && op2 === 0) || (crm === 5 && op2 === 0) || [6, 10, 14].includes(crm));
  return isCacheOperation ? NEXT : undefinedInstruction(vcpu, pc);
}

const PAR_FAULT = 1n;
const PAR_RES1 = 1n << 11n;

/** AT S1E1R, S1E1W, S1E0R, S1E0W. */
function translateAddress(vcpu: VcpuCore, op2: number, value: bigint): void {
  const write = (op2 & 1) === 1;
  const who = op2 < 2 ? REQUESTER.el1 : REQUESTER.el0;
  const found = vcpu.mmu.probe(vaOf(value), write ? 'write' : 'read', who);
  const status = 'entry' in found ? 0 : found.kind === 'abort' ? found.status : FAULT_STATUS.translation;
  const result =
    'entry' in found ? BigInt(found.ipa) | PAR_RES1 : PAR_FAULT | PAR_RES1 | (BigInt(status) << 1n);
  vcpu.state.setSystem('PAR_EL1', result);
}
