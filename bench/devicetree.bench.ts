/**
 * All boards of Debian's arm64 kernel package, read and resolved in this one process, against dtc reading and writing
 * the same files, a process for each as it is used. Both start from files that the system holds in memory.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DiagnosticSink, MIB } from '../src/base/index.ts';
import { readDtb, resolveTree, writeDtb } from '../src/devicetree/index.ts';
import { debianBoards } from '../test/support/debian.ts';

const MS_PER_S = 1000;

const paths = [...(await debianBoards()).values()];
let sizeBytes = 0;
for (const path of paths) sizeBytes += readFileSync(path).length;
console.log(`${paths.length} boards, ${(sizeBytes / MIB).toFixed(1)} MiB`);

/** Seconds that `work` on all boards takes. */
function seconds(work: (path: string) => void): number {
  const start = performance.now();
  for (const path of paths) work(path);
  return (performance.now() - start) / MS_PER_S;
}

const sink = new DiagnosticSink();
function read(path: string) {
  const tree = readDtb(readFileSync(path), path, sink);
  if (tree === undefined) throw new Error(`${path} was not read`);
  return tree;
}

/** The highest memory use of this process so far. */
function peakMemoryMib(): string {
  // In KiB, as getrusage gives it on Linux.
  return (process.resourceUsage().maxRSS / 1024).toFixed(0);
}

const atStart = peakMemoryMib();
const resolving = seconds((path) => {
  resolveTree(read(path));
});
const afterResolving = peakMemoryMib();
const reading = seconds((path) => {
  read(path);
});
const converting = seconds((path) => {
  writeDtb(read(path));
});
const dtc = seconds((path) => {
  const { status } = spawnSync('dtc', ['-q', '-I', 'dtb', '-O', 'dtb', '-o', '/dev/null', path]);
  if (status !== 0) throw new Error(`dtc refused ${path}`);
});
const starting = seconds(() => {
  spawnSync('dtc', ['--version']);
});

const row = (what: string, time: number): void =>
  console.log(
    `${what.padEnd(44)} ${time.toFixed(2).padStart(6)} s  ${((100 * time) / dtc).toFixed(0).padStart(4)} % of dtc`,
  );
row('read and resolved (first, code still cold)', resolving);
row('read', reading);
row('read and written', converting);
row('dtc -I dtb -O dtb, a process each', dtc);
row('  of which starting dtc', starting);
console.log(
  `peak memory: ${atStart} MiB before, ${afterResolving} MiB after reading and resolving all boards`,
);
