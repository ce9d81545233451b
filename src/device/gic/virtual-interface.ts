/**
 * The virtual CPU interface: list registers, priorities and what a guest's acknowledge and end-of-interrupt do to them.
 * One for each vCPU; GICV (version 2) and the ICC_* system registers (version 3) are two faces of it. After the GIC
 * architecture specification version 2 (IHI 0048B §5) and versions 3 and 4 (IHI 0069H §6.3), with four list registers, 32
 * priority levels and 10-bit interrupt identifiers, as the GIC-400 and GIC-500 have. Left out: list registers joined to a
 * physical interrupt (HW), which seL4 doesn't use, and LPIs.
 */
import { type Intid, kept, keptCells, keptMembers, type Saved, savedParts, shape } from '../../base/index.ts';

/** GIC's groups: 0 comes as FIQ, 1 as IRQ. */
export type InterruptGroup = 0 | 1;

/** GICH_LR<n>.State (IHI 0048B §5.3.9). */
export const LR_STATE = { INVALID: 0, PENDING: 1, ACTIVE: 2, PENDING_AND_ACTIVE: 3 } as const;

/** A list register's state (IHI 0048B §5.3.8). */
export type LrState = (typeof LR_STATE)[keyof typeof LR_STATE];

const LIST_REGISTER_SHAPE = shape.record({
  state: shape.oneOf(0, 1, 2, 3),
  virtualId: shape.upTo(1023),
  priority: shape.u8,
  group: shape.oneOf(0, 1),
  eoi: shape.flag,
});

/** A list register: an interrupt that the hypervisor has given to the guest. */
export interface ListRegister {
  state: LrState;
  virtualId: number;
  /** Eight bits, of which the upper five count. */
  priority: number;
  group: InterruptGroup;
  /** Ask for a maintenance interrupt when the guest ends this one. */
  eoi: boolean;
}

/** How many list registers the interface has, and so how many interrupts a guest is given at once. */
export const LIST_REGISTER_COUNT = 4;
/** What an acknowledge gives when there is nothing to take (IHI 0048B §3.2.5). */
export const SPURIOUS_INTID = 1023;
/** GICV_IAR for a pending interrupt of group 1 that this register may not take. */
const GROUP1_SPURIOUS_INTID = 1022;
const FIRST_SPECIAL_INTID = 1020;
const PRIORITY_MASK = 0xf8;
const IDLE_PRIORITY = 0xff;
const LEVEL_SHIFT = 3;
/** The smallest binary point for 32 levels: all five bits tell groups apart (IHI 0048B §5.3.6, VMCR). */
const MIN_BINARY_POINT = 2;

/** The CPU interface behind GICV or `ICC_*`: list registers in, IRQ and FIQ out. */
export class VirtualCpuInterface {
  readonly listRegisters: ListRegister[] = Array.from({ length: LIST_REGISTER_COUNT }, emptyListRegister);
  /** GICV_CTLR.EnableGrp0 and EnableGrp1, or ICC_IGRPEN0_EL1 and ICC_IGRPEN1_EL1. */
  readonly groupEnabled: [boolean, boolean] = [false, false];
  /** GICV_CTLR.AckCtl: GICV_IAR takes group 1 too. */
  ackCtl = false;
  /** GICV_CTLR.FIQEn: group 0 is an FIQ. Always so with system registers. */
  fiqEnable = false;
  /** GICV_CTLR.CBPR: one binary point for both groups. */
  commonBinaryPoint = false;
  /** EOImode: the end of an interrupt only drops the priority; DIR deactivates. */
  splitEoi = false;
  /** Called after anything that may have changed {@link irq}, {@link fiq} or {@link maintenancePending}. */
  onChange: () => void = () => {};
  #priorityMask = 0;
  readonly #binaryPoint: [number, number] = [MIN_BINARY_POINT, MIN_BINARY_POINT + 1];
  /** The active priority levels of each group, one bit each. */
  readonly #active: [number, number] = [0, 0];

  get priorityMask(): number {
    return this.#priorityMask;
  }

  set priorityMask(value: number) {
    this.#priorityMask = value & PRIORITY_MASK;
    this.onChange();
  }

  binaryPoint(group: InterruptGroup): number {
    return this.#binaryPoint[group];
  }

