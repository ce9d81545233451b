/** The boot CPU of a tree that does not say it: only a blob's header has the number. */
import type { DtNode } from './tree.ts';
import { u32Property } from './value.ts';

/** The `reg` of the first CPU node where that is one cell, else 0: what dtc takes for `boot_cpuid_phys`. */
export function guessBootCpuid(root: DtNode): number {
  const [firstCpu] = root.children.get('cpus')?.children.values() ?? [];
  return firstCpu === undefined ? 0 : (u32Property(firstCpu, 'reg') ?? 0);
}
