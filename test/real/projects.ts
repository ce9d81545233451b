/** The examples, and guests with several vCPUs, built with Microkit's own tool; booted on seL4 where QEMU has the board. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/plan/index.ts';
import { PROJECT_ROOT } from '../support/files.ts';
import { runOracle } from '../support/oracles.ts';
import { BOARDS_DIRECTORY, layOutBoards } from './boards.ts';
import { buildProject } from './build.ts';
import { compareConsoles } from './console.ts';
import {
  layOutReadOnly,
  makeServedReadOnly,
  READ_ONLY,
  READ_ONLY_SERVED,
  tryReadOnly,
  tryServedReadOnly,
} from './read-only.ts';
import type { Report } from './report.ts';
import {
  tryServedConsole,
  tryServedDisk,
  tryServedNetwork,
  trySharedDevices,
  writeServedDisk,
} from './shared.ts';
import { bootReal, DOWN, drivervm, dumpTree, GICV3_BOARD, gicOf, reason, type Stack } from './stack.ts';

const BOARD = 'qemu_virt_aarch64';
/** Of the examples with shared devices, the one for a board that QEMU has. */
const ON_SEL4 = 'on-sel4';
/** The one that is built in TypeScript whole. */
export const ALL_TYPESCRIPT = 'in-typescript';
/** The one whose disk a guest serves. */
const SERVED = 'served-on-sel4';
const SERVED_NETWORK = 'served-network-on-sel4';
const SERVED_CONSOLE = 'served-console-on-sel4';
const CORES = 4;
const TYPED = ['uname -srm', 'poweroff -f'];
const SMALL_KERNEL_BYTES = 0x40_0000;
const VCPUS: ReadonlyMap<string, number> = new Map([
  ['two-vcpus', 2],
  ['four-vcpus', 4],
]);

export interface Project {
  readonly name: string;
  readonly directory: string;
  readonly request: string;
  readonly board: string;
  readonly vcpus: number;
  readonly smallKernel: string;
}

const smallKernelIn = (place: string): string => join(place, 'payload', 'small-Image');

/**
 * The examples in a directory of their own, with kernel, ramdisk and the trees that they name, and requests of boards that have none.
 * Gives the boards of which no tree was found, with the trees' names.
 */
export async function layOut(place: string, trees: string | undefined): Promise<ReadonlyMap<string, string>> {
  cpSync(join(PROJECT_ROOT, 'examples'), place, { recursive: true });
  if (!existsSync(join(place, 'payload', 'Image'))) {
    const payload = await drivervm(['payload', 'debian', '-o', 'payload'], place);
    if (payload.failed) throw new Error(payload.err);
  }
  const image = readFileSync(join(place, 'payload', 'Image'));
  writeFileSync(smallKernelIn(place), image.subarray(0, SMALL_KERNEL_BYTES));
  dumpTree(join(place, BOARD, 'virt.dtb'), 1);
  dumpTree(join(place, BOARD, 'virt-smp.dtb'), CORES);
  const tree = '../payload/dtbs/freescale/imx8mq-evk.dtb';
  await drivervm(
    ['dt', 'merge', tree, 'maaxboard.overlay.dts', '-o', 'maaxboard.dtb'],
    join(place, 'maaxboard'),
  );
  await layOutShared(place);
  for (const [name, vcpus] of VCPUS) {
    // Without the kernel's self-tests: they are two thirds of a boot, and each vCPU that waits takes its turns. Without its watchdogs:
    // the counter is the host's time there, so they report how little of it a loaded machine has left for QEMU. (QEMU can count
    // instructions in its place, but seL4 does not come up on several cores then: the first one spins while the others wait.)
    const request = `name: ${BOARD}
board: { dtb: virt-smp.dtb, microkit: ${BOARD} }
kernel: ../payload/Image
initrd: ../payload/initrd.cpio
pass: ["pl011@9000000"]
bootargs: earlycon cryptomgr.notests nowatchdog rcupdate.rcu_cpu_stall_suppress=1
vcpus: ${vcpus}
`;
    writeFileSync(join(place, BOARD, `${name}.yaml`), request);
  }
  layOutGicv3(place);
  return layOutBoards(place, trees);
}

/** The UART's project and that with two vCPUs, on the board with the other GIC. */
function layOutGicv3(place: string): void {
  const directory = join(place, GICV3_BOARD);
  mkdirSync(directory, { recursive: true });
  dumpTree(join(directory, 'virt.dtb'), 1, 3);
  dumpTree(join(directory, 'virt-smp.dtb'), CORES, 3);
  for (const name of ['uart', 'two-vcpus'])
    cpSync(join(place, BOARD, `${name}.yaml`), join(directory, `${name}.yaml`));
}

