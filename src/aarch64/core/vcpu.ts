/** One vCPU: its state, its MMU, and what the run loop calls. `contract.ts` says what its public side means. */
import { kept, type Saved, savedParts, shape } from '../../base/index.ts';
import type {
  AccessKind,
  DebugPoints,
  MmioDevice,
  Stage2,
  TimerState,
  Vcpu,
  VcpuExit,
  VcpuStatistics,
} from '../contract.ts';
import { EXIT, RECORD_BYTES, STATE, VCPU_BYTES } from '../state.ts';
import { Debug } from '../system/debug.ts';
import { EC, LINE, syndrome } from '../system/exceptions.ts';
import { HookedRegisters } from '../system/hooked-registers.ts';
import { SPSR } from '../system/pstate.ts';
import { decodeKey, SYSTEM_REGISTERS, systemRegister } from '../system/registers.ts';
import { REQUESTER, type Va } from '../translation/stage1.ts';
import { Stage2Tables } from '../translation/stage2.ts';
import { Tlb } from '../translation/tlb.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { Mmu, type MmuOwner, vaAsBigint, vaOf } from './mmu.ts';
import { type StepOwner, Stepper } from './stepper.ts';
import { UndefinedReports } from './undefined-reports.ts';
import { VcpuRegisters } from './vcpu-registers.ts';
import { VcpuState } from './vcpu-state.ts';

/** A limit below every record's address. */
const NO_LIMIT = -0x4000_0000;
/** The longest stay in the run loop: limits are record addresses plus sixteen times the budget, within 31 bits. */
const SLICE = 1 << 22;
const BUDGET_SCALE = RECORD_BYTES;
const PAGE_BYTES = 0x1000;
/** More instructions than the run loop may run beyond a budget: a page of them is a block at most. */
const BLOCK_LIMIT = 1100;

export class VcpuCore extends VcpuRegisters implements Vcpu, MmuOwner, StepOwner {
  readonly index: number;
  readonly tlb: Tlb;
  readonly mmu: Mmu;
  readonly debug: Debug;
  readonly #parts: ClusterParts<VcpuCore>;
  readonly #words: Uint32Array;
  readonly #hooks: HookedRegisters;
  readonly #stepper: Stepper;
  readonly #undefinedReports: UndefinedReports;
  #stage2: Stage2Tables | undefined;
  #exit: VcpuExit | undefined;
  #retiredBefore = 0;
  #sliceStart = 0;
  #mpidr: bigint;
  #running = false;
  /** It was asked to stop early, and has not done so yet. */
  #isAsked = false;
  /** The TLB set in which the instruction being stepped is found. */
  #stepSet = 0;
  #turnWanted = true;
  /** How many were retired when a debugger was last told of a watchpoint. */
  #watchedAt = -1;
  stopAtRetired: number | undefined;
  #instructionsDecoded = 0;
  onTimerWritten: ((vcpu: Vcpu) => void) | undefined;

  constructor(index: number, base: number, parts: ClusterParts<VcpuCore>) {
    super(new VcpuState(parts.memory, base, parts.routines));
    this.index = index;
    this.#parts = parts;
    this.tlb = new Tlb(parts.memory, base);
    this.mmu = new Mmu(this, parts.pages, parts.routines, parts.memory);
    this.#words = new Uint32Array(parts.memory);
    this.debug = new Debug(this.state);
    this.#undefinedReports = new UndefinedReports(index, parts.decoder, parts.onUndefined);
    this.#stepper = new Stepper(this);
    this.#hooks = new HookedRegisters(this);
    this.#mpidr = systemRegister('MPIDR_EL1').reset | BigInt(index);
    this.reset();
  }

  // Running.

