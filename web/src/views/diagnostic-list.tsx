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

const RANKS = { error: 0, warning: 1, note: 2 } as const;

/** The worst first. */
export function DiagnosticList({ diagnostics, ...rest }: Properties) {
  if (diagnostics.length === 0) return undefined;
  const sorted = [...diagnostics].sort((one, other) => RANKS[one.severity] - RANKS[other.severity]);
  return (
    <ul class="diagnostics">
      {sorted.map((each, index) => (
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
