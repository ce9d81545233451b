/** The examples, and a guest with two vCPUs, built with Microkit's own tool; booted on seL4 where QEMU has the board. */
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/files.ts';
import { compareConsoles } from './console.ts';
import { bootReal, DOWN, drivervm, dumpTree, makeImage, reason, type Stack } from './stack.ts';

const BOARD = 'qemu_virt_aarch64';
const CORES = 4;
const TYPED = ['uname -srm', 'poweroff -f'];
/** Guests whose devices other domains serve: what serves them is another's program, which the Makefile names when it is missing. */
const NOT_OURS = /\.elf: not part of this project/;

interface Project {
  readonly name: string;
  readonly directory: string;
  readonly request: string;
  readonly board: string;
  /** How many cores the machine has; `smp-debug` uses all. */
  readonly cores: number;
}

/** The examples in a directory of their own, with kernel, ramdisk and the trees that they name. */
export function layOut(place: string): void {
  cpSync(join(PROJECT_ROOT, 'examples'), place, { recursive: true });
  if (!existsSync(join(place, 'payload', 'Image'))) {
    const payload = drivervm(['payload', 'debian', '-o', 'payload'], place);
    if (payload.failed) throw new Error(payload.err);
  }
  dumpTree(join(place, BOARD, 'virt.dtb'), 1);
  dumpTree(join(place, BOARD, 'virt-smp.dtb'), CORES);
  const tree = '../payload/dtbs/freescale/imx8mq-evk.dtb';
  drivervm(['dt', 'merge', tree, 'maaxboard.overlay.dts', '-o', 'maaxboard.dtb'], join(place, 'maaxboard'));
  writeFileSync(
    join(place, BOARD, 'two-vcpus.yaml'),
    `name: ${BOARD}
board: { dtb: virt-smp.dtb, microkit: ${BOARD} }
kernel: ../payload/Image
initrd: ../payload/initrd.cpio
pass: ["pl011@9000000"]
vcpus: 2
`,
  );
}

function projectsIn(place: string, sdk: string): readonly Project[] {
  const boards = readdirSync(join(sdk, 'board')).filter((name) => existsSync(join(place, name)));
  const own = boards.flatMap((board) =>
    readdirSync(join(place, board))
      .filter((name) => name.endsWith('.yaml'))
      .map((request) => {
        const cores = request === 'two-vcpus.yaml' ? CORES : 1;
        return {
          name: `${board}/${request.replace('.yaml', '')}`,
          directory: join(place, board),
          request,
          board,
          cores,
        };
      }),
  );
  const shared = readdirSync(join(place, 'shared')).map((name) => {
    const directory = join(place, 'shared', name);
    return { name: `shared/${name}`, directory, request: 'request.yaml', board: '', cores: 1 };
  });
  return [...own, ...shared];
}

/** Builds each project whose name has one of the words, and boots those that QEMU can; whether all went well. */
export async function buildAndBoot(place: string, stack: Stack, words: readonly string[]): Promise<boolean> {
  let good = true;
  for (const project of projectsIn(place, stack.sdk)) {
    if (words.length > 0 && !words.some((word) => project.name.includes(word))) continue;
    good = (await one(project, stack)) && good;
  }
  return good;
}

async function one({ name, directory, request, board, cores }: Project, stack: Stack): Promise<boolean> {
  const project = join(directory, `real-${request.replace('.yaml', '')}`);
  const planned = drivervm(['plan', request, '-o', project], directory);
  if (planned.failed) {
    console.log(`${name}: not planned: ${reason(planned.err)}`);
    return false;
  }
  const built = makeImage(project, stack);
  if (built.failed) {
    const why = reason(built.err);
    console.log(`${name}: not built: ${why}`);
    return NOT_OURS.test(why);
  }
  console.log(`${name}: built`);
  if (board !== BOARD) return true;
  const checked = drivervm(['check', `${BOARD}.system`, '--board', board, '--search-path', 'build'], project);
  if (checked.failed) console.log(`${name}: check finds errors in it: ${reason(checked.out + checked.err)}`);
  const typed = cores === 1 ? TYPED : ['nproc', ...TYPED];
  const real = await bootReal(join(project, 'build', 'loader.img'), cores, typed);
  const boots = real.includes(DOWN);
  console.log(`${name}: on seL4 ${boots ? 'it boots, answers and powers off' : 'it does not power off'}`);
  if (!boots) console.log(real.split('\n').slice(-3).join('\n'));
  const run = ['run', project, '--timeout', '300', '--monitor', 'libvmm'];
  const ours = drivervm(run, directory, typed.map((line) => `${line}\n`).join(''));
  const { realLines, ourLines, explained, onlyReal, onlyOurs } = compareConsoles(real, ours.out);
  console.log(`  ${realLines} lines on seL4, ${ourLines} here; ${explained} differ for known reasons`);
  for (const line of onlyReal) console.log(`  - ${line}`);
  for (const line of onlyOurs) console.log(`  + ${line}`);
  return boots && !checked.failed;
}
