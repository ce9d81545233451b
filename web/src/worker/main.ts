/** The worker: the rooms of the library, behind the calls of `protocol.ts`. */
import { version } from '../../../package.json';
import { applyRequestChange } from '../../../src/plan/index.ts';
import { Opening } from './opening.ts';
import { pageHost } from './page-host.ts';
import { PayloadFiles } from './payload-files.ts';
import type { CallHandlers, CallMessage, WorkerEvent, WorkerMessage } from './protocol.ts';
import { Workshop } from './workshop.ts';

const send = (message: WorkerMessage): void => self.postMessage(message);
const tell = (event: WorkerEvent): void => send({ kind: 'event', event });
const progress = (text: string): void => tell({ kind: 'progress', text });

const host = pageHost(progress);
const payload = new PayloadFiles(progress);
/** The version, and the name of this script, in which the build has a hash of what is in it and in what it imports. */
const program = `${version} (${self.location.pathname.split('/').at(-1)})`;
const workshop = new Workshop(host, new Opening(host, payload), tell, program);

const HANDLERS: CallHandlers = {
  payload: (base) => payload.find(base),
  openPayloadBoard: (path) => workshop.openPayloadBoard(path),
  openFiles: (files) => workshop.openFiles(files),
  change: (text) => workshop.change(text),
  complete: (text, place) => workshop.complete(text, place),
  applyChange: (text, change) => applyRequestChange(text, change),
  projectZip: () => workshop.projectZip(),
  sessionFile: () => workshop.sessionFile(),
  boot: (saved) => workshop.boot(saved),
  saveRun: () => workshop.saveRun(),
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

send({ kind: 'ready' });
