/** Findings as cards: what is wrong, where, what to do, and a click that does it where it is a change to the request. */
import { type Diagnostic, formatPosition, type RequestChange } from '../../../src/base/index.ts';
import { addressOf } from '../session/navigation.ts';
import './diagnostic-list.css';

interface Properties {
  readonly diagnostics: readonly Diagnostic[];
  /** Makes a remedy's change. */
  readonly apply?: (change: RequestChange) => Promise<void>;
  /** What the button says that does so. */
  readonly applyWords?: string;
}

/** Errors before warnings; notes, which want nothing done, behind a word. */
export function DiagnosticList({ diagnostics, ...rest }: Properties) {
  const of = (severity: Diagnostic['severity']) => diagnostics.filter((each) => each.severity === severity);
  const urgent = [...of('error'), ...of('warning')];
  const notes = of('note');
  return (
    <>
      {urgent.length === 0 ? undefined : <Cards diagnostics={urgent} {...rest} />}
      {notes.length === 0 ? undefined : (
        <details class="notes">
          <summary>{notes.length === 1 ? '1 note' : `${notes.length} notes`}</summary>
          <Cards diagnostics={notes} {...rest} />
        </details>
      )}
    </>
  );
}

function Cards({ diagnostics, ...rest }: Properties) {
  return (
    <ul class="diagnostics">
      {diagnostics.map((each, index) => (
        <li key={`${each.code}/${index}`} class={each.severity}>
          <DiagnosticCard diagnostic={each} {...rest} />
        </li>
      ))}
    </ul>
  );
}

function DiagnosticCard({
  diagnostic: { severity, code, message, position, hint, change },
  apply,
  applyWords,
}: Omit<Properties, 'diagnostics'> & { readonly diagnostic: Diagnostic }) {
  return (
    <>
      <p class="about">
        <span class="severity">{severity}</span> <code>{code}</code>
        {position === undefined ? undefined : (
          <a
            class="where data"
            href={addressOf('request', { file: position.file, line: position.line ?? 1 })}
          >
            {formatPosition(position)}
          </a>
        )}
      </p>
      <p>{message}</p>
      {hint === undefined ? undefined : <p class="hint">{hint}</p>}
      {change === undefined || apply === undefined ? undefined : (
        <p class="remedy">
          <button type="button" onClick={() => apply(change)}>
            {applyWords}
          </button>
        </p>
      )}
    </>
  );
}
