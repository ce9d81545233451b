/** The run as the page has it: what its consoles said, how it stands, its account. */
import { computed, signal } from '@preact/signals';
import type { Diagnostic, RequestChange } from '../../../src/base/index.ts';
import type { RunAccount } from '../../../src/run/index.ts';
import type { ConsoleName, RunStatus } from '../worker/protocol.ts';
import { download, fileName } from './keep.ts';
import { goTo } from './navigation.ts';
import { applyChange, during } from './session.ts';
import { call, listen } from './worker.ts';

export const status = signal<RunStatus | undefined>(undefined);
export const consoles = signal<readonly ConsoleName[]>([]);
export const account = signal<RunAccount | undefined>(undefined);
export const findings = signal<readonly Diagnostic[]>([]);
/** What keeps it from starting. */
export const refusals = signal<readonly Diagnostic[]>([]);
export const isRunning = computed(() => status.value !== undefined && status.value.state !== 'ended');

const READ_ALOUD = 'drivervm-read-aloud';
/** Whether consoles are kept as text for screen readers, which costs time with every line. */
export const isReadAloud = signal(localStorage.getItem(READ_ALOUD) === 'true');
isReadAloud.subscribe((isOn) => localStorage.setItem(READ_ALOUD, `${isOn}`));

/** Who shows a console; what came before is kept for whoever comes later. */
type Screen = (bytes: Uint8Array) => void;
/** As much of a console as is shown again to a screen that comes later. */
const KEPT_BYTES = 1 << 20;
let kept = new Map<number, Uint8Array[]>();
const screens = new Map<number, Screen>();
/** One more with every start: screens begin anew. */
export const runCount = signal(0);

listen((event) => {
  switch (event.kind) {
    case 'consoles':
      consoles.value = event.consoles;
      return;
    case 'said': {
      const said = kept.get(event.source) ?? [];
      said.push(event.bytes);
      let sizeBytes = said.reduce((sum, { length }) => sum + length, 0);
      while (sizeBytes > KEPT_BYTES) sizeBytes -= said.shift()?.length ?? 0;
      kept.set(event.source, said);
      screens.get(event.source)?.(event.bytes);
      return;
    }
    case 'status':
      status.value = event.status;
      return;
    case 'account':
      account.value = event.account;
      return;
    case 'findings':
      findings.value = event.findings;
      return;
  }
});

/** Shows a console from its beginning, until the function that it gives is called. */
export function show(source: number, screen: Screen): () => void {
  for (const bytes of kept.get(source) ?? []) screen(bytes);
  screens.set(source, screen);
  return () => screens.delete(source);
}

/** Starts from power-on, or where a saved run was. */
export async function boot(saved?: Uint8Array): Promise<void> {
  kept = new Map();
  consoles.value = [];
  account.value = undefined;
  findings.value = [];
  status.value = undefined;
  runCount.value += 1;
  goTo('run');
  refusals.value = (await during('starting …', () => call('boot', saved))) ?? [];
}

/** The run as it is, as a file that {@link boot} takes up. */
export async function saveRun(): Promise<void> {
  const saved = await during('saving …', () => call('saveRun'));
  if (saved !== undefined) download(fileName('.run'), saved);
}

/** Makes what a remedy says of the request, and starts anew. */
export async function applyAndBoot(change: RequestChange): Promise<void> {
  if (await applyChange(change)) await boot();
}

export function type(source: number, bytes: Uint8Array): void {
  void call('type', source, bytes);
}

export function setPaused(isPaused: boolean): void {
  void call('setPaused', isPaused);
}

export function step(): void {
  void call('step');
}