  setBinaryPoint(group: InterruptGroup, value: number): void {
    this.#binaryPoint[group] = Math.max(MIN_BINARY_POINT + group, value & 7);
    this.onChange();
  }

  enableGroup(group: InterruptGroup, enabled: boolean): void {
    this.groupEnabled[group] = enabled;
    this.onChange();
  }

  /** Puts an interrupt into list register `index`, in the place of what it holds. Of the priority the lower bits are not there. */
  load(index: number, content: Omit<ListRegister, 'state'>): void {
    const priority = content.priority & PRIORITY_MASK;
    this.listRegisters[index] = { ...content, priority, state: LR_STATE.PENDING };
    this.onChange();
  }

  /** The line of a pending interrupt has fallen before the guest took it: as if it had been ended. */
  takeBack(virtualId: number): void {
    const register = this.listRegisters.find(
      (each) => each.state === LR_STATE.PENDING && each.virtualId === virtualId,
    );
    if (register === undefined) return;
    register.state = LR_STATE.INVALID;
    this.onChange();
  }

  /** List registers whose interrupt the guest has ended and asked to be told of: GICH_EISR (IHI 0048B §5.3.7). */
  get ended(): readonly number[] {
    return this.listRegisters.flatMap(({ state, eoi }, index) =>
      state === LR_STATE.INVALID && eoi ? [index] : [],
    );
  }

  get maintenancePending(): boolean {
    return this.listRegisters.some(({ state, eoi }) => state === LR_STATE.INVALID && eoi);
  }

  /** Tells the interface that the maintenance of a list register has been seen. */
  clearEnded(index: number): void {
    const register = this.listRegisters[index];
    if (register !== undefined) register.eoi = false;
  }

  get irq(): boolean {
    const candidate = this.#candidate();
    return candidate !== undefined && this.#signals(candidate) && (candidate.group === 1 || !this.fiqEnable);
  }

  get fiq(): boolean {
    const candidate = this.#candidate();
    return candidate !== undefined && this.#signals(candidate) && candidate.group === 0 && this.fiqEnable;
  }

  /** The priority of the most urgent active interrupt (GICV_RPR, ICC_RPR_EL1). */
  get runningPriority(): number {
    const active = this.#active[0] | this.#active[1];
    return active === 0 ? IDLE_PRIORITY : lowestBit(active) << LEVEL_SHIFT;
  }

  /** GICV_HPPIR and ICC_HPPIR<g>_EL1: what would be taken, priorities aside. */
  highestPending(group: InterruptGroup | 'any'): number {
    const candidate = this.#candidate();
    return candidate === undefined ? SPURIOUS_INTID : this.#identify(candidate, group);
  }

