/**
 * The generated C and Makefiles, of all examples and of a matrix of plans: compiled by clang without a warning, against headers of
 * our own that declare what libvmm and Microkit do, and against the real ones where MICROKIT_SDK and LIBVMM are set; run by
 * `make -n` up to the image.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { MICROKIT_BOARDS } from '../src/microkit/index.ts';
import { type Plan, servedDevices } from '../src/plan/index.ts';
import { projectFiles } from '../src/project/index.ts';
import { SDDF_CLASSES, SDDF_DRIVERS } from '../src/sharing/index.ts';
import { filesUnder, PROJECT_ROOT, projectPath } from './support/files.ts';
import { runOracle } from './support/oracles.ts';
import { SDDF_DRIVEN, SDDF_DRIVERS_REQUEST } from './support/shared-board.ts';
import { goodPlan, type SmallBoard, smallBoard } from './support/small-board.ts';

const OUR_HEADERS = join(PROJECT_ROOT, 'test/support/c');
const { MICROKIT_SDK, LIBVMM } = process.env;
const place = mkdtempSync(join(tmpdir(), 'drivervm-c-'));
after(() => rmSync(place, { recursive: true }));

/** `-I` of what a monitor includes. */
const OURS = [OUR_HEADERS, join(OUR_HEADERS, 'libvmm/include')];
function realHeaders(sdk: string, libvmm: string): readonly string[] {
  const sddf = process.env['SDDF'] ?? join(libvmm, 'dep/sddf');
  const board = join(sdk, 'board/qemu_virt_aarch64/debug/include');
  return [
    board,
    join(libvmm, 'include'),
    ...['', '/sddf/util/custom_libc', '/microkit'].map((path) => `${sddf}/include${path}`),
  ];
}
const OUR_NAME = 'headers of our own';
const HEADERS: readonly (readonly [
  name: string,
  directories: readonly string[],
  flags: readonly string[],
])[] = [
  [OUR_NAME, OURS, ['-Wextra']],
  // What the real ones say of themselves is not ours to hear.
  ...(MICROKIT_SDK === undefined || LIBVMM === undefined
    ? []
    : [['the real headers', realHeaders(MICROKIT_SDK, LIBVMM), []] as const]),
];

const CLANG = [
  '-target',
  'aarch64-none-elf',
  '-mstrict-align',
  '-ffreestanding',
  '-nostdlib',
  '-fsyntax-only',
];
const STRICT = ['-Wall', '-Werror', '-Wno-unused-function'];

