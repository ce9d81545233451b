/** Source files with their lines and functions, and which of them a run came to. */
import type { DebugFile, KernelSymbols } from '../../payload/index.ts';
import type { CodeMap } from './code-map.ts';

/** Lines and functions of one file; `true` where the run came there. */
export class CoveredFile {
  readonly lines = new Map<number, boolean>();
  readonly functions = new Map<string, { readonly line: number; readonly isCalled: boolean }>();

  line(line: number, isExecuted: boolean): void {
    if (isExecuted || !this.lines.has(line)) this.lines.set(line, isExecuted);
  }

  /** Of several of one name, as inline functions that were compiled more than once, the first line counts. */
  function(name: string, line: number, isCalled: boolean): void {
    const known = this.functions.get(name);
    this.functions.set(name, {
      line: Math.min(line, known?.line ?? line),
      isCalled: isCalled || known?.isCalled === true,
    });
  }
}

/** Files by their paths. */
export type CoveredFiles = Map<string, CoveredFile>;

/** `base` is where the code of `map` begins. Units of lines that are damaged are told. */
export function coveredLines(
  debug: DebugFile,
  base: bigint,
  map: CodeMap,
  onDamage: (offset: number, reason: string) => void,
): CoveredFiles {
  const functions = new Functions(debug, base, map.sizeBytes);
  const files: CoveredFiles = new Map();
  debug.visitLines(
    base,
    (from, to, path, line) => {
      if (!map.contains(from, to)) return;
      const file = files.get(path) ?? new CoveredFile();
      files.set(path, file);
      file.line(line, map.isExecuted(from, to));
      functions.row(from, path, line);
    },
    onDamage,
  );
  for (const { names, start, end, first } of functions.all) {
    const file = first === undefined ? undefined : files.get(first.path);
    if (file === undefined || first === undefined) continue;
    for (const name of names) file.function(name, first.line, map.isExecuted(start, end));
  }
  return files;
}

interface Code {
  readonly names: string[];
  readonly start: number;
  end: number;
  /** The row of its lowest address: not always its first instruction's, for room to patch belongs to no line. */
  first: { readonly from: number; readonly path: string; readonly line: number } | undefined;
}

/** Functions by their places. */
class Functions {
  readonly all: readonly Code[];
  readonly #starts: Float64Array;

  constructor(debug: DebugFile, base: bigint, sizeBytes: number) {
    const byStart = new Map<number, Code>();
    for (const { name, address, sizeBytes: ownBytes, kind } of debug.symbols) {
      if (kind !== 'function') continue;
      const start = Number(address - base);
      if (start < 0 || start >= sizeBytes) continue;
      const code = byStart.get(start) ?? { names: [], start, end: start, first: undefined };
      byStart.set(start, code);
      code.names.push(name);
      code.end = Math.max(code.end, start + ownBytes);
    }
    this.all = [...byStart.values()].sort((a, b) => a.start - b.start);
    // What is written in assembly does not always say how long it is.
    for (const [index, code] of this.all.entries())
      if (code.end === code.start) code.end = this.all[index + 1]?.start ?? sizeBytes;
    this.#starts = Float64Array.from(this.all, ({ start }) => start);
  }

  row(from: number, path: string, line: number): void {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    const code = this.all[low - 1];
    if (code === undefined || from >= code.end || from >= (code.first?.from ?? Number.POSITIVE_INFINITY))
      return;
    code.first = { from, path, line };
  }
}

/** Without lines: functions alone, numbered in the order of their places, in a file that stands for the kernel. */
export function coveredFunctions(symbols: KernelSymbols, path: string, map: CodeMap): CoveredFiles {
  const file = new CoveredFile();
  const all = symbols.all.filter(({ offset }) => isCode(symbols, offset));
  const places = [...new Set(all.map(({ offset }) => offset))];
  const ends = new Map(places.map((offset, index) => [offset, places[index + 1] ?? map.sizeBytes]));
  for (const [index, { name, offset }] of all.entries()) {
    const isCalled = map.isExecuted(offset, ends.get(offset) ?? map.sizeBytes);
    file.function(name, index + 1, isCalled);
    // lcov takes no record without lines.
    file.line(index + 1, isCalled);
  }
  return new Map([[path, file]]);
}

/** Code comes first, and once more for what runs while the kernel starts. */
function isCode(symbols: KernelSymbols, offset: number): boolean {
  const bound = (name: string, other: number): number => symbols.offsetOf(name) ?? other;
  const isIn = (from: number, to: number): boolean => offset >= from && offset < to;
  return (
    isIn(bound('_stext', 0), bound('_etext', Number.POSITIVE_INFINITY)) ||
    isIn(bound('_sinittext', 0), bound('_einittext', 0))
  );
}
