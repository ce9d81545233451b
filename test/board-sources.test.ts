/**
 * Linux's own board sources through our preprocessor and reader, against the blobs that Debian's build made of them, and
 * against `cpp | dtc` for those that Debian leaves out. There is no list of exceptions: all bytes are equal, and so is the
 * meaning of those that are put together from a base and overlays.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { PlainText } from '../src/cpp/index.ts';
import {
  applyOverlay,
  bytesEqual,
  type DeviceTree,
  diffTrees,
  type ReadDeviceTreeOptions,
  readDeviceTree,
  readDtb,
  readDts,
  writeDtb,
} from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import { mapConcurrently } from './support/concurrency.ts';
import { debianBoards, debianKernelSource } from './support/debian.ts';
import { filesUnder } from './support/files.ts';
import { startOracle } from './support/oracles.ts';

const AT_ONCE = 2;
const { files } = nodeHost();
const boards = await debianBoards();
const linux = await debianKernelSource();
const includeDirectories = [`${linux}/scripts/dtc/include-prefixes`, `${linux}/include`];
const sourceFiles = filesUnder(`${linux}/arch/arm64/boot/dts`);
const sources = new Map(
  sourceFiles.filter((path) => path.endsWith('.dts')).map((path) => [basename(path, '.dts'), path]),
);
const makefiles = sourceFiles
  .filter((path) => path.endsWith('/Makefile'))
  .map((path) => readFileSync(path, 'utf8').replaceAll('\\\n', ' '))
  .join('\n');

/** Boards that Linux puts together from a base and overlays: `NAME-dtbs := BASE.dtb OVERLAY.dtbo …`. */
const composites = new Map(
  [...makefiles.matchAll(/^([\w.+-]+)-dtbs\s*:=\s*(.*)$/gm)].map(([, name = '', parts = '']) => [
    name,
    parts.trim().split(/\s+/),
  ]),
);
/** Those that get symbols: where a Makefile says so, and every base of a composite (scripts/Makefile.lib). */
const withSymbols = new Set([
  ...[...makefiles.matchAll(/^DTC_FLAGS_([\w.+-]+)\s*[:+]=.*-@/gm)].map(([, name = '']) => name),
  ...[...composites.values()].map(([base = '']) => basename(base, '.dtb')),
]);

function read(path: string, options: ReadDeviceTreeOptions): DeviceTree {
  const sink = new DiagnosticSink();
  const found = readDeviceTree(files, path, options, sink);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), [], path);
  assert.ok(found);
  return found.tree;
}

/** The blob of a source, as Linux's build makes it: with `-b 0`. */
function compiled(name: string): Uint8Array {
  const source = sources.get(name);
  assert.ok(source, `there is a source of ${name}`);
  const tree = read(source, { includeDirectories, symbols: withSymbols.has(name) });
  return writeDtb({ ...tree, bootCpuidPhys: 0 });
}

function decoded(blob: Uint8Array): DeviceTree {
  const tree = readDtb(blob, 'blob', new DiagnosticSink());
  assert.ok(tree);
  return tree;
}

/** A base with its overlays applied. */
function composed(parts: readonly string[]): DeviceTree {
  const [base, ...overlays] = parts.map((part) => decoded(compiled(part.replace(/\.dtbo?$/, ''))));
  assert.ok(base);
  const sink = new DiagnosticSink();
  const whole = overlays.reduce<DeviceTree | undefined>(
    (tree, overlay) => tree && applyOverlay(tree, overlay, sink),
    base,
  );
  assert.ok(whole, sink.sorted().map(formatDiagnostic).join('\n'));
  return whole;
}

test("every board source gives the bytes of Debian's blob of that name", async () => {
  const found = await mapConcurrently([...boards], AT_ONCE, async ([file, path]) => {
    const name = basename(file, '.dtb');
    const parts = composites.get(name);
    const theirs = readFileSync(path);
    if (parts === undefined) return bytesEqual(compiled(name), theirs) ? [] : [name];
    // By meaning: which of two phandles a node keeps that both have one for changed in libfdt 1.7.
    return diffTrees(composed(parts), decoded(theirs)).map((change) => `${name}: ${JSON.stringify(change)}`);
  });
  assert.deepEqual(found.flat(), []);
});

test('sources that Debian does not build, and overlays, give the bytes of cpp and dtc', async () => {
  const rest = [...sources].filter(([name]) => !boards.has(`${name}.dtb`) || composites.has(name));
  assert.ok(rest.length > 0);
  const directories = includeDirectories.flatMap((directory) => ['-I', directory]);
  const found = await mapConcurrently(rest, AT_ONCE, async ([name, path]) => {
    const cpp = ['-nostdinc', '-undef', '-D__DTS__', '-x', 'assembler-with-cpp', ...directories, path];
    const { stdout } = await startOracle('cpp', cpp);
    const flags = ['-q', '-b', '0', '-i', dirname(path), ...(withSymbols.has(name) ? ['-@'] : [])];
    const dtc = await startOracle('dtc', [...flags, '-I', 'dts', '-O', 'dtb', '-'], stdout);
    if (dtc.status !== 0) return [`${name}: ${dtc.stderr}`];
    return bytesEqual(compiled(name), dtc.stdout) ? [] : [name];
  });
  assert.deepEqual(found.flat(), []);
});

test('what dtc prints of a board gives the bytes that dtc makes of it', async () => {
  const found = await mapConcurrently([...boards], AT_ONCE, async ([name, path]) => {
    const { stdout: source } = await startOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dts', path]);
    const theirs = await startOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-'], source);
    const sink = new DiagnosticSink();
    const text = new PlainText(name, source.toString('latin1'), { encoding: 'bytes' });
    const tree = readDts([text], { files }, sink);
    if (tree === undefined) return sink.sorted().map(formatDiagnostic);
    return bytesEqual(writeDtb(tree), theirs.stdout) ? [] : [name];
  });
  assert.deepEqual(found.flat(), []);
});
