/** Two versions of a text, line by line: what stayed, came and went. */

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Beyond this the middle is told as gone and come: a person reads no more of it either. */
const COMPARED_CELLS = 20_000_000;

export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end))
    end += 1;
  const lines = (all: readonly string[], kind: DiffLine['kind']) =>
    all.map((text): DiffLine => ({ kind, text }));
  return [
    ...lines(now.slice(0, start), 'same'),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...lines(now.slice(now.length - end), 'same'),
  ];
}

/** By the longest sequence that both have. */
function middle(old: readonly string[], now: readonly string[]): readonly DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: 'removed', text });
  const come = (text: string): DiffLine => ({ kind: 'added', text });
  if (old.length * now.length > COMPARED_CELLS) return [...old.map(gone), ...now.map(come)];
  const width = now.length + 1;
  /** How much the rests from (row, column) on have in common. */
  const common = new Uint16Array((old.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = now.length - 1; column >= 0; column -= 1)
      common[row * width + column] =
        old[row] === now[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < now.length) {
    const [one, other] = [old[row], now[column]];
    if (one !== undefined && one === other) {
      lines.push({ kind: 'same', text: one });
      row += 1;
      column += 1;
    } else if (other === undefined || (one !== undefined && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(gone(one ?? ''));
      row += 1;
    } else {
      lines.push(come(other));
      column += 1;
    }
  }
  return lines;
}
