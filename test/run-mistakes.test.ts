/**
 * The mistakes that people make, each through `drivervm run` on the real kernel: the code that names it, the remedy, and the
 * exit status, without a time-out. The good run is the Odroid C4's, written by hand; every mistake is one change to it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type SystemDescription, writeDescription } from '../src/microkit/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { type GuestOptions, guestOfBoard } from './support/guest-of-board.ts';
import { treeOfBytes } from './support/virt-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-mistakes-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
await drivervm(['payload', 'debian', '-o', directory]);
const boards = await debianBoards();
const boardPath = boards.get('meson-sm1-odroid-c4.dtb') ?? '';
const tree = treeOfBytes(readFileSync(boardPath), 'board');
const kernel = readFileSync(file('Image'));
const initrd = readFileSync(file('initrd.cpio'));

function guest(changes: Partial<GuestOptions> = {}) {
  const ram = { base: 0x8000_0000, size: 0x1000_0000 };
  return guestOfBoard(tree, { kernel, initrd, ram, bootargs: 'earlycon cryptomgr.notests', ...changes });
}

interface Change {
  readonly guest?: Partial<GuestOptions>;
  readonly description?: (good: SystemDescription) => SystemDescription;
  readonly kernel?: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly dtb?: string;
  readonly flags?: readonly string[];
}

/** Runs it with its one mistake; the exit status must be 1 unless another is expected. */
async function mistaken(change: Change, status = 1) {
  const made = guest(change.guest);
  writeFileSync(file('guest.dtb'), made.payload.images.dtb);
  const description = change.description?.(made.description) ?? made.description;
  writeFileSync(file('driver.system'), writeDescription(description));
  writeFileSync(file('kernel'), change.kernel ?? kernel);
  writeFileSync(file('initrd'), change.initrd ?? initrd);
  return await drivervm(
    [
      'run',
      file('driver.system'),
      ...['--dtb', change.dtb ?? boardPath, '--guest-dtb', file('guest.dtb')],
      ...['--kernel', file('kernel'), '--initrd', file('initrd')],
      ...(change.flags ?? []),
    ],
    { status },
  );
}

const UART = '/soc/bus@ff800000/serial@3000';

function withIrqs(change: (irqs: SystemDescription['protectionDomains'][number]['irqs']) => typeof irqs) {
  return (good: SystemDescription): SystemDescription => ({
    ...good,
    protectionDomains: good.protectionDomains.map((pd) => ({ ...pd, irqs: change(pd.irqs) })),
  });
}

