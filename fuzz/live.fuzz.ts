/** The reader of directories: random ones in memory, with odd names, links in circles, and what can't be read. */
import { DiagnosticSink, HostError } from '../src/base/index.ts';
import {
  type DeviceTree,
  firstTreeDifference,
  readDtb,
  readLiveTree,
  writeDtb,
} from '../src/devicetree/index.ts';
import { liveDirectory, type MemoryEntry, MemoryLink, MemoryOdd } from '../test/support/live-directory.ts';
import { check, checkOutcome } from './check.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const NAMES = [
  'compatible',
  'name',
  'reg',
  'cpus',
  'cpu@0',
  'soc',
  '#address-cells',
  'a b',
  'x#1',
  '@',
  '..x',
  '\udcff',
  '\udc80é',
  '\u0001',
  'security-key',
  'node\u2028',
  '__proto__',
  'constructor',
];
const TARGETS = ['board', 'board/soc', 'board/reg', 'board/loop', 'board/../board', 'nowhere', ''];

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run++) {
    const board = randomDirectory(random, 4);
    runOne({ board }, () => `seed ${seed}, run ${run}`);
  }
}

function randomDirectory(random: Random, depth: number): MemoryEntry {
  const entries: Record<string, MemoryEntry> = Object.create(null);
  for (let count = random.below(5); count > 0; count--)
    entries[random.pick(NAMES)] = randomEntry(random, depth);
  return entries;
}

function randomEntry(random: Random, depth: number): MemoryEntry {
  const kind = random.below(12);
  if (kind < 4 && depth > 0) return randomDirectory(random, depth - 1);
  if (kind === 4) return new MemoryLink(random.pick(TARGETS));
  if (kind === 5) {
    return new MemoryOdd(random.pick(['other', 'no-access', 'no-access-directory', 'shrunk', 'secret']));
  }
  if (kind === 6) return `${random.pick(NAMES).replace(/[^ -~]/g, '')}\0`;
  return random.bytes(random.below(10));
}

function runOne(root: MemoryEntry, context: () => string): void {
  const sink = new DiagnosticSink();
  let tree: DeviceTree | undefined;
  try {
    tree = readLiveTree(liveDirectory(root), 'board', sink);
  } catch (error) {
    check(error instanceof HostError, `not for the user: ${error}`, context);
    return;
  }
  checkOutcome(tree, sink, context);
  if (tree === undefined) return;
  const back = readDtb(writeDtb(tree), 'written.dtb', new DiagnosticSink());
  check(back !== undefined, 'what was written is not read', context);
  check(firstTreeDifference(tree, back) === undefined, 'what was written is read differently', context);
}
