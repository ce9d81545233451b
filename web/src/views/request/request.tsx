/** Request: what is asked for, what is to be said of it, and the files that come of it. */
import { useSignal } from '@preact/signals';
import { boot } from '../../session/run.ts';
import { diagnostics, isOpen, project, request } from '../../session/session.ts';
import { DiagnosticList } from '../diagnostic-list.tsx';
import type { View } from '../view.ts';
import { RequestEditor } from './editor.tsx';
import './request.css';

export const REQUEST_VIEW: View = {
  id: 'request',
  title: 'Request',
  component: RequestView,
  isAvailable: () => isOpen.value && request.value !== undefined,
};

function RequestView() {
  return (
    <div class="request">
      <section class="panel editor-panel" aria-label="Request">
        <header>
          <h2>request.yaml</h2>
          <span class="space" />
          <button class="primary" type="button" disabled={project.value === undefined} onClick={boot}>
            Boot
          </button>
        </header>
        <RequestEditor />
      </section>
      <section class="findings" aria-label="Findings">
        <DiagnosticList diagnostics={diagnostics.value} />
      </section>
      <Files />
    </div>
  );
}

function Files() {
  const chosen = useSignal('');
  const files = project.value?.files ?? [];
  const shown = files.find(({ path }) => path === chosen.value) ?? files[0];
  return (
    <section class="panel files" aria-label="Files">
      <header>
        <h2>Project</h2>
      </header>
      <div class="file-names">
        {files.map(({ path }) => (
          <button
            key={path}
            class="plain data"
            type="button"
            aria-pressed={path === shown?.path}
            onClick={() => {
              chosen.value = path;
            }}
          >
            {path}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="text" tabIndex={0} aria-label={shown?.path}>
        <pre>{shown?.text ?? (shown === undefined ? '' : `${shown.sizeBytes} bytes`)}</pre>
      </section>
    </section>
  );
}
