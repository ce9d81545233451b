/** One vCPU: its state, its MMU, and what the run loop calls. `contract.ts` says what its public side means. */
import { kept, type Saved, savedParts, shape } from '../../base/index.ts';
import type {
  AccessKind,
  DebugPoints,
  MmioDevice,
  Stage2,
  Stage2FaultExit,
  SystemCounter,
  SystemRegisterPort,
  TimerState,
  UndefinedInstruction,
  Vcpu,
  VcpuExit,
  VcpuStatistics,
} from '../contract.ts';
import type { Decoder } from '../decoder.ts';
import { EXIT, RECORD_BYTES, STATE, VCPU_BYTES } from '../state.ts';
import { Debug } from '../system/debug.ts';
import { EC, LINE, syndrome } from '../system/exceptions.ts';
import { HookedRegisters } from '../system/hooked-registers.ts';
import { SPSR } from '../system/pstate.ts';
import { decodeKey, SYSTEM_REGISTERS, systemRegister } from '../system/registers.ts';
import { FAULT_STATUS, REQUESTER, type Va } from '../translation/stage1.ts';
import { Stage2Tables } from '../translation/stage2.ts';
import { Tlb } from '../translation/tlb.ts';
import type { AccessDescription } from './access.ts';
import type { Routines } from './core.ts';
import type { DecodedPages } from './decoded-pages.ts';
import type { LineDecoder } from './line-decoder.ts';
import type { MemoryMap } from './memory-map.ts';
import { Mmu, type MmuOwner, type Refusal, vaAsBigint, vaOf } from './mmu.ts';
import { type StepOwner, Stepper } from './stepper.ts';
import { accessSyndrome, syndromeBits } from './syndrome.ts';
import { VcpuState } from './vcpu-state.ts';

/** A limit below every record's address. */
const NO_LIMIT = -0x4000_0000;
/** The longest stay in the run loop: limits are record addresses plus sixteen times the budget, within 31 bits. */
const SLICE = 1 << 22;
const BUDGET_SCALE = RECORD_BYTES;
const WNR = 1 << 6;
const S1PTW = 1 << 7;
const PAGE_BYTES = 0x1000;
/** More instructions than the run loop may run beyond a budget: a page of them is a block at most. */
const BLOCK_LIMIT = 1100;

/** What all vCPUs of a cluster share. */
export interface ClusterParts {
  readonly memory: ArrayBuffer;
  readonly map: MemoryMap;
  readonly pages: DecodedPages;
  readonly lines: LineDecoder;
  readonly decoder: Decoder;
  readonly routines: Routines & { run(base: number): void };
  readonly vcpus: readonly VcpuCore[];
  /** What instructions ask of the TypeScript around the run loop. */
  readonly perform: (vcpu: VcpuCore, operation: number, operand: number) => number;
  readonly counter: SystemCounter;
  readonly port: SystemRegisterPort | undefined;
  readonly gicSystemRegisters: boolean;
  readonly onUndefined: ((instruction: UndefinedInstruction) => void) | undefined;
}

export class VcpuCore implements Vcpu, MmuOwner, StepOwner {
  readonly index: number;
  readonly state: VcpuState;
  readonly tlb: Tlb;
  readonly mmu: Mmu;
  readonly debug: Debug;
  readonly #parts: ClusterParts;
  readonly #words: Uint32Array;
  readonly #hooks: HookedRegisters;
  readonly #stepper: Stepper;
  readonly #undefinedSeen = new Set<string>();
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

  constructor(index: number, base: number, parts: ClusterParts) {
    this.index = index;
    this.#parts = parts;
    this.state = new VcpuState(parts.memory, base, parts.routines);
    this.tlb = new Tlb(parts.memory, base);
    this.mmu = new Mmu(this, parts.pages, parts.routines, parts.memory);
    this.#words = new Uint32Array(parts.memory);
    this.debug = new Debug(this.state);
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
    this.#instructionsDecoded += this.#parts.lines.decode(record, this.state.get32(STATE.PAGE_RECORDS));
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

  perform(operation: number, operand: number): number {
    return this.#parts.perform(this, operation, operand);
  }

  // What the MMU calls.

  stage2Tables(): Stage2Tables {
    if (this.#stage2 === undefined) throw new Error('no stage 2');
    return this.#stage2;
  }

  watchpoint(va: Va, write: boolean): void {
    const { state } = this;
    const ec = EC.watchpoint + (state.el === 0 ? 0 : 1);
    const iss = FAULT_STATUS.debug | (write ? WNR : 0);
    state.takeSynchronous(syndrome(ec, iss), this.currentPc(), vaAsBigint(va));
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

  // What system operations call.

  /** The address of the instruction that is running. */
  currentPc(): bigint {
    const { state } = this;
    const offset = (state.get32(STATE.RECORD) - state.get32(STATE.PAGE_RECORDS)) >> 2;
    return state.get64(STATE.PAGE_VA) + BigInt(offset);
  }

  /** The opcode of the instruction that is running. */
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
    const report = this.#parts.onUndefined;
    if (report === undefined) return;
    const opcode = this.opcodeAt();
    const key = `${pc}:${opcode}`;
    if (this.#undefinedSeen.has(key)) return;
    this.#undefinedSeen.add(key);
    const decoded = this.#parts.decoder.decode(opcode);
    const assembly = decoded?.definition.assembly(decoded.fields, pc);
    report({ vcpuIndex: this.index, pc, opcode, assembly });
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
  get pc(): bigint {
    return this.#running ? this.currentPc() : this.state.get64(STATE.PC);
  }
  set pc(value: bigint) {
    this.state.set64(STATE.PC, BigInt.asUintN(64, value));
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
