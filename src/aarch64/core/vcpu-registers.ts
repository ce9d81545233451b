/**
 * A vCPU's registers and the exceptions that it is given from outside: the part of its public side that is the state's alone.
 * `contract.ts` says what each means.
 */
import type { Stage2FaultExit, VcpuExit } from '../contract.ts';
import { STATE } from '../state.ts';
import { EC, syndrome } from '../system/exceptions.ts';
import { systemRegister } from '../system/registers.ts';
import { FAULT_STATUS, type Va } from '../translation/stage1.ts';
import type { AccessDescription } from './access.ts';
import { type Refusal, vaAsBigint } from './mmu.ts';
import { accessSyndrome, syndromeBits } from './syndrome.ts';
import type { VcpuState } from './vcpu-state.ts';

/** ISS bits of aborts: a write; a fault of stage 2 on a walk of stage 1's (Arm ARM DDI 0487 D17.2.37). */
const WNR = 1 << 6;
const S1PTW = 1 << 7;

export abstract class VcpuRegisters {
  readonly state: VcpuState;

  constructor(state: VcpuState) {
    this.state = state;
  }

  abstract get pc(): bigint;
  abstract set pc(value: bigint);
  /** The address of the instruction that is running. */
  abstract currentPc(): bigint;
  /** The opcode of the instruction that is running. */
  abstract opcodeAt(): number;
  abstract leaveAt(pc: bigint, exit: VcpuExit): void;
  abstract readHooked(name: string): bigint;
  abstract writeHooked(name: string, value: bigint): void;

  x(register: number): bigint {
    return this.state.x(register);
  }
  setX(register: number, value: bigint): void {
    this.state.setX(register, BigInt.asUintN(64, value));
  }
  get sp(): bigint {
    return this.state.sp;
  }
  set sp(value: bigint) {
    this.state.sp = BigInt.asUintN(64, value);
  }
  get pstate(): number {
    return this.state.pstate;
  }
  set pstate(value: number) {
    this.state.pstate = value;
  }
  v(register: number): bigint {
    return this.state.v(register);
  }
  setV(register: number, value: bigint): void {
    this.state.setV(register, value);
  }

  system(name: string): bigint {
    const register = systemRegister(name);
    return register.readHook ? this.readHooked(name) : this.state.get64(register.cell);
  }
  setSystem(name: string, value: bigint): void {
    const register = systemRegister(name);
    if (register.writeHook) this.writeHooked(name, value);
    else this.state.set64(register.cell, BigInt.asUintN(64, value));
  }

  // What the MMU has found.

  watchpoint(va: Va, write: boolean): void {
    const { state } = this;
    const ec = EC.watchpoint + (state.el === 0 ? 0 : 1);
    const iss = FAULT_STATUS.debug | (write ? WNR : 0);
    state.takeSynchronous(syndrome(ec, iss), this.currentPc(), vaAsBigint(va));
  }

  refuse(refusal: Refusal, access: AccessDescription | undefined): void {
    const { state } = this;
    const fetching = access === undefined;
    const pc = fetching ? state.get64(STATE.PC) : this.currentPc();
    const va = vaAsBigint(refusal.va);
    const write = access?.write === true;
    if (refusal.kind === 'abort') {
      const ec = (fetching ? EC.instructionAbort : EC.dataAbort) + (state.el === 0 ? 0 : 1);
      state.takeSynchronous(syndrome(ec, refusal.status | (write ? WNR : 0)), pc, va);
      return;
    }
    const parts = fetching || refusal.onWalk ? undefined : accessSyndrome(this.opcodeAt());
    const ec = fetching ? EC.instructionAbort : EC.dataAbort;
    const status = (refusal.permission ? FAULT_STATUS.permission : FAULT_STATUS.translation) | 3;
    const iss =
      status | (write ? WNR : 0) | (refusal.onWalk ? S1PTW : 0) | (fetching ? 0 : syndromeBits(parts));
    const value =
      write && parts !== undefined ? BigInt.asUintN(parts.sizeBytes * 8, state.x(parts.srt)) : undefined;
    this.leaveAt(pc, {
      kind: 'stage2',
      access: refusal.onWalk ? 'read' : refusal.access,
      ipa: refusal.ipa,
      va,
      esr: syndrome(ec, iss),
      permission: refusal.permission,
      syndrome: parts,
      value,
    });
  }

  // What a monitor answers.

  completeRead(exit: Stage2FaultExit, value: bigint): void {
    const { syndrome: parts } = exit;
    if (parts === undefined) throw new Error('this access has no syndrome to complete it by');
    const bits = parts.sizeBytes * 8;
    const extended = parts.signExtend ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    this.setX(parts.srt, BigInt.asUintN(parts.sixtyFour ? 64 : 32, extended));
    this.skipInstruction();
  }
  skipInstruction(): void {
    this.pc += 4n;
  }
  injectExternalAbort(exit: Stage2FaultExit): void {
    const { state } = this;
    const fetching = exit.access === 'execute';
    const ec = (fetching ? EC.instructionAbort : EC.dataAbort) + (state.el === 0 ? 0 : 1);
    const iss = FAULT_STATUS.externalAbort | (exit.access === 'write' ? WNR : 0);
    state.takeSynchronous(syndrome(ec, iss), state.get64(STATE.PC), exit.va);
  }
  injectUndefined(): void {
    this.state.takeSynchronous(syndrome(EC.unknown, 0), this.state.get64(STATE.PC));
  }
}
