/** The frame of the page: the bar with the views, the view, the line at its foot. */
import { useEffect, useRef } from 'preact/hooks';
import { addressOf, place } from '../session/navigation.ts';
import { diagnostics, failure, isOpen, opened, progress } from '../session/session.ts';
import { VIEWS } from '../views/index.ts';
import { SessionButtons } from './session-buttons.tsx';
import './shell.css';

export function Shell() {
  const current = VIEWS.find(({ id }) => id === place.value.view);
  // What is open stays where it is looked at while its text has an error.
  const shown = current?.isAvailable() === true || isOpen.value ? (current ?? VIEWS[0]) : VIEWS[0];
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${shown?.title} · ${opened.value?.title ?? 'drivervm workbench'}`;
    // Whoever goes on by keyboard goes on in the new view.
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [shown]);
  return (
    <div class="shell">
      <header class="bar">
        <a class="name" href="#open">
          <Mark />
          drivervm
        </a>
        <nav aria-label="Views">
          {VIEWS.map(({ id, title: name, isAvailable }) =>
            isAvailable() || isOpen.value ? (
              <a key={id} href={addressOf(id)} aria-current={id === shown?.id ? 'page' : undefined}>
                {name}
              </a>
            ) : (
              <span key={id} class="off">
                {name}
              </span>
            ),
          )}
        </nav>
        <div class="session">
          <span class="title">{opened.value?.title}</span>
          <SessionButtons />
        </div>
      </header>
      <main ref={main} tabIndex={-1} aria-label={shown?.title}>
        {shown?.isAvailable() === true ? <shown.component key={shown.id} /> : <NotYet title={shown?.title} />}
      </main>
      <Foot />
    </div>
  );
}

function NotYet({ title }: { readonly title: string | undefined }) {
  if (progress.value !== '') return <p class="not-yet quiet">{progress}</p>;
  return (
    <p class="not-yet">
      {title} is drawn once {opened.value?.name} has no errors: <a href="#request">see what was found</a>
    </p>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="3" fill="var(--accent)" />
      <path
        d="M3 4.5h10M3 8h6M3 11.5h8"
        stroke="var(--on-accent)"
        stroke-width="1.6"
        stroke-linecap="round"
      />
    </svg>
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function Foot() {
  const errors = diagnostics.value.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.value.filter(({ severity }) => severity === 'warning').length;
  return (
    <footer class="foot">
      <span class="words" role="status">
        {failure.value === undefined ? progress : <span class="failure">{failure}</span>}
      </span>
      {errors === 0 ? undefined : (
        <a class="errors" href="#request">
          {counted(errors, 'error')}
        </a>
      )}
      {warnings === 0 ? undefined : (
        <a class="warnings" href="#request">
          {counted(warnings, 'warning')}
        </a>
      )}
    </footer>
  );
}
