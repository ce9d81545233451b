/**
 * The board's address space beyond RAM: windows of devices, found by page. Where windows nest, as a bus's own registers
 * around its children's, the smallest that holds the address answers; but a device that behaves answers before registers
 * that only remember, since trees repeat a controller's registers in the nodes of its users. Where nothing stands, reads
 * give zero, writes vanish, and each such page is reported once.
 */
import { type AddrRange, type Paddr, rangeContains, rangeEnd, SMALL_PAGE_BYTES } from '../base/index.ts';
import { type Device, PollDetector, type StuckPoll } from '../device/index.ts';
import type { PhysicalBus } from './physical-bus.ts';

/** Physical addresses, and the device that answers there. */
export interface BusWindow {
  readonly range: AddrRange<Paddr>;
  readonly device: Device;
  /** What accounts call it: the node's path. */
  readonly name: string;
  /** Whether it is no more than registers that remember. */
  readonly onlyRemembers?: boolean;
  /**
   * What a register that is read over and over with the same answer means: that the guest is stuck, or that it waits for
   * input. Nothing for models of real devices, which are polled for good reasons.
   */
  readonly polls?: 'stuck' | 'input';
}

/** Hears of accesses, for traces and accounts. */
export interface BusWatcher {
  /** The first access to a page where there is no device. */
  onUnclaimed?(physAddr: Paddr, kind: 'read' | 'write'): void;
  /** Somebody waits for input by looking for it: a boot loader or a small kernel, whose processor never rests. */
  onInputPoll?(window: BusWindow): void;
  onStuckPoll?(poll: StuckPoll & { readonly window: BusWindow; readonly register: string | undefined }): void;
  /** Every access, for traces; slow. */
  onAccess?(access: BusAccess): void;
}

/** One access to a device: a size in bytes of 1, 2 or 4, a value of as many. */
export interface BusAccess {
  readonly kind: 'read' | 'write';
  readonly window: BusWindow;
  readonly offset: number;
  readonly register: string | undefined;
  readonly value: number;
}

interface Slot extends BusWindow {
  readonly detector: PollDetector | undefined;
}

/** How many pages without a device are remembered as reported. */
const UNCLAIMED_LIMIT = 4096;

export class MachineBus implements PhysicalBus {
  watcher: BusWatcher = {};
  readonly #nowNs: () => number;
  readonly #slots: Slot[] = [];
  readonly #byPage = new Map<number, readonly Slot[]>();
  readonly #unclaimed = new Set<number>();

  /** `nowNs`: the machine's time, by which stuck polls are told from watching. */
  constructor(nowNs: () => number = () => 0) {
    this.#nowNs = nowNs;
  }

  attach(window: BusWindow): void {
    this.#slots.push({ ...window, detector: this.#detectorOf(window) });
    this.#slots.sort(
      (a, b) =>
        Number(a.onlyRemembers ?? false) - Number(b.onlyRemembers ?? false) || a.range.size - b.range.size,
    );
    this.#byPage.clear();
  }

  read(physAddr: Paddr, sizeBytes: 1 | 2 | 4): number {
    const slot = this.#slotAt(physAddr);
    if (slot === undefined) {
      this.#reportUnclaimed(physAddr, 'read');
      return 0;
    }
    const offset = physAddr - slot.range.base;
    const value = slot.device.read(offset, sizeBytes);
    slot.detector?.read(offset, value);
    if (this.watcher.onAccess !== undefined) this.#trace('read', slot, offset, value);
    return value;
  }

  write(physAddr: Paddr, sizeBytes: 1 | 2 | 4, value: number): void {
    const slot = this.#slotAt(physAddr);
    if (slot === undefined) {
      this.#reportUnclaimed(physAddr, 'write');
      return;
    }
    const offset = physAddr - slot.range.base;
    slot.detector?.write();
    if (this.watcher.onAccess !== undefined) this.#trace('write', slot, offset, value);
    slot.device.write(offset, value, sizeBytes);
  }

  /** The window that answers at an address. */
  windowAt(physAddr: Paddr): BusWindow | undefined {
    return this.#slotAt(physAddr);
  }

  windows(): readonly BusWindow[] {
    return this.#slots;
  }

  #detectorOf(window: BusWindow): PollDetector | undefined {
    switch (window.polls) {
      case 'stuck':
        return new PollDetector((poll) => {
          const register = window.device.registerAt(poll.offset);
          this.watcher.onStuckPoll?.({ ...poll, window, register });
        }, this.#nowNs);
      case 'input':
        return new PollDetector(() => this.watcher.onInputPoll?.(window), this.#nowNs);
      case undefined:
        return undefined;
    }
  }

  #slotAt(physAddr: Paddr): Slot | undefined {
    const page = Math.floor(physAddr / SMALL_PAGE_BYTES);
    let slots = this.#byPage.get(page);
    if (slots === undefined) {
      const range = { base: page * SMALL_PAGE_BYTES, size: SMALL_PAGE_BYTES };
      slots = this.#slots.filter(
        (slot) => slot.range.base < rangeEnd(range) && rangeEnd(slot.range) > range.base,
      );
      this.#byPage.set(page, slots);
    }
    for (const slot of slots) if (rangeContains(slot.range, physAddr)) return slot;
    return undefined;
  }

  #trace(kind: 'read' | 'write', window: Slot, offset: number, value: number): void {
    this.watcher.onAccess?.({ kind, window, offset, register: window.device.registerAt(offset), value });
  }

  #reportUnclaimed(physAddr: Paddr, kind: 'read' | 'write'): void {
    const page = Math.floor(physAddr / SMALL_PAGE_BYTES);
    if (this.#unclaimed.has(page) || this.#unclaimed.size >= UNCLAIMED_LIMIT) return;
    this.#unclaimed.add(page);
    this.watcher.onUnclaimed?.(physAddr, kind);
  }
}
