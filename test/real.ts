/**
 * `npm run real`: the examples on the real stack. With MICROKIT_SDK and LIBVMM set, each example is planned and built with Microkit's
 * own tool; those that QEMU has a board for are booted on seL4, a command is typed, and the guest's console is compared with that of
 * `drivervm run`, line by line without times. Exit status 1 where something was not built or did not boot; lines that differ are told.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './support/files.ts';

const QEMU = [
  '-machine',
  'virt,virtualization=on',
  '-cpu',
  'cortex-a53',
  '-m',
  '2G',
  '-display',
  'none',
  '-net',
  'none',
];
const UP = 'drivervm: the guest is up';
const TYPED = 'uname -srm\n';
const LEAVE = 'poweroff -f\n';
const DOWN = 'reboot: Power down';
const ESCAPES = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');
const BOOT_LIMIT_MS = 180_000;

const { MICROKIT_SDK, LIBVMM } = process.env;
const cli = join(PROJECT_ROOT, 'bin', 'drivervm.js');

function command(name: string, args: readonly string[], cwd: string, input?: string) {
  const done = spawnSync(name, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...(input === undefined ? {} : { input }),
  });
  return {
    failed: done.status !== 0,
    out: done.stdout ?? '',
    err: `${done.stderr ?? ''}${done.error?.message ?? ''}`,
  };
}

const drivervm = (args: readonly string[], cwd: string, input?: string) =>
  command(process.execPath, [cli, ...args], cwd, input);

/** The line of a failed build that says why. */
function reason(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(echo|clang) /.test(line));
  const index = lines.findIndex((line) => /error|panicked|\*\*\* /i.test(line));
  const found = lines.slice(index, /panicked/.test(lines[index] ?? '') ? index + 2 : index + 1);
  return index < 0 ? (lines.at(-1) ?? '') : found.join(' ');
}

/** Boots an image on seL4 under QEMU, types, and gives what the serial port said. */
function bootReal(image: string): Promise<string> {
  const loader = `loader,file=${image},addr=0x70000000,cpu-num=0`;
  const qemu = spawn('qemu-system-aarch64', [
    ...QEMU,
    '-device',
    loader,
    '-serial',
    'stdio',
    '-monitor',
    'none',
  ]);
  let said = '';
  let typed = 0;
  return new Promise((resolve) => {
    const limit = setTimeout(() => qemu.kill(), BOOT_LIMIT_MS);
    qemu.on('error', (error) => resolve(error.message));
    qemu.on('close', () => {
      clearTimeout(limit);
      resolve(said);
    });
    qemu.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      if (
        typed === 0 &&
        /# /.test(said.slice(Math.max(0, said.indexOf(UP))).slice(UP.length)) &&
        said.includes(UP)
      ) {
        typed = said.length;
        qemu.stdin.write(TYPED);
      } else if (typed > 0 && /aarch64\r?\n/.test(said.slice(typed))) {
        typed = said.length;
        qemu.stdin.write(LEAVE);
      }
      if (said.includes(DOWN) || said.includes('Kernel panic')) qemu.kill();
    });
  });
}

/** What Linux said, without times, escapes and what is not its own. */
function linuxLines(text: string): readonly string[] {
  const start = text.indexOf('Booting Linux');
  return text
    .slice(Math.max(0, start))
    .split(/\r?\n/)
    .map((line) =>
      line
        .replaceAll(ESCAPES, '')
        .replace(/^\[ *\d+\.\d+\] /, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/^(LDR|MON|VMM)\|/.test(line));
}

function compare(real: string, ours: string): void {
  const [theirs, own] = [linuxLines(real), linuxLines(ours)];
  const [theirSet, ownSet] = [new Set(theirs), new Set(own)];
  const onlyReal = theirs.filter((line) => !ownSet.has(line));
  const onlyOurs = own.filter((line) => !theirSet.has(line));
  console.log(
    `  ${theirs.length} lines on seL4, ${own.length} here; ${onlyReal.length} and ${onlyOurs.length} only there and here`,
  );
  for (const line of onlyReal) console.log(`  - ${line}`);
  for (const line of onlyOurs) console.log(`  + ${line}`);
}

async function main(sdk: string, libvmm: string): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-real-'));
  let good = true;
  try {
    cpSync(join(PROJECT_ROOT, 'examples'), place, { recursive: true });
    if (!existsSync(join(place, 'payload', 'Image'))) {
      const payload = drivervm(['payload', 'debian', '-o', 'payload'], place);
      if (payload.failed) throw new Error(payload.err);
    }
    const dump = ['-machine', `virt,virtualization=on,dumpdtb=${place}/qemu_virt_aarch64/virt.dtb`];
    command('qemu-system-aarch64', [...dump, ...QEMU.slice(2)], place);
    const tree = '../payload/dtbs/freescale/imx8mq-evk.dtb';
    drivervm(['dt', 'merge', tree, 'maaxboard.overlay.dts', '-o', 'maaxboard.dtb'], join(place, 'maaxboard'));
    const boards = readdirSync(join(sdk, 'board'));
    for (const board of boards.filter((name) => existsSync(join(place, name)))) {
      const requests = readdirSync(join(place, board)).filter((name) => name.endsWith('.yaml'));
      for (const request of requests) good = (await example(place, board, request, sdk, libvmm)) && good;
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return good;
}

async function example(
  place: string,
  board: string,
  request: string,
  sdk: string,
  libvmm: string,
): Promise<boolean> {
  const directory = join(place, board);
  const project = join(directory, `real-${request.replace('.yaml', '')}`);
  const name = `${board}/${request.replace('.yaml', '')}`;
  const planned = drivervm(['plan', request, '-o', project], directory);
  if (planned.failed) {
    console.log(`${name}: not planned: ${reason(planned.err)}`);
    return false;
  }
  const built = command('make', ['-C', project, `MICROKIT_SDK=${sdk}`, `LIBVMM=${libvmm}`], directory);
  if (built.failed) {
    console.log(`${name}: not built: ${reason(built.err)}`);
    return false;
  }
  console.log(`${name}: built`);
  if (board !== 'qemu_virt_aarch64') return true;
  const real = await bootReal(join(project, 'build', 'loader.img'));
  const ours = drivervm(['run', project, '--timeout', '120'], directory, `${TYPED}${LEAVE}`).out;
  const boots = real.includes(DOWN);
  console.log(`${name}: on seL4 ${boots ? 'it boots, answers and powers off' : 'it does not power off'}`);
  compare(real, ours);
  return boots;
}

if (MICROKIT_SDK === undefined || LIBVMM === undefined) {
  console.error(
    'MICROKIT_SDK and LIBVMM are to name a Microkit SDK 2.3 and libvmm 0.2 with its submodule dep/sddf',
  );
  process.exitCode = 2;
} else if (!(await main(MICROKIT_SDK, LIBVMM))) process.exitCode = 1;
