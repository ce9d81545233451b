/** The host of the rooms in a worker: files in memory, and pauses that cost no more than a message. */
import type { Host, Wake } from '../../../src/base/index.ts';
import { memoryHost } from '../../../src/workspace/index.ts';

/** Browsers make a nested timer wait for four milliseconds; a message to oneself is only queued. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

export function pageHost(progress: (text: string) => void): Host {
  const host = memoryHost();
  return {
    ...host,
    progress,
    pause: (ms: number, wake?: Wake) => (ms <= 0 ? turn() : host.pause(ms, wake)),
  };
}
