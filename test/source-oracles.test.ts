/** Random sources, with and without flaws, against dtc and cpp: the same bytes or text, and a refusal where they refuse. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { INCLUDED_FILES as CPP_FILES, randomCpp } from '../fuzz/cpp-sources.ts';
import { INCLUDED_FILES as DTS_FILES, randomDts } from '../fuzz/dts-sources.ts';
import { type Random, seededRandom } from '../fuzz/random.ts';
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { PlainText, preprocess } from '../src/cpp/index.ts';
import { bytesEqual, readDtb, readDts, writeDtb } from '../src/devicetree/index.ts';
import { memoryFiles } from './support/memory-files.ts';
import { newestDtc } from './support/newest-debian.ts';
import { runOracle } from './support/oracles.ts';

const DTC = await newestDtc();

/** More with `DRIVERVM_ORACLE_RUNS`. */
const RUNS = Number(process.env['DRIVERVM_ORACLE_RUNS'] ?? 300);
const SEED = Number(process.env['DRIVERVM_ORACLE_SEED'] ?? 11);

/** Runs the comparisons in a directory that holds the files which sources include. */
function compare(
  files: Readonly<Record<string, string>>,
  one: (random: Random, directory: string) => string | undefined,
): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-source-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, 'latin1');
    const random = seededRandom(SEED);
    return Array.from({ length: RUNS }, () => one(random, directory)).filter((what) => what !== undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test(`${RUNS} random device tree sources: dtc's bytes, or dtc's refusal`, () => {
  const found = compare(DTS_FILES, (random, directory) => {
    const source = randomDts(random, random.pick([0, 0, 5]));
    const symbols = random.below(3) === 0;
    const main = join(directory, 'main.dts');
    writeFileSync(main, source, 'latin1');
    const flags = ['-q', ...(symbols ? ['-@'] : []), '-O', 'dtb', main];
    const dtc = runOracle(DTC.command, [...DTC.args, ...flags]);
    const sink = new DiagnosticSink();
    const text = new PlainText('main.dts', source, { encoding: 'bytes' });
    const tree = readDts([text], { files: memoryFiles(DTS_FILES), symbols }, sink);
    const blob = tree && writeDtb(tree);
    // Told to delete the root, dtc writes a blob of nothing; that counts as a refusal.
    if (dtc.status === 0 && readDtb(dtc.stdout, 'dtc', new DiagnosticSink()) === undefined) {
      return blob === undefined ? undefined : source;
    }
    if ((dtc.status === 0) === (blob !== undefined) && (blob === undefined || bytesEqual(blob, dtc.stdout))) {
      return undefined;
    }
    const said = sink.sorted().map(formatDiagnostic).join('\n');
    return `dtc ended with ${dtc.status}: ${dtc.stderr}\nours: ${said}\nsymbols: ${symbols}\n${source}`;
  });
  assert.deepEqual(found, []);
});

/** As assembler, cpp leaves line markers in the text; ours obeys them. */
function wordsOf(text: string): string {
  return text
    .replaceAll(/^# \d+ ".*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

for (const language of ['assembler', 'c'] as const) {
  test(`${RUNS} random sources as ${language}: cpp's text`, () => {
    const found = compare(CPP_FILES, (random, directory) => {
      const source = randomCpp(random, random.pick([0, 0, 5]));
      const main = join(directory, 'main.txt');
      writeFileSync(main, source, 'latin1');
      const kind = language === 'c' ? 'c' : 'assembler-with-cpp';
      const cpp = runOracle('cpp', ['-P', '-w', '-x', kind, '-undef', '-nostdinc', main]);
      const sink = new DiagnosticSink();
      const content = Uint8Array.from(source, (char) => char.charCodeAt(0));
      const files = memoryFiles(CPP_FILES);
      const { text } = preprocess('main.txt', content, { files, language, encoding: 'bytes' }, sink);
      if ((cpp.status === 0) === !sink.hasErrors) {
        // What comes of a source with errors is nobody's rule.
        if (cpp.status !== 0 || wordsOf(cpp.stdout.toString('latin1')) === wordsOf(text)) return undefined;
      }
      const said = sink.sorted().map(formatDiagnostic).join('\n');
      return `${cpp.stderr}\nours: ${said}\n${text}\ncpp: ${cpp.stdout.toString('latin1')}\n${JSON.stringify(source)}\n${source}`;
    });
    assert.deepEqual(found, []);
  });
}
