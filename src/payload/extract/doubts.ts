/** Doubts of one configuration that have one reason are told once, with the lines where there are more. */
import type { DoubtSubject } from '../boot/entry.ts';

interface ToldDoubt {
  readonly file: string;
  readonly line?: number | undefined;
  readonly text: string;
  readonly reason: string;
  readonly about: readonly DoubtSubject[];
}

export interface DoubtGroup<Doubt> {
  readonly first: Doubt;
  /** What any of them is about. */
  readonly about: readonly DoubtSubject[];
  /** Where the others are: ` (and on lines 4, 7 and 12 more)`; empty where there are none. */
  readonly places: string;
}

/** Lines named of one group. */
const LINES_SHOWN = 6;

/** Doubts of one reason together, in the order of the first of each. */
export function groupedDoubts<Doubt extends ToldDoubt>(
  doubts: readonly Doubt[],
): readonly DoubtGroup<Doubt>[] {
  const groups = new Map<string, Doubt[]>();
  for (const doubt of doubts) {
    const key = `${doubt.file}\n${doubt.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [doubt]);
    else group.push(doubt);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const about = [...new Set(group.flatMap((doubt) => doubt.about))];
    return [{ first, about, places: placesOf(others, first.line) }];
  });
}

function placesOf(others: readonly ToldDoubt[], line: number | undefined): string {
  if (others.length === 0) return '';
  const lines = [...new Set(others.flatMap((other) => (other.line === undefined ? [] : [other.line])))];
  const named = lines.filter((each) => each !== line).slice(0, LINES_SHOWN);
  const left = others.filter((other) => !named.some((each) => each === other.line)).length;
  if (named.length === 0) return ` (and ${left} more)`;
  return ` (and on line${named.length === 1 ? '' : 's'} ${named.join(', ')}${left === 0 ? '' : `, and ${left} more`})`;
}
