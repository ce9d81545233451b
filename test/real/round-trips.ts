/** How many instructions a round trip to the monitor takes on seL4, with libvmm and with the monitor in TypeScript: exact, under `-icount`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/files.ts';
import type { Report } from './report.ts';
import { bootReal, CALL, drivervm, dumpTree, makeImage, reason, type Stack } from './stack.ts';

/** How many times libvmm's the monitor in TypeScript may take: what is compiled of it, a tenth above what was measured. */
const LIMITS: Readonly<Record<string, number>> = {
  'GICD read': 0.92,
  'GICD_ICENABLER write': 0.94,
  SMC: 0.73,
  'timer to handler': 1.09,
  'handler to its end': 1.09,
  'passed interrupt to handler': 1.08,
  'its handler to its end': 1.09,
};

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** The guest, a flat binary that is an arm64 Image. */
function guestIn(directory: string): void {
  const [object, elf] = ['guest.o', 'guest.elf'].map((name) => join(directory, name));
  if (object === undefined || elf === undefined) return;
  const source = join(PROJECT_ROOT, 'test/real/round-trips.S');
  run('clang', '-target', 'aarch64-none-elf', '-c', source, '-o', object);
  run('ld.lld', '-Ttext=0', object, '-o', elf);
  run('llvm-objcopy', '-O', 'binary', elf, join(directory, 'Image'));
}

/** Builds the small guest's project both ways, boots both, and holds the one against the other. */
export async function compareRoundTrips(
  place: string,
  quickjs: string,
  engine: string,
  stack: Stack,
  report: Report,
): Promise<void> {
  const directory = join(place, 'round-trips');
  mkdirSync(directory, { recursive: true });
  guestIn(directory);
  dumpTree(join(directory, 'virt.dtb'), 1);
  const request =
    'name: round-trips\nboard: { dtb: virt.dtb, microkit: qemu_virt_aarch64 }\nkernel: Image\npass: ["pl011@9000000"]\n';
  writeFileSync(join(directory, 'request.yaml'), request);
  const planned = await drivervm(['plan', 'request.yaml', '-o', 'project'], directory);
  const project = join(directory, 'project');
  const counts: ReadonlyMap<string, number>[] = [];
  for (const settings of [
    ['VMM=c', 'BUILD_DIR=build-c'],
    ['VMM=ts', 'BUILD_DIR=build-ts', `QUICKJS=${quickjs}`, `DRIVERVM=${CALL}`, `ENGINE_DIR=${engine}`],
  ]) {
    const built = await makeImage(project, stack, settings);
    if (planned.failed || built.failed) {
      report.result('round-trips', false, `not built: ${reason(planned.err + built.err)}`);
      return;
    }
    const image = join(project, settings[1]?.replace('BUILD_DIR=', '') ?? '', 'loader.img');
    counts.push(countsIn(await bootReal(image, 1, [], ['-icount', 'shift=0'])));
  }
  const [libvmm, typescript] = counts;
  let isGood = libvmm !== undefined && typescript !== undefined;
  for (const [name, limit] of Object.entries(LIMITS)) {
    const [c, ts] = [libvmm?.get(name) ?? Number.NaN, typescript?.get(name) ?? Number.NaN];
    const ratio = ts / c;
    if (!(ratio <= limit)) isGood = false;
    report.line(
      `  ${name}: libvmm ${c} instructions, TypeScript ${ts}: ${ratio.toFixed(1)} times, at most ${limit}`,
    );
  }
  report.result('round-trips', isGood, 'round trips to the monitor, a thousand of each, seL4 included');
}

function countsIn(console: string): ReadonlyMap<string, number> {
  const lines = [...console.matchAll(/^([\w ]+): (\d+)\r?$/gm)];
  return new Map(lines.map(([, name = '', count]) => [name, Number(count)]));
}
