/**
 * vCPUs that are entered a second time, after CPU_OFF or a reset of the whole guest: seL4 leaves in their list registers what was there, so the
 * vCPU itself ends that first (`vmm/vgic/clearing.ts`). The code is binutils' own of its assembly; Debian's kernel reboots with several vCPUs and
 * turns them off and on while they have interrupts; a guest that resets in the middle of one gets the next.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CLEARING_V2, CLEARING_V3, clearingCode } from '../src/vmm/vgic/clearing.ts';
import { assemble } from './support/assembler.ts';
import { drivervm } from './support/command.ts';
import { GuestRun } from './support/guest-run.ts';
import { virtGuest, virtTree } from './support/virt-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-entry-'));
after(() => rmSync(directory, { recursive: true }));
await drivervm(['payload', 'debian', '-o', directory]);
const payload = {
  kernel: readFileSync(join(directory, 'Image')),
  initrd: readFileSync(join(directory, 'initrd.cpio')),
};

test('each opcode is its assembly', () => {
  for (const [version, code] of [
    [2, CLEARING_V2],
    [3, CLEARING_V3],
  ] as const) {
    const bytes = assemble(code.map(([, assembly]) => assembly).join('\n'));
    assert.deepEqual(clearingCode(version), bytes);
  }
});

/** Takes an interrupt of the virtual timer, says so, and resets in the middle of it. */
const RESETTING = {
  2: `mov x5, #0x8000000
    mov x6, #0x8010000
    mov w1, #1
    str w1, [x5]
    mov w2, #0x08000000
    str w2, [x5, #0x100]
    mov w2, #0xf0
    str w2, [x6, #4]
    str w1, [x6]
    bl arm
  wait: ldr w3, [x6, #0xc]
    b taken`,
  3: `mov x5, #0x8000000
    mov w1, #0x12
    str w1, [x5]
    movz x5, #0x80b, lsl #16
    mov w2, #0x08000000
    str w2, [x5, #0x100]
    mov x2, #0xf0
    msr S3_0_C4_C6_0, x2
    mov x1, #1
    msr S3_0_C12_C12_7, x1
    isb
    bl arm
  wait: mrs x3, S3_0_C12_C12_0
    b taken`,
};

function resettingImage(gicVersion: 2 | 3): Uint8Array {
  const code = assemble(`
    b code
    .org 0x10
    .quad 0x1000
    .quad 0xa
    .org 0x38
    .word 0x644d5241
    .org 0x40
  code: ${RESETTING[gicVersion]}
  arm: mov x7, #1000
    msr cntv_tval_el0, x7
    mov x7, #1
    msr cntv_ctl_el0, x7
    isb
    ret
  taken: cmp w3, #27
    b.ne wait
    mov x8, #0x9000000
    mov w9, #'t'
    str w9, [x8]
    movz w0, #0x8400, lsl #16
    movk w0, #9
    smc #0
    b .`);
  const image = new Uint8Array(0x1000);
  image.set(code);
  return image;
}

for (const gicVersion of [2, 3] as const) {
  test(`version ${gicVersion}: a guest that resets in the middle of an interrupt gets it again`, () => {
    const kernel = resettingImage(gicVersion);
    const guest = virtGuest(virtTree(directory, gicVersion, 1), 1, { kernel, initrd: new Uint8Array(16) });
    new GuestRun(guest).until('ttttt');
  });

  test(`version ${gicVersion}: a guest with four vCPUs at work reboots, twice`, () => {
    const run = new GuestRun(virtGuest(virtTree(directory, gicVersion, 4), 4, payload));
    for (let start = 1; start <= 3; start += 1) {
      run.until('# ');
      assert.match(run.console, /Brought up 1 node, 4 CPUs/);
      run.console = '';
      run.type(
        start === 3
          ? 'cat /proc/interrupts; nproc; poweroff -f\n'
          : 'for i in 1 2 3 4 5 6; do (while :; do :; done) & done; sleep 1; reboot -f\n',
      );
      if (start < 3) run.until('Booting Linux');
    }
    run.until('reboot: Power down');
    assert.doesNotMatch(run.console, /list registers/);
  });

  test(`version ${gicVersion}: a vCPU under load is turned off and on`, () => {
    const run = new GuestRun(virtGuest(virtTree(directory, gicVersion, 2), 2, payload));
    run.until('# ');
    run.type(
      'cd /sys/devices/system/cpu/cpu1; (while :; do :; done) & (while :; do :; done) &\n' +
        'for i in 1 2 3 4 5; do echo 0 > online; echo 1 > online; taskset 2 echo "came back $i"; done; echo al""l done\n',
    );
    run.until('all done');
    for (let round = 1; round <= 5; round += 1)
      assert.match(run.console, new RegExp(`\ncame back ${round}\r`));
    assert.doesNotMatch(run.console, /list registers/);
  });
}
