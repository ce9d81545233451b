/** A guest that never rests, but looks for input: what comes through a pipe is typed to it, at the same instruction each time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCpuCluster } from '../src/aarch64/index.ts';
import { drive, Session, standardMonitor } from '../src/run/index.ts';
import { assemble } from './support/assembler.ts';
import { guestOfBoard } from './support/guest-of-board.ts';
import { treeOfDts } from './support/trees.ts';

const RAM = { base: 0x4000_0000, size: 0x80_0000 };
const UART = '/serial@9000000';
const TREE = treeOfDts(`/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>; };
  gic: interrupt-controller@8000000 { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>;
    reg = <0x8000000 0x10000>, <0x80a0000 0x20000>; };
  cpus { #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; }; };
  chosen { stdout-path = "${UART}"; };
  serial@9000000 { compatible = "arm,pl011", "arm,primecell"; reg = <0x9000000 0x1000>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x10000000>; }; };`);

/** Enables its PL011 (UARTCR), says '>', waits for a character by looking at UARTFR, sends it back, and turns itself off after a '!': PSCI SYSTEM_OFF. */
const IMAGE = assemble(`
    b code
    .org 0x10
    .quad 0x1000
    .quad 0xa
    .org 0x38
    .word 0x644d5241
    .org 0x40
  code: mov x0, #0x9000000
    mov w1, #0x301
    str w1, [x0, #0x30]
    mov w1, #0x3e
    str w1, [x0]
  poll: ldr w1, [x0, #0x18]
    tbnz w1, #4, poll
    ldr w1, [x0]
    str w1, [x0]
    cmp w1, #0x21
    b.ne poll
    mov x0, #0x8
    movk x0, #0x8400, lsl #16
    smc #0
  stop: b stop`);

/** What was on the console, and how many instructions it took, with these lines in a pipe from the beginning. */
async function typed(lines: readonly string[], pieceMs: number) {
  const kernel = new Uint8Array(0x1000);
  kernel.set(IMAGE);
  const { board, description, payload } = guestOfBoard(TREE, {
    kernel,
    initrd: new Uint8Array(16),
    ram: RAM,
    bootargs: '',
  });
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  const placed = { ...payload, placement: { dtb: RAM.base + 0x60_0000 } };
  let console = '';
  const session = new Session({
    board,
    description,
    programOf: (pd) => standardMonitor(pd, placed, (region) => sizes.get(region) ?? 0),
    createCluster: createCpuCluster,
    onConsole: (byte) => {
      console += String.fromCharCode(byte);
    },
  });
  const pipe = [...lines];
  let nowMs = 0;
  // A host on which everything takes so long: the run is cut at other places, and must be the same.
  const host = { nowMs: () => (nowMs += pieceMs), pause: async () => {} };
  const end = await drive(session, host, {
    timeoutSeconds: 200,
    onQuiet: () => {
      const line = pipe.shift();
      if (line !== undefined) session.type(new TextEncoder().encode(line));
      return line !== undefined;
    },
  });
  const instructions = session.kernel.vcpus().reduce((sum, { cpu }) => sum + cpu.retired, 0);
  return { end, console, instructions };
}

test('what is piped into a guest that polls its UART is typed line by line, and runs are the same', async () => {
  const first = await typed(['ab', 'cd', '!'], 0.01);
  assert.deepEqual([first.end, first.console], ['off', '>abcd!']);
  assert.deepEqual(await typed(['ab', 'cd', '!'], 5), first);
});
