/** The project's files, with what has changed since the first. */
import { computed, useSignal } from '@preact/signals';
import { download, fileName } from '../../session/keep.ts';
import { place } from '../../session/navigation.ts';
import { firstFiles, opened, project } from '../../session/session.ts';
import { call } from '../../session/worker.ts';
import type { WrittenFile } from '../../worker/protocol.ts';
import { type DiffLine, diffLines } from './line-diff.ts';

/** Of each file, its lines with what came and went. */
const diffs = computed(() => {
  const before = new Map(firstFiles.value?.map((file) => [file.path, file.text]));
  return new Map(
    (project.value?.files ?? []).map(({ path, text }) => [
      path,
      text === undefined ? [] : diffLines(before.get(path) ?? '', text),
    ]),
  );
});

function countOf(lines: readonly DiffLine[], kind: DiffLine['kind']): number {
  return lines.filter((line) => line.kind === kind).length;
}

export function Files() {
  const chosen = useSignal('');
  const onlyChanges = useSignal(false);
  const files = project.value?.files ?? [];
  const wanted = chosen.value === '' ? place.value.parameters['file'] : chosen.value;
  const shown = files.find(({ path }) => path === wanted || wanted?.endsWith(`/${path}`)) ?? files[0];
  const save = async () => download(fileName('.zip'), await call('projectZip'));
  return (
    <section class="panel files" aria-label="Files">
      <header>
        <h2>{opened.value?.kind === 'description' ? 'Files' : 'Project'}</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={onlyChanges.value}
            onChange={({ currentTarget }) => {
              onlyChanges.value = currentTarget.checked;
            }}
          />
          changes only
        </label>
        <span class="space" />
        <button
          type="button"
          disabled={project.value === undefined}
          onClick={() => {
            firstFiles.value = project.value?.files;
          }}
          title="Compare with what is written now"
        >
          Mark
        </button>
        <button type="button" disabled={project.value === undefined} onClick={save}>
          Download zip
        </button>
      </header>
      <div class="file-names">
        {files.map((file) => (
          <FileName
            key={file.path}
            file={file}
            isShown={file.path === shown?.path}
            choose={() => {
              chosen.value = file.path;
            }}
          />
        ))}
      </div>
      <FileText file={shown} onlyChanges={onlyChanges.value} />
    </section>
  );
}

function FileName({
  file: { path },
  isShown,
  choose,
}: {
  readonly file: WrittenFile;
  readonly isShown: boolean;
  readonly choose: () => void;
}) {
  const lines = diffs.value.get(path) ?? [];
  const [added, removed] = [countOf(lines, 'added'), countOf(lines, 'removed')];
  return (
    <button class="plain data" type="button" aria-pressed={isShown} onClick={choose}>
      {path}
      {added + removed === 0 ? undefined : (
        <span class="changed">
          <span class="added">+{added}</span> <span class="removed">−{removed}</span>
        </span>
      )}
    </button>
  );
}

/** Lines with their numbers in the file as it is; those that are gone have none. */
function numbered(
  lines: readonly DiffLine[],
): readonly (DiffLine & { readonly number: number | undefined })[] {
  let number = 0;
  return lines.map((line) => {
    if (line.kind === 'removed') return { ...line, number: undefined };
    number += 1;
    return { ...line, number };
  });
}

function inSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'center' });
}

/** How many lines about a change are shown with it. */
const CONTEXT_LINES = 3;

function FileText({
  file,
  onlyChanges,
}: {
  readonly file: WrittenFile | undefined;
  readonly onlyChanges: boolean;
}) {
  if (file === undefined)
    return <p class="nothing quiet">Nothing is written: the request can't be planned.</p>;
  const lines = diffs.value.get(file.path) ?? [];
  const { file: named, line } = place.value.parameters;
  const meant = named === file.path ? Number(line) : 0;
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT_LINES), at + CONTEXT_LINES + 1).some(({ kind }) => kind !== 'same');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="text" tabIndex={0} aria-label={file.path}>
      {file.text === undefined ? (
        <p class="quiet data">{file.sizeBytes} bytes</p>
      ) : (
        <pre>
          {numbered(lines).map(({ text, kind, number }, at) =>
            onlyChanges && !isNear(at) ? undefined : (
              <span
                key={at}
                class={number === meant ? `${kind} meant` : kind}
                {...(number === meant ? { ref: inSight } : {})}
              >
                {`${text}\n`}
              </span>
            ),
          )}
        </pre>
      )}
    </section>
  );
}