test('the virtual CPU interface is not mapped', async () => {
  const { err } = await mistaken({ guest: { passes: (path) => path !== 'GICV' } });
  assert.match(
    err,
    /error\[run\/unmapped-cpu-interface\]: vCPU 0 of linux stopped at PC 0xffff\w+ \(gic_\w+\+0x/,
  );
  assert.match(err, /hint: .*phys_addr="0xffc06000"\/> and <map mr="gic_vcpu" vaddr="0xffc02000"/);
});

test("the UART's region is not mapped", async () => {
  const { err } = await mistaken({
    guest: { passes: (path) => path !== UART && !path.includes('ff800000') },
  });
  assert.match(
    err,
    /error\[run\/unmapped-device\]: .* \(meson_\w+\+0x\w+\): it \w+ 0xff803\w+, which is \S*serial@3000/,
  );
  assert.match(err, /phys_addr="0xff803000"\/>.*; in a request for "drivervm plan": pass: \[serial@3000\]/);
});

test("the UART's interrupt is not given", async () => {
  const { out, err } = await mistaken(
    { description: withIrqs((irqs) => irqs.filter((irq) => irq.kind !== 'platform' || irq.irq !== 225)) },
    3,
  );
  // The kernel's own lines need no interrupt; the shell's do, and so the shell waits for ever.
  assert.match(out, /Run \/init/);
  assert.match(err, /warning\[run\/interrupt-not-given\]: \S*serial@3000 raised its interrupt \(INTID 225\)/);
  assert.match(err, /<irq irq="225" id="…" trigger="edge" \/>.*pass: \[serial@3000\]/);
});

test('an interrupt has the wrong trigger', async () => {
  const { err } = await mistaken(
    {
      description: withIrqs((irqs) =>
        irqs.map((irq) => (irq.kind === 'platform' && irq.irq === 225 ? { ...irq, trigger: 'level' } : irq)),
      ),
    },
    3,
  );
  assert.match(err, /warning\[run\/trigger-differs\]: INTID 225 of \S*serial@3000 is described as level/);
  assert.match(err, /hint: write trigger="edge"/);
});

test("a planned project's description lost a region: the line of the request says what it was for", async () => {
  const project = file('project');
  await drivervm([
    ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
    ...[
      '--kernel',
      file('Image'),
      '--initrd',
      file('initrd.cpio'),
      '--bootargs',
      'earlycon cryptomgr.notests',
    ],
  ]);
  const path = join(project, 'odroidc4.system');
  const system = readFileSync(path, 'utf8');
  const without = system.replace(/\n[^\n]*<map mr="[^"]*serial[^"]*"[^\n]*/, '');
  assert.notEqual(without, system);
  writeFileSync(path, without);
  const { err } = await drivervm(['run', join(project, 'plan.json'), '--dtb', boardPath], { status: 1 });
  assert.match(err, /error\[run\/unmapped-device\].*; in the request: pass: \[serial@3000\]/s);
});

test('the psci node says hvc', async () => {
  const method = { name: 'method', value: new TextEncoder().encode('hvc\0') };
  const { err } = await mistaken({
    guest: { edit: (root) => root.children.get('psci')?.setProperty(method) },
  });
  assert.match(err, /error\[run\/guest-hvc\]: .* \(__arm_smccc_hvc\+0x/);
  assert.match(err, /hint: the psci node of the guest's tree must say method = "smc"/);
});

test("the board's memory was left in the guest's tree", async () => {
  const { err } = await mistaken({
    guest: {
      edit: (root) => {
        for (const node of root.children.values()) {
          // Two cells each: 0x80000000 and 1 GiB.
          const value = Uint8Array.from([0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0]);
          if (node.baseName === 'memory') node.setProperty({ name: 'reg', value });
        }
      },
    },
  });
  assert.match(
    err,
    /error\[run\/unmapped-ram\]: .*, which its tree says is RAM \(0x80000000\.\.0xc0000000\)/,
  );
  assert.match(err, /override the guest tree's memory node.*ram: \{ base: 0x80000000, size: 1 GiB \}/);
});

test('the ramdisk is cut short, is another file, or has outgrown its tree', async () => {
  const short = await mistaken({ initrd: initrd.subarray(0, initrd.length / 2) });
  assert.match(short.err, /error\[payload\/cut-short\]: the cpio archive is cut short/);
  assert.equal(short.out, '');
  const other = await mistaken({ initrd: readFileSync(boardPath) });
  assert.match(other.err, /error\[run\/not-a-ramdisk\]: the initial ramdisk is a device tree/);
  const grown = await mistaken({ initrd: Buffer.concat([initrd, initrd]) });
  assert.match(grown.err, /error\[run\/initrd-beyond-window\]/);
});

test('the kernel is for big-endian processors, compressed, for x86, or none', async () => {
  const swapped = Uint8Array.from(kernel);
  swapped[24] = (swapped[24] ?? 0) | 1;
  const big = await mistaken({ kernel: swapped });
  assert.match(
    big.err,
    /error\[run\/never-started\]: .*; its monitor says: the kernel is built for big-endian/,
  );
  const packed = await mistaken({ kernel: gzipSync(kernel, { level: 1 }) });
  assert.match(packed.err, /error\[run\/not-an-image\]: the kernel is compressed by gzip/);
  const x86 = new Uint8Array(0x400);
  x86.set(new TextEncoder().encode('HdrS'), 0x202);
  assert.match(
    (await mistaken({ kernel: x86 })).err,
    /error\[run\/not-an-image\]: the kernel is a kernel for x86/,
  );
  assert.match((await mistaken({ kernel: new Uint8Array() })).err, /the kernel is empty/);
});

test("the guest's RAM is too small for the images", async () => {
  const { err } = await mistaken({ guest: { ram: { base: 0x8000_0000, size: 0x100_0000 } } });
  assert.match(err, /error\[run\/never-started\]: .*; its monitor says: .* is not in guest RAM/);
});

test('the kernel finds no root filesystem: its panic ends the run', async () => {
  const { out, err } = await mistaken({
    guest: { bootargs: 'earlycon cryptomgr.notests rdinit=/nowhere' },
  });
  assert.match(out, /VFS: Unable to mount root fs/);
  assert.match(err, /error\[run\/guest-panicked\]: the kernel of linux panicked: VFS: Unable to mount root/);
});

test("the board's tree is another board's", async () => {
  const other = boards.get('meson-g12b-odroid-n2.dtb') ?? '';
  const { err } = await mistaken({ dtb: other, flags: ['--until', 'Booting Linux'] }, 0);
  assert.match(
    err,
    /warning\[run\/other-board\]: the tree of linux is for hardkernel,odroid-c4, and the board is hardkernel,odroid-n2/,
  );
});

test('a description without a guest, a directory without a plan, a file that is not there', async () => {
  const serial =
    '<system><protection_domain name="a"><program_image path="a.elf"/></protection_domain></system>';
  writeFileSync(file('serial.system'), serial);
  const none = await drivervm(['run', file('serial.system'), '--dtb', boardPath], { status: 1 });
  assert.match(none.err, /serial\.system: error\[run\/no-machine\]/);
  mkdirSync(file('empty'), { recursive: true });
  const empty = await drivervm(['run', file('empty')], { status: 1 });
  assert.match(empty.err, /error\[project\/no-plan\]/);
  const gone = await drivervm(['run', file('gone.system')], { status: 1 });
  assert.match(gone.err, /gone\.system: no such file or directory/);
});

for (const [flag, value] of [
  ['--timeout', 'abc'],
  ['--timeout', '-5'],
  ['--timeout', '0'],
  ['--vcpus', '0'],
  ['--vcpus', 'two'],
  ['--clock', 'wall'],
  ['--trace', 'everything'],
  ['--until', ''],
  ['--kernel', 'freebsd=Image'],
] as const) {
  test(`${flag} ${value || '""'} is a wrong call`, async () => {
    const { out } = await mistaken({ flags: [flag, value] }, 2);
    assert.equal(out, '');
  });
}
