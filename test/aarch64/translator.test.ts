/**
 * Random programs translated and interpreted, in steps of random budgets: the same exits, counts, state and RAM after each. Two vCPUs take
 * turns over them; with the MMU on, all of RAM is there at two addresses; now and then both go on from a snapshot.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../fuzz/random.ts';
import { createCpuCluster, type TranslationOptions } from '../../src/aarch64/index.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import {
  NOT_IN_SNAPSHOTS,
  STATE,
  STATE_BYTES,
  VCPU_BYTES,
  X_SLOT,
  xOffset,
} from '../../src/aarch64/state.ts';
import { loadSaved, savedCopy } from '../support/saved.ts';

const RAM = 0x4000_0000;
const RAM_BYTES = 0x1_0000;
const CODE_BYTES = 0x3000;
const TABLES = 0xc000;
/** Where the second view of RAM is, from the first. */
const ALIAS = 0x40_0000_0000;
const DEVICE = 0x900_0000;
const ALL = { read: true, write: true, execute: true } as const;
const PROGRAMS = 40;
const STEPS = 30;
const FIRST_VCPU = 0x1_0000;
const NOTHING = new Uint8Array(0);
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
    vcpuCount: 2,
    ramSizesBytes: [RAM_BYTES],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    ...(translation === undefined ? {} : { translation }),
  });
  const [ram] = cluster.ram;
  if (ram === undefined) throw new Error('no RAM');
  const stage2 = cluster.createStage2();
  stage2.mapRam(RAM, RAM_BYTES, ram.offset, ALL);
  // A device that interrupts, stops, and writes code behind the CPU's back.
  let reads = 0;
  stage2.mapDevice(DEVICE, 0x1000, ALL, {
    read: (_ipa, _size, vcpu) => {
      reads++;
      if (reads % 3 === 0) vcpu.setIrq(reads % 2 === 0);
      if (reads % 7 === 0) {
        const at = (reads * 4) % CODE_BYTES;
        new DataView(ram.bytes.buffer, ram.offset).setUint32(at, 0xd503_201f, true);
        cluster.ramWritten(ram.offset + at, 4);
      }
      return reads * 0x1001;
    },
    write: (_ipa, _size, value, vcpu) => {
      vcpu.setIrq((value & 1) === 1);
      if ((value & 6) === 6) vcpu.requestStop();
    },
  });
  for (const vcpu of cluster.vcpus) vcpu.stage2 = stage2;
  const states = cluster.vcpus.map(
    (_, index) => new Uint32Array(cluster.memory.buffer, FIRST_VCPU + index * VCPU_BYTES, STATE_BYTES / 4),
  );
  return { cluster, ram, states };
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

/** RAM and the device in blocks of 2 MiB and pages, at their own addresses and again from `ALIAS` on; EL0 may have all of it or nothing. */
function writeTables(view: DataView, random: Random): void {
  const at = (table: number, index: number): number => TABLES + table * 0x1000 + index * 8;
  const entry = (table: number, index: number, value: number): void =>
    view.setBigUint64(at(table, index), BigInt(value), true);
  const table = (number: number): number => RAM + TABLES + number * 0x1000 + 3;
  for (let byte = 0; byte < 0x4000; byte += 8) view.setBigUint64(TABLES + byte, 0n, true);
  const user = random.below(2) * 0x40;
  // Level 1, twice the same; level 2 for the device's gigabyte and RAM's, level 3 for RAM's first blocks.
  for (const offset of [0, ALIAS / 0x4000_0000]) {
    entry(0, offset, 0x401 | user);
    entry(0, offset + 1, table(1));
  }
  entry(1, 0, table(2));
  for (let page = 0; page < RAM_BYTES / 0x1000; page++) {
    // EL1 can't execute what EL0 may write.
    const readOnly = user !== 0 && page < CODE_BYTES / 0x1000 ? 0x80 : 0;
    entry(2, page, (RAM + page * 0x1000) | 0x403 | user | readOnly);
  }
}