/** Examples of shared devices have an initrd of their own: with modules for virtio. */
const sharedPlace = (place: string): string => join(place, 'with-virtio');

/** Boards of which QEMU has none, with devices that sDDF drives: two guests with consoles and a network are built for each. */
const SHARING_BOARDS: readonly {
  readonly board: string;
  readonly dtb: string;
  readonly drivers: readonly string[];
  /** Whether each guest has a partition of a disk, too. */
  readonly disk?: true;
}[] = [
  {
    board: 'odroidc4',
    dtb: '../../payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb',
    drivers: ['{ name: uart, pass: [serial0] }', '{ name: ether, pass: [ethernet0] }'],
  },
  {
    board: 'zcu102',
    dtb: '../../payload/dtbs/xilinx/zynqmp-zcu102-rev1.0.dtb',
    drivers: ['{ name: uart, pass: [serial0] }', '{ name: ether, pass: [ethernet0] }'],
  },
  {
    board: 'maaxboard',
    dtb: 'maaxboard.dtb',
    drivers: [
      '{ name: uart, pass: [serial0] }',
      '{ name: ether, pass: [ethernet0] }',
      // The second of an i.MX's two hosts has the SD card; its driver asks for the time.
      '{ name: disk, pass: ["mmc@30b40000"] }',
      '{ name: clock, pass: ["timer@302d0000"] }',
    ],
    disk: true,
  },
  {
    board: 'rpi4b_4gb',
    dtb: '../../payload/dtbs/broadcom/bcm2711-rpi-4-b.dtb',
    drivers: [
      '{ name: uart, pass: [serial1] }',
      '{ name: ether, pass: [ethernet0] }',
      '{ name: clock, pass: ["/soc/timer@7e003000"] }',
    ],
  },
];

/** The general purpose timer of i.MX8M Quad, which Linux 6.1's tree leaves out (i.MX 8M Quad Reference Manual 3.1, §2.1.2 and §7.1.2). */
const IMX8MQ_TIMER = `/dts-v1/;
/ { soc@0 { bus@30000000 { timer@302d0000 {
	compatible = "fsl,imx8mq-gpt";
	reg = <0x302d0000 0x10000>;
	interrupts = <0 55 4>;
}; }; }; };
`;

/** The tree of the MaaXBoard with the timer that sDDF's drivers of i.MX ask. */
async function treeWithTimer(place: string, directory: string): Promise<void> {
  writeFileSync(join(directory, 'timer.dts'), IMX8MQ_TIMER);
  const merged = [
    'dt',
    'merge',
    join(place, 'maaxboard', 'maaxboard.dtb'),
    'timer.dts',
    '-o',
    'maaxboard.dtb',
  ];
  const outcome = await drivervm(merged, directory);
  if (outcome.failed) throw new Error(outcome.err);
}

function sharingRequest({ board, dtb, drivers, disk }: (typeof SHARING_BOARDS)[number]): string {
  const guest = (name: string, partition: number) =>
    `  - { name: ${name}, kernel: ../../payload/Image, initrd: ../../payload/initrd.cpio, ram: { size: 128 MiB }, pass: [], stdout: virtio, bootargs: console=hvc0, virtio: [console, net${disk === true ? `, { kind: block, partition: ${partition} }` : ''}] }`;
  return `name: ${board}
board: { dtb: ${dtb}, microkit: ${board} }
guests:
${guest('left', 1)}
${guest('right', 2)}
drivers:
${drivers.map((driver) => `  - ${driver}`).join('\n')}
`;
}