  /** Takes the most urgent interrupt: its identifier, or a special one (IHI 0048B §4.4.4, §5.5.4). */
  acknowledge(group: InterruptGroup | 'any'): number {
    const candidate = this.#candidate();
    if (candidate === undefined || !this.#signals(candidate)) return SPURIOUS_INTID;
    const intid = this.#identify(candidate, group);
    if (intid >= FIRST_SPECIAL_INTID) return intid;
    candidate.state = LR_STATE.ACTIVE;
    this.#active[candidate.group] |= 1 << (this.#groupPriority(candidate) >> LEVEL_SHIFT);
    this.#active[candidate.group] >>>= 0;
    this.onChange();
    return intid;
  }

  /** The guest ends an interrupt: priority drop, and deactivation unless EOImode splits them (IHI 0048B §5.5.5). */
  end(intid: Intid, group: InterruptGroup | 'any'): void {
    if (intid >= FIRST_SPECIAL_INTID) return;
    this.#dropPriority(group);
    if (!this.splitEoi) this.#deactivate(intid);
    this.onChange();
  }

  /** GICV_DIR, ICC_DIR_EL1; without EOImode it is UNPREDICTABLE, and ignored here. */
  deactivate(intid: Intid): void {
    if (intid >= FIRST_SPECIAL_INTID || !this.splitEoi) return;
    this.#deactivate(intid);
    this.onChange();
  }

  activePriorities(group: InterruptGroup | 'any'): number {
    return group === 'any' ? (this.#active[0] | this.#active[1]) >>> 0 : this.#active[group];
  }

  setActivePriorities(group: InterruptGroup, levels: number): void {
    this.#active[group] = levels >>> 0;
    this.onChange();
  }

  reset(): void {
    this.listRegisters.splice(
      0,
      LIST_REGISTER_COUNT,
      ...Array.from({ length: LIST_REGISTER_COUNT }, emptyListRegister),
    );
    this.groupEnabled.fill(false);
    this.ackCtl = false;
    this.commonBinaryPoint = false;
    this.splitEoi = false;
    this.#priorityMask = 0;
    this.#binaryPoint.splice(0, 2, MIN_BINARY_POINT, MIN_BINARY_POINT + 1);
    this.#active.fill(0);
    this.onChange();
  }

  get saved(): Saved {
    const { listRegisters, groupEnabled } = this;
    return savedParts(
      {
        listRegisters: kept(
          shape.listOf(LIST_REGISTER_COUNT, LIST_REGISTER_SHAPE),
          () => listRegisters.map((register) => ({ ...register })),
          (registers) => {
            for (const [index, register] of registers.entries()) listRegisters[index] = { ...register };
          },
        ),
        groupEnabled: keptCells<boolean>(groupEnabled, shape.flag),
        ...keptMembers(this, {
          ackCtl: shape.flag,
          fiqEnable: shape.flag,
          commonBinaryPoint: shape.flag,
          splitEoi: shape.flag,
        }),
        priorityMask: kept(
          shape.u8,
          () => this.#priorityMask,
          (value) => {
            this.#priorityMask = value;
          },
        ),
        binaryPoint: keptCells<number>(this.#binaryPoint, shape.upTo(7)),
        active: keptCells<number>(this.#active, shape.u32),
      },
      () => this.onChange(),
    );
  }

  /** The pending interrupt of the highest priority among enabled groups; the lower list register wins a tie. */
  #candidate(): ListRegister | undefined {
    let best: ListRegister | undefined;
    for (const register of this.listRegisters) {
      if (register.state !== LR_STATE.PENDING || !this.groupEnabled[register.group]) continue;
      if (best === undefined || register.priority < best.priority) best = register;
    }
    return best;
  }

  /** Whether it is urgent enough to interrupt what runs (IHI 0048B §3.3.3, §3.3.4). */
  #signals(register: ListRegister): boolean {
    return (
      (register.priority & PRIORITY_MASK) < this.#priorityMask &&
      this.#groupPriority(register) < this.runningPriority
    );
  }

  /** The part of a priority that decides preemption: above the binary point, one bit more for group 1. */
  #groupPriority({ priority, group }: ListRegister): number {
    const common = this.commonBinaryPoint || group === 0;
    const lowestBitOfGroup = common ? this.#binaryPoint[0] + 1 : this.#binaryPoint[1];
    return priority & PRIORITY_MASK & ~((1 << lowestBitOfGroup) - 1);
  }

  #identify({ virtualId, group }: ListRegister, asked: InterruptGroup | 'any'): number {
    if (asked === 'any') return group === 1 && !this.ackCtl ? GROUP1_SPURIOUS_INTID : virtualId;
    return asked === group ? virtualId : SPURIOUS_INTID;
  }

  #dropPriority(group: InterruptGroup | 'any'): void {
    const dropFrom: InterruptGroup =
      group === 'any'
        ? this.#active[1] === 0 ||
          (this.#active[0] !== 0 && lowestBit(this.#active[0]) <= lowestBit(this.#active[1]))
          ? 0
          : 1
        : group;
    // Clears the lowest bit that is set: the most urgent level.
    this.#active[dropFrom] &= this.#active[dropFrom] - 1;
    this.#active[dropFrom] >>>= 0;
  }

  #deactivate(intid: Intid): void {
    for (const register of this.listRegisters) {
      if (register.virtualId !== intid) continue;
      if (register.state === LR_STATE.ACTIVE) register.state = LR_STATE.INVALID;
      else if (register.state === LR_STATE.PENDING_AND_ACTIVE) register.state = LR_STATE.PENDING;
      else continue;
      return;
    }
  }
}

function emptyListRegister(): ListRegister {
  return { state: LR_STATE.INVALID, virtualId: 0, priority: 0, group: 0, eoi: false };
}

function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}
