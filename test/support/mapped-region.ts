/** A region of plain memory as a program has it mapped, where there is no machine. */
import type { MappedRegion } from '../../src/sel4/index.ts';

export function mappedRegion(
  name: string,
  vaddr: number,
  bytes: Uint8Array,
  written: MappedRegion['written'] = () => {},
  physAddr = 0,
): MappedRegion {
  return {
    name,
    vaddr,
    physAddr,
    bytes,
    written,
    clear: (offset, sizeBytes) => bytes.fill(0, offset, offset + sizeBytes),
  };
}
