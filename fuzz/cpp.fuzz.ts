/** The preprocessor: by the grammar, with flaws, and damaged byte by byte. */
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { preprocess } from '../src/cpp/index.ts';
import { memoryFiles } from '../test/support/memory-files.ts';
import { check } from './check.ts';
import { INCLUDED_FILES, randomCpp } from './cpp-sources.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const FLAWS = [0, 5, 30] as const;
/** Small, so that they are met. */
const LIMITS = {
  includeDepth: 8,
  includeCount: 40,
  inputChars: 20_000,
  outputChars: 20_000,
  totalExpansionTokens: 5_000,
  expansionTokens: 2_000,
  argumentDepth: 20,
};
const PLACES_CHECKED = 4;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += 1) runOne(random);
}

function runOne(random: Random): void {
  const grammatical = randomCpp(random, random.pick(FLAWS));
  const bytes = Uint8Array.from(grammatical, (char) => char.charCodeAt(0));
  const content = random.below(3) === 0 ? mutateBytes(random, bytes) : bytes;
  const source = String.fromCharCode(...content);
  const files = memoryFiles({ ...INCLUDED_FILES, 'main.txt': content });
  const language = random.pick(['assembler', 'c'] as const);
  const context = (): string => `${language} ${JSON.stringify(source)}`;
  const sink = new DiagnosticSink();
  try {
    const options = { files, language, encoding: 'bytes', limits: LIMITS } as const;
    const map = preprocess('main.txt', content, options, sink);
    for (const found of sink.sorted()) {
      formatDiagnostic(found);
      check(
        (found.position?.line ?? 0) > 0 && (found.position?.column ?? 0) > 0,
        `${found.code} has no place`,
        context,
      );
    }
    const isMoved = /#\s*(line|[0-9])/.test(source.replaceAll(/\\[ \t]*\n/g, ''));
    for (let count = PLACES_CHECKED; count > 0 && map.text.length > 0 && !isMoved; count -= 1) {
      const offset = random.below(map.text.length);
      const { file, line = 0, column = 0 } = map.positionAt(offset);
      const isMade = map.notesAt(offset).some(({ message }) => message.startsWith('in the expansion'));
      const char = map.text.charAt(offset);
      if (isMade || file !== 'main.txt' || /[^!-~]/.test(char) || /[^\0-\x7f]/.test(source)) continue;
      // What no macro made is what stands there; the built-in macros leave their names there.
      const there = source.split('\n')[line - 1]?.slice(column - 1) ?? '';
      check(
        there.startsWith(char) || there.startsWith('__'),
        `offset ${offset} is not at ${line}:${column}`,
        context,
      );
    }
  } catch (error) {
    throw new Error(context(), { cause: error });
  }
}
