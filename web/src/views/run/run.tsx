/** Run: the system boots in the page, with a terminal for each console and the account as it grows. */
import { useSignal } from '@preact/signals';
import {
  account,
  boot,
  consoles,
  isReadAloud,
  isRunning,
  refusals,
  runCount,
  saveRun,
  setPaused,
  status,
  step,
} from '../../session/run.ts';
import { isOpen, project } from '../../session/session.ts';
import { DiagnosticList } from '../diagnostic-list.tsx';
import type { View } from '../view.ts';
import { Account } from './account.tsx';
import './run.css';
import { ConsoleTerminal } from './terminal.tsx';

export const RUN_VIEW: View = {
  id: 'run',
  title: 'Run',
  component: RunView,
  isAvailable: () => isOpen.value,
};

function RunView() {
  const chosen = useSignal(0);
  const names = consoles.value;
  const source = names.some((each) => each.source === chosen.value) ? chosen.value : names[0]?.source;
  return (
    <div class="run">
      <Controls />
      <section class="consoles panel" aria-label="Consoles">
        <div class="above">
          <div class="tabs" role="tablist" aria-label="Consoles">
            {names.map(({ source: each, name }) => (
              <button
                key={each}
                class="plain"
                type="button"
                role="tab"
                aria-selected={each === source}
                onClick={() => {
                  chosen.value = each;
                }}
              >
                {name}
              </button>
            ))}
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={isReadAloud.value}
              onChange={({ currentTarget }) => {
                isReadAloud.value = currentTarget.checked;
              }}
            />
            for screen readers
          </label>
        </div>
        <div class="screens">
          {names.length > 0 ? undefined : (
            <p class="quiet silent">
              {status.value === undefined ? 'Nothing runs yet.' : 'No console has said anything.'}
            </p>
          )}
          {names.map(({ source: each, name }) => (
            <div key={`${runCount.value}/${each}`} hidden={each !== source} role="tabpanel" aria-label={name}>
              <ConsoleTerminal source={each} name={name} />
            </div>
          ))}
        </div>
      </section>
      <aside class="beside" aria-label="Account">
        <DiagnosticList diagnostics={refusals.value} />
        <Account />
      </aside>
    </div>
  );
}

async function resume({ currentTarget }: { readonly currentTarget: HTMLInputElement }): Promise<void> {
  const [file] = currentTarget.files ?? [];
  if (file !== undefined) await boot(new Uint8Array(await file.arrayBuffer()));
  currentTarget.value = '';
}

const ENDS: Readonly<Record<string, string>> = {
  off: 'turned itself off',
  stuck: 'stopped in a fault',
  panic: 'its kernel panicked',
};

function Controls() {
  const now = status.value;
  const isPaused = now?.state === 'paused';
  const words =
    now === undefined
      ? 'not started'
      : now.state === 'ended'
        ? `ended: ${ENDS[now.end ?? ''] ?? now.end}`
        : isPaused
          ? 'paused'
          : now.isIdle
            ? 'idle'
            : 'running';
  return (
    <div class="controls" role="toolbar" aria-label="Run">
      <button class="primary" type="button" disabled={project.value === undefined} onClick={() => boot()}>
        {now === undefined ? 'Boot' : 'Reset'}
      </button>
      <button type="button" disabled={!isRunning.value} onClick={() => setPaused(!isPaused)}>
        {isPaused ? 'Go on' : 'Pause'}
      </button>
      <button type="button" disabled={!isPaused} onClick={step}>
        Step
      </button>
      <button type="button" disabled={now === undefined} onClick={saveRun}>
        Save
      </button>
      <label class="button">
        Resume
        <input class="visually-hidden" type="file" accept=".run" onChange={resume} />
      </label>
      <dl class="figures">
        <div>
          <dt>State</dt>
          <dd class="state" data-state={now?.state ?? 'none'}>
            <span role="status">{words}</span>
          </dd>
        </div>
        <div>
          <dt>Guest time</dt>
          <dd class="data">{now === undefined ? '–' : `${now.guestSeconds.toFixed(2)} s`}</dd>
        </div>
        <div>
          <dt>Instructions</dt>
          <dd class="data">{now === undefined ? '–' : `${(now.instructions / 1e6).toFixed(1)} M`}</dd>
        </div>
        <div>
          <dt>MIPS</dt>
          <dd
            class="data mips"
            title={account.value === undefined ? '' : `${account.value.mips.toFixed(1)} since power-on`}
          >
            {now === undefined ? '–' : now.mips.toFixed(0)}
          </dd>
        </div>
      </dl>
    </div>
  );
}
