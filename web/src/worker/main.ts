/** The worker: the rooms of the library, behind the calls of `protocol.ts`. */
import { pageHost } from './page-host.ts';
import { PayloadFiles } from './payload-files.ts';
import type { CallHandlers, CallMessage, WorkerEvent, WorkerMessage } from './protocol.ts';
import { Workshop } from './workshop.ts';

const send = (message: WorkerMessage): void => self.postMessage(message);
const tell = (event: WorkerEvent): void => send({ kind: 'event', event });
const progress = (text: string): void => tell({ kind: 'progress', text });

const payload = new PayloadFiles(progress);
const workshop = new Workshop(pageHost(progress), payload, tell);

const HANDLERS: CallHandlers = {
  payload: (base) => payload.find(base),
  openPayloadBoard: (path) => workshop.openPayloadBoard(path),
  plan: (request) => workshop.plan(request),
  boot: () => workshop.boot(),
  type: (source, bytes) => workshop.running?.type(source, bytes),
  setPaused: (isPaused) => workshop.running?.setPaused(isPaused),
  step: () => workshop.running?.step(),
  stop: () => workshop.stop(),
};

self.onmessage = async ({ data }: MessageEvent<CallMessage>) => {
  const { id, name, parameters } = data;
  try {
    const handler = HANDLERS[name] as (...given: readonly unknown[]) => unknown;
    send({ kind: 'answer', id, value: await handler(...parameters) });
  } catch (error) {
    send({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) });
  }
};