  run(instructionBudget: number): VcpuExit {
    const { state } = this;
    if (this.#stage2 === undefined) throw new Error('a vCPU without stage 2 can not run');
    let left = instructionBudget;
    // A debugger's stop is none for the guest.
    if (this.#exit?.kind !== 'debug') {
      state.set32(STATE.MONITOR, 0);
      state.set32(STATE.YIELDED, 0);
      this.#isAsked = false;
    }
    this.turnWanted = this.#turnWanted;
    this.#exit = undefined;
    this.#running = true;
    try {
      while (this.#exit === undefined && (this.#stepper.isMidBlock || (left > 0 && !this.#isAsked))) {
        state.set32(STATE.EXIT, 0);
        left -= this.#goOn(left);
        this.#isAsked ||= (state.get32(STATE.EXIT) & EXIT.requested) !== 0;
      }
    } finally {
      this.#running = false;
    }
    return this.#exit ?? { kind: 'budget' };
  }

  #goOn(left: number): number {
    const until = this.stopAtRetired === undefined ? SLICE + BLOCK_LIMIT : this.stopAtRetired - this.retired;
    if (until <= 0) {
      this.leaveAt(this.state.get64(STATE.PC), { kind: 'debug', reason: 'retired' });
      return 0;
    }
    if (until <= BLOCK_LIMIT || this.#stepper.isDue) return this.#stepper.step();
    return this.runFor(Math.min(left, SLICE, until - BLOCK_LIMIT));
  }

  /** Lets the run loop run so many instructions, or until it is left; how many it ran. */
  runFor(instructions: number): number {
    const { state } = this;
    this.#sliceStart = instructions;
    state.set32(STATE.REMAINING, instructions * BUDGET_SCALE);
    this.#parts.routines.run(state.base);
    // An instruction at which a debugger stopped it is yet to be run.
    const undone = this.#exit?.kind === 'debug' ? 1 : 0;
    const used = instructions - state.get32(STATE.REMAINING) / BUDGET_SCALE - undone;
    this.#sliceStart = 0;
    this.#retiredBefore += used;
    state.set32(STATE.REMAINING, 0);
    return used;
  }

  // What the stepper calls.

  get exitKind(): VcpuExit['kind'] | undefined {
    return this.#exit?.kind;
  }

  /**
   * Makes the run loop find the instruction at the PC and after it this handler; its opcode, or `undefined` where the fetch
   * faults, which counts as one.
   */
  prepareStep(after: number): number | undefined {
    const opcode = this.#prepareStep(after);
    if (opcode === undefined) this.#retiredBefore += 1;
    return opcode;
  }

  #prepareStep(after: number): number | undefined {
    const pc = this.state.get64(STATE.PC);
    if (this.#misalignedPc(pc)) return undefined;
    const va = vaOf(pc);
    const host = this.mmu.fetch(va);
    if (host === undefined) return undefined;
    this.#parts.pages.recordsOf(host);
    const { records, opcode } = this.#parts.lines.decodeStep(host, (va.lo & (PAGE_BYTES - 1)) >> 2, after);
    this.#fillFetch();
    this.#stepSet = this.state.get32(STATE.TLB);
    this.tlb.setFetch(this.#stepSet, va, records);
    if (this.state.el !== 0) this.#parts.onFirstExecution?.(this.index, pc);
    return opcode;
  }

  finishStep(pc: bigint): void {
    this.tlb.invalidateFetch(this.#stepSet, vaOf(pc));
  }

  /** Lets the execute TLB know the page of the PC, whatever pages debug keeps from it. */
  #fillFetch(): void {
    const { state } = this;
    const kept = state.get64(STATE.BREAK_PAGES);
    state.set64(STATE.BREAK_PAGES, 0n);
    this.#parts.routines.fillExecute(state.base);
    state.set64(STATE.BREAK_PAGES, kept);
  }

  get turnWanted(): boolean {
    return this.#turnWanted;
  }
  set turnWanted(wanted: boolean) {
    this.#turnWanted = wanted;
    this.state.set32(STATE.TURN_WANTED, wanted ? 1 : 0);
  }
  get yielded(): boolean {
    return this.state.get32(STATE.YIELDED) !== 0;
  }

  requestStop(): void {
    if (!this.#running) return;
    this.state.set32(STATE.EXIT, EXIT.requested);
    this.#interruptRunLoop();
  }

  /** Makes the run loop look at EXIT and PENDING at the next branch. */
  #interruptRunLoop(): void {
    const { state } = this;
    const limit = state.get32(STATE.LIMIT);
    if (!this.#running || limit === NO_LIMIT) return;
    state.set32(STATE.WITHHELD, state.get32(STATE.WITHHELD) + limit - NO_LIMIT);
    state.set32(STATE.LIMIT, NO_LIMIT);
  }

  setIrq(level: boolean): void {
    this.#setLine(LINE.irq, level);
  }
  setFiq(level: boolean): void {
    this.#setLine(LINE.fiq, level);
  }
  setSError(level: boolean): void {
    this.#setLine(LINE.serror, level);
  }
  #setLine(line: number, level: boolean): void {
    const { state } = this;
    const pending = state.get32(STATE.PENDING);
    state.set32(STATE.PENDING, level ? pending | line : pending & ~line);
    if (level) this.#interruptRunLoop();
  }

  get retired(): number {
    if (this.#sliceStart === 0) return this.#retiredBefore;
    const { state } = this;
    const record = state.get32(STATE.RECORD);
    const left = state.get32(STATE.LIMIT) + state.get32(STATE.WITHHELD) - record - RECORD_BYTES;
    return this.#retiredBefore + this.#sliceStart - left / BUDGET_SCALE;
  }
  get statistics(): VcpuStatistics {
    return {
      retired: this.retired,
      exceptions: Number(this.state.get64(STATE.EXCEPTIONS)),
      tlbMisses: Number(this.state.get64(STATE.TLB_MISSES)) + this.mmu.misses,
      mmioAccesses: this.mmu.deviceAccesses,
      pagesDecoded: this.#parts.pages.count,
      instructionsDecoded: this.#instructionsDecoded,
    };
  }

  // What the run loop calls.

  /** The execute TLB can't be filled for `STATE.PC`: make its page one of code, or take the exception, or leave. */
  fetch(): void {
    const { state } = this;
    const pc = state.get64(STATE.PC);
    if (this.#misalignedPc(pc)) {
      this.#countFetchFault();
      return;
    }
    const va = vaOf(pc);
    if (this.debug.coversCode(va)) {
      state.set32(STATE.EXIT, state.get32(STATE.EXIT) | EXIT.debug);
      return;
    }
    const host = this.mmu.fetch(va);
    if (host === undefined) {
      this.#countFetchFault();
      return;
    }
    this.#parts.pages.recordsOf(host);
    // A page that only looks like one with a breakpoint is not filled by the run loop itself.
    if (this.debug.isActive) this.#fillFetch();
  }

  #misalignedPc(pc: bigint): boolean {
    if ((pc & 3n) === 0n) return false;
    this.state.takeSynchronous(syndrome(EC.pcAlignment, 0), pc, pc);
    return true;
  }

  /** A fault on a fetch uses up budget, or a vector that isn't mapped would never give the host back its thread. */
  #countFetchFault(): void {
    const { state } = this;
    state.set32(STATE.REMAINING, state.get32(STATE.REMAINING) - BUDGET_SCALE);
  }

  /** A record holds nothing yet: decodes from there on. */
  decode(record: number): void {
    const { state } = this;
    const { lines, onFirstExecution } = this.#parts;
    const records = state.get32(STATE.PAGE_RECORDS);
    if (onFirstExecution === undefined || state.el === 0) {
      this.#instructionsDecoded += lines.decode(record, records);
      return;
    }
    const decoded = lines.decode(record, records, 1);
    this.#instructionsDecoded += decoded;
    // The run loop goes on with this record.
    if (decoded > 0)
      onFirstExecution(this.index, state.get64(STATE.PAGE_VA) + BigInt((record - records) >> 2));
  }

  perform(operation: number, operand: number): number {
    return this.#parts.perform(this, operation, operand);
  }

  // What the MMU calls.

  stage2Tables(): Stage2Tables {
    if (this.#stage2 === undefined) throw new Error('no stage 2');
    return this.#stage2;
  }

  leaveAtWatchpoint(va: Va, write: boolean): boolean {
    if (this.retired === this.#watchedAt) return false;
    this.#watchedAt = this.retired;
    this.state.set32(STATE.MID_BLOCK, 1);
    this.leaveAt(this.currentPc(), { kind: 'debug', reason: 'watchpoint', va: vaAsBigint(va), write });
    return true;
  }

  readDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4): number {
    return device.read(ipa, sizeBytes, this);
  }
  writeDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4, value: number): void {
    device.write(ipa, sizeBytes, value, this);
  }

  // What system operations call.

  currentPc(): bigint {
    const { state } = this;
    const offset = (state.get32(STATE.RECORD) - state.get32(STATE.PAGE_RECORDS)) >> 2;
    return state.get64(STATE.PAGE_VA) + BigInt(offset);
  }

  opcodeAt(): number {
    const { state } = this;
    const record = state.get32(STATE.RECORD);
    const host = this.#parts.pages.hostOf(record);
    return this.#words[(host + ((record - state.get32(STATE.PAGE_RECORDS)) >> 2)) >>> 2] ?? 0;
  }

  leaveAt(pc: bigint, exit: VcpuExit): void {
    this.state.set64(STATE.PC, pc);
    const why = exit.kind === 'debug' ? EXIT.debug : EXIT.requested;
    this.state.set32(STATE.EXIT, this.state.get32(STATE.EXIT) | why);
    this.#exit = exit;
  }

  cluster(): readonly VcpuCore[] {
    return this.#parts.vcpus;
  }

  /** SEV: to every vCPU. */
  signalEvent(): void {
    for (const { state } of this.#parts.vcpus) state.set32(STATE.EVENT, 1);
  }

  reportUndefined(pc: bigint): void {
    this.#undefinedReports.add(pc, this.opcodeAt());
  }

  /** Asks the machine for a register that isn't ours; a read has no value. */
  askPort(key: number, value: bigint | undefined): bigint | 'done' | 'trap' | 'undefined' {
    const { port } = this.#parts;
    if (port === undefined) return 'undefined';
    const register = decodeKey(key);
    return value === undefined ? port.read(this, register) : port.write(this, register, value);
  }

  /** Whether a control register lets EL0 touch what it otherwise may not. */
  el0Allowed(name: string): boolean {
    return this.#hooks.el0Allowed(name);
  }
  readHooked(name: string): bigint {
    return this.#hooks.read(name);
  }
  writeHooked(name: string, value: bigint): void {
    this.#hooks.write(name, value);
  }
  /** CNTPCT_EL0 at this moment. */
  physicalCount(): bigint {
    return this.#parts.counter.count(this, this.retired);
  }
  /** A debug register was written: what TLBs and the run loop took for granted may not hold any more. */
  debugWritten(): void {
    const { code, data } = this.debug.update();
    if (code) this.tlb.invalidateExecution();
    if (data) this.tlb.invalidateAll();
    if (this.#running) this.state.set32(STATE.EXIT, this.state.get32(STATE.EXIT) | EXIT.debug);
  }
  timerWritten(): void {
    this.onTimerWritten?.(this);
  }

  // The public side.

  get mpidr(): bigint {
    return this.#mpidr;
  }
  set mpidr(value: bigint) {
    this.#mpidr = value;
    this.state.setSystem('MPIDR_EL1', value);
  }

  get stage2(): Stage2 | undefined {
    return this.#stage2;
  }
  set stage2(value: Stage2 | undefined) {
    if (value !== undefined && !(value instanceof Stage2Tables)) {
      throw new TypeError("this stage 2 isn't one that createStage2 made");
    }
    this.#stage2 = value;
    this.#place();
  }

  get pc(): bigint {
    return this.#running ? this.currentPc() : this.state.get64(STATE.PC);
  }
  set pc(value: bigint) {
    this.state.set64(STATE.PC, BigInt.asUintN(64, value));
  }
  reset(): void {
    const { state } = this;
    for (let offset = 0; offset < STATE.SYSTEM; offset += 8) state.set64(offset, 0n);
    for (const register of SYSTEM_REGISTERS) state.set64(register.cell, register.reset);
    state.setSystem('MPIDR_EL1', this.#mpidr);
    state.setSystem('CNTFRQ_EL0', BigInt(this.#parts.counter.frequencyHz));
    if (this.#parts.gicSystemRegisters) {
      state.setSystem('ID_AA64PFR0_EL1', state.system('ID_AA64PFR0_EL1') | (1n << 24n));
    }
    state.set64(STATE.Z, 1n);
    state.set32(STATE.EL, 1);
    state.set32(STATE.SPSEL, 1);
    state.set32(STATE.DAIF, SPSR.DAIF);
    this.#place();
  }

  /** Makes what the state says of this cluster's memory true; the TLBs are empty. */
  #place(): void {
    const { state } = this;
    const { map } = this.#parts;
    const [first = 0] = map.vcpus;
    state.set32(STATE.STAGE2, this.#stage2?.root ?? 0);
    state.set32(STATE.PAGE_TABLE, map.pageTable);
    state.set32(STATE.FIRST_VCPU, first);
    state.set32(STATE.VCPUS_END, first + map.vcpus.length * VCPU_BYTES);
    this.tlb.invalidateAll();
    this.#watchedAt = -1;
    this.#exit = undefined;
    this.#stepper.forget();
    this.#hooks.chooseAddressSpace();
    state.modeChanged();
    this.debug.update();
  }

  get virtualTimer(): TimerState {
    return this.#hooks.virtual.snapshot(this.#hooks.virtualOffset);
  }
  get physicalTimer(): TimerState {
    return this.#hooks.physical.snapshot(0n);
  }
  setVirtualOffset(offset: bigint): void {
    this.#hooks.virtualOffset = offset;
  }

  setDebugPoints(points: DebugPoints): void {
    this.debug.external.set(points);
    this.debugWritten();
  }

  locate(va: bigint): number | undefined {
    if (this.#stage2 === undefined) return undefined;
    for (const requester of [REQUESTER.el1, REQUESTER.el0]) {
      const found = this.mmu.probe(vaOf(va), 'read', requester);
      if ('entry' in found) return found.ipa + Number(va & BigInt(PAGE_BYTES - 1));
    }
    return undefined;
  }

  translate(va: bigint, access: AccessKind): { readonly ipa: number } | undefined {
    if (this.#stage2 === undefined) return undefined;
    const { state } = this;
    const ofEl1 = state.get32(STATE.PAN) !== 0 ? REQUESTER.el1Pan : REQUESTER.el1;
    const found = this.mmu.probe(vaOf(va), access, state.el === 0 ? REQUESTER.el0 : ofEl1);
    return 'entry' in found ? { ipa: found.ipa + Number(va & BigInt(PAGE_BYTES - 1)) } : undefined;
  }

  /** The architectural state; where its code lies and what its TLBs hold is found again. */
  get saved(): Saved {
    return savedParts(
      {
        state: this.state.saved,
        retired: kept(
          shape.whole,
          () => this.#retiredBefore,
          (value) => {
            this.#retiredBefore = value;
          },
        ),
        virtualOffset: kept(
          shape.long,
          () => BigInt.asUintN(64, this.#hooks.virtualOffset),
          (value) => {
            this.#hooks.virtualOffset = value;
          },
        ),
        mpidr: kept(
          shape.long,
          () => BigInt.asUintN(64, this.#mpidr),
          (value) => {
            this.#mpidr = value;
          },
        ),
      },
      () => {
        this.#place();
      },
    );
  }
}
