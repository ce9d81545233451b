/**
 * A description, a request and settings while somebody writes them: random edits, each followed by questions of every kind at random
 * places. Whatever is there, an answer comes or none; it lies inside the texts, what it would change can be made, and what is kept from one state
 * to the next does not grow with the edits.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TextEdit, TextPlace, TextRange } from '../src/base/index.ts';
import { type DocumentKind, Documents, editedText, Lines } from '../src/language/index.ts';
import { memoryHost } from '../src/workspace/index.ts';
import { BOARD_DTS, GUEST_SYSTEM } from '../test/support/guest-trees.ts';
import { check } from './check.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 600;

const REQUEST = `# yaml-language-server: $schema=request.schema.json
board: { dtb: board.dts, microkit: odroidc4 }
kernel: Image
guests:
  - name: a
    pass: [serial0, "pl031@*"]
    ram: { size: 64 MiB, base: 0x4800_0000 }
    serves: [{ device: mmc1 }]
  - name: b
    virtio: [console, { kind: block, driver: board, partition: 2 }]
drivers: [{ name: u, pass: [serial0] }]
`;
const SEEDS: readonly (readonly [file: string, kind: DocumentKind, text: string])[] = [
  ['/w/guest.system', 'description', GUEST_SYSTEM],
  ['/w/macro.system', 'description', `#include "name.h"\n#define UART 0x9000000\n${GUEST_SYSTEM}`],
  ['/w/request.yaml', 'request', REQUEST],
  ['/w/drivervm.yaml', 'settings', 'board: odroidc4\ndtb: board.dts\nsearch-path: [build]\n'],
];
const PIECES: readonly string[] = [
  ...[
    '<',
    '>',
    '/>',
    '"',
    "'",
    '=',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '<!--',
    '-->',
    '&',
    '#define A(',
    '\\\n',
    '\ud83d',
  ],
  ...[
    '<map mr="',
    '<irq irq="',
    '</protection_domain>',
    '<protection_domain name="p">',
    'perms="rw"',
    'vaddr=',
  ],
  ...[
    '- ',
    ': ',
    '[',
    ']',
    '{',
    '}',
    '#',
    '|',
    '&x ',
    '*x',
    '!!',
    '\n  ',
    'pass: ',
    'guests:\n- ',
    'dtb: ',
    '0x',
    '$1',
  ],
];
/** A text is begun anew after so many edits: most of the time it should be nearly right. */
const FRESH_EVERY = 40;
/** What is kept of texts, trees and findings at once comes to less. */
const HEAP_SLACK_BYTES = 24 * 2 ** 20;
const HEAP_EVERY = 2000;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const host = memoryHost({ '/w/board.dts': BOARD_DTS, '/w/name.h': '#define NAME "a"\n' });
  const documents = new Documents(host.files);
  const texts = new Map<string, string>();
  let settledBytes: number | undefined;
  for (let run = 0; run < runs; run++) {
    const [file, kind, good] = random.pick(SEEDS);
    const before = random.below(FRESH_EVERY) === 0 ? undefined : texts.get(file);
    const text = before === undefined ? good : edited(random, before);
    texts.set(file, text);
    try {
      if (random.below(FRESH_EVERY) === 0) documents.close(file);
      documents.set(file, kind, text);
      for (let count = 0; count < 3; count++) ask(random, documents, file, texts);
    } catch (error) {
      throw new Error(`run ${run}, ${file}: ${JSON.stringify(text)}`, { cause: error });
    }
    if (run % HEAP_EVERY === HEAP_EVERY - 1) {
      const heapBytes = heapNow();
      settledBytes ??= heapBytes;
      check(heapBytes < settledBytes + HEAP_SLACK_BYTES, 'what is kept grows', () => `${heapBytes} bytes`);
    }
  }
}

/** Some characters are gone, and something is there that was elsewhere, or could be typed. */
function edited(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const gone = random.below(3) === 0 ? random.below(40) : 0;
  const from = random.below(text.length + 1);
  const typed = random.below(3) === 0 ? text.slice(from, from + random.below(60)) : random.pick(PIECES);
  return text.slice(0, at) + typed + text.slice(at + gone);
}

/** Sometimes outside of the text: a client may be ahead of what it has sent. */
function somewhere(random: Random, lines: Lines): TextPlace {
  if (random.below(16) === 0) return { line: random.below(1000), column: random.below(1000) };
  return lines.placeOf(random.below(lines.text.length + 1));
}

function ask(random: Random, documents: Documents, file: string, texts: ReadonlyMap<string, string>): void {
  const lines = new Lines(texts.get(file) ?? '');
  const place = somewhere(random, lines);
  const inside = (of: string, range: TextRange) => {
    const text = texts.get(of);
    if (text !== undefined) isInside(new Lines(text), range);
  };
  switch (random.below(9)) {
    case 0:
      for (const finding of documents.findings(file)) {
        for (const each of [finding, ...finding.related]) inside(each.file, each.range);
      }
      return;
    case 1: {
      const hover = documents.hover(file, place);
      if (hover !== undefined) inside(file, hover.range);
      return;
    }
    case 2:
      for (const { range, snippet } of documents.complete(file, place)) {
        inside(file, range);
        editedText(lines.text, [{ file, range, text: snippet }]);
      }
      return;
    case 3:
      for (const each of documents.definitions(file, place)) inside(each.file, each.range);
      return;
    case 4:
      for (const each of documents.references(file, place, random.below(2) === 0))
        inside(each.file, each.range);
      return;
    case 5: {
      const range = documents.renameable(file, place);
      if (range !== undefined) inside(file, range);
      const renaming = documents.rename(file, place, random.pick(['b', '', 'a"b', '<']));
      if (!('refused' in renaming)) made(file, lines.text, renaming.edits);
      return;
    }
    case 6:
      for (const { range, selection } of documents.symbols(file)) {
        inside(file, range);
        inside(file, selection);
      }
      return;
    case 7:
      made(file, lines.text, documents.format(file) ?? []);
      return;
    default:
      for (const { edits } of documents.actions(file, lines.whole)) made(file, lines.text, edits);
  }
}

/** The edits can be made: inside the text, and none over another. */
function made(file: string, text: string, edits: readonly TextEdit[]): void {
  const lines = new Lines(text);
  for (const edit of edits) if (edit.file === file) isInside(lines, edit.range);
  editedText(
    text,
    edits.filter((edit) => edit.file === file),
  );
}

function isInside(lines: Lines, { start, end }: TextRange): void {
  const [from, to] = [lines.offsetOf(start), lines.offsetOf(end)];
  const isThere = same(lines.placeOf(from), start) && same(lines.placeOf(to), end);
  check(isThere && from <= to, 'a range lies outside of its text', () => JSON.stringify({ start, end }));
}

const same = (a: TextPlace, b: TextPlace) => a.line === b.line && a.column === b.column;

/** What is in use, once nothing else is kept. */
function heapNow(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
