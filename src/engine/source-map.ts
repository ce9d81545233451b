/** Places of a script as places of the files that it was made of, by a source map (ECMA-426): for stacks that a person reads. */

/** A place in the script, as the engine's stacks name it, and where it comes from. */
interface Mapping {
  readonly column: number;
  readonly source: string;
  readonly line: number;
  readonly sourceColumn: number;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CONTINUES = 32;
const DIGIT_BITS = 5;

/** The places of a script. */
export class ScriptPlaces {
  readonly #lines: readonly (readonly Mapping[])[];
  readonly #program: string;

  /** `map`: the source map's JSON; without one, places stay as they are. `program`: the source whose places are wanted first. */
  constructor(map?: string, program = '') {
    this.#program = program;
    const { sources, mappings } =
      map === undefined
        ? { sources: [], mappings: '' }
        : (JSON.parse(map) as { readonly sources: readonly string[]; readonly mappings: string });
    this.#lines = decode(sources, mappings);
  }

  /** A stack's text; its places are written `name:line:column`. */
  translated(stack: string, name: string): string {
    return stack.replaceAll(placesOf(name), (place, line: string, column: string) => {
      return this.#textOf(Number(line), Number(column)) ?? place;
    });
  }

  /** The place of a stack's topmost frame in the program; where it has none there, of the topmost one. */
  first(stack: string, name: string): string | undefined {
    const places = [...stack.matchAll(placesOf(name))].map(
      ([place, line, column]) => this.#textOf(Number(line), Number(column)) ?? place,
    );
    return places.find((place) => place.startsWith(`${this.#program}:`)) ?? places[0];
  }

  #textOf(line: number, column: number): string | undefined {
    const found = this.#lines[line - 1]?.findLast((mapping) => mapping.column <= column - 1);
    return found === undefined ? undefined : `${found.source}:${found.line + 1}:${found.sourceColumn + 1}`;
  }
}

const placesOf = (name: string): RegExp =>
  new RegExp(`${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');

/** Lines of segments of numbers in base 64, each but the column the difference to the one before. */
function decode(sources: readonly string[], mappings: string): readonly (readonly Mapping[])[] {
  let [source, line, sourceColumn] = [0, 0, 0];
  return mappings.split(';').map((segments) => {
    let column = 0;
    return segments.split(',').flatMap((segment) => {
      const [byColumn = 0, bySource, byLine = 0, bySourceColumn = 0] = numbersOf(segment);
      column += byColumn;
      if (bySource === undefined) return [];
      source += bySource;
      line += byLine;
      sourceColumn += bySourceColumn;
      return [{ column, source: sources[source] ?? '', line, sourceColumn }];
    });
  });
}

function numbersOf(segment: string): readonly number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits % CONTINUES) * 2 ** shift;
    shift += DIGIT_BITS;
    if (bits >= CONTINUES) continue;
    numbers.push(value % 2 === 0 ? value / 2 : -(value - 1) / 2);
    [value, shift] = [0, 0];
  }
  return numbers;
}
