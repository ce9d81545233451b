/**
 * One instruction at a time, where debug asks for it: while software step is on, and in pages with a breakpoint. The
 * run loop looks at its budget at branches only, so the instruction is decoded into a page of records of its own, in which one
 * that ends the step follows. After the state machine of software step (Arm ARM DDI 0487 D2.12).
 *
 * A debugger outside must not change what the guest does. The run loop takes interrupts at the ends of blocks; so does a step that
 * is not the guest's own, and a vCPU that was stopped within a block goes on by such steps to the block's end.
 */
import type { DebugExit } from '../contract.ts';
import { EXIT, STATE } from '../state.ts';
import type { Debug } from '../system/debug.ts';
import { EC, syndrome } from '../system/exceptions.ts';
import { HANDLER } from './interpreter.ts';
import { vaOf } from './mmu.ts';
import type { VcpuState } from './vcpu-state.ts';

/** PSTATE.SS in SPSR's place. */
const SS = 1 << 21;
/** A debug exception's status in its syndrome, and of software step: the syndrome says more, and a load-exclusive was stepped. */
const DEBUG_STATUS = 0x22;
const [STEP_ISV, STEP_EX] = [1 << 24, 1 << 6];
const ERET = 0xd69f_03e0;
/** LDXR, LDAXR, LDXP and LDAXP of any size (C4.1.94, "Load/store exclusive"). */
const [LOAD_EXCLUSIVE_MASK, LOAD_EXCLUSIVE] = [0x3fc0_0000, 0x0840_0000];
/** Exits that come back behind the instruction. */
const DONE_EXITS: ReadonlySet<string> = new Set(['wfi', 'wfe', 'hvc']);

/** What the stepper needs of its vCPU. */
export interface StepOwner {
  readonly state: VcpuState;
  readonly debug: Debug;
  /** What the vCPU leaves by, if it does. */
  readonly exitKind: string | undefined;
  /** Lets the run loop run so many instructions; how many it ran. */
  runFor(instructions: number): number;
  /** Makes the run loop find the instruction at the PC and after it this handler; its opcode, or `undefined` where the fetch faults. */
  prepareStep(after: number): number | undefined;
  leaveAt(pc: bigint, exit: DebugExit): void;
  /** Instructions retired so far. */
  readonly retired: number;
  finishStep(pc: bigint): void;
}

export class Stepper {
  readonly #vcpu: StepOwner;
  /** The instruction that was stepped last, if its exception is yet to come: what the syndrome says of it. */
  #stepped: number | undefined;
  /** Where a debugger outside was told of a breakpoint: going on from there, it is not told again. */
  #told: { readonly pc: bigint; readonly retired: number } | undefined;

  constructor(vcpu: StepOwner) {
    this.#vcpu = vcpu;
  }

  /** Whether the next instruction is for {@link step}. */
  get isDue(): boolean {
    const { debug, state } = this.#vcpu;
    if (this.isMidBlock) return true;
    return debug.isActive && (debug.maySingleStep || debug.coversCode(vaOf(state.get64(STATE.PC))));
  }

  /** Whether the run loop would not look for interrupts here. */
  get isMidBlock(): boolean {
    return this.#vcpu.state.get32(STATE.MID_BLOCK) !== 0;
  }

  /** The vCPU's state is another one now. */
  forget(): void {
    this.#told = undefined;
    this.#stepped = undefined;
  }

