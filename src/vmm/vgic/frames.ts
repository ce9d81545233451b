/** The frames of the interrupt controller by pages of the guest's physical addresses. Compiled to C for seL4 (docs/compiled.md). */

import { readDistributorV2, writeDistributorV2 } from './distributor-v2.ts';
import { GICD_V3_SIZE_BYTES, readDistributorV3, writeDistributorV3 } from './distributor-v3.ts';
import { REDISTRIBUTOR_SIZE_BYTES, readRedistributor, writeRedistributor } from './redistributor.ts';
import type { VgicState } from './state.ts';

const PAGE_SHIFT = 12;
const PAGE_MASK = 0xfff;
const NO_OWNER = -1;

/** How many pages the distributor has from the first, where that is known. */
function distributorPages(s: VgicState): number {
  if (s.distributorPage[0] === 0) return 0;
  return s.version[0] === 2 ? 1 : GICD_V3_SIZE_BYTES >>> PAGE_SHIFT;
}

function inDistributor(s: VgicState, page: number): boolean {
  const index = page - (s.distributorPage[0] ?? 0);
  return index >= 0 && index < distributorPages(s);
}

/** Whose redistributor a page is of. */
function ownerOf(s: VgicState, page: number): number {
  const count = s.version[0] === 3 ? (s.vcpuCount[0] ?? 0) : 0;
  for (let vcpu = 0; vcpu < count; vcpu += 1) {
    const first = s.redistributorPage[vcpu] ?? 0;
    if (first !== 0 && page >= first && page < first + (REDISTRIBUTOR_SIZE_BYTES >>> PAGE_SHIFT)) return vcpu;
  }
  return NO_OWNER;
}

/** Whether the interrupt controller answers at a page. */
export function answersAt(s: VgicState, page: number): boolean {
  return inDistributor(s, page) || ownerOf(s, page) !== NO_OWNER;
}

/** An access at a page where it answers; of the address, its lower half. */
export function readFrame(s: VgicState, page: number, addr: number, sizeBytes: number, vcpu: number): number {
  const within = addr & PAGE_MASK;
  if (inDistributor(s, page)) {
    if (s.version[0] === 2) return readDistributorV2(s, within, sizeBytes, vcpu);
    const offset = ((page - (s.distributorPage[0] ?? 0)) << PAGE_SHIFT) + within;
    return readDistributorV3(s, offset, sizeBytes, vcpu);
  }
  const owner = ownerOf(s, page);
  const offset = ((page - (s.redistributorPage[owner] ?? 0)) << PAGE_SHIFT) + within;
  return readRedistributor(s, owner, offset, sizeBytes);
}

export function writeFrame(
  s: VgicState,
  page: number,
  addr: number,
  value: number,
  sizeBytes: number,
  vcpu: number,
): void {
  const within = addr & PAGE_MASK;
  if (inDistributor(s, page)) {
    const offset = ((page - (s.distributorPage[0] ?? 0)) << PAGE_SHIFT) + within;
    if (s.version[0] === 2) writeDistributorV2(s, offset, value, sizeBytes, vcpu);
    else writeDistributorV3(s, offset, value, sizeBytes, vcpu);
    return;
  }
  const owner = ownerOf(s, page);
  const offset = ((page - (s.redistributorPage[owner] ?? 0)) << PAGE_SHIFT) + within;
  writeRedistributor(s, owner, offset, value, sizeBytes);
}