function compile(sources: readonly string[], flags: readonly string[]): void {
  const { status, stderr } = runOracle('clang', [...CLANG, ...STRICT, ...flags, ...sources]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
}

const GICV3 = 'reg = <0xff001000 0x10000>, <0xff100000 0x80000>;';

interface Case {
  readonly request: string;
  readonly board?: SmallBoard;
  /** Whether it is a board whose interrupt controller libvmm has compiled in. */
  readonly known?: boolean;
}

const SEVERAL = `guests:
  - { name: left, initrd: left.cpio, pass: [serial0], ram: { size: 128 MiB } }
  - { name: right-one, pass: [], ram: { size: 128 MiB } }`;
const SHARED = `guests:
  - { name: left, initrd: i.cpio, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [console, { kind: block, image: d.img, mode: read-only }, net] }
  - { name: right, initrd: i.cpio, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [console, net] }
drivers: [{ name: uart, pass: [serial0] }]`;

/** Every class, with devices that sDDF drives, and what only others have. */
const BY_SDDF = `guests:
  - { name: left, initrd: i.cpio, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [console, { kind: block, image: d.img }, net, { kind: block, mode: read-only }, rng] }
  - { name: right, initrd: i.cpio, pass: [serial0], ram: { size: 128 MiB }, virtio: [console, { kind: net, mac: "02:00:00:00:00:77" }] }
${SDDF_DRIVERS_REQUEST}`;
const CASES: Readonly<Record<string, Case>> = {
  'a UART and disks that guests share': {
    request: `guests:
  - { name: left, initrd: i.cpio, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [console, { kind: block, image: d.img }, { kind: block, image: e.img }] }
  - { name: right, initrd: i.cpio, pass: [], stdout: virtio, ram: { size: 128 MiB }, virtio: [console] }
drivers: [{ name: tty, pass: [serial@7000] }]`,
    board: {
      more: 'serial@7000 { compatible = "arm,pl011"; reg = <0x7000 0x1000>; interrupts = <0 40 4>; };',
    },
  },
  'everything, with a ramdisk': { request: 'ram: { size: 256 MiB }' },
  'no ramdisk': { request: 'guests: [{ name: only, pass: [serial0], ram: { size: 128 MiB } }]' },
  'no interrupt': { request: 'pass: [rng@3100]\nram: { size: 128 MiB }' },
  'several vCPUs': { request: 'pass: [serial0]\nvcpus: 2\nram: { size: 128 MiB }' },
  'more vCPUs than the four that libvmm has room for by itself': {
    request: 'pass: [serial0]\nvcpus: 6\nram: { size: 128 MiB }',
    board: { moreCpus: 4 },
  },
  'firmware calls forwarded': {
    request: 'pass: [ethernet@ff3f0000]\nfirmware: forward\nram: { size: 128 MiB }',
  },
  'several guests': { request: SEVERAL },
  'shared devices': { request: SHARED },
  'shared devices by sDDF': { request: BY_SDDF, board: SDDF_DRIVEN },
  'a disk whose driver asks for the time': {
    request:
      'pass: []\nstdout: none\nram: { size: 128 MiB }\nvirtio: [block]\ndrivers: [{ name: disk, pass: [mmc@8000] }, { name: clock, pass: [timer@9000] }]',
    board: SDDF_DRIVEN,
  },
  'a network of guests alone': {
    request: BY_SDDF.replace(/ {2}- \{ name: ether.*/, ''),
    board: SDDF_DRIVEN,
  },
  'a disk that a guest serves': {
    request: `guests:
  - { name: server, initrd: i.cpio, pass: [serial0, mmc@8000], ram: { size: 128 MiB }, serves: [{ device: mmc@8000, name: card }] }
  - { name: client, pass: [], stdout: none, ram: { size: 128 MiB }, virtio: [{ kind: block, driver: card, partition: 2 }] }`,
    board: SDDF_DRIVEN,
  },
  'a board that libvmm knows': { request: 'pass: [serial0]\nram: { size: 128 MiB }', known: true },
  GICv3: {
    request: 'pass: [serial0]\nram: { size: 128 MiB }',
    board: { gic: GICV3, gicCompatible: 'arm,gic-v3' },
  },
};

interface Project {
  readonly plan: Plan;
  readonly directory: string;
  readonly files: ReadonlyMap<string, string>;
}

function project(name: string, { request, board, known = false }: Case): Project {
  const small = smallBoard(board);
  const microkit = MICROKIT_BOARDS.get('odroidc4');
  assert.ok(microkit !== undefined);
  const plan = goodPlan(small, request, { microkit: { ...microkit, libvmm: known } });
  const directory = join(place, name.replaceAll(' ', '-'));
  const files = new Map<string, string>();
  for (const { path, content } of projectFiles(plan, small.tree)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
    files.set(path, String(content));
  }
  return { plan, directory, files };
}

/** The project's `vgic.h` lies where libvmm's sources look for theirs, and gives the plan's address. */
function withVgicHeader({ plan, directory }: Project): { readonly source: string; readonly include: string } {
  const include = join(directory, 'build/include');
  const target = join(include, 'libvmm/arch/aarch64/vgic/vgic.h');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, readFileSync(join(directory, 'vgic.h')));
  const source = join(directory, 'build/vgic.c');
  const { distributor, redistributors } = plan.board.gic;
  writeFileSync(
    source,
    `#include <libvmm/libvmm.h>
#include <libvmm/arch/aarch64/vgic/vgic.h>
_Static_assert(GIC_DIST_PADDR == ${distributor.base}UL, "distributor");
${redistributors === undefined ? '' : `_Static_assert(GIC_REDIST_PADDR == ${redistributors}UL, "redistributors");`}
`,
  );
  return { source, include };
}

for (const [headers, directories, flags] of HEADERS) {
  const includes = directories.map((directory) => `-I${directory}`);

  test(`the examples' C compiles against ${headers}`, () => {
    const sources = filesUnder(join(PROJECT_ROOT, 'examples')).filter((path) => path.endsWith('.c'));
    assert.ok(sources.length > 10, sources.map(projectPath).join());
    compile(sources, [...includes, ...flags]);
  });

  for (const [name, chosen] of Object.entries(CASES)) {
    test(`${name}: the monitors compile against ${headers}`, () => {
      const made = project(name, chosen);
      const monitors = [...made.files.keys()].filter((path) => path.endsWith('.c'));
      const configured = made.plan.sddf?.domains.length ?? 0;
      assert.equal(monitors.length, made.plan.guests.length + configured);
      const sources = monitors.map((path) => join(made.directory, path));
      assert.equal(made.files.has('vgic.h'), !made.plan.board.libvmm);
      // The SDK's headers here are of a board that libvmm knows, and the header is for others.
      if (made.plan.board.libvmm || headers !== OUR_NAME) {
        compile(sources, [...includes, ...flags]);
        return;
      }
      const { source, include } = withVgicHeader(made);
      compile([...sources, source], [`-I${include}`, ...includes, ...flags]);
    });
  }
}

test('the C around the engine compiles against headers of our own', () => {
  const engine = join(OUR_HEADERS, 'engine');
  const runtime = join(PROJECT_ROOT, 'runtime/sel4');
  const sources = ['domain.c', 'answers.c', 'platform.c'].map((name) => join(runtime, name));
  const threads = join(place, 'threads.c');
  writeFileSync(threads, '#include <pthread.h>\n');
  const flags = ['-nostdlibinc', `-I${engine}`, `-I${runtime}/include`, '-Wextra', '-Wno-unused-parameter'];
  compile([...sources, threads], flags);
});

/** A directory that the Makefile takes for an SDK. */
function sdkOf(plan: Plan): string {
  const sdk = join(place, 'sdk');
  // smp-debug is what several vCPUs ask for.
  for (const config of ['debug', 'smp-debug'])
    mkdirSync(join(sdk, 'board', plan.board.microkit ?? '', config, 'include'), { recursive: true });
  mkdirSync(join(sdk, 'bin'), { recursive: true });
  writeFileSync(join(sdk, 'bin/microkit'), '');
  writeFileSync(join(sdk, 'VERSION'), '2.3.0\n');
  return sdk;
}

/** A section of sDDF's Makefiles, as far as it says which programs it makes. */
function section(sddf: string, path: string, images: readonly string[]): void {
  mkdirSync(dirname(join(sddf, path)), { recursive: true });
  writeFileSync(
    join(sddf, path),
    images.map((image) => `${image}:\n\t$(LD) $(LDFLAGS) $(LIBS) -o $@\n`).join(''),
  );
}

/** What make, without more words a dry run of all, says and does. */
function make({ plan, directory }: Project, more: readonly string[] = ['-n'], hasDisks = true) {
  const sddf = join(place, 'sddf');
  mkdirSync(join(sddf, 'util'), { recursive: true });
  mkdirSync(join(sddf, 'include'), { recursive: true });
  const utilities = 'libsddf_util_debug.a:\n\t$(AR) crv $@\n';
  writeFileSync(join(sddf, 'util/util.mk'), utilities);
  for (const { directory, makefile, image } of SDDF_DRIVERS)
    section(sddf, join('drivers', directory, makefile), [image]);
  for (const { makefile, components } of Object.values(SDDF_CLASSES))
    section(
      sddf,
      makefile,
      components.map(({ image }) => image),
    );
  for (const { kernel, initrd } of plan.guests) {
    for (const image of [kernel, ...(initrd === undefined ? [] : [initrd])])
      writeFileSync(join(directory, image.path), '');
  }
  for (const { device } of servedDevices(plan))
    if (device.image !== undefined && hasDisks) writeFileSync(join(directory, device.image), '');
  mkdirSync(join(directory, 'build'), { recursive: true });
  const paths = [`MICROKIT_SDK=${sdkOf(plan)}`, `LIBVMM=${join(OUR_HEADERS, 'libvmm')}`, `SDDF=${sddf}`];
  const { status, stdout, stderr } = spawnSync('make', [...paths, ...more], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return { status, stdout, stderr };
}

for (const [name, chosen] of Object.entries(CASES)) {
  test(`${name}: the Makefile comes to the image`, () => {
    const made = project(name, chosen);
    const { plan, directory } = made;
    // Native drivers that sDDF does not have are not part of the project: whoever has them puts them there.
    const isSddf = (name: string) => plan.sddf?.drivers.some(({ pd }) => pd === name) === true;
    const others = plan.drivers.flatMap(({ name: pd, program }) => (isSddf(pd) ? [] : [program]));
    mkdirSync(join(directory, 'build'), { recursive: true });
    if (others.length > 0) assert.match(make(made).stderr, /not part of this project; see README.md/);
    for (const program of others) writeFileSync(join(directory, 'build', program), '');
    const { status, stdout, stderr } = make(made);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.equal(
      /-DGUEST_MAX_NUM_VCPUS=(\d+)UL/.exec(stdout)?.[1],
      name.startsWith('more vCPUs') ? '6' : undefined,
    );
    for (const { monitor } of plan.guests) {
      assert.match(stdout, new RegExp(`clang .*-c -o ${monitor.program}\\.o .*${monitor.program}\\.c`));
      assert.match(stdout, new RegExp(`ld\\.lld .*-o ${monitor.program}\\.elf`));
    }
    for (const { name: pd, program } of plan.sddf?.domains ?? []) {
      assert.match(stdout, new RegExp(`ld\\.lld .*-o ${program.replaceAll('.', '\\.')}`));
      assert.match(stdout, new RegExp(`llvm-objcopy --update-section .*${program} configured/${pd}\\.elf`));
    }
    assert.match(stdout, /bin\/microkit .*\.system --search-path .*-o loader\.img/s);
  });
}

test('a Makefile says what is missing', () => {
  const made = project('missing', CASES['everything, with a ramdisk'] ?? { request: '' });
  for (const [setting, said] of [
    ['MICROKIT_SDK=', 'MICROKIT_SDK: the directory of the Microkit SDK'],
    ['LIBVMM=/nowhere', '/nowhere is no libvmm: it has no vmm.mk'],
    ['SDDF=/nowhere', '/nowhere has no sDDF'],
    ['MICROKIT_BOARD=nosuch', 'was not built for nosuch in the configuration debug'],
  ] as const) {
    const { status, stderr } = make(made, ['-n', setting]);
    assert.equal(status, 2);
    assert.ok(stderr.includes(said), stderr);
  }
});

/** What `make VMM=ts` needs, as far as a dry run looks at it. */
function engineSettings(): readonly string[] {
  const quickjs = join(place, 'quickjs');
  const picolibc = join(place, 'picolibc');
  mkdirSync(join(picolibc, 'lib'), { recursive: true });
  mkdirSync(quickjs, { recursive: true });
  for (const name of ['quickjs', 'libregexp', 'libunicode', 'dtoa'])
    writeFileSync(join(quickjs, `${name}.c`), '');
  writeFileSync(join(picolibc, 'lib/libc.a'), '');
  writeFileSync(join(place, 'libgcc.a'), '');
  const drivervm = `${process.execPath} ${join(PROJECT_ROOT, 'bin/drivervm.js')}`;
  return [
    `QUICKJS=${quickjs}`,
    `PICOLIBC=${picolibc}`,
    `LIBGCC=${join(place, 'libgcc.a')}`,
    `DRIVERVM=${drivervm}`,
  ];
}

for (const name of [
  'everything, with a ramdisk',
  'no ramdisk',
  'several guests',
  'GICv3',
  'a UART and disks that guests share',
] as const) {
  test(`${name}: the Makefile comes to the image with monitors in TypeScript`, () => {
    const made = project(`${name} ts`, CASES[name] ?? { request: '' });
    const { status, stdout, stderr } = make(made, ['-n', 'VMM=ts', 'LIBVMM=', ...engineSettings()]);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    // Not sDDF's description: its programs' queues lie otherwise.
    const system = made.plan.sddf === undefined ? `${made.plan.name}.system` : `${made.plan.name}.run.system`;
    const { guests, drivers, sharing } = made.plan;
    const programs = [
      ...guests.map(({ monitor }) => monitor.program),
      ...[...drivers, ...sharing.virtualisers].map(({ program }) => program.replace('.elf', '')),
    ];
    for (const program of programs) {
      assert.match(stdout, new RegExp(`bundle .*/${system} ${program}\\.elf -o `));
      assert.match(stdout, new RegExp(`ld\\.lld .*${program}_script\\.o \\S+/quickjs-\\d+/quickjs\\.o`));
    }
    const disks = /printf '([^']*)' (.*) > blk_virt_disks\.list/.exec(stdout);
    assert.equal(
      disks?.[2],
      name.startsWith('a UART')
        ? `blk_virt '${made.directory}/d.img' blk_virt_1 '${made.directory}/e.img'`
        : undefined,
    );
    assert.match(stdout, /bin\/microkit .*\.system --search-path .*-o loader\.img/s);
    assert.doesNotMatch(stdout, /libvmm\.a/);
  });
}

