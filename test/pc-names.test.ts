/** Program counters by the kernel's own names: before its MMU is on, at its link addresses, and where KASLR has moved it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { imageSymbols } from '../src/payload/index.ts';
import { PcNames } from '../src/run/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { guestOfBoard } from './support/guest-of-board.ts';
import { GuestRun } from './support/guest-run.ts';
import { treeOfBytes } from './support/virt-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-names-'));
after(() => rmSync(directory, { recursive: true }));
await drivervm(['payload', 'debian', '-o', directory]);
const kernel = readFileSync(join(directory, 'Image'));
const symbols = imageSymbols(kernel);
const boards = await debianBoards();
const tree = treeOfBytes(readFileSync(boards.get('meson-sm1-odroid-c4.dtb') ?? ''), 'board');

function boot(seed?: Uint8Array): {
  readonly run: GuestRun;
  readonly names: PcNames;
  readonly pc: () => bigint;
} {
  assert.ok(symbols !== undefined);
  const run = new GuestRun(
    guestOfBoard(tree, {
      kernel,
      initrd: readFileSync(join(directory, 'initrd.cpio')),
      ram: { base: 0x8000_0000, size: 0x1000_0000 },
      bootargs: 'earlycon cryptomgr.notests',
      edit: (root) => {
        if (seed !== undefined) root.children.get('chosen')?.setProperty({ name: 'kaslr-seed', value: seed });
      },
    }),
  );
  const guest = { symbols, imageSizeBytes: kernel.length };
  return {
    run,
    names: new PcNames(run.session, () => guest),
    pc: () => run.session.kernel.vcpus()[0]?.cpu.pc ?? 0n,
  };
}

/** An idle shell stands in `cpu_do_idle`, whose address it says itself. */
function assertIdleIsNamed({ run, names, pc }: ReturnType<typeof boot>): bigint {
  run.until('# ');
  run.type('grep " cpu_do_idle$" /proc/kallsyms\n');
  run.until(' T cpu_do_idle\r\n');
  run.until('never', 1);
  const address = BigInt(`0x${/^([0-9a-f]{16}) T cpu_do_idle\r$/m.exec(run.console)?.[1] ?? 0}`);
  assert.equal(names.nameOf('linux', address), 'cpu_do_idle+0x0');
  assert.match(names.show('linux', pc()), /^0xffff[0-9a-f]{12} \(cpu_do_idle\+0x[0-9a-f]+\)$/);
  return address;
}

test('where the Image was put, before the MMU is on', () => {
  const { run, names, pc } = boot();
  run.until('never', 1, 1000);
  assert.match(names.show('linux', pc()), /^0x8[0-9a-f]{7} \(\w+\+0x[0-9a-f]+\)$/);
  assert.equal(names.nameOf('linux', 0x7000_0000n), undefined);
  assert.equal(names.nameOf('linux', 0xffff_8000_0800_0000n), undefined, 'not before the vectors are set');
});

test('at link addresses', () => {
  assert.equal(assertIdleIsNamed(boot()) >> 32n, 0xffff_8000n);
});

test('where KASLR has moved it', () => {
  const moved = assertIdleIsNamed(boot(Uint8Array.from([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0])));
  assert.notEqual(moved >> 32n, 0xffff_8000n);
});
