/** Projects built with `make VMM=ts`: the monitors that `run` runs, in QuickJS-ng on seL4. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareConsoles, saidBy } from './console.ts';
import { ALL_TYPESCRIPT, type Project } from './projects.ts';
import type { Report } from './report.ts';
import { tryInTypescript } from './shared.ts';
import {
  bootReal,
  CALL,
  DOWN,
  drivervm,
  GICV3_BOARD,
  gicOf,
  makeImage,
  reason,
  type Stack,
} from './stack.ts';

const BOARDS = ['qemu_virt_aarch64', GICV3_BOARD];
/** A restart in between: the monitor does it by itself. */
const TYPED = ['nproc', 'reboot -f', 'uname -srm', 'poweroff -f'];
const CORES = 4;
/** What a project's Makefile says where sDDF's drivers have devices. */
const SERVED = /VMM=ts: drivervm has no driver in TypeScript/;

/** Builds a project's monitors in TypeScript; boots them where QEMU has the board, and compares line by line with a run of them here. */
export async function buildInTypescript(
  { name, directory, request, board, vcpus, smallKernel }: Project,
  quickjs: string,
  sdk: Stack,
  report: Report,
  { consoles, engine }: { readonly consoles: string | undefined; readonly engine: string },
): Promise<void> {
  const stack = board === GICV3_BOARD ? { ...sdk, board } : sdk;
  const output = join(directory, `typescript-${request.replace('.yaml', '')}`);
  const planned = await drivervm(['plan', request, '-o', output], directory);
  if (planned.failed) {
    report.result(name, false, `not planned: ${reason(planned.err)}`);
    return;
  }
  const settings = ['VMM=ts', `QUICKJS=${quickjs}`, `DRIVERVM=${CALL}`, `ENGINE_DIR=${engine}`];
  const built = await makeImage(output, stack, settings);
  if (built.failed) {
    const why = reason(built.err);
    // As with monitors in C: what of the project is not the kernel's size, a smaller one shows.
    const isTooLarge = /Overlapping regions/.test(why);
    const small = isTooLarge
      ? await makeImage(output, stack, [...settings, `LINUX=${smallKernel}`])
      : undefined;
    const others = SERVED.exec(why);
    if (small?.failed === false) report.result(name, true, 'built in TypeScript, with a kernel of 4 MiB');
    else if (others !== null) report.result(name, true, `not built, as its Makefile says: ${others[0]}`);
    else report.result(name, false, `not built in TypeScript: ${reason(small?.err ?? built.err)}`);
    return;
  }
  if (name === `shared/${ALL_TYPESCRIPT}`) {
    await bootAllTypescript(name, output, stack, settings, report);
    return;
  }
  if (!BOARDS.includes(board)) {
    report.result(name, true, 'built in TypeScript');
    return;
  }
  const input = TYPED.map((line) => `${line}\n`).join('');
  const [real, ours] = await Promise.all([
    bootReal(join(output, 'build', 'loader.img'), vcpus === 1 ? 1 : CORES, TYPED, [], gicOf(board)),
    drivervm(['run', output, '--timeout', '1800'], directory, input),
  ]);
  if (consoles !== undefined) {
    const file = join(consoles, `${name.replace('/', '-')}.ts`);
    writeFileSync(`${file}.sel4.txt`, real);
    writeFileSync(`${file}.run.txt`, ours.out);
  }
  const { realLines, ourLines, explained, onlyReal, onlyOurs } = compareConsoles(real, ours.out);
  for (const line of onlyReal) report.line(`  only on seL4: ${line}`);
  for (const line of onlyOurs) report.line(`  only here:    ${line}`);
  const count = [...explained.values()].reduce((sum, lines) => sum + lines.length, 0);
  const isDown = real.includes(DOWN);
  if (!isDown) report.line(real.split('\n').slice(-3).join('\n'));
  const starts = real.match(/the guest is up/g)?.length ?? 0;
  const good = isDown && starts === 2 && !ours.failed && onlyReal.length + onlyOurs.length === 0;
  report.result(
    name,
    good,
    `built in TypeScript; on seL4 it boots${starts === 2 ? ', restarts' : ''}${isDown ? ', powers off' : ''}; ${realLines} lines there, ${ourLines} here, ${count} differ for ${explained.size} known reasons, ${onlyReal.length + onlyOurs.length} for none`,
  );
}

/** What two guests say of their boots when they are asked: a virtio console comes too late for most of it. */
const ASKED = 'dmesg\npoweroff -f\n\x1c1\rdmesg\npoweroff -f\n';
const LOG = /Booting Linux.*?^# /ms;

/** Guests that share devices: what they do on seL4, and how each boots there and here. */
async function bootAllTypescript(
  name: string,
  output: string,
  stack: Stack,
  settings: readonly string[],
  report: Report,
): Promise<void> {
  const { said, raw, wrong } = await tryInTypescript(output, stack, settings);
  const consoles = join(output, 'consoles');
  await drivervm(['run', output, '--timeout', '1800', '--console-dir', consoles], output, ASKED);
  let [lines, differing] = [0, 0];
  for (const [guest, log] of ['left', 'right'].entries()) {
    const here = readFileSync(join(consoles, `${log}.log`), 'latin1');
    const [theirs = '', ours = ''] = [saidBy(guest, raw), here].map((text) => LOG.exec(text)?.[0]);
    const { realLines, onlyReal, onlyOurs } = compareConsoles(theirs, ours);
    lines += realLines;
    differing += onlyReal.length + onlyOurs.length;
    for (const line of onlyReal) report.line(`  only on seL4: ${line}`);
    for (const line of onlyOurs) report.line(`  only here:    ${line}`);
  }
  if (wrong.length > 0) report.line(said.split('\n').slice(-20).join('\n'));
  const good = `every program in TypeScript: two consoles, a disk, 16 MiB from guest to guest with equal sums, a restart; of ${lines} lines of both boots ${differing} differ for no known reason`;
  const isGood = wrong.length === 0 && differing === 0 && lines > 0;
  report.result(name, isGood, [...wrong, good].join('; '));
}
