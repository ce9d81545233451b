/**
 * Self-hosted debug of Armv8.0 (Arm ARM DDI 0487 D2): which hardware breakpoints and watchpoints are set, and when debug
 * exceptions and software step are enabled. The registers are decoded when they are written, so that the run loop has nothing to
 * ask: pages with a breakpoint are in no TLB for execution and pages with a watchpoint in none for data, and what happens in them
 * is looked at one by one (`core/stepper.ts`, `core/mmu.ts`).
 *
 * A debugger outside the guest has points of its own beside them (`external-points.ts`).
 *
 * Left out: AArch32's halfword addresses and vector catch. All addresses are compared in bits 48
 * to 2 (to 0 for watchpoints), as DBGBVR and DBGWVR have them.
 */
import type { VcpuState } from '../core/vcpu-state.ts';
import { STATE, STEP } from '../state.ts';
import type { Va } from '../translation/stage1.ts';
import { addressOf, EVERYWHERE, keyOf, pageBits, pageOf, type Stretch } from './debug-address.ts';
import { ExternalPoints } from './external-points.ts';
import { BREAKPOINTS, CONTEXT_BREAKPOINTS, WATCHPOINTS } from './registers.ts';

/** MDSCR_EL1 (D17.3.20). */
const MDSCR = { SS: 1n << 0n, KDE: 1n << 13n, MDE: 1n << 15n } as const;
/** OSLSR_EL1.OSLK. */
const OSLK = 1n << 1n;
/** PSTATE.D in DAIF's place. */
const MASKED = 0x200;
/** DBGBCR.BT and DBGWCR.WT without the bit that says "linked". */
const TYPE = { address: 0, context: 1 } as const;
const SECURE_ONLY = 2;
const INSTRUCTION_BYTES = 4;

interface Match {
  /** Bit 0: at EL1, bit 1: at EL0. */
  readonly levels: number;
  /** CONTEXTIDR_EL1, where a linked breakpoint asks for one. */
  readonly context: number | undefined;
}

interface Breakpoint extends Match {
  /** Bits 48 to 2 of the address; `undefined` for one that goes by the context alone. */
  readonly address: number | undefined;
}

interface Watchpoint extends Match {
  readonly loads: boolean;
  readonly stores: boolean;
  readonly start: number;
  readonly end: number;
}

export class Debug {
  /** Whether anything here could come to something: else nobody needs to ask. */
  isActive = false;
  /** Those of a debugger outside; {@link update} is to be called after a change. */
  readonly external = new ExternalPoints();
  #breakpoints: readonly Breakpoint[] = [];
  #watchpoints: readonly Watchpoint[] = [];
  #covered = { code: false, data: false };
  readonly #state: VcpuState;

  constructor(state: VcpuState) {
    this.#state = state;
  }

