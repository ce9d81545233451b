/** Waiting, in a way that can be ended early. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Wake } from '../../base/index.ts';

export async function pause(ms: number, wake?: Wake): Promise<void> {
  if (wake === undefined) {
    await delay(ms);
    return;
  }
  if (!wake.pending) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake.onWake = () => {
        clearTimeout(timer);
        // Not at once: what woke us may have more to say in the same turn.
        setImmediate(resolve);
      };
    });
  } else await delay(0);
  wake.onWake = undefined;
  wake.pending = false;
}
