/** The page's end of the worker: calls as promises, events to whoever listens. */
import type { CallMessage, Calls, WorkerEvent, WorkerMessage } from '../worker/protocol.ts';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
const waiting = new Map<number, Waiting>();
const listeners = new Set<(event: WorkerEvent) => void>();
let lastId = 0;
let hears: () => void;
const ready = new Promise<void>((resolve) => {
  hears = resolve;
});

worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
  if (data.kind === 'ready') {
    hears();
    return;
  }
  if (data.kind === 'event') {
    for (const listener of listeners) listener(data.event);
    return;
  }
  const call = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.kind === 'answer') call?.resolve(data.value as never);
  else call?.reject(new Error(data.message));
};

/** Asks the worker; rejects with the reason as a sentence. */
export function call<Name extends keyof Calls>(
  name: Name,
  ...parameters: Parameters<Calls[Name]>
): Promise<ReturnType<Calls[Name]>> {
  lastId += 1;
  const message: CallMessage = { id: lastId, name, parameters };
  return new Promise((resolve, reject) => {
    waiting.set(message.id, { resolve, reject });
    void ready.then(() => worker.postMessage(message));
  });
}

/** Hears what comes by itself, until the function that it gives is called. */
export function listen(listener: (event: WorkerEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
