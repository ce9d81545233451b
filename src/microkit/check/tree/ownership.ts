/** Who may touch which page: the views of a description that rules on owners share. */
import { type AddrRange, rangesOverlap } from '../../../base/index.ts';
import { allRamOf } from '../../boards/index.ts';
import type { MemoryRegion } from '../../description.ts';
import type { AddressSpace, CheckContext } from '../context.ts';

export interface OwnedRegion {
  readonly region: MemoryRegion;
  readonly range: AddrRange;
  readonly spaces: readonly AddressSpace[];
}

/** The regions with a physical place that is not RAM of the board or of its tree. */
export function deviceRegions(context: CheckContext): readonly OwnedRegion[] {
  const ram = [...allRamOf(context.options.board), ...(context.options.tree?.ram ?? [])];
  return context.description.memoryRegions.flatMap((region) => {
    const range = context.physicalRangeOf(region);
    if (range === undefined || range.size === 0 || ram.some((bank) => rangesOverlap(bank, range))) return [];
    const spaces = [...new Set(context.mapsOf(region).map(({ space }) => space))];
    return [{ region, range, spaces }];
  });
}

/** How an owner is called: the monitor's name does for its virtual machine too where both have the device. */
export function ownerName(space: AddressSpace): string {
  return `the ${space.kind} ${space.name}`;
}
