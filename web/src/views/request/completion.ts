/** Completion in requests and descriptions: what the room `language` offers at the cursor, which the worker asks. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippet,
} from '@codemirror/autocomplete';
import type { Extension, Text } from '@codemirror/state';
import type { TextPlace } from '../../../../src/base/index.ts';
import { call } from '../../session/worker.ts';

/** What a choice may go on with as it is typed, before it is asked for anew. */
const WORD = /^[\w@&./,-]*$/;
/** What CodeMirror shows beside a choice, by what it is. */
const TYPES: Readonly<Record<string, string>> = {
  element: 'class',
  attribute: 'property',
  key: 'property',
  value: 'enum',
  device: 'variable',
};

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const { state, pos, explicit } = context;
  if (!explicit && context.matchBefore(/[\w@&<]/) === null) return null;
  const line = state.doc.lineAt(pos);
  const place = { line: line.number, column: pos - line.from + 1 };
  const found = await call('complete', state.doc.toString(), place);
  const [first] = found;
  if (first === undefined) return null;
  const [from, to] = [offsetOf(state.doc, first.range.start), offsetOf(state.doc, first.range.end)];
  const options = found.map(
    ({ label, kind, detail = '', documentation = '', snippet: text }, index): Completion => ({
      label: text.startsWith('<') ? `<${label}` : label,
      displayLabel: label,
      detail,
      ...(documentation === '' ? {} : { info: documentation }),
      type: TYPES[kind] ?? 'text',
      // In the order in which they come: the first is the likeliest.
      boost: -Math.min(index, BOOST_MAX),
      apply: snippet(inPlaceholders(text)),
    }),
  );
  return { from, to, options, validFor: WORD };
}

/** CodeMirror knows choices from -99 to 99. */
const BOOST_MAX = 99;

function offsetOf(document: Text, { line, column }: TextPlace): number {
  const { from, to } = document.line(Math.min(line, document.lines));
  return Math.min(from + column - 1, to);
}

/** `$1` as CodeMirror writes where the cursor goes, and what stands for itself as itself. */
function inPlaceholders(text: string): string {
  return text.replaceAll(
    /\\([\\$}])|\$(\d)/g,
    (_, itself: string | undefined, stop: string) => itself ?? `\${${stop}}`,
  );
}

export function textCompletion(): Extension {
  return autocompletion({ override: [complete], icons: false });
}
