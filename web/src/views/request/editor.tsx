/** The session's text in CodeMirror: planned or checked as it is typed, with what was found marked where it stands. */
import { xml } from '@codemirror/lang-xml';
import { yaml } from '@codemirror/lang-yaml';
import { type Diagnostic as Mark, setDiagnostics } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import { effect } from '@preact/signals';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'preact/hooks';
import type { Diagnostic } from '../../../../src/base/index.ts';
import { place } from '../../session/navigation.ts';
import { changeText, diagnostics, opened, text } from '../../session/session.ts';
import { textCompletion } from './completion.ts';
import { EDITOR_THEME } from './editor-theme.ts';

/** How long a person must have typed nothing before what they typed is planned. */
const QUIET_MS = 300;

export function TextEditor() {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** What was typed and is not taken yet. */
    let takeNow: (() => void) | undefined;
    const isRequest = opened.peek()?.kind === 'request';
    const name = opened.peek()?.name ?? '';
    const view = new EditorView({
      parent: element.current,
      doc: text.peek(),
      extensions: [
        basicSetup,
        isRequest ? yaml() : xml(),
        textCompletion(),
        EDITOR_THEME,
        EditorView.contentAttributes.of({ 'aria-label': name, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          clearTimeout(timer);
          const take = (): void => {
            takeNow = undefined;
            void changeText(update.state.doc.toString());
          };
          takeNow = take;
          timer = setTimeout(take, QUIET_MS);
        }),
      ],
    });
    const ends = [
      effect(() => {
        const changed = text.value;
        if (changed === view.state.doc.toString()) return;
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: changed } });
        clearTimeout(timer);
        takeNow = undefined;
      }),
      effect(() => {
        const here = diagnostics.value.filter(({ position }) => position?.file === name);
        const marks = here.map((each) => markOf(each, view.state.doc));
        view.dispatch(setDiagnostics(view.state, marks));
      }),
      effect(() => {
        const { view: shown, parameters } = place.value;
        const line = Number(parameters['line']);
        const isHere = shown === 'request' && (parameters['file'] ?? name) === name;
        if (!isHere || !(line >= 1 && line <= view.state.doc.lines)) return;
        const { from } = view.state.doc.line(line);
        view.dispatch({
          selection: { anchor: from },
          effects: EditorView.scrollIntoView(from, { y: 'center' }),
        });
        view.focus();
      }),
    ];
    return () => {
      clearTimeout(timer);
      // Whoever types and goes to another view at once has typed all the same.
      takeNow?.();
      for (const end of ends) end();
      view.destroy();
    };
  }, []);
  return <div class="editor" ref={element} />;
}

const SEVERITIES = { error: 'error', warning: 'warning', note: 'info' } as const;

/** From the place to the end of the word there. */
function markOf({ severity, code, message, hint, position }: Diagnostic, document: Text): Mark {
  const line = document.line(Math.min(Math.max(position?.line ?? 1, 1), document.lines));
  const from = Math.min(line.from + (position?.column ?? 1) - 1, line.to);
  const [word = ''] = /^[^\s,\]}]+/.exec(line.text.slice(from - line.from)) ?? [];
  return {
    from,
    to: from + word.length,
    severity: SEVERITIES[severity],
    source: code,
    message: hint === undefined ? message : `${message}\n${hint}`,
  };
}
