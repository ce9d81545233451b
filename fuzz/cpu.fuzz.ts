/**
 * A guest that runs random words as code at EL1 and EL0, among them system instructions with random operands: the CPU must give
 * exceptions and exits, never throw, hang or write outside the guest's RAM.
 */
import { createCpuCluster, type Vcpu } from '../src/aarch64/index.ts';
import { INSTRUCTIONS } from '../src/aarch64/insns/index.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const RAM = 0x4000_0000;
const RAM_BYTES = 0x10_0000;
const DEVICE = 0x900_0000;
const BUDGET = 2000;
const EXITS_PER_RUN = 20;
const ALL = { read: true, write: true, execute: true } as const;
const X_REGISTERS = 31;
/** Lines that are drawn more often: what changes the translation regime. */
const SYSTEM = [
  'TTBR0_EL1',
  'TTBR1_EL1',
  'TCR_EL1',
  'SCTLR_EL1',
  'VBAR_EL1',
  'CPACR_EL1',
  'SPSR_EL1',
  'ELR_EL1',
] as const;

/** Each run is tens of thousands of instructions. */
export const testRuns = 60;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const cluster = createCpuCluster({
    vcpuCount: 2,
    ramSizesBytes: [RAM_BYTES, 0x1000],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    decodedPages: 64,
    systemRegisters: {
      read: () => random.pick([0n, 'trap', 'undefined'] as const),
      write: () => random.pick(['done', 'trap', 'undefined'] as const),
    },
    onUndefined: () => {},
  });
  const [ram, guard] = cluster.ram;
  if (ram === undefined || guard === undefined) throw new Error('no RAM');
  const stage2 = cluster.createStage2();
  stage2.mapRam(RAM, RAM_BYTES, ram.offset, ALL);
  stage2.mapDevice(
    DEVICE,
    0x1000,
    { read: true, write: true, execute: true },
    {
      read: () => random.u32(),
      write: (_ipa, _size, value, vcpu) => {
        vcpu.setIrq((value & 1) === 1);
        if ((value & 6) === 6) vcpu.requestStop();
      },
    },
  );
  for (const vcpu of cluster.vcpus) vcpu.stage2 = stage2;
  const code = new DataView(ram.bytes.buffer, ram.offset, RAM_BYTES);
  for (let run = 0; run < runs; run++) {
    for (let at = 0; at < 0x1000; at += 4) code.setUint32(at, randomWord(random), true);
    // Page tables now and then, of whatever shape.
    if (random.below(4) === 0)
      for (let at = 0x8000; at < 0x9000; at += 8) code.setBigUint64(at, randomEntry(random), true);
    cluster.ramWritten(ram.offset, 0x9000);
    const vcpu = random.pick(cluster.vcpus);
    randomise(vcpu, random);
    for (let exit = 0; exit < EXITS_PER_RUN; exit++) {
      const before = vcpu.retired;
      answer(vcpu, vcpu.run(BUDGET), random);
      if (vcpu.retired - before > BUDGET + 0x1000) throw new Error('a budget was overrun');
    }
    if (guard.bytes.some((byte) => byte !== 0)) throw new Error('something wrote outside the guest');
  }
}

/** Mostly opcodes that are defined. */
function randomWord(random: Random): number {
  const { pattern } = random.pick(INSTRUCTIONS);
  return random.below(8) === 0 ? random.u32() : (pattern.value | (random.u32() & ~pattern.mask)) >>> 0;
}

function randomEntry(random: Random): bigint {
  const low = BigInt((RAM + random.below(RAM_BYTES)) & ~0xfff) | BigInt(random.below(0x1000));
  return (BigInt(random.below(4) === 0 ? random.u32() : 0) << 32n) | low | (random.below(3) === 0 ? 0n : 3n);
}

function randomise(vcpu: Vcpu, random: Random): void {
  vcpu.reset();
  for (let register = 0; register < X_REGISTERS; register++) vcpu.setX(register, randomLong(random));
  vcpu.sp = randomLong(random);
  vcpu.pc = BigInt(RAM + random.below(0x400) * 4);
  vcpu.setSystem('VBAR_EL1', BigInt(RAM));
  vcpu.setSystem('CPACR_EL1', BigInt(random.u32()));
  if (random.below(2) === 0) {
    vcpu.setSystem('TTBR0_EL1', BigInt(RAM + 0x8000));
    vcpu.setSystem('TTBR1_EL1', BigInt(RAM + 0x8000));
    vcpu.setSystem('TCR_EL1', random.below(2) === 0 ? 0x2_8010_0010n : randomLong(random));
    if (random.below(2) === 0) vcpu.setSystem('SCTLR_EL1', randomLong(random));
  }
  if (random.below(4) === 0) vcpu.setSystem(random.pick(SYSTEM), randomLong(random));
  vcpu.pstate = random.pick([0, 0x3c0, 4, 5, 0x3c5]);
}

function randomLong(random: Random): bigint {
  switch (random.below(4)) {
    case 0:
      return BigInt(RAM + random.below(RAM_BYTES));
    case 1:
      return BigInt(DEVICE + random.below(0x1000));
    case 2:
      return BigInt(random.below(256));
    default:
      return (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  }
}

function answer(vcpu: Vcpu, exit: ReturnType<Vcpu['run']>, random: Random): void {
  if (exit.kind === 'stage2') {
    if (exit.access === 'read' && exit.syndrome !== undefined && random.below(2) === 0) {
      vcpu.completeRead(exit, randomLong(random));
    } else vcpu.injectExternalAbort(exit);
  } else if (exit.kind === 'smc' || exit.kind === 'halt' || exit.kind === 'system-register') {
    if (random.below(2) === 0) vcpu.injectUndefined();
    else vcpu.skipInstruction();
  }
}
