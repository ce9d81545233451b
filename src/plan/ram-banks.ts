/** A guest's RAM bank by bank. */
import type { AddrRange, Ipa } from '../base/index.ts';
import type { RamPlan } from './plan.ts';

/** A stretch of guest RAM, and where the monitor sees it. */
export interface RamBank extends AddrRange<Ipa> {
  readonly monitorVaddr: number;
}

/** All of them, the one with the images first. */
export function ramBanks({ base, size, monitorVaddr, more = [] }: RamPlan): readonly RamBank[] {
  return [{ base, size, monitorVaddr }, ...more];
}
