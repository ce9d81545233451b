/** The session as the page has it: what was opened, its request, what was planned of it. Views read these signals. */
import { computed, signal } from '@preact/signals';
import type { PayloadIndex, Planned } from '../worker/protocol.ts';
import { goTo } from './navigation.ts';
import { call, listen } from './worker.ts';

/** `undefined` until it is known, `null` where there is none. */
export const payload = signal<PayloadIndex | null | undefined>(undefined);
/** What the session is called: the board's model, or the file's name. */
export const title = signal('');
/** The request's text. */
export const request = signal<string | undefined>(undefined);
const planned = signal<Planned | undefined>(undefined);
/** What is under way, in words; empty where nothing is. */
export const progress = signal('');
/** What went wrong with what was asked for, in a sentence. */
export const failure = signal<string | undefined>(undefined);

export const diagnostics = computed(() => planned.value?.diagnostics ?? []);
export const project = computed(() => planned.value?.project);
export const pictures = computed(() => planned.value?.project?.pictures);
export const isOpen = computed(() => request.value !== undefined);

listen((event) => {
  if (event.kind === 'progress') progress.value = event.text;
});

export async function findPayload(): Promise<void> {
  payload.value = (await call('payload', document.baseURI).catch(() => undefined)) ?? null;
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

/** Opens a board of the payload with its kernel and ramdisk, and plans everything that it has. */
export async function openPayloadBoard(path: string, name: string): Promise<boolean> {
  const text = await during(`opening ${name} …`, () => call('openPayloadBoard', path));
  if (text === undefined) return false;
  title.value = name;
  await changeRequest(text);
  goTo('request');
  return true;
}

/** Plans a changed request. */
export async function changeRequest(text: string): Promise<void> {
  request.value = text;
  const answer = await during('planning …', () => call('plan', text));
  // While it was planned it may have been changed again.
  if (answer !== undefined && request.value === text) planned.value = answer;
}
