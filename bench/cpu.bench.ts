/**
 * The CPU on small loops: the same machine code under our interpreter and under QEMU's user mode, in turn, in this run.
 * Each program runs its loop as often as X0 says and ends in a system call. It runs twice, and the second time counts: what it takes to
 * get warm is part of the boots' and the user land's figures. Of QEMU, what a short run takes is subtracted. Times are processor time of
 * the whole process, which other work on the machine disturbs less than the clock on the wall.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCpuCluster, DEFAULT_TRANSLATION } from '../src/aarch64/index.ts';
import { staticElf } from '../test/aarch64/elf.ts';
import { assemble } from '../test/support/assembler.ts';
import { runOracle } from '../test/support/oracles.ts';

interface Program {
  readonly name: string;
  readonly rounds: number;
  readonly source: string;
}

const ADDRESS = 0x4000_0000;
const RAM_BYTES = 64 * 1024 * 1024;
/** Room behind the code for what the programs work on: X19 points there. */
const WORKSPACE_BYTES = 32 * 1024 * 1024;

/** The second run takes so many times the rounds. */
const LONGER = 8;
const WIDE_FUNCTIONS = 512;

/** The walk: each step far from the one before; a step of odd length visits them all, then it is a round. */
function wideNext(index: number): string {
  const next = (index + 181) % WIDE_FUNCTIONS;
  return next === 0 ? 'back' : `w${next}`;
}

/** A function of eight instructions, a page apart from the next: a wide footprint, as kernels have. */
const wideFunctions = Array.from(
  { length: WIDE_FUNCTIONS },
  (_, index) => `
  .balign 4096
w${index}: add x1, x1, #${index}
  eor x2, x2, x1, lsl #3
  ldr x3, [x19, #${(index % 500) * 8}]
  cmp x3, x2
  csel x4, x3, x2, lo
  str x4, [x19, #${((index * 7) % 500) * 8}]
  tbz x4, #63, 1f
  add x5, x5, #1
1: b ${wideNext(index)}`,
).join('\n');

