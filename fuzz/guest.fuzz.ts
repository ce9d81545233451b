/**
 * A guest that means ill, run as any other: real code on the real CPU, in a session with its board, the kernel model and the
 * usual monitor. Whatever it does, a run stays within its budget, keeps a bounded record, leaves memory that is not its own
 * alone, and when it stops it is said why.
 */
import { createCpuCluster } from '../src/aarch64/index.ts';
import { DiagnosticSink } from '../src/base/index.ts';
import type { DeviceTree } from '../src/devicetree/index.ts';
import type { SystemDescription } from '../src/microkit/index.ts';
import { accountOf, diagnose, formatAccount, Session, standardMonitor } from '../src/run/index.ts';
import { type BoardGuest, guestOfBoard } from '../test/support/guest-of-board.ts';
import { treeOfDts } from '../test/support/trees.ts';
import { check } from './check.ts';
import { type HostilePlaces, hostileCode, hostileVectors, move, SMC } from './hostile-code.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

/** A run makes a machine and half a million instructions. */
export const testRuns = 24;

const RAM = { base: 0x4000_0000, size: 0x80_0000 };
const [GICD, GICC, GICV, GICR, UART] = [0x800_0000, 0x801_0000, 0x804_0000, 0x80a_0000, 0x900_0000];
const VCPUS = 4;
const GUARD = 'guard';
const INSTRUCTIONS = 500_000;
/** Every step of the kernel model runs something or lets time pass; a storm makes many short ones. */
const STEPS = 200_000;
const RECORDED = 200;

function boardTree(gicVersion: 2 | 3): DeviceTree {
  const cpus = Array.from(
    { length: VCPUS },
    (_, cpu) =>
      `cpu@${cpu} { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <${cpu}>; enable-method = "psci"; };`,
  );
  const gic =
    gicVersion === 2
      ? `compatible = "arm,cortex-a15-gic"; reg = <${GICD} 0x1000>, <${GICC} 0x2000>, <0x8030000 0x1000>, <${GICV} 0x2000>;`
      : `compatible = "arm,gic-v3"; reg = <${GICD} 0x10000>, <${GICR} ${0x2_0000 * VCPUS}>;`;
  return treeOfDts(`/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>; compatible = "fuzz,board";
    chosen { stdout-path = "/serial@9000000"; };
    cpus { #address-cells = <1>; #size-cells = <0>; ${cpus.join(' ')} };
    psci { compatible = "arm,psci-1.0"; method = "smc"; };
    timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>; };
    gic: interrupt-controller@8000000 { interrupt-controller; #interrupt-cells = <3>; ${gic} };
    serial@9000000 { compatible = "arm,pl011", "arm,primecell"; reg = <${UART} 0x1000>; interrupts = <0 1 4>; };
    device@a000000 { compatible = "fuzz,device"; reg = <0xa000000 0x1000>; interrupts = <0 2 1>; };
    memory@40000000 { device_type = "memory"; reg = <${RAM.base} 0x10000000>; }; };`);
}

const TREES = { 2: boardTree(2), 3: boardTree(3) } as const;
const PROLOGUE_OFFSET = 0x40;
const CODE_OFFSET = 0x1000;
const CODE_WORDS = 0x1000;
const VECTORS_OFFSET = 0x800;

/** An Image by its header, whose code goes to the vectors and then to the hostile part. */
function hostileImage(random: Random, places: HostilePlaces): Uint8Array {
  const image = new Uint8Array(0x4_0000);
  const view = new DataView(image.buffer);
  const put = (offset: number, words: ArrayLike<number>) => {
    for (let at = 0; at < words.length; at += 1) view.setUint32(offset + 4 * at, words[at] ?? 0, true);
  };
  view.setBigUint64(16, BigInt(image.length), true);
  view.setUint32(24, 0b1010, true);
  view.setUint32(56, 0x644d_5241, true);
  put(PROLOGUE_OFFSET, prologue());
  put(0, [branch(0, PROLOGUE_OFFSET)]);
  put(VECTORS_OFFSET, hostileVectors(random, places, RAM.base + CODE_OFFSET));
  put(CODE_OFFSET, hostileCode(random, places, CODE_WORDS));
  return image;
}

