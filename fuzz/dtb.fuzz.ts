/** The blob reader: mutants of good blobs, blobs made of random tokens, and bytes that are nothing. */
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { PlainText } from '../src/cpp/index.ts';
import {
  bytesEqual,
  type DeviceTree,
  dtbCodes,
  dtsCodes,
  encodeCells,
  firstTreeDifference,
  printDts,
  readDtb,
  readDts,
  writeDtb,
} from '../src/devicetree/index.ts';
import { beginNode, blobOf, property, TOKEN } from '../test/support/blobs.ts';
import { bytesForMessage, check, checkOutcome } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';
import { randomTree } from './trees.ts';

const FILE = 'fuzz.dtb';
/** Printing is slower than reading and does not depend on the bytes alone. */
const PRINT_EVERY = 4;
const TREES_KEPT = 64;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const good: Uint8Array[] = [];
  for (let run = 0; run < runs; run++) {
    if (good.length < TREES_KEPT || random.below(TREES_KEPT) === 0) {
      good[random.below(TREES_KEPT) % (good.length + 1)] = writeDtb(randomTree(random));
    }
    runOne(candidate(random, good), run);
  }
}

function candidate(random: Random, good: readonly Uint8Array[]): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return randomTokens(random);
    case 1:
      return mutateBytes(random, randomTokens(random));
    case 2:
      return random.bytes(random.below(64));
    case 3:
      return random.pick(good);
    default:
      return mutateBytes(random, random.pick(good));
  }
}

/** A good header over tokens in any order, with names and sizes that are often right. */
function randomTokens(random: Random): Uint8Array {
  const strings = 'reg\0name\0assigned-clocks\0#address-cells\0';
  const structure: Uint8Array[] = random.below(4) > 0 ? [beginNode('')] : [];
  for (let count = random.below(24); count > 0; count--) {
    const kind = random.below(8);
    if (kind < 2)
      structure.push(beginNode(random.pick(['a', 'b@1', 'cpu@0', '', 'a/b', 'with space', '@@'])));
    else if (kind < 4)
      structure.push(property(random.below(strings.length + 2), random.bytes(random.below(9))));
    else if (kind < 6) structure.push(encodeCells([TOKEN.end]));
    else structure.push(encodeCells([random.pick([TOKEN.nop, TOKEN.treeEnd, TOKEN.end, random.below(16)])]));
  }
  structure.push(encodeCells([TOKEN.end]), encodeCells([TOKEN.treeEnd]));
  return blobOf({ structure, strings });
}

function runOne(bytes: Uint8Array, run: number): void {
  const context = () => bytesForMessage(bytes);
  const sink = new DiagnosticSink();
  const tree = readDtb(bytes, FILE, sink);
  checkOutcome(tree, sink, context);
  for (const { position } of sink.sorted()) {
    const offset = position?.offsetBytes ?? -1;
    check(offset >= 0 && offset <= bytes.length, 'a position outside the file', context);
  }
  if (tree === undefined) return;
  const written = writeDtb(tree);
  const back = readDtb(written, FILE, new DiagnosticSink());
  check(back !== undefined, 'what was written is not read', context);
  check(firstTreeDifference(tree, back) === undefined, 'what was written is read differently', context);
  check(bytesEqual(writeDtb(back), written), 'written differently the second time', context);
  if (run % PRINT_EVERY === 0) checkPrinted(tree, sink, context);
}

/** Checks of meaning that source goes through and blobs do not: a tree may rightly be refused for these. */
const CHECKS_OF_SOURCE: ReadonlySet<string> = new Set(
  [
    dtsCodes['bad-name-property'],
    dtsCodes['bad-phandle'],
    dtsCodes['mismatching-phandles'],
    dtsCodes['duplicate-phandle'],
  ].map(({ code }) => code),
);

/** Printed, the tree is source that is read as the same tree, but for names that source can't write. */
function checkPrinted(tree: DeviceTree, sink: DiagnosticSink, context: () => string): void {
  const text = printDts(tree, { symbolLabels: true });
  if (sink.sorted().some(({ code }) => code === dtbCodes['odd-name'].code)) return;
  const printedSink = new DiagnosticSink();
  const back = readDts(
    [new PlainText('printed.dts', text, { encoding: 'bytes' })],
    { files: NO_FILES },
    printedSink,
  );
  const wrong = printedSink
    .sorted()
    .filter(({ code, severity }) => severity === 'error' && !CHECKS_OF_SOURCE.has(code));
  check(
    wrong.length === 0,
    `what was printed is not read: ${wrong.map(formatDiagnostic)[0]}`,
    () => `${text}\n${context()}`,
  );
  if (back === undefined) return;
  const difference = firstTreeDifference({ ...tree, bootCpuidPhys: back.bootCpuidPhys }, back);
  check(
    difference === undefined,
    `what was printed is read differently: ${difference}`,
    () => `${text}\n${context()}`,
  );
}

function refuse(): never {
  throw new Error('printed source names no files');
}

const NO_FILES = {
  read: refuse,
  status: refuse,
  join: (...parts: string[]) => parts.join('/'),
  dirname: () => '.',
};