const PROGRAMS: readonly Program[] = [
  {
    name: 'crc (bitwise)',
    rounds: 3_000_000,
    source: `
      mov w1, #0xffffffff
      ldr w2, =0xedb88320
    1: eor w1, w1, w0
      mov w3, #8
    2: lsr w4, w1, #1
      eor w5, w4, w2
      tst w1, #1
      csel w1, w5, w4, ne
      subs w3, w3, #1
      b.ne 2b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'sieve',
    rounds: 60,
    source: `
      mov x20, #0x40000
    1: mov x1, #0
    2: strb wzr, [x19, x1]
      add x1, x1, #1
      cmp x1, x20
      b.lo 2b
      mov x1, #2
    3: ldrb w2, [x19, x1]
      cbnz w2, 5f
      lsl x3, x1, #1
      mov w4, #1
    4: cmp x3, x20
      b.hs 5f
      strb w4, [x19, x3]
      add x3, x3, x1
      b 4b
    5: add x1, x1, #1
      cmp x1, #0x200
      b.lo 3b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'sort (insertion)',
    rounds: 300,
    source: `
      mov x20, #512
    1: mov x1, #0
      mov w2, #12345
      ldr w3, =1103515245
    2: mul w2, w2, w3
      add w2, w2, #1013
      str w2, [x19, x1, lsl #2]
      add x1, x1, #1
      cmp x1, x20
      b.ne 2b
      mov x1, #1
    3: ldr w4, [x19, x1, lsl #2]
      mov x5, x1
    4: sub x6, x5, #1
      ldr w7, [x19, x6, lsl #2]
      cmp w7, w4
      b.ls 5f
      str w7, [x19, x5, lsl #2]
      mov x5, x6
      cbnz x5, 4b
    5: str w4, [x19, x5, lsl #2]
      add x1, x1, #1
      cmp x1, x20
      b.ne 3b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'multiply (matrix 32 × 32)',
    rounds: 400,
    source: `
    1: mov x1, #0
    2: mov x2, #0
    3: mov x3, #0
      mov x4, #0
    4: add x5, x3, x1, lsl #5
      ldr x6, [x19, x5, lsl #3]
      add x5, x2, x3, lsl #5
      ldr x7, [x19, x5, lsl #3]
      madd x4, x6, x7, x4
      add x3, x3, #1
      cmp x3, #32
      b.ne 4b
      add x5, x2, x1, lsl #5
      add x5, x5, #1024
      str x4, [x19, x5, lsl #3]
      add x2, x2, #1
      cmp x2, #32
      b.ne 3b
      add x1, x1, #1
      cmp x1, #32
      b.ne 2b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'calls (Fibonacci)',
    rounds: 40,
    source: `
      mov sp, x19
      add sp, sp, #0x10000
      mov x20, x0
    1: mov x0, #22
      bl fib
      subs x20, x20, #1
      b.ne 1b
      b end
    fib: cmp x0, #2
      b.lo 2f
      stp x29, x30, [sp, #-32]!
      str x21, [sp, #16]
      mov x21, x0
      sub x0, x21, #1
      bl fib
      mov x22, x0
      str x22, [sp, #24]
      sub x0, x21, #2
      bl fib
      ldr x22, [sp, #24]
      add x0, x0, x22
      ldr x21, [sp, #16]
      ldp x29, x30, [sp], #32
    2: ret
    end:`,
  },
  {
    name: 'memcpy (LDP, STP)',
    rounds: 200,
    source: `
    1: mov x1, x19
      add x2, x19, #0x100000
      mov x3, #0x100000
    2: ldp x4, x5, [x1], #16
      ldp x6, x7, [x1], #16
      stp x4, x5, [x2], #16
      stp x6, x7, [x2], #16
      subs x3, x3, #32
      b.ne 2b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'SIMD (add, multiply)',
    rounds: 4_000_000,
    source: `
      ldr q0, [x19]
      ldr q1, [x19, #16]
    1: add v2.4s, v0.4s, v1.4s
      mul v3.4s, v2.4s, v1.4s
      eor v0.16b, v3.16b, v2.16b
      add v1.8h, v1.8h, v0.8h
      ushr v4.4s, v0.4s, #7
      orr v1.16b, v1.16b, v4.16b
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'floating point (double)',
    rounds: 4_000_000,
    source: `
      fmov d0, #1.0
      fmov d1, #1.5
      fmov d2, #0.125
    1: fmul d3, d0, d1
      fadd d3, d3, d2
      fdiv d0, d3, d1
      fsub d4, d3, d0
      fmadd d2, d4, d2, d2
      fsqrt d2, d2
      subs x0, x0, #1
      b.ne 1b`,
  },
  {
    name: 'wide walk (512 pages of code)',
    rounds: 40_000,
    source: `
    again: b w0
    back: subs x0, x0, #1
      b.ne again
      b end
      ${wideFunctions}
    end:`,
  },
];

const wrapped = (source: string, rounds: number): string => `
  ldr x0, =${rounds}
  ldr x19, =${ADDRESS + RAM_BYTES - WORKSPACE_BYTES}
  b start
  .ltorg
start:
${source}
  mov x0, #0
  mov x8, #93
  svc #0`;

const VECTORS = 0x3fff_0000;
const HVC_0 = 0xd400_0002;
const EL0_SYNCHRONOUS = 0x400;
const ALL = { read: true, write: true, execute: true } as const;

interface Outcome {
  readonly instructions: number;
  readonly ms: number;
}

function onOurCpu(image: (rounds: number) => Uint8Array, rounds: number): Outcome {
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [RAM_BYTES + ADDRESS - VECTORS],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    ...(process.argv.includes('--no-translate') ? {} : { translation: DEFAULT_TRANSLATION }),
  });
  const [vcpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
  const stage2 = cluster.createStage2();
  stage2.mapRam(VECTORS, ram.sizeBytes, ram.offset, ALL);
  vcpu.stage2 = stage2;
  new DataView(ram.bytes.buffer, ram.offset).setUint32(EL0_SYNCHRONOUS, HVC_0, true);
  vcpu.setSystem('VBAR_EL1', BigInt(VECTORS));
  vcpu.setSystem('CPACR_EL1', 3n << 20n);
  const run = (code: Uint8Array): Outcome => {
    // Only the number of rounds differs, in a literal: the code stays translated.
    for (const [at, byte] of code.entries()) {
      if (ram.bytes[ADDRESS - VECTORS + at] === byte) continue;
      ram.bytes[ADDRESS - VECTORS + at] = byte;
      cluster.ramWritten(ram.offset + ADDRESS - VECTORS + at, 1);
    }
    vcpu.pstate = 0;
    vcpu.pc = BigInt(ADDRESS);
    const retired = vcpu.retired;
    const before = process.cpuUsage();
    const exit = vcpu.run(1e11);
    const { user, system } = process.cpuUsage(before);
    if (exit.kind !== 'hvc') throw new Error(`left with ${exit.kind}`);
    return { instructions: vcpu.retired - retired, ms: (user + system) / 1000 };
  };
  run(image(rounds));
  return run(image(rounds * LONGER));
}

const CLOCK_TICK_MS = 10;
const CUTIME_FIELD = 15;

/** What the processes that this one waited for have used (proc(5), /proc/pid/stat: cutime and cstime). */
function childrenCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(' ');
  return (Number(fields[CUTIME_FIELD]) + Number(fields[CUTIME_FIELD + 1])) * CLOCK_TICK_MS;
}

function underQemu(image: Uint8Array): number {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-bench-'));
  try {
    const path = join(directory, 'program');
    const whole = new Uint8Array(RAM_BYTES);
    whole.set(image);
    writeFileSync(path, staticElf(whole, ADDRESS, ADDRESS));
    chmodSync(path, 0o755);
    const before = childrenCpuMs();
    const { status } = runOracle('qemu-aarch64-static', [path]);
    if (status !== 0) throw new Error(`QEMU ended with ${status}`);
    return childrenCpuMs() - before;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function startUpMs(): number {
  const image = assemble('hvc #0', ADDRESS);
  const start = performance.now();
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [0x1000],
    counter: { frequencyHz: 62_500_000, count: () => 0n },
  });
  const [vcpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
  const stage2 = cluster.createStage2();
  stage2.mapRam(ADDRESS, 0x1000, ram.offset, ALL);
  vcpu.stage2 = stage2;
  ram.bytes.set(image);
  vcpu.pc = BigInt(ADDRESS);
  vcpu.run(10);
  return performance.now() - start;
}

console.log(
  `first guest instruction after ${startUpMs().toFixed(0)} ms (modules built from the definitions)`,
);
console.log('program                          instructions      ours     MIPS      QEMU    ratio');
let product = 1;
for (const { name, rounds, source } of PROGRAMS) {
  const image = (times: number): Uint8Array => assemble(wrapped(source, times), ADDRESS);
  const ours = onOurCpu(image, rounds);
  const theirs = underQemu(image(rounds * LONGER)) - underQemu(image(1));
  const mips = ours.instructions / ours.ms / 1000;
  const ratio = ours.ms / theirs;
  product *= ratio;
  console.log(
    [
      name.padEnd(32),
      `${(ours.instructions / 1e6).toFixed(1)} M`.padStart(12),
      `${ours.ms.toFixed(0)} ms`.padStart(9),
      mips.toFixed(0).padStart(8),
      `${theirs.toFixed(0)} ms`.padStart(9),
      ratio.toFixed(2).padStart(8),
    ].join(' '),
  );
}
console.log(`geometric mean: ${(product ** (1 / PROGRAMS.length)).toFixed(2)}`);
