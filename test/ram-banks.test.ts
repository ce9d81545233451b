/** A guest with more RAM than the board has in one piece: planned in banks, written, checked, and booted by Debian's kernel. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MIB } from '../src/base/index.ts';
import type { Plan } from '../src/plan/index.ts';
import { drivervm } from './support/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-banks-'));
const file = (...names: readonly string[]) => join(directory, ...names);
after(() => rmSync(directory, { recursive: true }));

test('3 GiB on the ZCU102, whose RAM is in two pieces', async () => {
  await drivervm(['payload', 'debian', '-o', file('payload')]);
  const tree = readdirSync(file('payload', 'dtbs', 'xilinx')).find((name) => name.includes('zcu102-rev1'));
  writeFileSync(
    file('request.yaml'),
    `name: banks
board: { dtb: payload/dtbs/xilinx/${tree}, microkit: zcu102 }
kernel: payload/Image
initrd: payload/initrd.cpio
pass: [serial0]
ram: 3 GiB
`,
  );
  await drivervm(['plan', file('request.yaml'), '-o', file('project')]);
  const plan = JSON.parse(readFileSync(file('project', 'plan.json'), 'utf8')) as Plan;
  const ram = plan.guests[0]?.ram;
  assert.ok(ram?.more !== undefined);
  const banks = [ram, ...ram.more];
  assert.equal(
    banks.reduce((sum, { size }) => sum + size, 0),
    3072 * MIB,
  );

  const text = (name: string) => readFileSync(file('project', name), 'utf8');
  assert.match(text('vmm.c'), new RegExp(`num_guest_ram_regions = ${banks.length},`));
  for (const { base, size } of ram.more) {
    assert.ok(text('vmm.c').includes(`.gpa_start = 0x${base.toString(16)}UL,`));
    assert.ok(text('banks.system').includes(`size="0x${size.toString(16)}"`));
  }
  const checked = await drivervm(['check', file('project', 'banks.system')]);
  assert.match(checked.out + checked.err, /found: 0 errors, 0 warnings/);

  const { out } = await drivervm(['run', file('project'), '--timeout', '900', '--json'], {
    input: 'grep "System RAM" /proc/iomem\npoweroff -f\n',
  });
  const seen = [...(JSON.parse(out).console as string).matchAll(/([0-9a-f]+)-([0-9a-f]+) : System RAM/g)];
  assert.deepEqual(
    seen.map(([, from = '', to = '']) => [Number.parseInt(from, 16), Number.parseInt(to, 16) + 1]),
    banks.map(({ base, size }) => [base, base + size]),
  );
});

test('more than libvmm has banks for, and a base with more than lies there, say what is to be had', async () => {
  const asked = async (ram: string): Promise<string> => {
    const request = readFileSync(file('request.yaml'), 'utf8').replace(/^ram: .*$/m, `ram: ${ram}`);
    writeFileSync(file('other.yaml'), request);
    return (await drivervm(['plan', file('other.yaml'), '-o', file('other')], { status: 1 })).err;
  };
  assert.match(
    await asked('8 GiB'),
    /no place for 8 GiB of RAM.*\n.*the largest place is .*; what is free lies apart: .* in three banks at most/,
  );
  assert.match(
    await asked('{ size: 3 GiB, base: 0x60000000 }'),
    /are not all RAM of this board\n.*; without a base, it is had in banks/,
  );
});
