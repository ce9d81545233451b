/**
 * The kernel's log as it lies in a guest's RAM: all that `dmesg` would show, also what a command line with `quiet` keeps from
 * the console. Structures and addresses are those that the kernel gives in its VMCOREINFO (`vmcoreinfo.ts`), so that no release's
 * layout is written down here; rings since Linux 5.10 (kernel/printk/printk_ringbuffer.c) are read. A guest may have anything
 * in its RAM: whatever does not fit gives no log, or fewer lines.
 */
import type { GuestMemory } from './guest-memory.ts';
import { kernelMemory } from './kernel-memory.ts';
import { PrintkRing } from './printk-ring.ts';
import { vmcoreInfosIn } from './vmcoreinfo.ts';

/** Lines from the oldest on; none where no log is found. */
export function* kernelLog(memory: GuestMemory): Iterable<string> {
  for (const info of vmcoreInfosIn(memory)) {
    const ring = PrintkRing.of(info, kernelMemory(memory, info));
    if (ring === undefined) continue;
    let isEmpty = true;
    for (const text of ring.texts()) {
      isEmpty = false;
      yield* text.split('\n');
    }
    if (!isEmpty) return;
  }
}
