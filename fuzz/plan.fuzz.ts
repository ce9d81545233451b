/**
 * Plans: mutants of requests on a small board, and good requests on mutants of its tree. Whatever comes, planning ends with a
 * plan or with an error, never with both or neither; what a plan writes can be read again; two runs give the same.
 */
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { type Board, readDtb, resolveTree, writeDtb } from '../src/devicetree/index.ts';
import { plainSource, readDescription } from '../src/microkit/index.ts';
import { makePlan, type PlanRequest, readRequest } from '../src/plan/index.ts';
import { projectFiles } from '../src/project/index.ts';
import { smallBoard } from '../test/support/small-board.ts';
import { check } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 600;

const REQUESTS: readonly string[] = [
  'board: b.dtb\npass: all\nexcept: ["ethernet*", /bus@ff800000/rng@3100]\nram: { size: 64 MiB, base: 0x4800_0000 }\n',
  'board: b.dtb\npass: [serial0, "&x", test,mac]\ncut: ["pinctrl-*"]\nclocks: { serial0: 24000000 }\nvcpus: 2\n',
  'board: b.dtb\nguests: [{ name: a, pass: [serial0] }, { name: b, pass: none, virtio: [console, block, net] }]\ndrivers: [{ name: u, pass: ["rng@3100"] }]\n',
];
const BOARD = smallBoard();
const BLOB = writeDtb(BOARD.tree);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += 1) {
    const request = random.pick(REQUESTS);
    if (random.below(2) === 0) planMutantRequest(random, request);
    else planMutantBoard(random, request);
  }
}

function planMutantRequest(random: Random, text: string): void {
  const source = decoder.decode(mutateBytes(random, encoder.encode(text)));
  const sink = new DiagnosticSink();
  const request = readRequest(source, 'fuzz.yaml', sink);
  check((request === undefined) === sink.hasErrors, 'errors and request do not agree', () => source);
  if (request !== undefined) planned(BOARD, request, () => source);
}

function planMutantBoard(random: Random, text: string): void {
  const blob = mutateBytes(random, BLOB);
  const tree = readDtb(blob, 'fuzz.dtb', new DiagnosticSink());
  const request = readRequest(text, 'fuzz.yaml', new DiagnosticSink());
  if (tree === undefined || request === undefined) return;
  planned(resolveTree(tree), request, () => `${text}${Buffer.from(blob).toString('hex')}`);
}

function planned(board: Board, request: PlanRequest, context: () => string): void {
  const input = { board, dtbName: 'b.dtb', request, payloads: new Map() };
  const sink = new DiagnosticSink();
  const plan = makePlan(input, sink);
  check((plan === undefined) === sink.hasErrors, 'errors and plan do not agree', () => {
    return `${sink.sorted().map(formatDiagnostic).join('\n')}\n${context()}`;
  });
  if (plan === undefined) return;
  const files = projectFiles(plan, board.tree);
  const again = makePlan(input, new DiagnosticSink());
  check(JSON.stringify(again) === JSON.stringify(plan), 'the same input gave another plan', context);
  const system = files.find(({ path }) => path.endsWith('.system'));
  const reading = new DiagnosticSink();
  const read = readDescription(plainSource('fuzz.system', String(system?.content)), reading);
  check(read !== undefined && !reading.hasErrors, 'the description can not be read', () => {
    return `${reading.sorted().map(formatDiagnostic).join('\n')}\n${context()}`;
  });
}
