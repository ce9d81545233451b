/**
 * The strings block of a blob, laid out as dtc lays it out: names in order of first use, and a name that ends a string
 * already there shares its bytes, the earliest place first. Other layouts are as valid (DTSpec 0.4 §5.5); this one makes
 * our blobs equal to dtc's to the byte.
 */

const NUL_BYTES = 1;

export interface StringTable {
  /** Where each name stands in the block. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The strings to write, in order, each with a NUL after it. */
  readonly strings: readonly string[];
  readonly sizeBytes: number;
}

/** @param names different from each other, in order of first use */
export function layOutStrings(names: readonly string[]): StringTable {
  const holders = earliestHolders(names);
  const offsets = new Map<string, number>();
  const strings: string[] = [];
  let sizeBytes = 0;
  for (const [index, name] of names.entries()) {
    const holder = names[holders[index] as number] as string;
    if (holder === name) {
      offsets.set(name, sizeBytes);
      strings.push(name);
      sizeBytes += name.length + NUL_BYTES;
    } else {
      offsets.set(name, (offsets.get(holder) as number) + holder.length - name.length);
    }
  }
  return { offsets, strings, sizeBytes };
}

/**
 * For each name the index of the earliest name that ends with it: itself, or one that came before. That one is itself
 * no other's ending, or there would be one still earlier. Turned round and sorted, the names that end with a given one
 * follow it, so one pass with a stack finds them all, whatever the names.
 */
function earliestHolders(names: readonly string[]): Uint32Array {
  const turned = names.map((name) => turnRound(name));
  const order = Uint32Array.from(names, (_, index) => index).sort((a, b) =>
    (turned[a] as string) < (turned[b] as string) ? -1 : 1,
  );
  const holders = Uint32Array.from(names, (_, index) => index);
  const stack: number[] = [];
  const close = (): void => {
    const done = stack.pop() as number;
    const below = stack.at(-1);
    if (below !== undefined) {
      holders[below] = Math.min(holders[below] as number, holders[done] as number);
    }
  };
  for (const index of order) {
    const name = turned[index] as string;
    while (stack.length > 0 && !name.startsWith(turned[stack.at(-1) as number] as string)) close();
    stack.push(index);
  }
  while (stack.length > 0) close();
  return holders;
}

function turnRound(name: string): string {
  let turned = '';
  for (let at = name.length - 1; at >= 0; at--) turned += name[at];
  return turned;
}
