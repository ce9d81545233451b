/**
 * `check` beside Microkit's tool over descriptions: the fixtures', the examples' and mutants of both. They disagree where the tool
 * refuses what `check` passes, and where `check` finds an error in what the tool builds; the latter is meant for some codes, which
 * `stricter.ts` lists with the reason.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import {
  boardFromSdk,
  type CheckOptions,
  checkDescription,
  MICROKIT_BOARDS,
  plainSource,
  readDescription,
} from '../../src/microkit/index.ts';
import { nodeHost } from '../../src/node/index.ts';
import { fixtureFiles } from '../support/fixtures.ts';
import { mutantsOf } from './mutants.ts';
import { SEEDS } from './seeds.ts';
import { STRICTER } from './stricter.ts';
import { ToolRunner } from './tool.ts';

const BOARD = 'qemu_virt_aarch64';
const CONFIG = 'debug';
const PROGRESS_EVERY = 250;
const SYSTEM_FILE = 'a.system';

export interface Disagreement {
  /** Groups what has one cause: the codes found, or the tool's words without names and numbers. */
  readonly kind: string;
  readonly text: string;
  readonly details: readonly string[];
}

export interface DescriptionCounts {
  readonly judged: number;
  readonly agreed: number;
  readonly explained: number;
  readonly disagreements: readonly Disagreement[];
}

export interface DescriptionOptions {
  readonly sdk: string;
  /** Where the examples are, planned. */
  readonly examples: string;
  readonly mutants: number;
  readonly seed: number;
  readonly progress: (done: number, all: number) => void;
}

/** The texts of the fixtures of descriptions: those with a mistake, and those without it. */
async function fixtureTexts(): Promise<{
  readonly wrong: readonly string[];
  readonly right: readonly string[];
}> {
  const [wrong, right]: [string[], string[]] = [[], []];
  for (const [path, { fixtures }] of await fixtureFiles()) {
    if (!path.includes('sdf-')) continue;
    for (const { text, fixed } of fixtures) {
      if (text !== undefined) wrong.push(text);
      if (fixed !== undefined) right.push(fixed.text);
    }
  }
  return { wrong, right };
}

/** A part of the tool's complaint that says what it is about: without names, places and numbers. */
export const kindOfWords = (words: string): string =>
  words
    .replace(/thread '.*' \(?\d*\)? ?panicked at/, 'panicked at')
    .replace(/'[^']*'/g, "'…'")
    .replace(/\b(0x[0-9a-f]+|\d+)\b/g, 'N')
    .replace(/[^\s]*a\.system[:N]*/g, '')
    .slice(0, 160);

export function errorsOf(
  text: string,
  options: CheckOptions,
): { codes: readonly string[]; lines: readonly string[] } {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource(SYSTEM_FILE, text), sink, { dialect: 'current' });
  if (read !== undefined) checkDescription(read, options, sink);
  const errors = sink.sorted().filter(({ severity }) => severity === 'error');
  return { codes: [...new Set(errors.map(({ code }) => code))], lines: errors.map(formatDiagnostic) };
}

export async function compareDescriptions(options: DescriptionOptions): Promise<DescriptionCounts> {
  const known = MICROKIT_BOARDS.get(BOARD);
  if (known === undefined) throw new Error(`no board ${BOARD}`);
  const { files } = nodeHost();
  const sink = new DiagnosticSink();
  const board = boardFromSdk(options.sdk, known, CONFIG, files, sink);
  if (sink.hasErrors) throw new Error(sink.sorted().map(formatDiagnostic).join('\n'));
  const { wrong, right } = await fixtureTexts();
  const examples = SYSTEMS.map((path) => readFileSync(join(options.examples, path), 'utf8'));
  // Half of the mutants are of what uses everything, and of the examples.
  const rich = [...SEEDS, ...examples];
  const half = Math.ceil(options.mutants / 2);
  const runner = new ToolRunner(options.sdk, BOARD, CONFIG);
  const prefillSizeBytes = (path: string): number | undefined => {
    const status = files.status(files.join(runner.searchPath, path));
    return status?.kind === 'file' ? status.sizeBytes : undefined;
  };
  const programImage = (path: string): Uint8Array | undefined => {
    const file = files.join(runner.searchPath, path);
    return files.status(file)?.kind === 'file' ? files.read(file) : undefined;
  };
  const checking: CheckOptions = { board: board, cores: 1, prefillSizeBytes, programImage };
  const mutants = [...mutantsOf(rich, half, options.seed), ...mutantsOf(right, half, options.seed + 1)];
  const texts = new Set([...wrong, ...right, ...rich, ...mutants]);
  let [agreed, explained] = [0, 0];
  const disagreements: Disagreement[] = [];
  let done = 0;
  try {
    for (const text of texts) {
      if (++done % PROGRESS_EVERY === 0) options.progress(done, texts.size);
      const { verdict, words } = runner.judge(text);
      const { codes, lines } = errorsOf(text, checking);
      if ((verdict === 'built') === (codes.length === 0)) {
        agreed++;
      } else if (verdict === 'built') {
        const unexplained = codes.filter((code) => !STRICTER.has(code));
        if (unexplained.length === 0) explained++;
        else disagreements.push({ kind: `built, but ${unexplained.join(', ')}`, text, details: lines });
      } else if (/program image/.test(words)) {
        // Names that are no file's: nothing that a description alone can be judged by.
        explained++;
      } else {
        disagreements.push({ kind: `${verdict}: ${kindOfWords(words)}`, text, details: [words] });
      }
    }
  } finally {
    runner.close();
  }
  return { judged: texts.size, agreed, explained, disagreements };
}

const SYSTEMS = ['uart', 'everything'].map((name) => join(BOARD, name, `${BOARD}.system`));
