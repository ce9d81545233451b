/** Kernels that are no arm64 Image, given to "plan" and to "run" as they are: they lie where they want to and find their tree where they look. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeDtb } from '../src/devicetree/index.ts';
import type { Plan } from '../src/plan/index.ts';
import { assemble } from './support/assembler.ts';
import { BARE_BOARD } from './support/bare-board.ts';
import { outcomeOf } from './support/command.ts';
import { treeOfDts } from './support/trees.ts';

/** Says where it runs and whether a device tree lies at 0x40000000 (its magic, DTSpec 0.4 §5.2) and in x0; then PSCI SYSTEM_OFF. */
const CODE = (tree: number) => `
    adr x5, .
    mov x9, x0
    mov x0, #0x9000000
    mov w1, #0x301
    str w1, [x0, #0x30]
    mov x6, #60
  digit: lsr x1, x5, x6
    and x1, x1, #0xf
    add x1, x1, #0x30
    cmp x1, #0x39
    b.ls say
    add x1, x1, #0x27
  say: str w1, [x0]
    subs x6, x6, #4
    b.pl digit
    ldr x2, =${tree}
    mov w1, #0x6e
    cmp x2, x9
    b.ne done
    ldr w3, [x2]
    ldr w4, =0xedfe0dd0
    cmp w3, w4
    b.ne done
    mov w1, #0x79
  done: str w1, [x0]
    mov w1, #0x0a
    str w1, [x0]
    mov x0, #0x8
    movk x0, #0x8400, lsl #16
    smc #0
  stop: b stop`;

/** An executable of one segment (gABI 4.1, chapters 4 and 5). */
function elf(at: number, code: Uint8Array): Uint8Array {
  const file = new Uint8Array(0x1000 + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 183, true);
  view.setBigUint64(24, BigInt(at), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  const words = [0x1000, at, at, code.length, code.length];
  for (const [index, word] of words.entries()) view.setBigUint64(72 + 8 * index, BigInt(word), true);
  file.set(code, 0x1000);
  return file;
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-bare-'));
  try {
    writeFileSync(join(directory, 'b.dtb'), writeDtb(treeOfDts(BARE_BOARD)));
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A command on files of the directory. */
const command = (directory: string, args: readonly string[]) =>
  outcomeOf(
    args.map((arg) => (/^[a-z0-9]+(\.[a-z]+)?$/.test(arg) && !VERBS.has(arg) ? join(directory, arg) : arg)),
  );
const VERBS = new Set(['plan', 'run']);

const request = (words: string) => `name: bare\nboard: b.dtb\npass: ["pl011@9000000"]\n${words}\n`;

async function plannedAndRun(directory: string, words: string) {
  writeFileSync(join(directory, 'r.yaml'), request(words));
  const planned = await command(directory, ['plan', 'r.yaml', '-o', 'p']);
  assert.equal(planned.status, 0, planned.err);
  const plan = JSON.parse(readFileSync(join(directory, 'p', 'plan.json'), 'utf8')) as Plan;
  const run = await command(directory, ['run', 'p']);
  return { guest: plan.guests[0], said: run.out.trim().split('\n')[0]?.trim(), run, planned };
}

test('a flat binary starts 512 KiB above the start of RAM, its Image is a file of the project', () =>
  inDirectory(async (directory) => {
    writeFileSync(join(directory, 'k.bin'), assemble(CODE(0x4700_0000)));
    const { guest, said, planned } = await plannedAndRun(directory, 'kernel: k.bin\nram: 128 MiB');
    assert.match(planned.out, /wrote +\S*p\/linux\.Image/);
    assert.deepEqual([guest?.kernel.path, guest?.kernel.madeFrom], ['linux.Image', '../k.bin']);
    assert.equal(said?.slice(0, 16), ((guest?.ram.base ?? 0) + 0x8_0000).toString(16).padStart(16, '0'));
    assert.match(readFileSync(join(directory, 'p', 'README.md'), 'utf8'), /an Image made of `\.\.\/k\.bin`/);
  }));

test('a flat binary and its tree lie where the request says', () =>
  inDirectory(async (directory) => {
    writeFileSync(join(directory, 'k.bin'), assemble(CODE(0x5000_0000)));
    const words = 'kernel: k.bin\nram: 128 MiB\nload-at: { kernel: 0x5020_4000, dtb: 0x5000_0000 }';
    const { guest, said } = await plannedAndRun(directory, words);
    assert.deepEqual([guest?.ram.base, said], [0x5000_0000, '0000000050204000y']);
  }));

test("an ELF file lies at its own addresses, in RAM that begins there or earlier; run takes one, too, where the guest's RAM is right", () =>
  inDirectory(async (directory) => {
    const code = assemble(CODE(0x6800_0000), 0x6008_0000);
    writeFileSync(join(directory, 'k.elf'), elf(0x6008_0000, code));
    const { guest, said } = await plannedAndRun(directory, 'kernel: k.elf\nram: 128 MiB');
    assert.deepEqual([guest?.ram.base, said?.slice(0, 16)], [0x6000_0000, '0000000060080000']);
    const low = await plannedAndRun(directory, 'kernel: k.elf\nram: { size: 256 MiB, base: 0x5800_0000 }');
    assert.equal(low.said?.slice(0, 16), '0000000060080000');
    assert.doesNotMatch(low.planned.err, /kernel-elsewhere/);
    writeFileSync(join(directory, 'other.elf'), elf(0x6010_0000, code));
    const other = await command(directory, ['run', 'p', '--kernel', 'other.elf']);
    assert.equal(other.out.trim().slice(0, 16), '0000000060100000');
    writeFileSync(join(directory, 'far.elf'), elf(0x9000_0000, code));
    const far = await command(directory, ['run', 'p', '--kernel', 'far.elf']);
    assert.match(far.err, /error\[run\/kernel-outside-ram\]: the kernel lies from 0x90000000 to /);
  }));

test('what is no kernel is refused with the reason, by "plan" and by "run"', () =>
  inDirectory(async (directory) => {
    const foreign = elf(0x6008_0000, new Uint8Array(64));
    foreign[18] = 62;
    const kinds: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['x86.elf', foreign, /an ELF file for another processor/],
      ['vmlinux', elf(Number(0xffff_8000_8000_0000n), new Uint8Array(64)), /take arch\/arm64\/boot\/Image/],
      ['k.xz', new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, ...new Uint8Array(64)]), /compressed by xz/],
    ];
    writeFileSync(join(directory, 'k.bin'), assemble(CODE(0)));
    await plannedAndRun(directory, 'kernel: k.bin\nram: 128 MiB');
    for (const [name, content, reason] of kinds) {
      writeFileSync(join(directory, name), content);
      writeFileSync(join(directory, 'r.yaml'), request(`kernel: ${name}`));
      const planned = await command(directory, ['plan', 'r.yaml', '-o', 'q']);
      assert.equal(planned.status, 1);
      assert.match(planned.err, /error\[payload\/not-a-kernel\]/);
      assert.match(planned.err, reason);
      const run = await command(directory, ['run', 'p', '--kernel', name]);
      assert.equal(run.status, 1);
      assert.match(run.err, /error\[run\/not-an-image\]/);
    }
  }));
