/** A guest that waits for a status bit which never comes: named while it still waits, with the device, the register and the PC. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCpuCluster } from '../src/aarch64/index.ts';
import { type RecordedPoll, Session, standardMonitor } from '../src/run/index.ts';
import { assemble } from './support/assembler.ts';
import { guestOfBoard } from './support/guest-of-board.ts';
import { treeOfDts } from './support/trees.ts';

const RAM = { base: 0x4000_0000, size: 0x80_0000 };
const TREE = treeOfDts(`/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>; };
  gic: interrupt-controller@8000000 { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>;
    reg = <0x8000000 0x10000>, <0x80a0000 0x20000>; };
  cpus { #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; }; };
  chosen { };
  pll@a000000 { compatible = "test,pll"; reg = <0xa000000 0x1000>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x10000000>; }; };`);

/** Reads the register, waits by the counter for so many of its ticks (24 MHz), and reads again. */
function pollingImage(ticks: number): Uint8Array {
  const code = assemble(`
    b code
    .org 0x10
    .quad 0x1000
    .quad 0xa
    .org 0x38
    .word 0x644d5241
    .org 0x40
  code: mov x0, #0xa000000
  poll: ldr w1, [x0, #0x2f4]
    tbnz w1, #31, poll
    mrs x2, cntvct_el0
  wait: mrs x3, cntvct_el0
    sub x3, x3, x2
    cmp x3, #${ticks}
    b.lo wait
    b poll`);
  const image = new Uint8Array(0x1000);
  image.set(code);
  return image;
}

/** When it is named, in nanoseconds of the guest's time; at the latest after a second of it. */
function named(ticks: number): { readonly poll: RecordedPoll | undefined; readonly nowNs: number } {
  const { board, description, payload } = guestOfBoard(TREE, {
    kernel: pollingImage(ticks),
    initrd: new Uint8Array(16),
    ram: RAM,
    bootargs: '',
  });
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  const placed = { ...payload, placement: { dtb: RAM.base + 0x60_0000 } };
  const session = new Session({
    board,
    description,
    programOf: (pd) => standardMonitor(pd, placed, (region) => sizes.get(region) ?? 0),
    createCluster: createCpuCluster,
  });
  let poll: RecordedPoll | undefined;
  session.record.onPoll = (found) => {
    poll = found;
  };
  session.run(() => poll !== undefined || session.machine.time.nowNs > 1e9);
  return { poll, nowNs: session.machine.time.nowNs };
}

for (const [what, ticks] of [
  ['without a pause', 0],
  ['every ten microseconds', 240],
  ['every two milliseconds', 4095],
] as const) {
  test(`a register that is read ${what} is named within a second`, () => {
    const { poll, nowNs } = named(ticks);
    assert.ok(poll !== undefined && nowNs < 1e9, `${nowNs}`);
    assert.deepEqual(
      [poll.name, poll.offset, poll.physAddr, poll.value],
      ['/pll@a000000', 0x2f4, 0xa0002f4, 0],
    );
    assert.deepEqual(poll.at, { vm: 'linux', vcpu: 0, pc: BigInt(RAM.base + 0x44) });
  });
}