/** Sets the vectors; the first vCPU starts the others, here; then all of them go to the hostile part. */
function prologue(): number[] {
  const start = Array.from({ length: VCPUS - 1 }, (_, index) => [
    ...move(0, 0x8400_0003n),
    ...move(1, BigInt(index + 1)),
    ...move(2, BigInt(RAM.base + PROLOGUE_OFFSET)),
    SMC,
  ]).flat();
  // ADR X10, vectors; MSR VBAR_EL1, X10; MRS X4, MPIDR_EL1; AND X4, X4, #0xff; CBNZ X4, past the start of the others.
  const adr = (0x1000_0000 | (((VECTORS_OFFSET - PROLOGUE_OFFSET) >> 2) << 5) | 10) >>> 0;
  const skip = (0xb500_0000 | ((start.length + 1) << 5) | 4) >>> 0;
  const words = [adr, 0xd518_c00a, 0xd538_00a4, 0x9240_1c84, skip, ...start];
  // ADD X9, X9, X4, LSL #10; BR X9: each begins at a place of its own. What was in X4 stays there: calls leave it alone.
  return [...words, ...move(9, BigInt(RAM.base + CODE_OFFSET)), 0x8b04_2929, 0xd61f_0120];
}

function branch(from: number, to: number): number {
  return (0x1400_0000 | (((to - from) >> 2) & 0x3ff_ffff)) >>> 0;
}

function hostileGuest(random: Random, gicVersion: 2 | 3): BoardGuest {
  const frames = [
    { base: GICD, size: gicVersion === 2 ? 0x1000 : 0x1_0000 },
    gicVersion === 2 ? { base: GICC, size: 0x2000 } : { base: GICR, size: 0x2_0000 * VCPUS },
    { base: UART, size: 0x1000 },
    { base: 0xa00_0000, size: 0x1000 },
    { base: RAM.base + RAM.size - 0x1000, size: 0xff0 },
  ];
  const places = { gicVersion, vcpus: VCPUS, ram: RAM, frames };
  const made = guestOfBoard(TREES[gicVersion], {
    kernel: hostileImage(random, places),
    initrd: new Uint8Array(16),
    ram: RAM,
    bootargs: '',
    vcpuCount: VCPUS,
  });
  const description: SystemDescription = {
    ...made.description,
    memoryRegions: [...made.description.memoryRegions, { name: GUARD, sizeBytes: 0x10_0000 }],
  };
  return { ...made, description, payload: { ...made.payload, placement: { dtb: RAM.base + 0x60_0000 } } };
}

export function fuzz({ runs, seed }: FuzzOptions): void {
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(seed * 1_000_003 + run);
    round(random, random.pick([2, 3] as const), () => `run ${run} of seed ${seed}`);
  }
}

function round(random: Random, gicVersion: 2 | 3, context: () => string): void {
  const guest = hostileGuest(random, gicVersion);
  const sizes = new Map(guest.description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  const session = new Session({
    board: guest.board,
    description: guest.description,
    programOf: (pd) => standardMonitor(pd, guest.payload, (region) => sizes.get(region) ?? 0),
    createCluster: createCpuCluster,
  });
  const retired = () => session.kernel.vcpus().reduce((sum, { cpu }) => sum + cpu.retired, 0);
  let steps = 0;
  const over = () => {
    steps += 1;
    return steps > STEPS || retired() > INSTRUCTIONS;
  };
  let status = session.run(over);
  while (status.kind === 'idle' && status.untilNs !== undefined && !over()) {
    session.skipIdle(status.untilNs);
    if (random.below(4) === 0) session.type(random.bytes(8));
    status = session.run(over);
  }
  const { record, kernel } = session;
  check(kernel.vcpus().length === VCPUS && retired() > 0, 'the guest never ran', context);
  check(record.failures.length === 0, record.failures[0]?.message ?? '', context);
  check(
    kernel.regionOf(GUARD).ram?.bytes.every((byte) => byte === 0) === true,
    'foreign memory was written',
    context,
  );
  const kept = [record.log, record.unclaimed, record.unanswered, record.undefinedInstructions];
  check(
    kept.every(({ length }) => length <= RECORDED) && record.polls.size <= RECORDED,
    'the record grew',
    context,
  );
  const sink = new DiagnosticSink();
  const instructions = new Map([['linux', retired()]]);
  const guestTrees = new Map([['linux', guest.payload.tree]]);
  diagnose({ board: guest.board, description: guest.description, guestTrees, record, instructions }, sink);
  check(
    status.kind !== 'stuck' || sink.hasErrors,
    'it stopped, and nobody says why',
    () =>
      `${context()}\n${formatAccount(accountOf(session, 1))}${record.log.map(({ text }) => text).join('')}`,
  );
  check(formatAccount(accountOf(session, 1)).length < 100_000, 'the account grew', context);
}
