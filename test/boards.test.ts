/** All board device trees of Debian's arm64 kernel package, in and out of every form, against dtc. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { PlainText } from '../src/cpp/index.ts';
import {
  bytesEqual,
  type DeviceTree,
  firstTreeDifference,
  phandleFinder,
  printDts,
  readDtb,
  readDts,
  writeDtb,
} from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import { mapConcurrently } from './support/concurrency.ts';
import { debianBoards } from './support/debian.ts';
import { startOracle } from './support/oracles.ts';

const DTC_AT_ONCE = 2;
/** Point releases of a kernel add a board now and then; a package that has lost them is no longer what we speak of. */
const FEWEST_BOARDS = 500;

const boards = await debianBoards();

function readTree(bytes: Uint8Array, file: string): DeviceTree {
  const sink = new DiagnosticSink();
  const tree = readDtb(bytes, file, sink);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), [], file);
  assert.ok(tree);
  return tree;
}

/** What is wrong with each board, by `problem`, which gives nothing where all is well. */
async function problems(
  problem: (tree: DeviceTree, path: string) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const found = await mapConcurrently([...boards], DTC_AT_ONCE, async ([name, path]) => {
    const what = await problem(readTree(readFileSync(path), name), path);
    return what === undefined ? [] : [`${name}: ${what}`];
  });
  return found.flat();
}

test('the package holds the boards that the project speaks of', () => {
  assert.ok(boards.size >= FEWEST_BOARDS, `${boards.size} boards`);
});

test('a board read and written is the same tree, and the same bytes as from dtc', async () => {
  const found = await problems(async (tree, path) => {
    const ours = writeDtb(tree);
    const { status, stdout } = await startOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dtb', path]);
    if (status !== 0) return `dtc ended with ${status}`;
    if (!bytesEqual(ours, stdout)) return 'bytes differ from those of dtc';
    return firstTreeDifference(tree, readTree(ours, path));
  });
  assert.deepEqual(found, []);
});

/** With labels, references and comments, as `dt show` prints. */
function printReadably(tree: DeviceTree): string {
  return printDts(tree, { symbolLabels: true, phandles: phandleFinder(tree) });
}

test('a board printed as source gives dtc the same tree, and prints as itself again', async () => {
  const found = await problems(async (tree, path) => {
    const source = printReadably(tree);
    const { status, stdout, stderr } = await startOracle(
      'dtc',
      ['-q', '-I', 'dts', '-O', 'dtb'],
      Buffer.from(source),
    );
    if (status !== 0) return stderr;
    const { bootCpuidPhys } = tree;
    // Source has no way to write the boot CPU: dtc takes the first one's number, and on two boards that is another.
    const back = { ...readTree(stdout, path), bootCpuidPhys };
    if (printReadably(back) !== source) return 'prints differently the second time';
    return firstTreeDifference(tree, back);
  });
  assert.deepEqual(found, []);
});

/**
 * dtc 1.6.1 prints a NUL within strings as `\0` whatever follows, and where that is an octal digit reads its own text
 * as another character. Then its source is another tree than the board, for us as for dtc.
 */
const MISPRINTED_NUL = /\\0[0-7]/;

test('the source that dtc prints of a board is read as the same tree', async () => {
  const { files } = nodeHost();
  let misprinted = 0;
  const found = await problems(async (board, path) => {
    const { stdout } = await startOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dts', path]);
    const sink = new DiagnosticSink();
    const text = new PlainText(path, stdout.toString('latin1'), { encoding: 'bytes' });
    const back = readDts([text], { files }, sink);
    if (back === undefined) return sink.sorted().map(formatDiagnostic).join('\n');
    let expected = board;
    if (MISPRINTED_NUL.test(text.text)) {
      misprinted += 1;
      const again = await startOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], stdout);
      expected = readTree(again.stdout, path);
    }
    return firstTreeDifference({ ...expected, bootCpuidPhys: back.bootCpuidPhys }, back);
  });
  assert.deepEqual(found, []);
  assert.ok(misprinted < boards.size / 4, `dtc misprints ${misprinted} boards`);
});
