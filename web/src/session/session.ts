/** The session as the page has it: what was opened, its text, what came of it. Views read these signals. */
import { computed, signal } from '@preact/signals';
import type { RequestChange } from '../../../src/base/index.ts';
import { PayloadFiles } from '../worker/payload-files.ts';
import type { Checked, GivenFile, Opened, PayloadIndex, WrittenFile } from '../worker/protocol.ts';
import { goTo } from './navigation.ts';
import { call, listen } from './worker.ts';

/** `undefined` until it is known, `null` where there is none. */
export const payload = signal<PayloadIndex | null | undefined>(undefined);
export const opened = signal<Opened | undefined>(undefined);
/** The request's or the description's text, as it is now. */
export const text = signal('');
const checked = signal<Checked | undefined>(undefined);
/** The project's files as they were first, for what has changed since. */
export const firstFiles = signal<readonly WrittenFile[] | undefined>(undefined);
/** What is under way, in words; empty where nothing is. */
export const progress = signal('');
/** What went wrong with what was asked for, in a sentence. */
export const failure = signal<string | undefined>(undefined);

export const diagnostics = computed(() => checked.value?.diagnostics ?? []);
export const project = computed(() => checked.value?.project);
export const pictures = computed(() => checked.value?.pictures);
export const isOpen = computed(() => opened.value !== undefined);

listen((event) => {
  if (event.kind === 'progress') progress.value = event.text;
});

/** The worker's own look at the payload, which whatever is opened waits for. */
let workerLook: Promise<unknown> | undefined;

/** Boards are there to be chosen before the worker, which is large, has begun. */
export async function findPayload(): Promise<void> {
  workerLook = call('payload', document.baseURI).catch(() => undefined);
  payload.value = (await new PayloadFiles(() => {}).find(document.baseURI).catch(() => undefined)) ?? null;
}

/** Does what takes time, with words for it; what goes wrong is said. */
export async function during<T>(words: string, work: () => Promise<T>): Promise<T | undefined> {
  progress.value = words;
  failure.value = undefined;
  try {
    return await work();
  } catch (error) {
    failure.value = error instanceof Error ? error.message : String(error);
    return undefined;
  } finally {
    progress.value = '';
  }
}

/** Opens a board of the payload with its kernel and ramdisk; `changed` takes the place of the request that this begins with. */
export async function openPayloadBoard(path: string, name: string, changed?: string): Promise<boolean> {
  const found = await during(`opening ${name} …`, async () => {
    await workerLook;
    return call('openPayloadBoard', path);
  });
  return found !== undefined && (await begin(found, changed));
}

export async function openFiles(files: readonly GivenFile[]): Promise<boolean> {
  const [only] = files;
  const words = files.length === 1 && only !== undefined ? only.path : `${files.length} files`;
  const found = await during(`opening ${words} …`, async () => {
    await workerLook;
    return call('openFiles', files);
  });
  return found !== undefined && (await begin(found));
}

async function begin(found: Opened, changed?: string): Promise<boolean> {
  opened.value = found;
  firstFiles.value = undefined;
  checked.value = undefined;
  await changeText(changed ?? found.text);
  goTo('request');
  return true;
}

/** Plans or checks a changed text. */
export async function changeText(changed: string): Promise<void> {
  text.value = changed;
  const isRequest = opened.value?.kind === 'request';
  const answer = await during(isRequest ? 'planning …' : 'checking …', () => call('change', changed));
  // Meanwhile it may have been changed again.
  if (answer === undefined || text.value !== changed) return;
  checked.value = answer;
  firstFiles.value ??= answer.project?.files;
}

/** Makes what a finding's remedy says of the request; `false` where the request has no place for it. */
export async function applyChange(change: RequestChange): Promise<boolean> {
  const changed = await call('applyChange', text.value, change);
  if (changed === undefined) {
    failure.value = 'the request has no place for that change, or says it already';
    return false;
  }
  await changeText(changed);
  return true;
}
