/**
 * What a snapshot holds of a part of a machine. A part declares its state once, by shapes; from that come its type, the
 * check of what a snapshot says, saving and loading. A whole snapshot is checked before anything of it is loaded, so that one
 * that is damaged or of another machine changes nothing.
 */
import {
  bytesOf,
  checkMembers,
  listOf,
  listUpTo,
  type ReportSavedProblem,
  type SavedPath,
  type SavedShape,
  type SavedValue,
  type SavedValueOf,
  shownValue,
  tuple,
  u32,
} from './saved-shapes.ts';

/**
 * How a part of a machine is kept in a snapshot. `check` must be asked, and find nothing, before `load` may
 * be called.
 */
export interface Saved {
  save(): SavedValue;
  /** Reports everything that keeps a value from being a state of this part. Changes nothing. */
  check(value: unknown, path: SavedPath, report: ReportSavedProblem): void;
  /** Takes up a value that {@link check} had nothing to say of. */
  load(value: SavedValue): void;
}

/** Something whose state a snapshot holds. */
export interface Saving {
  readonly saved: Saved;
}

/** A value that is read and written by functions. */
export function kept<Value>(shape: SavedShape<Value>, get: () => Value, set: (value: Value) => void): Saved {
  return {
    save: () => get() as SavedValue,
    check: (value, path, report) => shape.check(value, path, report),
    load: (value) => set(value as Value),
  };
}

type Shapes = Readonly<Record<string, SavedShape<unknown>>>;
type Mutable<S extends Shapes> = { -readonly [Name in keyof S]: SavedValueOf<S[Name]> };

/** Members of an object, each by its own name. */
export function keptMembers<S extends Shapes>(
  target: Mutable<S>,
  shapes: S,
): Readonly<Record<keyof S & string, Saved>> {
  const members = Object.entries(shapes).map(([name, shape]) => {
    const key = name as keyof S;
    return [
      name,
      kept(
        shape,
        () => target[key],
        (value) => {
          target[key] = value as Mutable<S>[keyof S];
        },
      ),
    ];
  });
  return Object.fromEntries(members);
}

/** Parts by name, loaded in their order; then `loaded`, for what follows from them. */
export function savedParts(parts: Readonly<Record<string, Saved>>, loaded: () => void = () => {}): Saved {
  const names = Object.keys(parts);
  return {
    save: () => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    check: (value, path, report) => checkMembers(value, path, report, names, (name) => parts[name] as Saved),
    load: (value) => {
      const values = value as Readonly<Record<string, SavedValue>>;
      for (const [name, part] of Object.entries(parts)) part.load(values[name]);
      loaded();
    },
  };
}

/** Parts by number: always as many of them. */
export function savedList(parts: readonly Saved[]): Saved {
  const expected = `a list of ${parts.length}`;
  return {
    save: () => parts.map((part) => part.save()),
    check: (value, path, report) => {
      if (!Array.isArray(value) || value.length !== parts.length) {
        report({ path, expected, found: shownValue(value) });
        return;
      }
      for (const [index, part] of parts.entries()) part.check(value[index], [...path, index], report);
    },
    load: (value) => {
      for (const [index, part] of parts.entries()) part.load((value as readonly SavedValue[])[index]);
    },
  };
}

/** A part that remembers nothing. */
export const NOTHING_SAVED: Saved = savedParts({});

/** Something that may not be there: as its counterpart in the snapshot. */
export function savedIfThere(part: Saved | undefined): Saved {
  return part ?? NOTHING_SAVED;
}

/** Bytes that stay where they are: memory of a device. */
export function keptBytes(bytes: Uint8Array): Saved {
  return kept(
    bytesOf(bytes.length),
    () => bytes.slice(),
    (value) => bytes.set(value),
  );
}

/** The same for words. */
export function keptWords(words: Uint32Array): Saved {
  return kept(
    listOf(words.length, u32),
    () => [...words],
    (values) => words.set(values),
  );
}

/** The limit of lists that have no smaller one of their own. */
export const ENTRIES_LIMIT = 1 << 20;

/** A set, as a list of its entries in order of insertion, `most` of them at most. */
export function keptSet<Value>(set: Set<Value>, entry: SavedShape<Value>, most = ENTRIES_LIMIT): Saved {
  return kept(
    listUpTo(most, entry),
    () => [...set],
    (entries) => {
      set.clear();
      for (const value of entries) set.add(value);
    },
  );
}

/** A map, as a list of pairs in order of insertion, `most` of them at most. */
export function keptMap<Key, Value>(
  map: Map<Key, Value>,
  key: SavedShape<Key>,
  value: SavedShape<Value>,
  most = ENTRIES_LIMIT,
): Saved {
  return kept(
    listUpTo(most, tuple<[Key, Value]>(key, value)),
    () => [...map],
    (entries) => {
      map.clear();
      for (const [name, content] of entries) map.set(name, content);
    },
  );
}

/** An array that always has as many entries. */
export function keptCells<Value>(cells: Value[], entry: SavedShape<Value>): Saved {
  return kept(
    listOf(cells.length, entry),
    () => [...cells],
    (entries) => {
      for (const [index, value] of entries.entries()) cells[index] = value;
    },
  );
}

/** An array that stays the same object, and of which there are up to `most` entries. */
export function keptList<Value>(list: Value[], most: number, entry: SavedShape<Value>): Saved {
  return kept(
    listUpTo(most, entry),
    () => [...list],
    (entries) => {
      list.length = 0;
      for (const value of entries) list.push(value);
    },
  );
}