async function layOutShared(place: string): Promise<void> {
  const own = sharedPlace(place);
  cpSync(join(PROJECT_ROOT, 'examples', 'shared'), join(own, 'shared'), { recursive: true });
  if (!existsSync(join(own, 'payload', 'Image'))) {
    const modules =
      'gpio_keys,evdev,bridge,virtio_mmio,virtio_console,virtio_blk,virtio_net,ext4,crc32c_generic';
    const payload = await drivervm(
      ['payload', 'debian', '--server', '--modules', modules, '-o', 'payload'],
      own,
    );
    if (payload.failed) throw new Error(payload.err);
  }
  for (const each of SHARING_BOARDS) {
    const directory = join(own, 'shared', each.board);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'request.yaml'), sharingRequest(each));
    if (each.disk === true) await treeWithTimer(place, directory);
  }
  for (const name of [ON_SEL4, ALL_TYPESCRIPT]) {
    const directory = join(own, 'shared', name);
    dumpTree(join(directory, 'virt.dtb'), 1);
    for (const image of ['disk.img', 'right.img'])
      runOracle('mke2fs', ['-q', '-F', '-t', 'ext4', join(directory, image), '16M']);
  }
  for (const name of ['emmc', 'two-guests'])
    runOracle('mke2fs', ['-q', '-F', '-t', 'ext4', join(own, 'shared', name, 'disk.img'), '16M']);
  for (const name of readdirSync(join(PROJECT_ROOT, 'examples', 'served')))
    cpSync(join(PROJECT_ROOT, 'examples', 'served', name), join(own, 'shared', `served-${name}`), {
      recursive: true,
    });
  const served = join(own, 'shared', SERVED);
  for (const directory of [served, join(own, 'shared', SERVED_NETWORK), join(own, 'shared', SERVED_CONSOLE)])
    dumpTree(join(directory, 'virt.dtb'), 1);
  writeServedDisk(join(served, 'card.img'));
  layOutReadOnly(join(own, 'shared', READ_ONLY));
  cpSync(served, join(own, 'shared', READ_ONLY_SERVED), { recursive: true });
  makeServedReadOnly(join(own, 'shared', READ_ONLY_SERVED));
}

export function projectsIn(place: string, sdk: string): readonly Project[] {
  const smallKernel = smallKernelIn(place);
  const all = readdirSync(join(sdk, 'board'));
  const boards = all.filter((name) => existsSync(join(place, name)));
  const own = boards.flatMap((board) =>
    readdirSync(join(place, board))
      .filter((name) => name.endsWith('.yaml'))
      .map((request) => {
        const name = request.replace('.yaml', '');
        const directory = join(place, board);
        return {
          name: `${board}/${name}`,
          directory,
          request,
          board,
          vcpus: VCPUS.get(name) ?? 1,
          smallKernel,
        };
      }),
  );
  const shared = readdirSync(join(sharedPlace(place), 'shared')).map((name) => {
    const directory = join(sharedPlace(place), 'shared', name);
    // Only those that are made for a board are left out where the SDK does not have it.
    const board = SHARING_BOARDS.find((each) => each.board === name)?.board ?? '';
    return { name: `shared/${name}`, directory, request: 'request.yaml', board, vcpus: 1, smallKernel };
  });
  const others = all
    .filter((board) => existsSync(join(place, BOARDS_DIRECTORY, `${board}.yaml`)))
    .map((board) => {
      const directory = join(place, BOARDS_DIRECTORY);
      const name = `${BOARDS_DIRECTORY}/${board}`;
      return { name, directory, request: `${board}.yaml`, board, vcpus: 1, smallKernel };
    });
  return [...own, ...shared, ...others];
}

export interface ProjectOptions {
  /** Lines that differ for known reasons are told, too. */
  readonly verbose: boolean;
  /** Where consoles are left. */
  readonly consoles: string | undefined;
}

/** Whether the SDK has the board whole: a build of it that failed leaves the kernel without its loader. */
const isBuilt = (sdk: string, board: string): boolean =>
  existsSync(join(sdk, 'board', board, 'debug', 'elf', 'loader.elf'));

/** Microkit's name of the board in a request. */
const boardOf = (request: string): string => /microkit: (\w+)/.exec(readFileSync(request, 'utf8'))?.[1] ?? '';

/** The board that a plan was made for. */
const planIn = (output: string): Plan => JSON.parse(readFileSync(join(output, 'plan.json'), 'utf8')) as Plan;

interface Tried {
  /** Boots it on seL4, with the disk image that the project has made, and says what was wrong. */
  readonly attempt: typeof tryServedDisk;
  readonly good: string;
}

/** Projects whose guests do more than answer a command. */
const TRIED: ReadonlyMap<string, Tried> = new Map([
  [
    `shared/${ON_SEL4}`,
    {
      attempt: trySharedDevices,
      good: 'both guests have console, disk and network: each has written to its partition, pings the other and the host, and 16 MiB arrive from the host and from guest to guest with equal sums',
    },
  ],
  [
    `shared/${SERVED_NETWORK}`,
    {
      attempt: (output, _disk, stack) => tryServedNetwork(output, stack),
      good: 'a guest pings the host and fetches 16 MiB from it through the one that has the card, with equal sums',
    },
  ],
  [
    `shared/${SERVED_CONSOLE}`,
    {
      attempt: (output, _disk, stack) => tryServedConsole(output, stack),
      good: "a guest shows what another says, and is at that one's console",
    },
  ],
  [
    `shared/${READ_ONLY}`,
    { attempt: tryReadOnly, good: 'two read-only disks stay as they are, whatever the guest writes' },
  ],
  [
    `shared/${READ_ONLY_SERVED}`,
    { attempt: tryServedReadOnly, good: 'a guest that may only read what another serves does not change it' },
  ],
  [
    `shared/${SERVED}`,
    {
      attempt: tryServedDisk,
      good: 'a guest writes to the disk that another serves, and it is there afterwards',
    },
  ],
]);

