/**
 * Linux's own board sources, of Debian 12's kernel and of the newest that Debian has, through our preprocessor and reader,
 * against the blobs that Debian's build made of them with the kernel's own dtc, and against `cpp | dtc` for those that it
 * leaves out. There is no list of exceptions: all bytes are equal, and so is the
 * meaning of those that are put together from a base and overlays.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import { PlainText } from '../src/cpp/index.ts';
import { bytesEqual, diffTrees, readDts, writeDtb } from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import { mapConcurrently } from './support/concurrency.ts';
import { debianBoards, debianKernelSource } from './support/debian.ts';
import { decodedBlob, LinuxBoards } from './support/linux-boards.ts';
import { newestLinux } from './support/newest-debian.ts';
import { startOracle } from './support/oracles.ts';

const AT_ONCE = 2;
const { files } = nodeHost();
const boards = await debianBoards();
const linux = new LinuxBoards(await debianKernelSource());
const newest = await newestLinux();

/** The names of those blobs that our bytes differ from, and what differs in those that overlays were laid over. */
async function differences(
  linuxBoards: LinuxBoards,
  blobs: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const found = await mapConcurrently([...blobs], AT_ONCE, async ([name, path]) => {
    const theirs = readFileSync(path);
    if (!linuxBoards.composites.has(name))
      return bytesEqual(linuxBoards.compiled(name), theirs) ? [] : [name];
    // By meaning: which of two phandles a node keeps that both have one for changed in libfdt 1.7.
    return diffTrees(linuxBoards.composed(name), decodedBlob(theirs)).map(
      (change) => `${name}: ${JSON.stringify(change)}`,
    );
  });
  return found.flat();
}

test("every board source gives the bytes of Debian's blob of that name", async () => {
  assert.deepEqual(await differences(linux, boards), []);
});

test('so does every board source, and every overlay, of the newest kernel', async () => {
  assert.ok(newest.blobs.size > boards.size, `${newest.blobs.size} blobs of Linux ${newest.release}`);
  assert.deepEqual(await differences(new LinuxBoards(newest.source), newest.blobs), []);
});

test('sources that Debian does not build, and overlays, give the bytes of cpp and dtc', async () => {
  const rest = [...linux.sources].filter(([name]) => !boards.has(name) || linux.composites.has(name));
  assert.ok(rest.length > 0);
  const directories = linux.includeDirectories.flatMap((directory) => ['-I', directory]);
  const found = await mapConcurrently(rest, AT_ONCE, async ([name, path]) => {
    const cpp = ['-nostdinc', '-undef', '-D__DTS__', '-x', 'assembler-with-cpp', ...directories, path];
    const { stdout } = await startOracle('cpp', cpp);
    const flags = ['-q', '-b', '0', '-i', dirname(path), ...(linux.withSymbols.has(name) ? ['-@'] : [])];
    const dtc = await startOracle('dtc', [...flags, '-I', 'dts', '-O', 'dtb', '-'], stdout);
    if (dtc.status !== 0) return [`${name}: ${dtc.stderr}`];
    return bytesEqual(linux.compiled(name), dtc.stdout) ? [] : [name];
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
