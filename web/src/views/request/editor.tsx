/** The request's text in CodeMirror. */
import { yaml } from '@codemirror/lang-yaml';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'preact/hooks';
import { changeRequest, request } from '../../session/session.ts';

/** How long a person must have typed nothing before what they typed is planned. */
const QUIET_MS = 300;

export function RequestEditor() {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const view = new EditorView({
      parent: element.current,
      doc: request.peek() ?? '',
      extensions: [
        basicSetup,
        yaml(),
        EditorView.contentAttributes.of({ 'aria-label': 'request.yaml' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          clearTimeout(timer);
          timer = setTimeout(() => void changeRequest(update.state.doc.toString()), QUIET_MS);
        }),
      ],
    });
    const end = request.subscribe((text) => {
      if (text === undefined || text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    });
    return () => {
      clearTimeout(timer);
      end();
      view.destroy();
    };
  }, []);
  return <div class="editor" ref={element} />;
}