test('a Makefile says which device a driver in TypeScript is missing for', () => {
  const made = project('no driver ts', CASES['shared devices by sDDF'] ?? { request: '' });
  const { status, stderr } = make(made, ['-n', 'VMM=ts', ...engineSettings()]);
  assert.equal(status, 2);
  assert.match(stderr, /VMM=ts: drivervm has no driver in TypeScript for the device of disk, of ether: /);
});

test('a Makefile says all at once what it lacks for monitors in TypeScript', () => {
  const made = project('missing ts', CASES['everything, with a ramdisk'] ?? { request: '' });
  const nothing = ['QUICKJS=', 'PICOLIBC=/nowhere', 'LIBGCC=', 'DRIVERVM=false'];
  const { status, stderr } = make(made, ['-n', 'VMM=ts', ...nothing]);
  assert.equal(status, 2);
  for (const said of [/QUICKJS: the directory of/, /apt install picolibc/, /LIBGCC: GCC's/, /DRIVERVM: how/])
    assert.match(stderr, said);
  assert.match(
    make(made, ['-n', 'VMM=ts', 'MICROKIT_SDK=', 'DTC=no-dtc', ...nothing]).stderr,
    /no-dtc: not on the PATH \(on Debian: apt install device-tree-compiler\).*needed and not there: MICROKIT_SDK no-dtc QUICKJS /s,
  );
  assert.match(make(made, ['-n', 'VMM=rust']).stderr, /VMM=rust: it is c or ts/);
});

test('a Makefile says which disk is not there', () => {
  const made = project('no disk ts', CASES['a UART and disks that guests share'] ?? { request: '' });
  const lines = make(made, ['-n', 'VMM=ts', 'LIBVMM=', ...engineSettings()], false).stdout;
  assert.match(lines, /echo "\S*\/d\.img is not there: the request names it as a disk \(mke2fs /);
  assert.match(lines, /echo "\S*\/e\.img is not there: /);
});

test('other images, though older, are packaged anew, and the same ones are not', () => {
  const made = project('images', CASES['everything, with a ramdisk'] ?? { request: '' });
  const build = join(made.directory, 'build');
  const packaged = (...images: readonly string[]): boolean => {
    const goal = ['-C', build, '-f', join(made.directory, 'Makefile'), 'IN_BUILD_DIR=yes', 'vmm_images.o'];
    const { status, stdout, stderr } = make(made, [...goal, ...images]);
    assert.equal(status, 0, stderr);
    return stdout.includes('package_guest_images.S -o vmm_images.o');
  };
  mkdirSync(build, { recursive: true });
  const [linux, newer, initrd, larger] = ['Image-6', 'Image-7', 'small.cpio', 'large.cpio'].map((name) => {
    const file = join(made.directory, name);
    writeFileSync(file, '');
    utimesSync(file, 1, 1);
    return file;
  });
  for (const images of [
    [`LINUX=${linux}`, `INITRD=${initrd}`],
    [`LINUX=${newer}`, `INITRD=${initrd}`],
    [`LINUX=${newer}`, `INITRD=${larger}`],
  ]) {
    assert.equal(packaged(...images), true);
    assert.equal(packaged(...images), false);
  }
  const goal = ['-C', build, '-f', join(made.directory, 'Makefile'), 'IN_BUILD_DIR=yes', 'vmm_images.o'];
  const { status, stderr } = make(made, [...goal, `LINUX=${join(build, 'none')}`, `INITRD=${initrd}`]);
  assert.notEqual(status, 0);
  assert.match(stderr, /none is not there: name the image with LINUX=, INITRD=/);
});
