/** System: who is there and who may touch what, as a diagram and in words; and what changed since the session began. */
import { useSignal } from '@preact/signals';
import { pictures } from '../../session/session.ts';
import { Drawn } from '../drawn.tsx';
import type { View } from '../view.ts';
import './system.css';

export const SYSTEM_VIEW: View = {
  id: 'system',
  title: 'System',
  component: SystemView,
  isAvailable: () => pictures.value !== undefined,
};

const TABS = ['Diagram', 'Changes', 'Who may do what'] as const;
type Tab = (typeof TABS)[number];

function SystemView() {
  const shown = useSignal<Tab>('Diagram');
  const found = pictures.value;
  if (found === undefined) return undefined;
  return (
    <div class="system-view">
      <h1 class="visually-hidden">System</h1>
      <fieldset class="tabs">
        <legend class="visually-hidden">What is shown</legend>
        {TABS.map((tab) => (
          <button
            key={tab}
            type="button"
            aria-pressed={shown.value === tab}
            onClick={() => {
              shown.value = tab;
            }}
          >
            {tab}
          </button>
        ))}
      </fieldset>
      {shown.value === 'Diagram' ? <Drawn picture={found.system} name="Diagram of the system" /> : undefined}
      {shown.value === 'Changes' ? (
        found.compared === undefined ? (
          <p class="quiet words">Nothing was changed since the session began.</p>
        ) : (
          <Drawn picture={found.compared} name="Diagram of what changed" />
        )
      ) : undefined}
      {shown.value === 'Who may do what' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        <section class="words" tabIndex={0} aria-label="Who may do what">
          <pre>{found.explanation}</pre>
        </section>
      ) : undefined}
    </div>
  );
}
