/** Request and files: what is asked for, what is to be said of it, and the files that come of it. */
import { boot } from '../../session/run.ts';
import { diagnostics, isOpen, opened, pictures, project } from '../../session/session.ts';
import { DiagnosticList } from '../diagnostic-list.tsx';
import type { View } from '../view.ts';
import { TextEditor } from './editor.tsx';
import { Files } from './files.tsx';
import './request.css';

export const REQUEST_VIEW: View = {
  id: 'request',
  title: 'Request and files',
  component: RequestView,
  isAvailable: () => isOpen.value,
};

function RequestView() {
  const found = diagnostics.value;
  return (
    <div class="request">
      <section class="panel editor-panel" aria-label={opened.value?.name}>
        <header>
          <h2>{opened.value?.name}</h2>
          <span class="quiet">
            {pictures.value === undefined ? '' : `${pictures.value.board.devices} devices on the board`}
          </span>
          <span class="space" />
          <button
            class="primary"
            type="button"
            disabled={project.value?.canRun !== true}
            onClick={() => boot()}
          >
            Boot
          </button>
        </header>
        <TextEditor key={opened.value?.name} />
      </section>
      <section class="findings" aria-label="Findings">
        {found.length === 0 ? (
          <p class="quiet">Nothing was found.</p>
        ) : (
          <DiagnosticList diagnostics={found} />
        )}
      </section>
      <Files />
    </div>
  );
}
