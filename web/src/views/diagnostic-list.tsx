/** Diagnostics as cards: what is wrong, where, and what to do. */
import { type Diagnostic, formatPosition } from '../../../src/base/index.ts';
import './diagnostic-list.css';

export function DiagnosticList({ diagnostics }: { readonly diagnostics: readonly Diagnostic[] }) {
  if (diagnostics.length === 0) return undefined;
  return (
    <ul class="diagnostics">
      {diagnostics.map((each, index) => (
        <li key={`${each.code}/${index}`} class={each.severity}>
          <DiagnosticCard diagnostic={each} />
        </li>
      ))}
    </ul>
  );
}

function DiagnosticCard({ diagnostic }: { readonly diagnostic: Diagnostic }) {
  const { severity, code, message, position, hint } = diagnostic;
  return (
    <>
      <p class="about">
        <span class="severity">{severity}</span> <code>{code}</code>
        {position === undefined ? undefined : <code class="where">{formatPosition(position)}</code>}
      </p>
      <p>{message}</p>
      {hint === undefined ? undefined : <p class="hint">{hint}</p>}
    </>
  );
}
