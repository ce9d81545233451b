/**
 * Shapes of saved values: one declaration from which the TypeScript type and the check of what a snapshot says come.
 * A shape converts nothing: values are kept as they are, and `undefined` is a value.
 */

/** What a snapshot can hold. */
export type SavedValue =
  | undefined
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | readonly SavedValue[]
  | { readonly [name: string]: SavedValue };

/** Where a value is: names of parts and members, and numbers of a list's entries. */
export type SavedPath = readonly (string | number)[];

/** What keeps a value from being what it should be. */
export interface SavedProblem {
  readonly path: SavedPath;
  readonly expected: string;
  readonly found: string;
}

/** Hears of each problem of a saved value, in the order of the value. */
export type ReportSavedProblem = (problem: SavedProblem) => void;

/**
 * What saved values of one kind look like: from it come their type ({@link SavedValueOf}) and their check.
 */
export interface SavedShape<Value> {
  /** In words: `a number from 0 to 255`. */
  readonly expected: string;
  /** Reports everything that keeps a value from being one of these. Changes nothing. */
  check(value: unknown, path: SavedPath, report: ReportSavedProblem): void;
  /** Never there: carries the type. */
  readonly value?: Value;
}

/** The type of the values that a shape accepts. */
export type SavedValueOf<S> = S extends SavedShape<infer Value> ? Value : never;

const SHOWN_LIMIT = 60;

/** A value in a few words, for a message. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'bigint') return `${value}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text;
}

function scalar<Value>(expected: string, accepts: (value: unknown) => boolean): SavedShape<Value> {
  return {
    expected,
    check: (value, path, report) => {
      if (!accepts(value)) report({ path, expected, found: shownValue(value) });
    },
  };
}

/** A whole number from 0 to `last`. */
export function upTo(last: number): SavedShape<number> {
  return scalar(
    `a number from 0 to ${last}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= last,
  );
}

export const flag: SavedShape<boolean> = scalar('true or false', (value) => typeof value === 'boolean');
export const u8 = upTo(0xff);
export const u16 = upTo(0xffff);
export const u32 = upTo(0xffff_ffff);
/** Addresses, sizes, numbers of things: none is negative. */
export const whole: SavedShape<number> = scalar(
  'a whole number',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
/** A whole number from `first` to `last`. */
export function between(first: number, last: number): SavedShape<number> {
  return scalar(
    `a number from ${first} to ${last}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= first && (value as number) <= last,
  );
}
/** Nanoseconds since power-on; clocks that follow the host's have fractions of them. */
export const moment: SavedShape<number> = scalar(
  'a time',
  (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER,
);
export const long: SavedShape<bigint> = scalar(
  'a number of 64 bits',
  (value) => typeof value === 'bigint' && value >= 0n && value < 1n << 64n,
);
export const text: SavedShape<string> = scalar('a text', (value) => typeof value === 'string');

export function oneOf<const Word extends string | number>(...words: readonly Word[]): SavedShape<Word> {
  return scalar(`one of ${words.join(', ')}`, (value) => (words as readonly unknown[]).includes(value));
}

/** Exactly so many bytes. */
export function bytesOf(sizeBytes: number): SavedShape<Uint8Array> {
  return scalar(`${sizeBytes} bytes`, (value) => value instanceof Uint8Array && value.length === sizeBytes);
}

/** Bytes, `most` of them at most. */
export function bytesUpTo(most: number): SavedShape<Uint8Array> {
  return scalar(`up to ${most} bytes`, (value) => value instanceof Uint8Array && value.length <= most);
}

export function optional<Value>(shape: SavedShape<Value>): SavedShape<Value | undefined> {
  return {
    expected: `${shape.expected}, or nothing`,
    check: (value, path, report) => {
      if (value !== undefined) shape.check(value, path, report);
    },
  };
}

function checkEntries(
  shapeAt: (index: number) => SavedShape<unknown>,
  value: readonly unknown[],
  path: SavedPath,
  report: ReportSavedProblem,
): void {
  for (const [index, entry] of value.entries()) shapeAt(index).check(entry, [...path, index], report);
}

/** A list of `most` entries at most. */
export function listUpTo<Value>(most: number, entry: SavedShape<Value>): SavedShape<readonly Value[]> {
  const expected = `a list of up to ${most}`;
  return {
    expected,
    check: (value, path, report) => {
      if (!Array.isArray(value) || value.length > most) report({ path, expected, found: shownValue(value) });
      else checkEntries(() => entry, value, path, report);
    },
  };
}

/** A list of exactly `count` entries. */
export function listOf<Value>(count: number, entry: SavedShape<Value>): SavedShape<readonly Value[]> {
  const expected = `a list of ${count}`;
  return {
    expected,
    check: (value, path, report) => {
      if (!Array.isArray(value) || value.length !== count)
        report({ path, expected, found: shownValue(value) });
      else checkEntries(() => entry, value, path, report);
    },
  };
}

type ShapesOf<Values extends readonly unknown[]> = { readonly [I in keyof Values]: SavedShape<Values[I]> };

/** A list with a shape for each place. */
export function tuple<Values extends readonly unknown[]>(
  ...shapes: ShapesOf<Values>
): SavedShape<Readonly<Values>> {
  const expected = `a list of ${shapes.length}`;
  return {
    expected,
    check: (value, path, report) => {
      if (!Array.isArray(value) || value.length !== shapes.length)
        report({ path, expected, found: shownValue(value) });
      else checkEntries((index) => shapes[index] as SavedShape<unknown>, value, path, report);
    },
  };
}

type Members = Readonly<Record<string, SavedShape<unknown>>>;
export type RecordOf<M extends Members> = { readonly [Name in keyof M]: SavedValueOf<M[Name]> };

/** An object with these members and no others. */
export function record<M extends Members>(members: M): SavedShape<RecordOf<M>> {
  return {
    expected: 'an object',
    check: (value, path, report) =>
      checkMembers(value, path, report, Object.keys(members), (name) => members[name] as SavedShape<unknown>),
  };
}

/** Checks an object's members by name; a name too many or one that is missing is a problem. */
export function checkMembers(
  value: unknown,
  path: SavedPath,
  report: ReportSavedProblem,
  names: readonly string[],
  shapeOf: (name: string) => Pick<SavedShape<unknown>, 'check'>,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    report({ path, expected: 'an object', found: shownValue(value) });
    return;
  }
  const known = new Set(names);
  for (const name of Object.keys(value)) {
    if (!known.has(name)) report({ path: [...path, name], expected: 'nothing of that name', found: 'it' });
  }
  for (const name of names) {
    const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    shapeOf(name).check(member, [...path, name], report);
  }
}
