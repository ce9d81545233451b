/** The system registers whose reads or writes do something beyond their cell (`hook` in `registers.ts`). */
import type { VcpuState } from '../core/vcpu-state.ts';
import { STATE } from '../state.ts';
import type { Tlb } from '../translation/tlb.ts';
import { SPSR } from './pstate.ts';
import { systemRegister } from './registers.ts';
import { Timer } from './timer.ts';

/** What the registers reach beyond themselves. */
export interface HookOwner {
  readonly state: VcpuState;
  readonly tlb: Tlb;
  physicalCount(): bigint;
  timerWritten(): void;
  debugWritten(): void;
}

/** FPCR: AHP, DN, FZ, RMode. Trapped exceptions, FZ16 and the rest are not implemented (RES0). */
const FPCR_WRITABLE = 0x07c0_0000n;
/** FPSR: QC and the cumulative flags. */
const FPSR_WRITABLE = 0x0800_009fn;
/** TTBR: what isn't ASID or CnP. */
const TABLE_BASE = 0xffff_ffff_fffen;
/** TCR_EL1.A1: the ASID is TTBR1_EL1's. */
const TCR_A1 = 1n << 22n;
const ASID_SHIFT = 48n;
/** OSLSR_EL1: OSLM, and OSLK. */
const OSLM = 8n;
const OSLK_SHIFT = 1n;
const NZCV = 0xf000_0000n;
const PAN_SHIFT = BigInt(SPSR.PAN_SHIFT);

export class HookedRegisters {
  readonly virtual: Timer;
  readonly physical: Timer;
  /** CNTVOFF_EL2. */
  virtualOffset = 0n;
  readonly #owner: HookOwner;

  constructor(owner: HookOwner) {
    this.#owner = owner;
    this.virtual = new Timer(owner.state, 'V');
    this.physical = new Timer(owner.state, 'P');
  }

  /** Whether a control register lets EL0 touch what it otherwise may not. */
  el0Allowed(name: string): boolean {
    const { state } = this.#owner;
    const sctlr = (bit: bigint): boolean => ((state.system('SCTLR_EL1') >> bit) & 1n) === 1n;
    const timers = (bit: bigint): boolean => ((state.system('CNTKCTL_EL1') >> bit) & 1n) === 1n;
    if (name === 'CTR_EL0') return sctlr(15n);
    if (name === 'DAIF') return sctlr(9n);
    if (name === 'CNTPCT_EL0') return timers(0n);
    if (name === 'CNTVCT_EL0') return timers(1n);
    if (name === 'CNTFRQ_EL0') return timers(0n) || timers(1n);
    return timers(name.startsWith('CNTV') ? 8n : 9n);
  }

  #virtualCount(): bigint {
    return BigInt.asUintN(64, this.#owner.physicalCount() - this.virtualOffset);
  }

  read(name: string): bigint {
    const { state } = this.#owner;
    switch (name) {
      case 'CNTVCT_EL0':
        return this.#virtualCount();
      case 'CNTPCT_EL0':
        return this.#owner.physicalCount();
      case 'CNTV_CTL_EL0':
        return this.virtual.control(this.#virtualCount());
      case 'CNTP_CTL_EL0':
        return this.physical.control(this.#owner.physicalCount());
      case 'CNTV_TVAL_EL0':
        return this.virtual.timerValue(this.#virtualCount());
      case 'CNTP_TVAL_EL0':
        return this.physical.timerValue(this.#owner.physicalCount());
      case 'CURRENTEL':
        return BigInt(state.el << 2);
      case 'SPSEL':
        return BigInt(state.get32(STATE.SPSEL));
      case 'PAN':
        return BigInt(state.get32(STATE.PAN)) << PAN_SHIFT;
      case 'DAIF':
        return BigInt(state.get32(STATE.DAIF));
      case 'NZCV':
        return BigInt(state.pstate) & NZCV;
      case 'FPCR':
        return BigInt(state.get32(STATE.FPCR) >>> 0);
      case 'FPSR':
        return BigInt(state.get32(STATE.FPSR) >>> 0);
      case 'ISR_EL1':
        return BigInt(state.get32(STATE.PENDING));
      default:
        throw new Error(`${name} has no hook`);
    }
  }

  write(name: string, value: bigint): void {
    const { state, tlb } = this.#owner;
    const cell = systemRegister(name).cell;
    switch (name) {
      case 'SCTLR_EL1':
      case 'CPACR_EL1':
      case 'TCR_EL1':
        state.set64(cell, value);
        if (name !== 'CPACR_EL1') tlb.invalidateAll();
        if (name === 'TCR_EL1') this.chooseAddressSpace();
        state.modeChanged();
        return;
      case 'TTBR0_EL1':
      case 'TTBR1_EL1':
        this.#writeTableBase(name, cell, value);
        return;
      case 'SPSEL':
        state.setLevel(1, Number(value & 1n));
        return;
      case 'PAN':
        state.setPan(Number((value >> PAN_SHIFT) & 1n));
        return;
      case 'DAIF':
        state.set32(STATE.DAIF, Number(value & BigInt(SPSR.DAIF)));
        return;
      case 'NZCV':
        state.pstate = Number((BigInt(state.pstate) & ~NZCV) | (value & NZCV));
        return;
      case 'FPCR':
        state.set32(STATE.FPCR, Number(value & FPCR_WRITABLE));
        return;
      case 'FPSR':
        state.set32(STATE.FPSR, Number(value & FPSR_WRITABLE));
        return;
      case 'OSLAR_EL1':
        state.setSystem('OSLSR_EL1', OSLM | ((value & 1n) << OSLK_SHIFT));
        this.#owner.debugWritten();
        return;
      default:
        if (name.startsWith('CNT')) {
          this.#writeTimer(name, value);
          return;
        }
        // MDSCR_EL1, and the breakpoints' and watchpoints' own.
        state.set64(cell, value);
        this.#owner.debugWritten();
    }
  }

  #writeTimer(name: string, value: bigint): void {
    const timer = name.startsWith('CNTV') ? this.virtual : this.physical;
    const now = name.startsWith('CNTV') ? this.#virtualCount() : this.#owner.physicalCount();
    if (name.endsWith('_CTL_EL0')) timer.setControl(value);
    else if (name.endsWith('_CVAL_EL0')) timer.setCompare(value);
    else timer.setTimerValue(now, value);
    this.#owner.timerWritten();
  }

  /** After whatever says which address space is in use: EL0's TLB is that of the table and the ASID. */
  chooseAddressSpace(): void {
    const { state, tlb } = this.#owner;
    const tableBase = state.system('TTBR0_EL1');
    const fromUpper = (state.system('TCR_EL1') & TCR_A1) !== 0n;
    const asid = (fromUpper ? state.system('TTBR1_EL1') : tableBase) >> ASID_SHIFT;
    tlb.choose(tableBase, asid);
  }

  /** An ASID alone that changes leaves what is global: the kernel's half. */
  #writeTableBase(name: string, cell: number, value: bigint): void {
    const { state, tlb } = this.#owner;
    const before = state.get64(cell);
    state.set64(cell, value);
    if (before === value) return;
    if (name === 'TTBR1_EL1' && (before & TABLE_BASE) !== (value & TABLE_BASE)) tlb.invalidateAll();
    else tlb.invalidateLowerHalfOfEl1();
    this.chooseAddressSpace();
    state.modeChanged();
  }
}
