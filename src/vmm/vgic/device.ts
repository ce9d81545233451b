/** The virtual interrupt controller as its monitor has it: its state, and the frames of its version, placed in the guest's space. */
import {
  type AddrRange,
  type ChannelId,
  type Intid,
  type Ipa,
  type Saved,
  savedIfThere,
  savedParts,
  type VcpuId,
  type VcpuIndex,
} from '../../base/index.ts';
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import type { DeviceLine, InterruptController } from '../interrupt-controller.ts';
import type { MmioHandler } from '../mmio.ts';
import { GICD_V2_SIZE_BYTES, readDistributorV2, writeDistributorV2 } from './distributor-v2.ts';
import { GICD_V3_SIZE_BYTES, readDistributorV3, writeDistributorV3, writeSgi1r } from './distributor-v3.ts';
import { ended, inject, NO_SLOT, settleTimers, slotOf } from './interrupts.ts';
import { leftOver, turnedOff, turnedOn } from './power.ts';
import { REDISTRIBUTOR_SIZE_BYTES, readRedistributor, writeRedistributor } from './redistributor.ts';
import { outstanding, resetInterrupts } from './reset.ts';
import { savedInterrupts, savedRedistributors } from './saved.ts';
import {
  CHANNEL,
  DEVICE,
  ID_LIMIT,
  LINE_LIMIT,
  NOBODY,
  PROGRAM,
  TIMER,
  VCPU_LIMIT,
  type VgicCalls,
  type VgicState,
  vgicState,
  WINDOW_SHIFT,
} from './state.ts';

/** Where the guest's tree says that the interrupt controller's frames are, in guest physical addresses. */
export type VgicFrames =
  | {
      readonly version: 2;
      readonly distributor: number;
      /** Where GICV is mapped for the guest; a monitor answers nothing there. Without it, a vCPU is not cleared before it is entered again. */
      readonly cpuInterface?: number;
    }
  | {
      readonly version: 3;
      readonly distributor: number;
      /**
       * The regions of redistributors; each holds as many as fit, in the order of the vCPUs. The last one reaches as far as
       * vCPUs without one need it to: libvmm has one after the other from GIC_REDIST_PADDR on.
       */
      readonly redistributors: readonly AddrRange<Ipa>[];
    };

/** A system register by its encoding, as a trap's syndrome gives it. */
interface SystemRegister {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

/** The units in which compiled code knows where the frames are, and the devices whose lines it has. */
const PAGE_BYTES = 0x1000;
const WINDOW_BYTES = 1 << WINDOW_SHIFT;
const WINDOW_LIMIT = 2 ** 32;

export class VgicDevice implements InterruptController {
  readonly state: VgicState;
  readonly #frames: VgicFrames;
  readonly #vcpuCount: number;

  /** `memory`: what code that was compiled ahead of time works on, where there is any. */
  constructor(frames: VgicFrames, vcpuIds: readonly VcpuId[], calls: VgicCalls, memory?: ArrayBuffer) {
    const { length: vcpuCount } = vcpuIds;
    if (vcpuCount > VCPU_LIMIT) throw new RangeError(`${vcpuCount} vCPUs: ${VCPU_LIMIT} at most`);
    this.#vcpuCount = vcpuCount;
    this.#frames =
      frames.version === 2
        ? frames
        : { ...frames, redistributors: roomForAll(frames.redistributors, vcpuCount) };
    const s = vgicState(calls, memory);
    this.state = s;
    s.version[0] = frames.version;
    s.vcpuCount[0] = vcpuCount;
    s.id.set(vcpuIds);
    for (const [vcpu, id] of vcpuIds.entries()) s.vcpuOfId[id] = vcpu + 1;
    let next = 0;
    for (const { vcpuCount: held } of this.#regions()) {
      next += held;
      s.isLast[next - 1] = 1;
    }
    s.isLast[vcpuCount - 1] = 1;
    resetInterrupts(s);
  }