/** Programs by a seed, interpreted and translated beside each other; what was translated. */
function playBoth(
  seed: number,
  translation: TranslationOptions,
  programs = PROGRAMS,
): Uint8Array | undefined {
  const random = seededRandom(seed);
  const machines = [machine(undefined), machine(translation)] as const;
  let retired = 0;
  for (let program = 0; program < programs; program++) {
    const image = random.bytes(RAM_BYTES);
    const code = new DataView(image.buffer, image.byteOffset);
    for (let at = 0; at < CODE_BYTES; at += 4) code.setUint32(at, randomWord(random), true);
    const mmu = random.below(2) === 0;
    if (mmu) writeTables(code, random);
    const base = mmu && random.below(2) === 0 ? RAM + ALIAS : RAM;
    const registers = Array.from({ length: 31 }, () =>
      random.pick([
        BigInt(RAM + random.below(RAM_BYTES / 8) * 8),
        BigInt((mmu ? ALIAS : 0) + RAM + random.below(CODE_BYTES / 4) * 4),
        BigInt(DEVICE + random.below(0x400) * 4),
        BigInt(random.below(32)),
        (BigInt(random.u32()) << 32n) | BigInt(random.u32()),
      ]),
    );
    const starts = [0, 1].map(() => random.below(CODE_BYTES / 4) * 4);
    const cpacr = BigInt(random.below(4)) << 20n;
    for (const { ram, cluster } of machines) {
      ram.bytes.set(image);
      cluster.ramWritten(ram.offset, RAM_BYTES);
      for (const [index, vcpu] of cluster.vcpus.entries()) {
        vcpu.reset();
        vcpu.setIrq(false);
        for (const [register, value] of registers.entries()) vcpu.setX(register, value);
        vcpu.sp = BigInt(RAM + 0x8000);
        vcpu.pc = BigInt(base + (starts[index] ?? 0));
        vcpu.setSystem('VBAR_EL1', BigInt(base));
        vcpu.setSystem('CPACR_EL1', cpacr);
        vcpu.setSystem('TTBR0_EL1', BigInt(RAM + TABLES));
        vcpu.setSystem('TCR_EL1', 25n | (1n << 23n) | (2n << 32n));
        if (mmu) vcpu.setSystem('SCTLR_EL1', vcpu.system('SCTLR_EL1') | 1n);
        vcpu.pstate = 5;
      }
    }
    for (let step = 0; step < STEPS; step++) {
      const budget = 1 + random.below(random.pick([4, 40, 1000]));
      const value = random.u32();
      const again = random.below(12) === 0;
      const [expected, actual] = machines.map(({ cluster }) => {
        if (again) loadSaved(cluster.saved, savedCopy(cluster.saved));
        const vcpu = cluster.vcpus[step % 2];
        if (vcpu === undefined) throw new Error('no vCPU');
        const exit = vcpu.run(budget);
        const shown = { exit: JSON.stringify(exit, plain), pc: vcpu.pc, retired: vcpu.retired };
        if (exit.kind === 'stage2') {
          if (exit.access === 'read' && exit.syndrome !== undefined) vcpu.completeRead(exit, BigInt(value));
          else vcpu.injectExternalAbort(exit);
        } else if (exit.kind !== 'budget') vcpu.injectUndefined();
        return shown;
      });
      assert.deepEqual(actual, expected, `program ${program}, step ${step}`);
      const [theirs, ours] = machines.map(({ states }) => states[step % 2]);
      for (let at = 0; at < STATE_BYTES; at += 4) {
        if (SCRATCH.has(at) || (at >= NOT_IN_SNAPSHOTS.from && at < NOT_IN_SNAPSHOTS.to)) continue;
        assert.equal(ours?.[at / 4], theirs?.[at / 4], `state ${at} in program ${program}, step ${step}`);
      }
    }
    assert.ok(
      Buffer.compare(machines[0].ram.bytes, machines[1].ram.bytes) === 0,
      `RAM of program ${program}`,
    );
    for (const vcpu of machines[0].cluster.vcpus) retired += vcpu.retired;
  }
  assert.ok(retired > programs * STEPS, `only ${retired} instructions ran`);
  return machines[1].cluster.translations();
}

for (const translation of CONFIGURATIONS) {
  test(`regions of ${translation.limit}: random programs run as interpreted`, () => {
    playBoth(5 + translation.limit, translation);
  });
}

/** Before this many arrivals nothing is made anew. */
const NEVER = 2 ** 30;

test('kept regions, of the same programs and of others: random programs run as interpreted', () => {
  const [, short, long] = CONFIGURATIONS as [TranslationOptions, TranslationOptions, TranslationOptions];
  const [seed, other, programs] = [7, 8, 16];
  const kept = playBoth(seed, { ...short, kept: NOTHING }, programs);
  assert.ok(kept !== undefined);
  // What was made of them fits again, so that little is new; and it is entered where nothing else is made.
  assert.equal(playBoth(seed, { ...short, kept }, programs), undefined);
  assert.equal(playBoth(seed, { ...short, threshold: NEVER, kept }, programs), undefined);
  // Regions of other extents, or of other programs, are met in between.
  assert.notEqual(playBoth(other, { ...long, kept }, programs), undefined);
  const both = playBoth(other, { ...short, kept }, programs);
  assert.ok(both !== undefined);
  assert.equal(playBoth(seed, { ...short, kept: both }, programs), undefined);
});

/** A loop that counts X0 down from 1000 and runs one instruction each time: X1 in the end, and what was translated. */
function loopOver(each: number, kept: Uint8Array) {
  const { cluster, ram } = machine({ threshold: 64, batch: 1, limit: 200, kept });
  const [vcpu] = cluster.vcpus;
  if (vcpu === undefined) throw new Error('no vCPU');
  const code = new DataView(ram.bytes.buffer, ram.offset);
  // subs x0, x0, #1; each; b.ne .-8; hlt #0
  for (const [index, word] of [0xf100_0400, each, 0x54ff_ffc1, 0xd440_0000].entries())
    code.setUint32(index * 4, word, true);
  vcpu.reset();
  vcpu.pc = BigInt(RAM);
  vcpu.setX(0, 1000n);
  assert.equal(vcpu.run(100_000).kind, 'halt');
  return { x1: vcpu.x(1), retired: vcpu.retired, translations: cluster.translations() };
}

test('a kept region is of its opcodes alone', () => {
  const [addOne, addTwo] = [0x9100_0421, 0x9100_0821];
  const first = loopOver(addOne, NOTHING);
  assert.ok(first.translations !== undefined);
  const again = loopOver(addOne, first.translations);
  assert.deepEqual(again, { ...first, translations: undefined });
  const other = loopOver(addTwo, first.translations);
  assert.equal(other.x1, 2000n);
  assert.notEqual(other.translations, undefined);
});

test('what was kept by nobody is as good as nothing', () => {
  const translation = { ...(CONFIGURATIONS[1] as TranslationOptions), kept: NOTHING };
  const kept = playBoth(7, translation, 2);
  assert.ok(kept !== undefined);
  for (const damaged of [kept.subarray(0, kept.length - 1), kept.subarray(0, 6), Buffer.alloc(64, 0xff)])
    assert.deepEqual(playBoth(7, { ...translation, kept: damaged }, 2), kept);
});

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
