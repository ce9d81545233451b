/**
 * Shapes of plain JSON values: one declaration from which a value's TypeScript type, its JSON Schema (draft 2020-12) and
 * the check of what was read from a file come. Values are used as they were parsed: a shape converts nothing.
 */

/** Where a value is: names of members, and numbers of a list's entries. */
export type JsonPath = readonly (string | number)[];

/** What is wrong with a value. */
export type JsonProblem =
  | {
      readonly kind: 'wrong-value';
      readonly path: JsonPath;
      readonly expected: string;
      readonly found: string;
    }
  | { readonly kind: 'missing-key'; readonly path: JsonPath; readonly key: string }
  | {
      readonly kind: 'unknown-key';
      readonly path: JsonPath;
      readonly key: string;
      readonly known: readonly string[];
    };

export interface JsonShape<Value> {
  /** In words: `a whole number`. */
  readonly expected: string;
  readonly schema: JsonSchemaObject;
  /** Everything that keeps a value from being one of these, told to `report`; nothing where it is one. */
  readonly check: (value: unknown, path: JsonPath, report: (problem: JsonProblem) => void) => void;
  /** Never there: carries the type. */
  readonly value?: Value;
}

export type JsonSchemaObject = { readonly [key: string]: unknown };
export type JsonValueOf<S> = S extends JsonShape<infer Value> ? Value : never;

type Members = Readonly<Record<string, JsonShape<unknown>>>;
type Simplified<T> = { readonly [K in keyof T]: T[K] };
type ObjectOf<Required extends Members, Optional extends Members> = Simplified<
  { readonly [K in keyof Required]: JsonValueOf<Required[K]> } & {
    readonly [K in keyof Optional]?: JsonValueOf<Optional[K]>;
  }
>;

const FOUND_LIMIT = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > FOUND_LIMIT ? `${text.slice(0, FOUND_LIMIT)}…` : text;
}

function scalar<Value>(
  expected: string,
  schema: JsonSchemaObject,
  accepts: (value: unknown) => boolean,
): JsonShape<Value> {
  return {
    expected,
    schema,
    check: (value, path, report) => {
      if (!accepts(value)) report({ kind: 'wrong-value', path, expected, found: shown(value) });
    },
  };
}

export const text: JsonShape<string> = scalar(
  'a text',
  { type: 'string' },
  (value) => typeof value === 'string',
);
export const flag: JsonShape<boolean> = scalar(
  'true or false',
  { type: 'boolean' },
  (value) => typeof value === 'boolean',
);
/** Addresses, sizes, numbers of things: none is negative. */
export const whole: JsonShape<number> = scalar(
  'a whole number',
  { type: 'integer', minimum: 0 },
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);

export function oneOf<const Word extends string | number>(...words: readonly Word[]): JsonShape<Word> {
  const expected = words.length === 1 ? shown(words[0]) : `one of ${words.map(shown).join(', ')}`;
  return scalar(expected, { enum: words }, (value) => (words as readonly unknown[]).includes(value));
}

/** Text of a form that a type stands for. */
export function textLike(expected: string, pattern: RegExp): JsonShape<string> {
  return scalar(
    expected,
    { type: 'string', pattern: pattern.source },
    (value) => typeof value === 'string' && pattern.test(value),
  );
}

export function listOf<Value>(entry: JsonShape<Value>): JsonShape<readonly Value[]> {
  const expected = 'a list';
  return {
    expected,
    schema: { type: 'array', items: entry.schema },
    check: (value, path, report) => {
      if (!Array.isArray(value)) {
        report({ kind: 'wrong-value', path, expected, found: shown(value) });
        return;
      }
      for (const [index, each] of value.entries()) entry.check(each, [...path, index], report);
    },
  };
}

/** An object with these members and no others. */
export function object<Required extends Members, Optional extends Members = Record<never, never>>(
  required: Required,
  optional?: Optional,
): JsonShape<ObjectOf<Required, Optional>> {
  const members: Members = { ...required, ...optional };
  const known = Object.keys(members);
  const expected = `an object with ${known.join(', ')}`;
  return {
    expected,
    schema: {
      type: 'object',
      properties: Object.fromEntries(known.map((key) => [key, members[key]?.schema])),
      required: Object.keys(required),
      additionalProperties: false,
    },
    check: (value, path, report) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        report({ kind: 'wrong-value', path, expected, found: shown(value) });
        return;
      }
      for (const key of Object.keys(required)) {
        if (!Object.hasOwn(value, key)) report({ kind: 'missing-key', path, key });
      }
      for (const [key, member] of Object.entries(value)) {
        const shape = Object.hasOwn(members, key) ? members[key] : undefined;
        if (shape === undefined) report({ kind: 'unknown-key', path: [...path, key], key, known });
        else shape.check(member, [...path, key], report);
      }
    },
  };
}

/** Objects that a member tells apart, by its value. */
export function tagged<Tag extends string, Shapes extends Readonly<Record<string, JsonShape<unknown>>>>(
  tag: Tag,
  shapes: Shapes,
): JsonShape<JsonValueOf<Shapes[keyof Shapes]>> {
  const expected = `an object whose ${tag} is one of ${Object.keys(shapes).map(shown).join(', ')}`;
  return {
    expected,
    schema: { oneOf: Object.values(shapes).map(({ schema }) => schema) },
    check: (value, path, report) => {
      const found =
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[tag] : undefined;
      const shape = typeof found === 'string' && Object.hasOwn(shapes, found) ? shapes[found] : undefined;
      if (shape === undefined) {
        report({ kind: 'wrong-value', path: [...path, tag], expected, found: shown(found) });
      } else {
        shape.check(value, path, report);
      }
    },
  };
}

/** A list of exactly two. */
export function pairOf<Value>(entry: JsonShape<Value>): JsonShape<readonly [Value, Value]> {
  const expected = 'a list of two';
  const list = listOf(entry);
  return {
    expected,
    schema: { ...list.schema, minItems: 2, maxItems: 2 },
    check: (value, path, report) => {
      if (Array.isArray(value) && value.length === 2) list.check(value, path, report);
      else report({ kind: 'wrong-value', path, expected, found: shown(value) });
    },
  };
}
