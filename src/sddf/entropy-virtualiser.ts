/**
 * The entropy virtualiser, with its source in one: random bytes for several clients. A client's queue is one of characters, which
 * is kept full; it tells of what it took. sDDF has no such class.
 */
import type { Microkit, Program, ProgramFactory } from '../sel4/index.ts';
import { RepeatableBytes } from './repeatable-bytes.ts';
import { SerialQueue } from './serial-queue.ts';
import { clientsOf, lacking } from './symbols.ts';

/** `entropy_virt.elf`. Symbols: `client0_queue`, `client0_ch` and so on. */
export function entropyVirtualiser(seed: number | 'none' = 0): ProgramFactory {
  if (seed === 'none') return withoutSource;
  return (microkit: Microkit): Program => {
    const clients = clientsOf(microkit).map(({ memory, channel }) => ({
      queue: new SerialQueue(memory),
      channel,
    }));
    if (clients.length === 0) lacking(microkit, 'client0_queue and client0_ch');
    const source = new RepeatableBytes(seed, microkit.name);
    const fill = (): void => {
      for (const { queue, channel } of clients) {
        if (queue.room === 0) continue;
        queue.write(source.take(queue.room));
        microkit.notify(channel);
      }
    };
    return {
      init: fill,
      notified: fill,
      saved: source.saved,
    };
  };
}

/** Guests wait for bytes that never come, which is better than bytes that everybody knows. */
function withoutSource(microkit: Microkit): Program {
  return {
    init: () => microkit.dbgPuts(`${microkit.name}: nothing here makes random bytes; guests get none\n`),
    notified() {},
  };
}
