/** Saved state in tests: carried as a snapshot carries it, and checked before it is loaded. */
import assert from 'node:assert/strict';
import { decodeSaved, encodeSaved, type Saved, type SavedValue } from '../../src/base/index.ts';

/** What a part saves, by bytes and back. */
export function savedCopy(part: Saved): SavedValue {
  return decodeSaved(encodeSaved(part.save()));
}

/** What keeps a value from being a part's state, one a line. */
export function savedProblems(part: Saved, state: unknown): readonly string[] {
  const problems: string[] = [];
  part.check(state, [], ({ path, expected, found }) =>
    problems.push(`${path.join('.')}: ${expected}, not ${found}`),
  );
  return problems;
}

/** Loads what fits. */
export function loadSaved(part: Saved, state: SavedValue): void {
  assert.deepEqual(savedProblems(part, state), []);
  part.load(state);
}
