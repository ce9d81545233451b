/** Waiting, in a way that can be ended early. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Wake } from '../base/index.ts';

export async function pause(ms: number, wake?: Wake): Promise<void> {
  if (wake === undefined) {
    // A timer of none lasts a millisecond; the next turn of the event loop, which reads the keyboard, comes at once.
    await (ms > 0 ? delay(ms) : turn());
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
  } else await turn();
  wake.onWake = undefined;
  wake.pending = false;
}
