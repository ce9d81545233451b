/**
 * One instruction at a time, where debug asks for it: while software step is on, and in pages with a hardware breakpoint. The
 * run loop looks at its budget at branches only, so the instruction is decoded into a page of records of its own, in which the one
 * that ends a page follows. After the state machine of software step (Arm ARM DDI 0487 D2.12).
 */
import { STATE } from '../state.ts';
import type { Debug } from '../system/debug.ts';
import { EC, syndrome } from '../system/exceptions.ts';
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
  /** Makes the run loop find the instruction at the PC and nothing after it; its opcode, or `undefined` where the fetch faults. */
  prepareStep(): number | undefined;
  finishStep(pc: bigint): void;
}

export class Stepper {
  readonly #vcpu: StepOwner;
  /** The instruction that was stepped last, if its exception is yet to come: what the syndrome says of it. */
  #stepped: number | undefined;

  constructor(vcpu: StepOwner) {
    this.#vcpu = vcpu;
  }

  /** Whether the next instruction is for {@link step}. */
  get isDue(): boolean {
    const { debug, state } = this.#vcpu;
    return debug.isActive && (debug.maySingleStep || debug.coversCode(vaOf(state.get64(STATE.PC))));
  }

  /** Takes what is due before the next instruction, or runs that; how many instructions that were. */
  step(): number {
    const { state, debug } = this.#vcpu;
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
    const opcode = this.#vcpu.prepareStep();
    if (opcode === undefined) return 1;
    const used = this.#vcpu.runFor(1);
    this.#vcpu.finishStep(pc);
    if (isStepping) this.#advance(opcode, state.get64(STATE.EXCEPTIONS) !== exceptions);
    return used;
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
