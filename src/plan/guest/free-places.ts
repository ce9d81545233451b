/** What a guest's address space and its interrupt controller have left for devices that its monitor makes up. */
import {
  type AddrRange,
  alignUp,
  FIRST_SPI,
  KIB,
  MIB,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import type { GicPlan, VirtioPlan } from '../plan.ts';
import type { World } from '../world.ts';

const SEARCH_START = 32 * MIB;
const SEARCH_STEP = 64 * KIB;
const SEARCH_LIMIT = 2 ** 32;
/** libvmm 0.2's vGICv2 tells guests of 256 interrupts, its vGICv3 of 160. */
const HIGHEST_INTID = { 2: 255, 3: 159 } as const;

/** What is taken in a guest: addresses, and interrupts. */
export interface TakenPlaces {
  readonly gicVersion: GicPlan['version'];
  /** The highest interrupt that the kernel knows. */
  readonly highestIrq: number | undefined;
  readonly ranges: readonly AddrRange[];
  readonly intids: ReadonlySet<number>;
}

/** Hands out pages that nobody has in a guest's address space, and SPIs that nothing uses. */
export class FreePlaces {
  readonly #taken: TakenPlaces;
  #intid: number;
  #base = SEARCH_START;

  constructor(taken: TakenPlaces) {
    this.#taken = taken;
    this.#intid = Math.min(
      HIGHEST_INTID[taken.gicVersion],
      taken.highestIrq ?? HIGHEST_INTID[taken.gicVersion],
    );
  }

  /** The highest that is free. */
  intid(): number {
    while (this.#intid > FIRST_SPI && this.#taken.intids.has(this.#intid)) this.#intid -= 1;
    this.#intid -= 1;
    return this.#intid + 1;
  }

  /** The lowest that is free. */
  addr(size: number): number {
    const isTaken = (base: number) =>
      this.#taken.ranges.some((other) => rangesOverlap(other, { base, size }));
    while (this.#base < SEARCH_LIMIT && isTaken(this.#base)) this.#base += SEARCH_STEP;
    const base = this.#base;
    this.#base += alignUp(size, SEARCH_STEP);
    return base;
  }

  /** A place for a virtio device: a page and an interrupt. */
  virtio(): Pick<VirtioPlan, 'guestAddr' | 'sizeBytes' | 'intid'> {
    return { guestAddr: this.addr(SMALL_PAGE_BYTES), sizeBytes: SMALL_PAGE_BYTES, intid: this.intid() };
  }
}

/** What is free on a board for a guest whose address space holds `taken`: devices of the board's keep their places. */
export function freePlacesOf(world: World, gic: GicPlan, taken: readonly AddrRange[]): FreePlaces {
  const { board, platform, units } = world;
  return new FreePlaces({
    gicVersion: gic.version,
    highestIrq: platform.highestIrq,
    ranges: [...taken, ...units.all.flatMap((unit) => unit.ranges), ...board.ram, ...platform.ram],
    intids: new Set(units.all.flatMap((unit) => unit.lines.map(({ intid }) => intid))),
  });
}
