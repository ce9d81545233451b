/** The physical address space beyond RAM, as the machine gives it to the kernel model. */
import type { Paddr } from '../base/index.ts';

/** Registers by physical address; accesses are of 1, 2 or 4 bytes, values unsigned. */
export interface PhysicalBus {
  /** A value of `sizeBytes` bytes. Where nothing answers, the bus decides what that gives, and says so to its watchers. */
  read(physAddr: Paddr, sizeBytes: 1 | 2 | 4): number;
  write(physAddr: Paddr, sizeBytes: 1 | 2 | 4, value: number): void;
}