  /** After a write to one of the registers. What TLBs hold may be wrong then: `code` and `data` say whether. */
  update(): { readonly code: boolean; readonly data: boolean } {
    const before = this.#covered;
    const mdscr = this.#state.system('MDSCR_EL1');
    const isLocked = (this.#state.system('OSLSR_EL1') & OSLK) !== 0n;
    const on = (bit: bigint): boolean => !isLocked && (mdscr & bit) !== 0n;
    this.#breakpoints = on(MDSCR.MDE) ? this.#decodeBreakpoints() : [];
    this.#watchpoints = on(MDSCR.MDE) ? this.#decodeWatchpoints() : [];
    const step = (on(MDSCR.SS) ? STEP.on : 0) | (on(MDSCR.KDE) ? STEP.kernel : 0);
    this.#state.set32(STATE.STEP, step);
    const { code, data } = this.external;
    const own = this.#breakpoints.map(({ address }) => stretch(address));
    this.#state.set64(STATE.BREAK_PAGES, pageBits([...own, ...code]));
    this.#state.set64(STATE.WATCH_PAGES, pageBits([...this.#watchpoints, ...data]));
    this.#covered = {
      code: own.length + code.length > 0,
      data: this.#watchpoints.length + data.length > 0,
    };
    this.isActive = this.#covered.code || this.#covered.data || on(MDSCR.SS);
    return { code: before.code || this.#covered.code, data: before.data || this.#covered.data };
  }

  /** Whether software step may be under way at this level, whatever PSTATE.D is. */
  get maySingleStep(): boolean {
    const { el } = this.#state;
    const step = this.#state.get32(STATE.STEP);
    return (step & STEP.on) !== 0 && (el === 0 || (step & STEP.kernel) !== 0);
  }

  get isSingleStepping(): boolean {
    return this.maySingleStep && this.#areExceptionsEnabled;
  }

  /** Whether a breakpoint is somewhere in the page of a PC. */
  coversCode(pc: Va): boolean {
    return this.external.coversCode(pc) || this.ownCoversCode(pc);
  }

  /** Whether one of the guest's is. */
  ownCoversCode(pc: Va): boolean {
    if (this.#breakpoints.length === 0) return false;
    const page = pageOf(keyOf(pc));
    return this.#breakpoints.some(({ address }) => address === undefined || pageOf(address) === page);
  }

  isBreakpoint(pc: Va): boolean {
    if (this.#breakpoints.length === 0 || !this.#areExceptionsEnabled) return false;
    const address = keyOf(pc);
    const { el } = this.#state;
    return this.#breakpoints.some(
      (breakpoint) =>
        (breakpoint.address === undefined || breakpoint.address === address) && this.#matches(breakpoint, el),
    );
  }

  /** How many bytes into an access its first watched byte lies; `undefined` where there is none. */
  watchedAt(va: Va, sizeBytes: number, write: boolean, unprivileged: boolean): number | undefined {
    if (this.#watchpoints.length === 0 || !this.#areExceptionsEnabled) return undefined;
    const from = keyOf(va);
    const el = unprivileged ? 0 : this.#state.el;
    const hits = this.#watchpoints
      .filter((watchpoint) => (write ? watchpoint.stores : watchpoint.loads) && this.#matches(watchpoint, el))
      .filter(({ start, end }) => start < from + sizeBytes && end > from)
      .map(({ start }) => Math.max(0, start - from));
    return hits.length === 0 ? undefined : Math.min(...hits);
  }

  /** Debug exceptions go to EL1: from there only with MDSCR_EL1.KDE and PSTATE.D clear (D2.5). */
  get #areExceptionsEnabled(): boolean {
    const { el } = this.#state;
    if (el === 0) return true;
    const isKernelOn = (this.#state.get32(STATE.STEP) & STEP.kernel) !== 0;
    return isKernelOn && (this.#state.get32(STATE.DAIF) & MASKED) === 0;
  }

  #matches({ levels, context }: Match, el: number): boolean {
    if ((levels & (el === 0 ? 2 : 1)) === 0) return false;
    return context === undefined || context === Number(this.#state.system('CONTEXTIDR_EL1') & 0xffff_ffffn);
  }

  #decodeBreakpoints(): readonly Breakpoint[] {
    return range(BREAKPOINTS).flatMap((index): readonly Breakpoint[] => {
      const control = Number(this.#state.system(`DBGBCR${index}_EL1`) & 0xffff_ffffn);
      const value = this.#state.system(`DBGBVR${index}_EL1`);
      const { enabled, levels } = decodeControl(control);
      const type = (control >>> 21) & 7;
      const isLinked = ((control >>> 20) & 1) === 1;
      if (!enabled) return [];
      if (type === TYPE.context) {
        // A linked one is what others refer to.
        const canCompare = index >= BREAKPOINTS - CONTEXT_BREAKPOINTS;
        return isLinked || !canCompare ? [] : [{ levels, context: contextOf(value), address: undefined }];
      }
      if (type !== TYPE.address) return [];
      const context = isLinked ? this.#linkedContext(control) : undefined;
      if (isLinked && context === undefined) return [];
      return [{ levels, context, address: addressOf(value & ~3n) }];
    });
  }

  #decodeWatchpoints(): readonly Watchpoint[] {
    return range(WATCHPOINTS).flatMap((index): readonly Watchpoint[] => {
      const control = Number(this.#state.system(`DBGWCR${index}_EL1`) & 0xffff_ffffn);
      const base = addressOf(this.#state.system(`DBGWVR${index}_EL1`) & ~3n);
      const { enabled, levels } = decodeControl(control);
      if (!enabled) return [];
      const isLinked = ((control >>> 20) & 1) === 1;
      const context = isLinked ? this.#linkedContext(control) : undefined;
      if (isLinked && context === undefined) return [];
      const loads = ((control >>> 3) & 1) === 1;
      const stores = ((control >>> 4) & 1) === 1;
      const mask = (control >>> 24) & 31;
      const stretches =
        mask >= 3 ? [[0, 2 ** mask] as const] : stretchesOf((control >>> 5) & 0xff, base % 8 === 4 ? 4 : 8);
      const start = mask >= 3 ? base - (base % 2 ** mask) : base;
      return stretches.map(([from, to]) => ({
        levels,
        context,
        loads,
        stores,
        start: start + from,
        end: start + to,
      }));
    });
  }

  /** What the context-aware breakpoint that a control register links to compares; `undefined` where it is none. */
  #linkedContext(control: number): number | undefined {
    const index = (control >>> 16) & 15;
    if (index >= BREAKPOINTS || index < BREAKPOINTS - CONTEXT_BREAKPOINTS) return undefined;
    const linked = Number(this.#state.system(`DBGBCR${index}_EL1`) & 0xffff_ffffn);
    const isLinkedContext = ((linked >>> 20) & 15) === TYPE.context * 2 + 1;
    if ((linked & 1) === 0 || !isLinkedContext) return undefined;
    return contextOf(this.#state.system(`DBGBVR${index}_EL1`));
  }
}

/** E, PMC or PAC, and SSC, which breakpoints and watchpoints have at the same places. */
function decodeControl(control: number): { readonly enabled: boolean; readonly levels: number } {
  const enabled = (control & 1) === 1 && ((control >>> 14) & 3) !== SECURE_ONLY;
  return { enabled, levels: (control >>> 1) & 3 };
}

/** Runs of set bits in a byte address select. */
function stretchesOf(select: number, count: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let bit = 0; bit < count; bit += 1) {
    if (((select >>> bit) & 1) === 0) continue;
    const last = found.at(-1);
    if (last?.[1] === bit) last[1] = bit + 1;
    else found.push([bit, bit + 1]);
  }
  return found;
}

function contextOf(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

/** What a breakpoint covers; one that goes by the context covers everything. */
function stretch(address: number | undefined): Stretch {
  return address === undefined ? EVERYWHERE : { start: address, end: address + INSTRUCTION_BYTES };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
