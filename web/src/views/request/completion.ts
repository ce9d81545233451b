/** Completion in requests: keys and words by the request's schema, devices by the board's tree. */
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { vocabulary } from '../../session/session.ts';

/** What of JSON Schema requests are declared with. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  readonly type?: string;
  readonly description?: string;
}

/** Keys whose lists name devices. */
const DEVICE_KEYS = new Set(['pass', 'except', 'stdout', 'device', 'cut']);

/** All ways to write a value: what stands under `anyOf` and `oneOf` too. */
function waysOf(schema: Schema): readonly Schema[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(waysOf)];
}

/** What may stand below a key. */
function below(schemas: readonly Schema[], key: string): readonly Schema[] {
  return schemas
    .flatMap(waysOf)
    .flatMap(({ properties, items }) => [
      ...(properties?.[key] === undefined ? [] : [properties[key]]),
      ...(items === undefined ? [] : waysOf(items).flatMap((each) => each.properties?.[key] ?? [])),
    ]);
}

/** The keys that lead to a place, by how far lines are indented. */
function pathTo(lines: readonly string[], at: number, indent: number): readonly string[] {
  const keys: string[] = [];
  let limit = indent;
  for (let index = at - 1; index >= 0 && limit > 0; index -= 1) {
    const [, blanks = '', dash = '', key] = /^(\s*)((?:- +)*)"?([\w-]+)"?\s*:/.exec(lines[index] ?? '') ?? [];
    const column = blanks.length + dash.length;
    if (key === undefined || column >= limit) continue;
    keys.unshift(key);
    limit = blanks.length === column ? column : blanks.length;
  }
  return keys;
}

function complete(context: CompletionContext): CompletionResult | null {
  const { schema, devices = [] } = vocabulary.peek() ?? {};
  if (schema === undefined) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (before.includes('#')) return null;
  const word = context.matchBefore(/[\w@&./,-]*/);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const lines = context.state.doc.toString().split('\n');
  const [, indent = '', ownKey] = /^(\s*(?:- +)*)(?:"?([\w-]+)"?\s*:)?/.exec(before) ?? [];
  const outer = pathTo(lines, line.number - 1, indent.length);
  const flowKey = /[{,]\s*"?([\w-]+)"?\s*:\s*[^,}]*$/.exec(before)?.[1];
  const isInMapping = /\{[^}]*$/.test(before);
  const keys = [
    ...outer,
    ...(ownKey === undefined ? [] : [ownKey]),
    ...(isInMapping && flowKey !== undefined ? [flowKey] : []),
  ];
  const schemas = keys.reduce<readonly Schema[]>((found, key) => below(found, key), [schema]);
  const isKeyPlace = ownKey === undefined || (isInMapping && flowKey === undefined);
  const options = [
    ...(isKeyPlace ? keysOf(schemas) : []),
    ...(isKeyPlace && !/-\s*$/.test(indent) ? [] : wordsOf(schemas)),
    ...(DEVICE_KEYS.has(keys.at(-1) ?? '')
      ? devices.map(({ name, path, compatible }) => ({
          label: name,
          detail: compatible,
          info: path,
          type: 'variable',
        }))
      : []),
  ];
  return options.length === 0 ? null : { from: word.from, options, validFor: /^[\w@&./,-]*$/ };
}

function keysOf(schemas: readonly Schema[]) {
  const properties = schemas
    .flatMap(waysOf)
    .flatMap((schema) => [schema, ...(schema.items === undefined ? [] : waysOf(schema.items))])
    .flatMap((schema) => Object.entries(schema.properties ?? {}));
  return [...new Map(properties)].map(([label, { description = '' }]) => ({
    label,
    apply: `${label}: `,
    info: description,
    type: 'property',
  }));
}

function wordsOf(schemas: readonly Schema[]) {
  const words = schemas
    .flatMap(waysOf)
    .flatMap((schema) => [schema, ...(schema.items === undefined ? [] : waysOf(schema.items))])
    .flatMap((schema) => [
      ...(schema.enum ?? []),
      ...(schema.const === undefined ? [] : [schema.const]),
      ...(schema.type === 'boolean' ? ['true', 'false'] : []),
    ]);
  return [...new Set(words)].map((label) => ({ label: `${label}`, type: 'enum' }));
}

export function requestCompletion(): Extension {
  return autocompletion({ override: [complete], icons: false });
}
