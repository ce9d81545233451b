/**
 * Large memory in a snapshot: only pages that are not all zero, as runs of pages and their content in one piece. A guest's RAM
 * is mostly untouched, so that a snapshot of hundreds of MiB comes to what was used.
 */
import { kept, type Saved } from './saved.ts';
import {
  bytesUpTo,
  listUpTo,
  type ReportSavedProblem,
  record,
  type SavedPath,
  type SavedShape,
  type SavedValueOf,
  tuple,
  whole,
} from './saved-shapes.ts';

const SAVED_PAGE_BYTES = 4096;

const pagesShape = record({
  /** First page and number of pages, ascending. */
  runs: listUpTo(1 << 26, tuple<[first: number, count: number]>(whole, whole)),
  content: bytesUpTo(Number.MAX_SAFE_INTEGER),
});

/** Memory by its pages that hold anything but zeros: their numbers, and their content one after the other. */
export type SavedPages = SavedValueOf<typeof pagesShape>;

/** Pages of a memory of so many bytes. */
export function pagesOf(sizeBytes: number): SavedShape<SavedPages> {
  const pageCount = Math.ceil(sizeBytes / SAVED_PAGE_BYTES);
  const expected = `pages of ${sizeBytes} bytes of memory`;
  const fits = ({ runs, content }: SavedPages): boolean => {
    let [next, total] = [0, 0];
    for (const [first, count] of runs) {
      if (first < next || count === 0 || first + count > pageCount) return false;
      next = first + count;
      total += Math.min(count * SAVED_PAGE_BYTES, sizeBytes - first * SAVED_PAGE_BYTES);
    }
    return total === content.length;
  };
  return {
    expected,
    check(value: unknown, path: SavedPath, report: ReportSavedProblem): void {
      let problems = 0;
      pagesShape.check(value, path, (problem) => {
        problems += 1;
        report(problem);
      });
      if (problems === 0 && !fits(value as SavedPages)) report({ path, expected, found: 'others' });
    },
  };
}

/** Whether the page of a memory that begins at an offset holds nothing. */
export type IsZeroPage = (bytes: Uint8Array, offset: number) => boolean;

/** The pages of a memory that hold anything. */
export function usedPages(bytes: Uint8Array, isZeroPage: IsZeroPage = isZero): SavedPages {
  const runs: [number, number][] = [];
  for (let page = 0; page * SAVED_PAGE_BYTES < bytes.length; page += 1) {
    if (isZeroPage(bytes, page * SAVED_PAGE_BYTES)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === page) last[1] += 1;
    else runs.push([page, 1]);
  }
  const parts = runs.map(([first, count]) =>
    bytes.subarray(first * SAVED_PAGE_BYTES, (first + count) * SAVED_PAGE_BYTES),
  );
  const content = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    content.set(part, at);
    at += part.length;
  }
  return { runs, content };
}

function isZero(bytes: Uint8Array, offset: number): boolean {
  const end = Math.min(offset + SAVED_PAGE_BYTES, bytes.length);
  const start = bytes.byteOffset + offset;
  if (start % 4 === 0 && (end - offset) % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, start, (end - offset) / 4);
    let at = 0;
    while (at < words.length && words[at] === 0) at += 1;
    return at === words.length;
  }
  return bytes.subarray(offset, end).every((byte) => byte === 0);
}

/**
 * A memory that stays where it is. `isZeroPage`: for who can tell faster, of a memory of whole pages; `stored` is told what loading
 * has put where.
 */
export function keptPages(
  bytes: Uint8Array,
  isZeroPage: IsZeroPage = isZero,
  stored?: (offset: number, sizeBytes: number) => void,
): Saved {
  return kept(
    pagesOf(bytes.length),
    () => usedPages(bytes, isZeroPage),
    ({ runs, content }) => {
      // To write what is zero would give memory to what was never touched.
      for (let page = 0; page < bytes.length; page += SAVED_PAGE_BYTES)
        if (!isZeroPage(bytes, page)) bytes.fill(0, page, Math.min(page + SAVED_PAGE_BYTES, bytes.length));
      let at = 0;
      for (const [first, count] of runs) {
        const start = first * SAVED_PAGE_BYTES;
        const size = Math.min(count * SAVED_PAGE_BYTES, bytes.length - start);
        bytes.set(content.subarray(at, at + size), start);
        stored?.(start, size);
        at += size;
      }
    },
  );
}