export async function buildAndBoot(
  project: Project,
  stack: Stack,
  report: Report,
  options: ProjectOptions,
): Promise<void> {
  const { name, directory, request, board, smallKernel } = project;
  const wanted = board === '' ? boardOf(join(directory, request)) : board;
  if (!isBuilt(stack.sdk, wanted)) {
    report.result(name, true, `left out: the SDK has no loader for ${wanted}`);
    return;
  }
  const output = join(directory, `real-${request.replace('.yaml', '')}`);
  const planned = await drivervm(['plan', request, '-o', output], directory);
  if (planned.failed) {
    report.result(name, false, `not planned: ${reason(planned.err)}`);
    return;
  }
  const plan = planIn(output);
  const system = `${plan.name}.system`;
  const own = board === GICV3_BOARD ? { ...stack, board } : stack;
  // Of that name there is another board, with another interrupt controller.
  const tree = board === GICV3_BOARD ? plan.board.dtbPath : undefined;
  const inputs = { board: plan.board.microkit ?? '', tree, system, smallKernel };
  const built = await buildProject(output, inputs, own);
  if (built.failed) {
    report.result(name, false, built.words);
    return;
  }
  const tried = TRIED.get(name);
  if ([BOARD, GICV3_BOARD].includes(board) && built.isWhole) {
    report.line(`  ${name}: ${built.words}; it boots on seL4 and here`);
    await boot(project, output, report, options);
  } else if (tried !== undefined) {
    report.line(`  ${name}: built; it boots on seL4`);
    const { attempt, good } = tried;
    const { said, wrong } = await attempt(output, join(output, 'build', 'disk.img'), stack);
    keepConsole(options, name, said);
    report.result(
      name,
      wrong.length === 0,
      `built; on seL4: ${wrong.length === 0 ? good : wrong.join('; ')}`,
    );
  } else report.result(name, true, built.words);
  if (options.consoles === undefined) rmSync(output, { recursive: true, force: true });
}

function keepConsole({ consoles }: ProjectOptions, name: string, said: string): void {
  if (consoles === undefined) return;
  mkdirSync(join(consoles, 'consoles'), { recursive: true });
  writeFileSync(join(consoles, 'consoles', `${name.replace('/', '-')}.sel4.txt`), said);
}

async function boot(
  { name, directory, board, vcpus }: Project,
  output: string,
  report: Report,
  { verbose, consoles }: ProjectOptions,
): Promise<void> {
  const typed = vcpus === 1 ? TYPED : ['nproc', ...TYPED];
  const image = join(output, 'build', 'loader.img');
  const run = ['run', output, '--timeout', '1800', '--monitor', 'libvmm'];
  const input = typed.map((line) => `${line}\n`).join('');
  const [real, ours] = await Promise.all([
    bootReal(image, vcpus === 1 ? 1 : CORES, typed, [], gicOf(board)),
    drivervm(run, directory, input),
  ]);
  if (consoles !== undefined) {
    const file = join(consoles, 'consoles', name.replace('/', '-'));
    mkdirSync(join(consoles, 'consoles'), { recursive: true });
    writeFileSync(`${file}.sel4.txt`, real);
    writeFileSync(`${file}.run.txt`, ours.out);
  }
  const { realLines, ourLines, explained, onlyReal, onlyOurs } = compareConsoles(real, ours.out);
  for (const line of onlyReal) report.line(`  only on seL4: ${line}`);
  for (const line of onlyOurs) report.line(`  only here:    ${line}`);
  for (const [why, lines] of explained) {
    if (verbose) report.line(`  because ${why}:\n      ${lines.join('\n      ')}`);
  }
  const count = [...explained.values()].reduce((sum, lines) => sum + lines.length, 0);
  const answers = real.includes(DOWN)
    ? 'on seL4 it boots, answers and powers off'
    : 'on seL4 it does not power off';
  const same = `${realLines} lines there, ${ourLines} here, ${count} differ for ${explained.size} known reasons, ${onlyReal.length + onlyOurs.length} for none`;
  if (!real.includes(DOWN)) report.line(real.split('\n').slice(-3).join('\n'));
  const good = real.includes(DOWN) && !ours.failed && onlyReal.length + onlyOurs.length === 0;
  report.result(name, good, `built; ${answers}; ${same}`);
}
