/** Device tree source: by the grammar, with flaws, and damaged byte by byte. */
import { DiagnosticSink } from '../src/base/index.ts';
import { PlainText } from '../src/cpp/index.ts';
import {
  type DeviceTree,
  firstTreeDifference,
  printDts,
  readDtb,
  readDts,
  writeDtb,
} from '../src/devicetree/index.ts';
import { memoryFiles } from '../test/support/memory-files.ts';
import { check, checkOutcome } from './check.ts';
import { INCLUDED_FILES, randomDts } from './dts-sources.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const files = memoryFiles(INCLUDED_FILES);
const FLAWS = [0, 0, 2, 10] as const;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += 1) runOne(random);
}

function runOne(random: Random): void {
  const grammatical = randomDts(random, random.pick(FLAWS));
  const bytes = Uint8Array.from(grammatical, (char) => char.charCodeAt(0));
  const source = random.below(3) === 0 ? String.fromCharCode(...mutateBytes(random, bytes)) : grammatical;
  const context = (): string => `source ${JSON.stringify(source)}`;
  const sink = new DiagnosticSink();
  const symbols = random.below(4) === 0;
  const text = new PlainText('f.dts', source, { encoding: 'bytes' });
  const tree = guarded(() => readDts([text], { files, symbols }, sink), context);
  checkOutcome(tree, sink, context);
  for (const { code, position } of sink.sorted()) {
    const isPlaced = position?.line !== undefined && position.line > 0 && (position.column ?? 0) > 0;
    check(isPlaced || code === 'dts/too-large', `${code} has no place`, context);
  }
  if (tree === undefined) return;
  const back = readDtb(writeDtb(tree), 'f.dtb', new DiagnosticSink());
  check(back !== undefined, 'what was written is not read', context);
  const moved = firstTreeDifference(asInBlob(tree), back);
  check(moved === undefined, `the blob is another tree: ${moved}`, context);
  if (source.includes('/plugin/')) return;
  const printed = printDts(tree);
  const again = new PlainText('again.dts', printed, { encoding: 'bytes' });
  const resink = new DiagnosticSink();
  const reread = readDts([again], { files }, resink);
  // A phandle may hold a path that was no path yet when its length was looked at, by us as by dtc.
  if (reread === undefined && resink.sorted().every(({ code }) => code === 'dts/bad-phandle')) return;
  const both = (): string => `${context()}\nprinted ${JSON.stringify(printed)}`;
  check(reread !== undefined, 'what was printed is not read', both);
  const { bootCpuidPhys } = tree;
  const difference = firstTreeDifference(tree, { ...reread, bootCpuidPhys });
  check(difference === undefined, `what was printed is another tree: ${difference}`, both);
}

/** A reservation of no bytes ends the list in a blob, for dtc and for the kernel. */
function asInBlob(tree: DeviceTree): DeviceTree {
  const end = tree.memoryReservations.findIndex(({ sizeBytes }) => sizeBytes === 0n);
  return end < 0 ? tree : { ...tree, memoryReservations: tree.memoryReservations.slice(0, end) };
}

function guarded<T>(work: () => T, context: () => string): T {
  try {
    return work();
  } catch (error) {
    throw new Error(context(), { cause: error });
  }
}