  /** What the monitor answers for, and where. */
  frames(): readonly { readonly range: AddrRange<Ipa>; readonly handler: MmioHandler }[] {
    const { state } = this;
    const frames = this.#frames;
    const [size, read, write] =
      frames.version === 2
        ? ([GICD_V2_SIZE_BYTES, readDistributorV2, writeDistributorV2] as const)
        : ([GICD_V3_SIZE_BYTES, readDistributorV3, writeDistributorV3] as const);
    const distributor: MmioHandler = {
      name: 'GICD',
      read: (offset, sizeBytes, vcpu) => read(state, offset, sizeBytes, vcpu),
      write: (offset, value, sizeBytes, vcpu) => write(state, offset, value, sizeBytes, vcpu),
    };
    const redistributors = this.#regions().map(({ range, first }) => {
      const ownerAt = (offset: number): number => first + Math.floor(offset / REDISTRIBUTOR_SIZE_BYTES);
      const handler: MmioHandler = {
        name: 'GICR',
        read: (offset, sizeBytes) =>
          readRedistributor(state, ownerAt(offset), offset % REDISTRIBUTOR_SIZE_BYTES, sizeBytes),
        write: (offset, value, sizeBytes) =>
          writeRedistributor(state, ownerAt(offset), offset % REDISTRIBUTOR_SIZE_BYTES, value, sizeBytes),
      };
      return { range, handler };
    });
    return [{ range: { base: frames.distributor, size }, handler: distributor }, ...redistributors];
  }

  /** The monitor answers at a frame's address: compiled code may, too. */
  placed(range: AddrRange<Ipa>): void {
    if (range.base === this.#frames.distributor) this.state.distributorPage[0] = range.base / PAGE_BYTES;
    for (const region of this.#regions()) {
      if (region.range.base !== range.base) continue;
      for (let index = 0; index < region.vcpuCount; index += 1) {
        const base = range.base + index * REDISTRIBUTOR_SIZE_BYTES;
        this.state.redistributorPage[region.first + index] = base / PAGE_BYTES;
      }
    }
  }

  has(vcpu: VcpuIndex, intid: Intid): boolean {
    return this.#slot(vcpu, intid) !== NO_SLOT;
  }

  inject(vcpu: VcpuIndex, intid: Intid): boolean {
    return inject(this.state, vcpu, intid);
  }

  /** A function is to be called when the guest has ended it. */
  ownedByProgram(vcpu: VcpuIndex, intid: Intid): void {
    this.state.owner[this.#slot(vcpu, intid)] = PROGRAM;
  }

  /** It is a virtio device's, and comes again while its line is high. */
  deviceLine(intid: Intid): DeviceLine | undefined {
    const { state } = this;
    const [slot, line] = [this.#slot(0, intid), state.lineCount[0] ?? 0];
    if (slot === NO_SLOT || line === LINE_LIMIT) return undefined;
    state.owner[slot] = DEVICE;
    state.channel[slot] = line;
    state.lineCount[0] = line + 1;
    return {
      status: state.lineStatus.subarray(line, line + 1),
      placed(base) {
        const window = base / WINDOW_BYTES + 1;
        if (Number.isInteger(window) && window < WINDOW_LIMIT) state.lineWindow[line] = window;
      },
    };
  }

  /** It comes on a channel, which is acknowledged when the guest has ended it. */
  passedThrough(vcpu: VcpuIndex, intid: Intid, channel: ChannelId): void {
    const { state } = this;
    const slot = this.#slot(vcpu, intid);
    if (channel < 0 || channel >= ID_LIMIT) return;
    state.owner[slot] = CHANNEL;
    state.channel[slot] = channel;
    state.passedIntid[channel] = intid;
    state.passedVcpu[channel] = vcpu;
  }

  /** The vCPU's virtual timer has that number. */
  timerIs(vcpu: VcpuIndex, intid: Intid): void {
    const slot = this.#slot(vcpu, intid);
    this.state.timer[vcpu] = intid;
    if (this.state.owner[slot] === NOBODY) this.state.owner[slot] = TIMER;
  }

  /** Each vCPU's whose number is known. */
  timers(): readonly (readonly [vcpu: VcpuIndex, intid: Intid])[] {
    return [...this.state.timer].flatMap((intid, vcpu) => (intid === 0 ? [] : [[vcpu, intid] as const]));
  }

  settleTimers(): void {
    settleTimers(this.state);
  }

  ended(vcpu: VcpuIndex, listRegister: number): void {
    if (listRegister < LIST_REGISTER_COUNT) ended(this.state, vcpu, listRegister);
  }

  turnedOff(vcpu: VcpuIndex): void {
    turnedOff(this.state, vcpu);
  }

  turnedOn(vcpu: VcpuIndex): void {
    turnedOn(this.state, vcpu);
  }

  /** The interrupts that are left over in a vCPU's list registers. */
  leftOver(vcpu: VcpuIndex): readonly Intid[] {
    return leftOver(this.state, vcpu);
  }

  /** As after power-on, all vCPUs off. What was pending or in list registers is acknowledged, or its line would stay masked for ever. */
  reset(): void {
    const left = outstanding(this.state);
    resetInterrupts(this.state);
    this.state.isOff.fill(1, 0, this.#vcpuCount);
    for (const acknowledge of left) acknowledge();
  }

  /** ICC_SGI1R_EL1 (IHI 0069H §12.2.20): software-generated interrupts. `false` for any other register. */
  writeSystemRegister(sender: VcpuIndex, register: SystemRegister, value: bigint): boolean {
    const { op0, op1, crn, crm, op2 } = register;
    const isSgi1r =
      this.#frames.version === 3 && op0 === 3 && op1 === 0 && crn === 12 && crm === 11 && op2 === 5;
    if (!isSgi1r) return false;
    writeSgi1r(this.state, sender, Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
    return true;
  }

  get saved(): Saved {
    const isThere = this.#frames.version === 3;
    return savedParts({
      vgic: savedInterrupts(this.state),
      redistributors: savedIfThere(isThere ? savedRedistributors(this.state) : undefined),
    });
  }

  #slot(vcpu: VcpuIndex, intid: Intid): number {
    return vcpu < 0 || vcpu >= this.#vcpuCount ? NO_SLOT : slotOf(vcpu, intid);
  }

  /** The regions of redistributors, and whose they hold. */
  #regions(): readonly {
    readonly range: AddrRange<Ipa>;
    readonly first: VcpuIndex;
    readonly vcpuCount: number;
  }[] {
    if (this.#frames.version === 2) return [];
    const { redistributors } = this.#frames;
    const counts = shares(redistributors, this.#vcpuCount);
    let next = 0;
    return redistributors.map((range, index) => {
      const first = next;
      const vcpuCount = counts[index] ?? 0;
      next += vcpuCount;
      return { range, first, vcpuCount };
    });
  }
}

function roomForAll(regions: readonly AddrRange<Ipa>[], vcpuCount: number): readonly AddrRange<Ipa>[] {
  const placed = shares(regions, vcpuCount).reduce((sum, share) => sum + share, 0);
  const last = regions.at(-1);
  if (placed >= vcpuCount || last === undefined) return regions;
  const held = Math.floor(last.size / REDISTRIBUTOR_SIZE_BYTES);
  const size = (held + vcpuCount - placed) * REDISTRIBUTOR_SIZE_BYTES;
  return [...regions.slice(0, -1), { base: last.base, size }];
}

/** How many vCPUs' redistributors lie in each region. */
function shares(regions: readonly AddrRange<Ipa>[], vcpuCount: number): readonly number[] {
  let left = vcpuCount;
  return regions.map(({ size }) => {
    const share = Math.min(left, Math.floor(size / REDISTRIBUTOR_SIZE_BYTES));
    left -= share;
    return share;
  });
}