  /** Takes what is due before the next instruction, or runs that; how many instructions that were. */
  step(): number {
    const { state, debug } = this.#vcpu;
    const isGuests =
      debug.isActive && (debug.maySingleStep || debug.ownCoversCode(vaOf(state.get64(STATE.PC))));
    if (!isGuests) return this.#stepOutside();
    state.set32(STATE.MID_BLOCK, 0);
    if (this.#isTold()) return 0;
    if ((state.get32(STATE.PENDING) & ~state.get32(STATE.DAIF)) !== 0) {
      // Without a budget the run loop takes the interrupt and comes back.
      this.#vcpu.runFor(0);
      return 0;
    }
    const isStepping = debug.isSingleStepping;
    const pc = state.get64(STATE.PC);
    if (isStepping && (state.get32(STATE.SS_IL) & SS) === 0) {
      const known = this.#stepped;
      this.#stepped = undefined;
      this.#debugException(EC.softwareStep, known === undefined ? 0 : STEP_ISV | known, pc);
      return 0;
    }
    this.#stepped = undefined;
    if (debug.isBreakpoint(vaOf(pc))) {
      this.#debugException(EC.breakpoint, 0, pc);
      return 0;
    }
    const exceptions = state.get64(STATE.EXCEPTIONS);
    const opcode = this.#vcpu.prepareStep(HANDLER.pageEnd);
    if (opcode === undefined) return 1;
    const used = this.#vcpu.runFor(1);
    this.#vcpu.finishStep(pc);
    if (isStepping) this.#advance(opcode, state.get64(STATE.EXCEPTIONS) !== exceptions);
    return used;
  }

  /** A step that the guest doesn't know of. */
  #stepOutside(): number {
    const { state } = this.#vcpu;
    if (!this.isMidBlock && this.#takeInterrupts()) return 0;
    if (this.#isTold()) return 0;
    const pc = state.get64(STATE.PC);
    state.set32(STATE.MID_BLOCK, 0);
    let used = 1;
    if (this.#vcpu.prepareStep(HANDLER.stepEnd) !== undefined) {
      state.set32(STATE.INTERRUPTS_HELD, 1);
      used = this.#vcpu.runFor(1);
      state.set32(STATE.INTERRUPTS_HELD, 0);
      this.#vcpu.finishStep(pc);
    }
    const isLeft = this.#vcpu.exitKind !== undefined || (state.get32(STATE.EXIT) & EXIT.requested) !== 0;
    if (!this.isMidBlock && !isLeft) this.#takeInterrupts();
    return used;
  }

  /** What the run loop does at the end of a block; whether there was any. */
  #takeInterrupts(): boolean {
    const { state } = this.#vcpu;
    if ((state.get32(STATE.PENDING) & ~state.get32(STATE.DAIF)) === 0) return false;
    state.set32(STATE.EXIT, 0);
    this.#vcpu.runFor(0);
    return true;
  }

  /** Leaves at a breakpoint of a debugger outside. */
  #isTold(): boolean {
    const { state, debug, retired } = this.#vcpu;
    const pc = state.get64(STATE.PC);
    if (!debug.external.isBreakpoint(vaOf(pc))) return false;
    if (this.#told?.pc === pc && this.#told.retired === retired) return false;
    this.#told = { pc, retired };
    this.#vcpu.leaveAt(pc, { kind: 'debug', reason: 'breakpoint' });
    return true;
  }

  /** The step is over, unless the instruction is to be run again. */
  #advance(opcode: number, tookException: boolean): void {
    const { state, exitKind } = this.#vcpu;
    if (tookException) {
      const isSvc = Number(state.system('ESR_EL1') >> 26n) === EC.svc;
      if (isSvc) state.setSystem('SPSR_EL1', state.system('SPSR_EL1') & ~BigInt(SS));
      return;
    }
    if (exitKind !== undefined && !DONE_EXITS.has(exitKind)) return;
    // ERET has set it from SPSR_EL1.
    if (opcode !== ERET) state.set32(STATE.SS_IL, state.get32(STATE.SS_IL) & ~SS);
    this.#stepped = (opcode & LOAD_EXCLUSIVE_MASK) >>> 0 === LOAD_EXCLUSIVE ? STEP_EX : 0;
  }

  #debugException(ec: number, iss: number, pc: bigint): void {
    const { state } = this.#vcpu;
    state.takeSynchronous(syndrome(ec + (state.el === 0 ? 0 : 1), iss | DEBUG_STATUS), pc);
  }
}
