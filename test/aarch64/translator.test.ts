/** Random programs translated and interpreted, in steps of random budgets: the same exits, counts, state and RAM after each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../fuzz/random.ts';
import { createCpuCluster, type TranslationOptions } from '../../src/aarch64/index.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import { STATE, STATE_BYTES, X_SLOT, xOffset } from '../../src/aarch64/state.ts';

const RAM = 0x4000_0000;
const RAM_BYTES = 0x1_0000;
const CODE_BYTES = 0x2000;
const DEVICE = 0x900_0000;
const ALL = { read: true, write: true, execute: true } as const;
const PROGRAMS = 40;
const STEPS = 30;
const FIRST_VCPU = 0x1_0000;
const CONFIGURATIONS: readonly TranslationOptions[] = [1, 3, 200].map((limit) => ({
  threshold: 1,
  batch: 1,
  limit,
}));

/** What the run loop and those around it keep for themselves. */
const SCRATCH: ReadonlySet<number> = new Set(
  (
    [
      STATE.PAGE_VA,
      STATE.PAGE_RECORDS,
      STATE.LIMIT,
      STATE.REMAINING,
      STATE.RECORD,
      STATE.WITHHELD,
    ] as number[]
  )
    .concat([STATE.PAGE_VA + 4, STATE.ACCESS_VA, STATE.ACCESS_VA + 4])
    .concat([0, 4, 8, 12].map((byte) => STATE.DATA + byte))
    .concat([xOffset(X_SLOT.discard), xOffset(X_SLOT.discard) + 4]),
);

function machine(translation: TranslationOptions | undefined) {
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [RAM_BYTES],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    ...(translation === undefined ? {} : { translation }),
  });
  const [vcpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
  const stage2 = cluster.createStage2();
  stage2.mapRam(RAM, RAM_BYTES, ram.offset, ALL);
  // A device that interrupts, stops, and writes code behind the CPU's back.
  let reads = 0;
  stage2.mapDevice(DEVICE, 0x1000, ALL, {
    read: () => {
      reads++;
      if (reads % 3 === 0) vcpu.setIrq(reads % 2 === 0);
      if (reads % 7 === 0) {
        const at = (reads * 4) % CODE_BYTES;
        new DataView(ram.bytes.buffer, ram.offset).setUint32(at, 0xd503_201f, true);
        cluster.ramWritten(ram.offset + at, 4);
      }
      return reads * 0x1001;
    },
    write: (_ipa, _size, value) => {
      vcpu.setIrq((value & 1) === 1);
      if ((value & 6) === 6) vcpu.requestStop();
    },
  });
  vcpu.stage2 = stage2;
  const state = new Uint32Array(cluster.memory.buffer, FIRST_VCPU, STATE_BYTES / 4);
  return { cluster, vcpu, ram, state };
}

const BRANCH = /^(B|BL|B\.cond|CBZ, CBNZ|TBZ, TBNZ)$/;
const BRANCHES = INSTRUCTIONS.filter(({ name }) => BRANCH.test(name));
const MEMORY = INSTRUCTIONS.filter(({ name }) => /^(LD|ST|CAS|SWP)/.test(name));
const OTHERS = INSTRUCTIONS.filter(({ name }) => /^(ADR|BR|BLR|RET|ADD|SUB|MOV|CSEL|CCM|MRS|MSR)/.test(name));

function randomWord(random: Random): number {
  const kind = random.below(10);
  const { pattern } = random.pick(kind < 2 ? BRANCHES : kind < 4 ? MEMORY : kind < 7 ? OTHERS : INSTRUCTIONS);
  const word = (pattern.value | (random.u32() & ~pattern.mask)) >>> 0;
  if (kind >= 2) return word;
  // A near target: by a few instructions in the field that starts at bit 5, or at bit 0.
  const near = random.below(24) - 12;
  return pattern.mask >>> 24 === 0xfc
    ? (pattern.value | (near & 0x3ff_ffff)) >>> 0
    : ((word & ~(0x3fff << 5)) |
        ((near & 0x3fff) << 5) |
        (near < 0 && pattern.mask >>> 25 !== 0x3f ? 0x1f << 19 : 0)) >>>
        0;
}

for (const translation of CONFIGURATIONS) {
  test(`regions of ${translation.limit}: random programs run as interpreted`, () => {
    const random = seededRandom(5 + translation.limit);
    const machines = [machine(undefined), machine(translation)] as const;
    let retired = 0;
    for (let program = 0; program < PROGRAMS; program++) {
      const image = random.bytes(RAM_BYTES);
      const code = new DataView(image.buffer, image.byteOffset);
      for (let at = 0; at < CODE_BYTES; at += 4) code.setUint32(at, randomWord(random), true);
      const registers = Array.from({ length: 31 }, () =>
        random.pick([
          BigInt(RAM + random.below(RAM_BYTES / 8) * 8),
          BigInt(DEVICE + random.below(0x400) * 4),
          BigInt(random.below(32)),
          (BigInt(random.u32()) << 32n) | BigInt(random.u32()),
        ]),
      );
      const start = random.below(CODE_BYTES / 4) * 4;
      const cpacr = BigInt(random.below(4)) << 20n;
      for (const { vcpu, ram, cluster } of machines) {
        ram.bytes.set(image);
        cluster.ramWritten(ram.offset, RAM_BYTES);
        vcpu.reset();
        vcpu.setIrq(false);
        for (const [register, value] of registers.entries()) vcpu.setX(register, value);
        vcpu.sp = BigInt(RAM + 0x8000);
        vcpu.pc = BigInt(RAM + start);
        vcpu.setSystem('VBAR_EL1', BigInt(RAM));
        vcpu.setSystem('CPACR_EL1', cpacr);
        vcpu.pstate = 5;
      }
      for (let step = 0; step < STEPS; step++) {
        const budget = 1 + random.below(random.pick([4, 40, 1000]));
        const value = random.u32();
        const [expected, actual] = machines.map(({ vcpu }) => {
          const exit = vcpu.run(budget);
          const shown = { exit: JSON.stringify(exit, plain), pc: vcpu.pc, retired: vcpu.retired };
          if (exit.kind === 'stage2') {
            if (exit.access === 'read' && exit.syndrome !== undefined) vcpu.completeRead(exit, BigInt(value));
            else vcpu.injectExternalAbort(exit);
          } else if (exit.kind !== 'budget') vcpu.injectUndefined();
          return shown;
        });
        assert.deepEqual(actual, expected, `program ${program}, step ${step}`);
        const [theirs, ours] = machines.map(({ state }) => state);
        for (let at = 0; at < STATE_BYTES; at += 4) {
          if (SCRATCH.has(at)) continue;
          assert.equal(ours?.[at / 4], theirs?.[at / 4], `state ${at} in program ${program}, step ${step}`);
        }
      }
      assert.ok(
        Buffer.compare(machines[0].ram.bytes, machines[1].ram.bytes) === 0,
        `RAM of program ${program}`,
      );
      retired = machines[0].vcpu.retired;
    }
    assert.ok(retired > PROGRAMS * STEPS, `only ${retired} instructions ran`);
  });
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
